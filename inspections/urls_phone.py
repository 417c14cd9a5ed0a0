"""Addresses of the officer's phone, under `/m/`."""

from django.urls import path

from inspections.views.m import (
    hot_spots,
    installing,
    lookbacks,
    orders,
    pages,
    patrol,
    sending,
    shops,
)

urlpatterns = [
    path("", pages.home, name="phone_home"),
    path("report/", pages.report, name="phone_report"),
    path("hot-spots/", hot_spots.phone_hot_spots, name="phone_hot_spots"),
    path("lookbacks/", lookbacks.phone_lookbacks, name="phone_lookbacks"),
    path("lookbacks/<int:pk>/", lookbacks.phone_lookback, name="phone_lookback"),
    path("lookbacks/<int:pk>/record/", lookbacks.lookback_sent, name="phone_lookback_sent"),
    path("work/", orders.phone_work, name="phone_work"),
    path("orders/<int:pk>/", orders.phone_order, name="phone_order"),
    path("orders/<int:pk>/send/", orders.order_sent, name="phone_order_sent"),
    path("patrol/", patrol.phone_patrol, name="phone_patrol"),
    path("patrol/sent/", patrol.patrol_sent, name="phone_patrol_sent"),
    path("shops/", shops.phone_shops, name="phone_shops"),
    path("shops/<str:code>/", shops.phone_shop, name="phone_shop"),
    path("shops/<str:code>/visit/", shops.visit_sent, name="phone_visit_sent"),
    path("outbox/", pages.outbox, name="phone_outbox"),
    path("me/", pages.me, name="phone_me"),
    path("classes.json", pages.classes, name="phone_classes"),
    path("cells.json", pages.cells, name="phone_cells"),
    path("place/", pages.place, name="phone_place"),
    path("reports/", sending.report_sent, name="phone_report_sent"),
    path("hello/", sending.hello, name="phone_hello"),
    path("sw.js", installing.service_worker, name="phone_sw"),
    path("manifest.webmanifest", installing.manifest, name="phone_manifest"),
]
