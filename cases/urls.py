"""Addresses of cases, orders and reports."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from cases.services.bulk_acts import ACTS
from cases.views import (
    asking,
    board_moves,
    bulk,
    bulk_jobs,
    bulk_words,
    cellcounts,
    desks,
    detail,
    exporting,
    handovers,
    ledgers,
    listing,
    loads,
    mapping,
    moves,
    newsing,
    report_list,
    report_moves,
    report_page,
    reports,
    saved,
    shop_cases,
    similar,
)
from cases.workflow import Subject, moves_of


class CaseMoveConverter(StringConverter):
    """The name of a move of a case: other rooms have addresses beneath a case too."""

    regex = "|".join(move.name for move in moves_of(Subject.CASE))


class BulkActConverter(StringConverter):
    """The name of an act over many cases."""

    regex = "|".join(ACTS)


register_converter(CaseMoveConverter, "case_move")
register_converter(BulkActConverter, "bulk_act")

app_name = "cases"

urlpatterns = [
    path("cases/", listing.case_list, name="list"),
    path("cases/choices/<slug:name>/", listing.case_choices, name="choices"),
    path("cases/columns/", listing.case_columns, name="columns"),
    path("cases/export/", exporting.case_export, name="export"),
    path("cases/views/", saved.view_tabs, name="view_tabs"),
    path("cases/views/save/", saved.view_save, name="view_save"),
    path("cases/views/<int:pk>/<slug:act>/", saved.view_act, name="view_act"),
    path("cases/cell-load/", loads.cell_load, name="cell_load"),
    path("cases/cell-counts/", cellcounts.cell_counts, name="cell_counts"),
    path("cases/cell-recent/<str:code>/", cellcounts.cell_recent, name="cell_recent"),
    path("cases/live/<str:ticket>/", newsing.list_live, name="live"),
    path("cases/news/", newsing.list_news, name="news"),
    path("cases/map/", mapping.case_map, name="map"),
    path("cases/map/card/", mapping.map_fragment, name="map_fragment"),
    path("cases/map/clusters.json", mapping.map_clusters, name="map_clusters"),
    path("cases/map/cells.json", mapping.map_cells, name="map_cells"),
    path("cases/map/cells/<str:code>/", mapping.map_cell, name="map_cell"),
    path("cases/<slug:number>/", detail.case_detail, name="detail"),
    path("cases/<slug:number>/near/", mapping.case_near, name="case_near"),
    path("cases/<slug:number>/people/", detail.case_people, name="case_people"),
    path("cases/<slug:number>/place/<slug:layer>.geojson", detail.case_place, name="case_place"),
    path("cases/<slug:number>/mentions/", detail.case_mentions, name="case_mentions"),
    path("cases/<slug:number>/standards/", detail.case_standards, name="case_standards"),
    path("cases/<slug:number>/watch/", moves.case_watch, name="case_watch"),
    path("cases/<slug:number>/<case_move:move_name>/", moves.case_move, name="case_move"),
    path("ledger-imports/", ledgers.ledger_imports, name="ledger_imports"),
    path("ledger-imports/<int:pk>/", ledgers.ledger_import, name="ledger_import"),
    path("ledger-imports/<int:pk>/progress/", ledgers.ledger_progress, name="ledger_progress"),
    path("ledger-imports/<int:pk>/map/", ledgers.ledger_map, name="ledger_map"),
    path("ledger-imports/<int:pk>/head/", ledgers.ledger_head, name="ledger_head"),
    path("ledger-imports/<int:pk>/start/", ledgers.ledger_start, name="ledger_start"),
    path("ledger-imports/<int:pk>/drop/", ledgers.ledger_drop, name="ledger_drop"),
    path(
        "ledger-imports/<int:pk>/wrong-rows.xlsx",
        ledgers.ledger_wrong_rows,
        name="ledger_wrong_rows",
    ),
    path("orders/<slug:number>/<slug:move_name>/", moves.order_move, name="order_move"),
    path("requests/", asking.requests, name="requests"),
    path("requests/<slug:number>/<slug:move_name>/", moves.request_move, name="request_move"),
    path(
        "supervisions/<slug:number>/<slug:move_name>/",
        moves.supervision_move,
        name="supervision_move",
    ),
    path(
        "instructions/<slug:number>/<slug:move_name>/",
        moves.instruction_move,
        name="instruction_move",
    ),
    path("reports/", report_list.report_list, name="reports"),
    path("reports/new/", reports.report_new, name="report_new"),
    path("reports/new/similar/", similar.report_similar, name="report_similar"),
    path("reports/new/classes/", reports.class_hints, name="class_hints"),
    path("reports/new/standards/", reports.handle_standards, name="handle_standards"),
    path("reports/<slug:number>/", report_page.report_detail, name="report_detail"),
    path("shops/<str:code>/cases/", shop_cases.shop_cases, name="shop_cases"),
    path("reports/<slug:number>/contact/", report_page.report_contact, name="report_contact"),
    path("reports/<slug:number>/<slug:move_name>/", report_moves.report_move, name="report_move"),
    path("bulk/", bulk_jobs.bulk_jobs, name="bulk_jobs"),
    path("bulk/words/", bulk_words.bulk_words, name="bulk_words"),
    path("bulk/people/", bulk.bulk_people, name="bulk_people"),
    path("bulk/ask/<bulk_act:act>/", bulk.bulk_ask, name="bulk_ask"),
    path("bulk/begin/<bulk_act:act>/", bulk.bulk_begin, name="bulk_begin"),
    path("bulk/<int:pk>/", bulk_jobs.bulk_job, name="bulk_job"),
    path("bulk/<int:pk>/progress/", bulk_jobs.bulk_progress, name="bulk_progress"),
    path("bulk/<int:pk>/file/<slug:kind>/", bulk_jobs.bulk_file, name="bulk_file"),
    path("bulk/<int:pk>/stop/", bulk_jobs.bulk_stop, name="bulk_stop"),
    path("bulk/<int:pk>/again/", bulk_jobs.bulk_again, name="bulk_again"),
    path("handovers/", handovers.hand_over, name="hand_over"),
    path("handovers/<int:pk>/", handovers.hand_over_sheet, name="hand_over_sheet"),
    path("triage/", desks.triage, name="triage"),
    path("board/", desks.board, name="board"),
    path("board/<slug:number>/assign/", board_moves.board_assign, name="board_assign"),
    path("checks/", desks.checks, name="checks"),
]
