"""Addresses of cases, orders and reports."""

from django.urls import path

from cases.views import desks, detail, listing, moves, reports

app_name = "cases"

urlpatterns = [
    path("cases/", listing.case_list, name="list"),
    path("cases/cell-counts/", desks.cell_counts, name="cell_counts"),
    path("cases/<slug:number>/", detail.case_detail, name="detail"),
    path("cases/<slug:number>/dispatch/", moves.case_dispatch, name="case_dispatch"),
    path("cases/<slug:number>/people/", detail.case_people, name="case_people"),
    path("cases/<slug:number>/place/<slug:layer>.geojson", detail.case_place, name="case_place"),
    path("orders/<slug:number>/<slug:move_name>/", moves.order_move, name="order_move"),
    path("reports/new/", reports.report_new, name="report_new"),
    path("reports/<slug:number>/", reports.report_detail, name="report_detail"),
    path("reports/<slug:number>/contact/", reports.report_contact, name="report_contact"),
    path("reports/<slug:number>/<slug:move_name>/", reports.report_move, name="report_move"),
    path("triage/", desks.triage, name="triage"),
    path("board/", desks.board, name="board"),
    path("checks/", desks.checks, name="checks"),
]
