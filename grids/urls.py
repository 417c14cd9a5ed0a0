"""Addresses of the grid."""

from django.urls import path

from grids.views import cells, deputies, drafts, drawing

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
    path("shapes.json", drawing.shapes, name="shapes"),
    path("panel/<str:key>/", drawing.cell_panel, name="cell_panel"),
    path("draft/", drawing.draft_state, name="draft_state"),
    path("draft/start/", drafts.draft_start, name="draft_start"),
    path("draft/act/", drafts.draft_act, name="draft_act"),
    path("draft/check/", drafts.draft_check, name="draft_check"),
    path("draft/day/", drafts.draft_day, name="draft_day"),
    path("draft/publish/", drafts.draft_publish, name="draft_publish"),
    path("draft/drop/", drafts.draft_drop, name="draft_drop"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", deputies.deputy_end, name="deputy_end"),
]
