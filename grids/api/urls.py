"""Addresses of the grid in the API."""

from django.urls import path

from grids.api import places, views

urlpatterns = [
    path("cells/", views.CellList.as_view(), name="cell-list"),
    path("cells/locate/", views.CellLocate.as_view(), name="cell-locate"),
    path("cells/<str:code>/", views.CellView.as_view(), name="cell-detail"),
    path("teams/", views.TeamList.as_view(), name="team-list"),
    path("teams/<int:pk>/", views.TeamView.as_view(), name="team-detail"),
    path("segments/", places.SegmentList.as_view(), name="segment-list"),
    path("segments/<str:code>/", places.SegmentView.as_view(), name="segment-detail"),
    path("sites/", places.SiteList.as_view(), name="site-list"),
    path("sites/<str:code>/", places.SiteView.as_view(), name="site-detail"),
    path("shops/", places.ShopList.as_view(), name="shop-list"),
    path("shops/<str:code>/", places.ShopView.as_view(), name="shop-detail"),
    path("assignments/", views.AssignmentList.as_view(), name="assignment-list"),
    path("assignments/at/", views.AssignmentsAt.as_view(), name="assignments-at"),
]
