"""Addresses of the grid."""

from django.urls import path

from grids import views

app_name = "grids"

urlpatterns = [
    path("", views.grid_map, name="map"),
    path("cells.geojson", views.cells_geojson, name="cells_geojson"),
    path("cells/<str:code>/", views.cell, name="cell"),
    path("cells/<str:code>/assign/", views.cell_assign, name="cell_assign"),
    path(
        "cells/<str:code>/assignments/<int:assignment_id>/end/",
        views.assignment_end,
        name="assignment_end",
    ),
]
