"""Addresses of the grid."""

from django.urls import path

from grids.views import cells, deputies

app_name = "grids"

urlpatterns = [
    path("", cells.grid_map, name="map"),
    path("cells.geojson", cells.cells_geojson, name="cells_geojson"),
    path("cells/<str:code>/", cells.cell, name="cell"),
    path("cells/<str:code>/assign/", cells.cell_assign, name="cell_assign"),
    path(
        "cells/<str:code>/assignments/<int:assignment_id>/end/",
        cells.assignment_end,
        name="assignment_end",
    ),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", deputies.deputy_end, name="deputy_end"),
]
