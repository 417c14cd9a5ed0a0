"""Addresses of the grid."""

from django.urls import path

from grids.views import (answered, assignment_sheets, assignments, cards, cells, deputies, exporting, health, imports, people, rosters, shifts, tables, teams)

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
    path("teams/", teams.teams, name="teams"),
    path("teams/new/", teams.team_new, name="team_new"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/edit/", teams.team_edit, name="team_edit"),
    path("teams/<int:pk>/people/", teams.person_new, name="person_new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/<slug:act>/", people.person_act, name="person_act"),
    path("tables/<slug:kind>/", tables.table, name="table"),
    path("tables/<slug:kind>/import/", tables.table_import, name="table_import"),
    path("tables/<slug:kind>/drop/", tables.table_drop, name="table_drop"),
    path("export/teams.xlsx", teams.export, {"kind": "teams"}, name="export_teams"),
    path("export/people.xlsx", teams.export, {"kind": "people"}, name="export_people"),
    path("roster/", rosters.roster, name="roster"),
    path("roster/<int:pk>/set/", rosters.roster_set, name="roster_set"),
    path("roster/<int:pk>/copy/", rosters.roster_copy, name="roster_copy"),
    path("shifts/", shifts.shift_hours, name="shift_hours"),
    path("cards/", cards.cards, name="cards"),
    path("cards/make/", cards.cards_make, name="cards_make"),
    path("cards/sheet/", cards.cards_sheet, name="cards_sheet"),
    path("cards/<int:pk>/renew/", cards.card_renew, name="card_renew"),
]
