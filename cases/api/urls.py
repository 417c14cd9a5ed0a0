"""Addresses of reports, cases, orders and classes in the API."""

from django.urls import path

from cases.api import intake, moves, reading

urlpatterns = [
    path("reports/", intake.ReportList.as_view(), name="report-list"),
    path("reports/<slug:number>/", intake.ReportView.as_view(), name="report-detail"),
    path("reports/<slug:number>/contact/", reading.ContactView.as_view(), name="report-contact"),
    path("reports/<slug:number>/similar/", intake.SimilarView.as_view(), name="report-similar"),
    path("cases/", reading.CaseList.as_view(), name="case-list"),
    path("cases/<slug:number>/", reading.CaseView.as_view(), name="case-detail"),
    path("orders/", reading.OrderList.as_view(), name="order-list"),
    path("orders/<slug:number>/", reading.OrderView.as_view(), name="order-detail"),
    path("categories/", reading.CategoryList.as_view(), name="category-list"),
    path("categories/<int:pk>/", reading.CategoryView.as_view(), name="category-detail"),
    *moves.urlpatterns,
]
