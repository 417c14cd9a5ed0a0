"""The wall view: links made, told once, taken back; what stands on it, and what never does."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from citymgmt.errors import BadTransition, DomainError, Forbidden
from inspections.models import WallLink
from inspections.services import walls
from tests import builders
from tests.city import NOW, City
from tests.house.url_world import key

pytestmark = pytest.mark.django_db
LINKS = "/dashboard/walls/"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def made(city: City, **changes: object) -> tuple[WallLink, str]:
    """A link and its secret."""
    secret = WallLink.new_secret()
    asked = {"name": "指挥中心大屏", "actor": city.supervisor, "at": NOW} | changes
    return walls.make_wall_link(secret=secret, **asked), f"/wall/{secret}/"


# --- Links ------------------------------------------------------------------------------------


def test_only_the_hash_of_a_link_is_kept(city):
    link, address = made(city)
    secret = address.split("/")[2]
    stored = " ".join(str(value) for value in WallLink.objects.values_list()[0])
    assert secret not in stored
    assert link.hint == secret[:8]


@pytest.mark.parametrize("who", ["dispatcher", "viewer", "leader", "officer"])
def test_a_link_is_not_made_without_the_right(city, as_, who):
    with pytest.raises(Forbidden):
        made(city, actor=city.people[who])
    assert as_(who).get(LINKS).status_code == 403


def test_a_link_wants_a_name_and_an_end_that_is_to_come(city):
    with pytest.raises(DomainError) as nameless:
        made(city, name="  ")
    assert nameless.value.field == "name"
    with pytest.raises(DomainError) as past:
        made(city, expires_at=NOW)
    assert past.value.field == "expires_at"


def test_there_are_not_endlessly_many_links(city, monkeypatch):
    monkeypatch.setattr(walls, "MOST", 1)
    link, _address = made(city)
    with pytest.raises(DomainError) as refused:
        made(city)
    assert "先收回" in str(refused.value)
    walls.revoke_wall_link(link_id=link.pk, actor=city.supervisor, at=NOW)
    made(city)


def test_the_address_is_told_once(as_):
    client = as_("supervisor")
    form = {"name": "指挥中心", "last_day": "2026-12-31", "idempotency_key": key()}
    first = client.post(LINKS, form)
    address = first.context["address"]
    assert Client().get(address).status_code == 200
    assert address in first.content.decode()
    again = client.post(LINKS, form)
    assert again.context["address"] == ""
    assert WallLink.objects.count() == 1
    assert address.split("/")[-2] not in client.get(LINKS).content.decode()


@pytest.mark.parametrize("day", ["2026-11-19", "3000-01-01", "昨天"])
def test_a_last_day_that_cannot_be_is_said_at_its_field(as_, day):
    form = {"name": "大厅", "last_day": day, "idempotency_key": key()}
    response = as_("admin").post(LINKS, form)
    assert response.status_code == 422
    assert response.context["form"].errors["last_day"]


def test_a_link_that_was_taken_back_answers_nothing(city, as_):
    link, address = made(city)
    assert Client().get(address).status_code == 200
    done = as_("admin").post(f"{LINKS}{link.pk}/revoke/", {"idempotency_key": key()})
    assert done.url == LINKS
    assert Client().get(address).status_code == 404
    assert Client().get(f"{address}version/").status_code == 404
    with pytest.raises(BadTransition):
        walls.revoke_wall_link(link_id=link.pk, actor=city.admin, at=NOW)


def test_a_link_ends_with_its_last_day(city, hand):
    _link, address = made(city, expires_at=NOW + timedelta(hours=1))
    assert Client().get(address).status_code == 200
    hand.forward(hours=1)
    assert Client().get(address).status_code == 404


def test_a_guessed_link_answers_nothing(city):
    made(city)
    assert Client().get("/wall/guessed/").status_code == 404


# --- The wall ---------------------------------------------------------------------------------


def test_the_wall_says_how_the_bureau_stands(city):
    builders.issued(city, at=NOW - timedelta(hours=5))
    builders.closed(city, at=NOW - timedelta(hours=3))
    _link, address = made(city)
    text = Client().get(address).content.decode()
    for words in ("今日立案", "按期结案率", "先办这些", "店外经营", "古城中队", "今日逐时立案"):
        assert words in text


def test_nothing_personal_stands_on_the_wall(city):
    builders.issued(city, at=NOW - timedelta(hours=5))
    _link, address = made(city)
    text = Client().get(address).content.decode()
    assert not [person.name for person in city.people.values() if person.name in text]
    assert "/cases/" not in text
    assert "/photos/" not in text
    assert not re.search(r"1\d{10}", text)


def test_the_wall_is_asked_for_cheaply_and_not_kept(city):
    _link, address = made(city)
    client = Client()
    page = client.get(address)
    assert page["Cache-Control"] == "private, no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    tag = client.get(f"{address}version/")["ETag"]
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(f"{address}version/", HTTP_IF_NONE_MATCH=tag)
    assert (answer.status_code, len(captured.captured_queries)) == (304, 2)
    assert page.context["live_tag"] == tag
    builders.report(city)
    assert client.get(f"{address}version/", HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_only_what_stands_on_it_is_fetched_anew(city):
    _link, address = made(city)
    fragment = Client().get(address, HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in fragment
    assert "今日立案" in fragment
