"""Addresses of look-backs, digests and photos in the API."""

from django.urls import path

from inspections.api import digests, lookbacks
from inspections.api.photos import PhotoDetail

urlpatterns = [
    path("photos/<uuid:photo_id>/", PhotoDetail.as_view(), name="photo-detail"),
    path("digests/", digests.DigestList.as_view(), name="digest-list"),
    path("digests/<int:pk>/", digests.DigestView.as_view(), name="digest-detail"),
    path("digests/<int:pk>/docx/", digests.DigestDocx.as_view(), name="digest-docx"),
    path("digests/<int:pk>/sign/", digests.DigestSign.as_view(), name="digest-sign"),
    *lookbacks.urlpatterns,
]
