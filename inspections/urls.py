"""Addresses of home, look-backs and digests."""

from django.urls import path

from inspections.views import digests, fragments, home, lookbacks, order_sheets

app_name = "inspections"

urlpatterns = [
    path("", home.home, name="home"),
    path("lookbacks/", lookbacks.desk, name="lookbacks"),
    path("lookbacks/<int:pk>/", lookbacks.lookback, name="lookback"),
    path("lookbacks/<int:pk>/<slug:move_name>/", lookbacks.lookback_move, name="lookback_move"),
    path("cases/<slug:number>/lookbacks/", fragments.case_lookbacks, name="case_lookbacks"),
    path("order-sheets/<slug:number>/", order_sheets.order_sheet, name="order_sheet"),
    path(
        "order-sheets/<slug:number>/docx/", order_sheets.order_sheet_docx, name="order_sheet_docx"
    ),
    path("digests/", digests.digest_list, name="digests"),
    path("digests/<int:pk>/", digests.digest, name="digest"),
    path("digests/<int:pk>/docx/", digests.digest_docx, name="digest_docx"),
    path("digests/<int:pk>/remarks/", digests.digest_remarks, name="digest_remarks"),
    path("digests/<int:pk>/sign/", digests.digest_sign, name="digest_sign"),
]
