"""Addresses of the grid."""

from django.urls import path

from grids.views import answered, assignment_sheets, assignments, cells, deputies, health

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
    path("assignments/", assignments.assignments, name="assignments"),
    path("assignments/preview/", assignments.assignments_preview, name="assignments_preview"),
    path("assignments/apply/", assignments.assignments_apply, name="assignments_apply"),
    path("assignments/undo/", assignments.assignments_undo, name="assignments_undo"),
    path("assignments/sheet.xlsx", assignment_sheets.assignments_sheet, name="assignments_sheet"),
    path("assignments/import/", assignment_sheets.assignments_import, name="assignments_import"),
    path(
        "assignments/import/apply/",
        assignment_sheets.assignments_import_apply,
        name="assignments_import_apply",
    ),
    path("health/", health.grid_health, name="health"),
    path("answered/", answered.who_answered, name="answered"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", deputies.deputy_end, name="deputy_end"),
]
