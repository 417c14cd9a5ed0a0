"""Every address × every person has an expected answer, and no address is left out."""

import json
from pathlib import Path

import pytest

from tests.house import url_admin
from tests.house.url_table import ROWS, Row
from tests.house.url_world import PEOPLE, World, build_world, url_names

EXPECTED = json.loads((Path(__file__).parent / "url_expectations.json").read_text())
EXEMPT = {
    # Its answer tells of machines, not of people; tests/citymgmt/test_health.py asks it.
    "readyz",
}


@pytest.fixture
def world(city) -> World:
    return build_world(city)


def test_every_address_has_an_expectation():
    assert {row.name for row in ROWS} | EXEMPT == set(url_names())
    assert {row.label for row in ROWS} == set(EXPECTED)


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.label)
def test_each_person_hears_what_is_his_to_hear(world: World, row: Row):
    wanted = {
        person: int(status)
        for status, people in EXPECTED[row.label].items()
        for person in (PEOPLE if people == "all" else people.split())
    }
    assert {person: row.ask(world, person) for person in PEOPLE} == wanted


def test_every_page_of_the_settings_is_asked():
    asked = {page.name for page in url_admin.pages()}
    assert asked | url_admin.EXEMPT == url_admin.admin_names()


@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE)
def test_the_settings_open_to_whoever_keeps_them(city, person: str):
    heard = {page.name: url_admin.ask(city, person, page) for page in url_admin.pages()}
    assert heard == {page.name: page.wanted(person) for page in url_admin.pages()}
