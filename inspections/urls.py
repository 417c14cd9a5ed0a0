"""Addresses of home, dashboard, wall, look-backs, digests; the phone's stand in `urls_phone`."""

from django.urls import include, path

from inspections.views import (
    accountability,
    campaigns,
    dashboard,
    digests,
    fragments,
    home,
    lookbacks,
    order_sheets,
    shop_visits,
    wall,
    walls,
)

app_name = "inspections"

urlpatterns = [
    path("", home.home, name="home"),
    path("m/", include("inspections.urls_phone")),
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
    path("lookbacks/<int:pk>/<slug:move_name>/", lookbacks.lookback_move, name="lookback_move"),
    path("cases/<slug:number>/lookbacks/", fragments.case_lookbacks, name="case_lookbacks"),
    path("order-sheets/<slug:number>/", order_sheets.order_sheet, name="order_sheet"),
    path(
        "order-sheets/<slug:number>/docx/", order_sheets.order_sheet_docx, name="order_sheet_docx"
    ),
    path("shops/<str:code>/visits/", shop_visits.shop_visits, name="shop_visits"),
    path("shops/<str:code>/visits/new/", shop_visits.shop_visit_new, name="shop_visit_new"),
    path("shop-slips/<slug:number>/", shop_visits.shop_slip, name="shop_slip"),
    path("accountability/", accountability.accountabilities, name="accountabilities"),
    path("accountability/new/", accountability.accountability_new, name="accountability_new"),
    path("accountability/<slug:number>/", accountability.accountability, name="accountability"),
    path(
        "accountability/<slug:number>/sheet/",
        accountability.accountability_paper,
        name="accountability_paper",
    ),
    path(
        "accountability/<slug:number>/docx/",
        accountability.accountability_word,
        name="accountability_word",
    ),
    path(
        "accountability/<slug:number>/<slug:move_name>/",
        accountability.accountability_move,
        name="accountability_move",
    ),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", campaigns.campaign_new, name="campaign_new"),
    path("campaigns/<slug:code>/", campaigns.campaign, name="campaign"),
    path("campaigns/<slug:code>/edit/", campaigns.campaign_edit, name="campaign_edit"),
    path("campaigns/<slug:code>/morning/", campaigns.campaign_morning, name="campaign_morning"),
    path("campaigns/<slug:code>/tasks/", campaigns.campaign_task_new, name="campaign_task_new"),
    path("campaigns/<slug:code>/tasks/<int:pk>/", campaigns.campaign_task, name="campaign_task"),
    path(
        "campaigns/<slug:code>/tasks/<int:pk>/edit/",
        campaigns.campaign_task_edit,
        name="campaign_task_edit",
    ),
    path("campaigns/<slug:code>/goals/", campaigns.campaign_goal_new, name="campaign_goal_new"),
    path("campaigns/<slug:code>/goals/<int:pk>/", campaigns.campaign_goal, name="campaign_goal"),
    path("campaigns/<slug:code>/entries/", campaigns.campaign_enter, name="campaign_enter"),
    path("campaigns/<slug:code>/groups/", campaigns.campaign_group, name="campaign_group"),
    path("campaigns/<slug:code>/close/", campaigns.campaign_close, name="campaign_close"),
    path("campaigns/<slug:code>/report/", campaigns.campaign_report, name="campaign_report"),
    path("campaigns/<slug:code>/report/docx/", campaigns.campaign_word, name="campaign_word"),
    path("digests/", digests.digest_list, name="digests"),
    path("digests/<int:pk>/", digests.digest, name="digest"),
    path("digests/<int:pk>/docx/", digests.digest_docx, name="digest_docx"),
    path("digests/<int:pk>/remarks/", digests.digest_remarks, name="digest_remarks"),
    path("digests/<int:pk>/sign/", digests.digest_sign, name="digest_sign"),
]
