"""Addresses of the grid."""

from django.urls import path

from grids.views import cells, deputies, exporting, imports

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
    path("imports/", imports.grid_imports, name="imports"),
    path("imports/<int:pk>/", imports.grid_import, name="grid_import"),
    path("imports/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<int:pk>/preview.geojson", imports.import_preview, name="import_preview"),
    path("imports/<int:pk>/map/", imports.import_map, name="import_map"),
    path("imports/<int:pk>/start/", imports.import_start, name="import_start"),
    path("imports/<int:pk>/drop/", imports.import_drop, name="import_drop"),
    path("export/", exporting.export, name="export"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", deputies.deputy_end, name="deputy_end"),
]
