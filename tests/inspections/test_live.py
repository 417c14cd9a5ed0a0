"""The poll of an open page: what it costs, what it tells, and to whom."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inspections import live
from inspections.facts.shapes import Scope
from tests import builders

pytestmark = pytest.mark.django_db


BUREAU = Scope()


def address(scope: Scope = BUREAU) -> str:
    return reverse("inspections:live", args=[live.ticket_for(scope)])


def test_no_script_holds_a_connection_open():
    """A page asks; nothing of the house speaks to it over a line that stays open."""
    scripts = sorted(Path("static/js").rglob("*.js"))
    assert len(scripts) > 40
    held = re.compile(r"EventSource|WebSocket|sendBeacon|hx-ext=.(sse|ws)")
    assert [path.name for path in scripts if held.search(path.read_text())] == []


def test_nothing_changed_is_said_in_one_statement(city):
    builders.issued(city)
    client = Client()
    tag = client.get(address())["ETag"]
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address(), HTTP_IF_NONE_MATCH=tag)
    assert (answer.status_code, answer.content) == (304, b"")
    assert len(captured.captured_queries) == 1


def test_somebody_signed_in_costs_no_more(city, as_):
    client = as_("supervisor")
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address()).status_code == 200
    assert len(captured.captured_queries) <= 2 + 1


def test_whatever_happens_is_told_at_the_next_poll(city):
    client = Client()
    before = client.get(address())["ETag"]
    builders.report(city)
    answer = client.get(address(), HTTP_IF_NONE_MATCH=before)
    assert (answer.status_code, answer["ETag"] != before) == (200, True)


def test_what_happens_elsewhere_is_not_told(city):
    builders.issued(city)
    other = address(Scope(team_id=city.teams["dayang"].pk))
    client = Client()
    tag = client.get(other)["ETag"]
    builders.issued(city)
    assert client.get(other, HTTP_IF_NONE_MATCH=tag).status_code == 304


def test_time_alone_moves_it_once_a_minute(city, hand):
    client = Client()
    tag = client.get(address())["ETag"]
    hand.forward(seconds=30)
    assert client.get(address(), HTTP_IF_NONE_MATCH=tag).status_code == 304
    hand.forward(seconds=31)
    assert client.get(address(), HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_a_forged_ticket_hears_nothing(city):
    forged = live.ticket_for(Scope())[:-2] + "xx"
    assert Client().get(reverse("inspections:live", args=[forged])).status_code == 404


def test_an_old_ticket_hears_nothing(city, monkeypatch):
    monkeypatch.setattr(live, "LASTS", timedelta(seconds=-1))
    assert Client().get(address()).status_code == 404


def test_a_ticket_of_another_kind_hears_nothing(city):
    other = signing.dumps("something", salt=live.SALT)
    assert Client().get(reverse("inspections:live", args=[other])).status_code == 404


def test_the_page_carries_a_ticket_of_its_scope(city, as_):
    page = as_("viewer").get("/dashboard/", {"area": "331082001"})
    ticket = page.context["live_url"].split("/")[2]
    assert live.scope_of(ticket) == Scope(street="331082001")
