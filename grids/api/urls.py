"""Addresses of the grid in the API."""

from django.urls import path

from grids.api import views

urlpatterns = [
    path("cells/", views.CellList.as_view(), name="cell-list"),
    path("cells/locate/", views.CellLocate.as_view(), name="cell-locate"),
    path("cells/<str:code>/", views.CellView.as_view(), name="cell-detail"),
    path("teams/", views.TeamList.as_view(), name="team-list"),
    path("teams/<int:pk>/", views.TeamView.as_view(), name="team-detail"),
    path("assignments/", views.AssignmentList.as_view(), name="assignment-list"),
    path("assignments/at/", views.AssignmentsAt.as_view(), name="assignments-at"),
]
