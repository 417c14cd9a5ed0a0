"""Addresses of home, dashboard, wall, look-backs and digests."""

from django.urls import path

from inspections.views import (
    dashboard,
    digests,
    fragments,
    home,
    hot_spots,
    lookbacks,
    order_sheets,
    shop_visits,
    wall,
    walls,
)

app_name = "inspections"

urlpatterns = [
    path("", home.home, name="home"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/map/", dashboard.dashboard_map, name="dashboard_map"),
    path("dashboard/decisions/", dashboard.decisions, name="decisions"),
    path("dashboard/charts/", dashboard.dashboard_charts, name="dashboard_charts"),
    path("dashboard/charts/<slug:slug>.<slug:suffix>", dashboard.chart_file, name="chart_file"),
    path("dashboard/walls/", walls.wall_links, name="wall_links"),
    path("dashboard/walls/<int:pk>/revoke/", walls.wall_link_revoke, name="wall_link_revoke"),
    path("live/<str:ticket>/", dashboard.live_version, name="live"),
    path("wall/<str:token>/", wall.wall, name="wall"),
    path("wall/<str:token>/version/", wall.wall_version, name="wall_version"),
    path("lookbacks/", lookbacks.desk, name="lookbacks"),
    path("lookbacks/<int:pk>/", lookbacks.lookback, name="lookback"),
    path("lookbacks/<int:pk>/same/", lookbacks.lookback_same, name="lookback_same"),
    path("lookbacks/<int:pk>/<slug:move_name>/", lookbacks.lookback_move, name="lookback_move"),
    path("hot-spots/", hot_spots.hot_spots, name="hot_spots"),
    path("hot-spots/layer/", hot_spots.hot_spot_layer, name="hot_spot_layer"),
    path("hot-spots/<slug:number>/", hot_spots.hot_spot, name="hot_spot"),
    path("cases/<slug:number>/lookbacks/", fragments.case_lookbacks, name="case_lookbacks"),
    path("order-sheets/<slug:number>/", order_sheets.order_sheet, name="order_sheet"),
    path(
        "order-sheets/<slug:number>/docx/", order_sheets.order_sheet_docx, name="order_sheet_docx"
    ),
    path("shops/<str:code>/visits/", shop_visits.shop_visits, name="shop_visits"),
    path("shops/<str:code>/visits/new/", shop_visits.shop_visit_new, name="shop_visit_new"),
    path("shop-slips/<slug:number>/", shop_visits.shop_slip, name="shop_slip"),
    path("digests/", digests.digest_list, name="digests"),
    path("digests/<int:pk>/", digests.digest, name="digest"),
    path("digests/<int:pk>/docx/", digests.digest_docx, name="digest_docx"),
    path("digests/<int:pk>/remarks/", digests.digest_remarks, name="digest_remarks"),
    path("digests/<int:pk>/sign/", digests.digest_sign, name="digest_sign"),
]
