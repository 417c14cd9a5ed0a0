"""Every address × every person has an expected answer, and no address is left out."""

import json
from pathlib import Path

import pytest

from tests.house import url_admin
from tests.house.url_table import ROOMS, ROWS, Row
from tests.house.url_world import PEOPLE, World, url_names

EXPECTED = json.loads((Path(__file__).parent / "url_expectations.json").read_text())
EXEMPT = {
    # Its answer tells of machines, not of people; tests/citymgmt/test_health.py asks it.
    "readyz",
}


def test_every_address_has_an_expectation():
    assert {row.name for row in ROWS} | EXEMPT == set(url_names())
    assert {row.label for row in ROWS} == set(EXPECTED)


@pytest.mark.django_db
@pytest.mark.parametrize("room", ROOMS)
def test_each_person_hears_what_is_his_to_hear(world: World, room: str):
    rows = [row for row in ROWS if row.room == room]
    wanted = {row.label: _wanted(row) for row in rows}
    assert {
        row.label: {person: row.ask(world, person) for person in PEOPLE} for row in rows
    } == wanted


def _wanted(row: Row) -> dict[str, int]:
    return {
        person: int(status)
        for status, people in EXPECTED[row.label].items()
        for person in (PEOPLE if people == "all" else people.split())
    }


def test_every_page_of_the_settings_is_asked():
    asked = {page.name for page in url_admin.pages()}
    assert asked | url_admin.EXEMPT == url_admin.admin_names()


@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE)
def test_the_settings_open_to_whoever_keeps_them(as_, client, person: str):
    client = client if person == "anonymous" else as_(person)
    heard = {page.name: url_admin.ask(client, page) for page in url_admin.pages()}
    assert heard == {page.name: page.wanted(person) for page in url_admin.pages()}


@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE)
def test_who_is_led_to_the_door_of_the_settings_may_sign_in_or_hears_a_refusal(
    as_, client, person: str
):
    client = client if person == "anonymous" else as_(person)
    answer = client.get(url_admin.DOOR, follow=True)
    assert answer.status_code == (200 if person == "anonymous" else 403)
    led = [url for url, _status in answer.redirect_chain]
    assert any(url.startswith("/login/") for url in led) == (person == "anonymous")
