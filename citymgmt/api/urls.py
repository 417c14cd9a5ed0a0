"""Addresses of the API; upper apps are named by string only."""

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, include, path

from citymgmt.api.docs import DocsView, SchemaView
from citymgmt.api.photos import PhotoUpload

app_name = "api"

v1: list[URLPattern | URLResolver] = [
    path("photos/", PhotoUpload.as_view(), name="photo-list"),
    path("", include("grids.api.urls")),
    path("", include("cases.api.urls")),
    path("", include("inspections.api.urls")),
]

urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", login_required(DocsView.as_view()), name="docs"),
]
