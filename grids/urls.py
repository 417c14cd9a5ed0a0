"""Addresses of the grid."""

from django.urls import path

from grids.views import cells, deputies, place_cards, place_files, places, shops

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
    path("places/", places.places, name="places"),
    path("places/<slug:kind>.geojson", places.places_geojson, name="places_geojson"),
    path("places/<slug:kind>/new/", place_cards.place_new, name="place_new"),
    path("places/<slug:kind>/import/", place_files.place_import, name="place_import"),
    path("places/<slug:kind>/template/", place_files.place_template, name="place_template"),
    path("places/<slug:kind>/export/", place_files.place_export, name="place_export"),
    path("segments/<str:code>/", place_cards.segment, name="segment"),
    path("segments/<str:code>/edit/", place_cards.segment_edit, name="segment_edit"),
    path("sites/<str:code>/", place_cards.site, name="site"),
    path("sites/<str:code>/edit/", place_cards.site_edit, name="site_edit"),
    path("sites/<str:code>/end/", place_cards.site_end, name="site_end"),
    path("shop-choices/", places.shop_choices, name="shop_choices"),
    path("shops/<str:code>/", shops.shop, name="shop"),
    path("shops/<str:code>/edit/", place_cards.shop_edit, name="shop_edit"),
    path("shops/<str:code>/end/", place_cards.shop_end, name="shop_end"),
    path("shops/<str:code>/contact/", shops.shop_contact, name="shop_contact"),
    path("shops/<str:code>/pledge/", shops.shop_pledge, name="shop_pledge"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", deputies.deputy_end, name="deputy_end"),
]
