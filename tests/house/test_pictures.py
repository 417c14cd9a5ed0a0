"""The pictures of the pages: none that opens without a row is left out, each to whom may see it."""

import pytest
from django.test import Client
from django.urls import resolve, reverse

from citymgmt.dev.screens import PICTURES
from tests.house import url_pages
from tests.house.url_world import World

NOT_TAKEN = {
    # They stand in the dashboard, and are pages where there is no script.
    "inspections:dashboard_map",
    "inspections:decisions",
    "inspections:dashboard_charts",
    "inspections:dashboard_rooms",
    # For the printer.
    "grids:cards_sheet",
}

NOT_A_PAGE_OF_ITS_OWN = {
    # For the printer.
    "cases:hand_over_sheet",
    # A list like any other, of one shop; it opens from the shop's card.
    "cases:shop_cases",
}


@pytest.mark.django_db(transaction=True)
def test_every_page_that_opens_without_a_row_has_its_picture(world: World):
    found = [resolve(page.path.split("?")[0]) for page in url_pages.pages(world)]
    names = {match.view_name for match in found if not match.kwargs and not match.args}
    taken = {picture.to or picture.url for picture in PICTURES}
    assert names - taken == NOT_TAKEN
    # Of the room of cases also those that show one row.
    rows = {match.view_name for match in found if match.kwargs and match.namespace == "cases"}
    assert rows - {picture.to for picture in PICTURES} == NOT_A_PAGE_OF_ITS_OWN


@pytest.mark.django_db
def test_a_picture_is_taken_by_somebody_to_whom_the_page_opens(world: World, as_):
    heard = {}
    for picture in PICTURES:
        client = as_(picture.person) if picture.person else Client()
        heard[picture.name] = client.get(reverse(picture.url) + picture.query).status_code
    assert {name: status for name, status in heard.items() if status != 200} == {}
