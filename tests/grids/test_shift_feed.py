"""班次日历: a secret address of one's own shifts, shown once, taken back, and what it tells."""

import re
import uuid
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from citymgmt.models import User
from grids.choices import Shift
from grids.models import RosterShift, ShiftFeed
from grids.shift_calendar import folded
from tests.city import LOCAL, NOW, City

PAGE = "/grid/shift-feed/"
DAY = timedelta(days=1)


def address(client) -> str:
    """The path of a new address, from the page that shows it once."""
    said = client.post(PAGE, {"idempotency_key": str(uuid.uuid4())}).content.decode()
    return re.search(r"value=\"https?://[^/]+(/grid/calendar/[^\"]+\.ics)\"", said)[1]


def on_shift(city: City, day: date, person: str = "officer", **changes: object) -> RosterShift:
    start = datetime.combine(day, datetime.min.time(), LOCAL) + timedelta(hours=20)
    told = {
        "person": city.people[person],
        "team": city.teams["gucheng"],
        "day": day,
        "shift": Shift.LATE,
        "starts_at": start,
        "ends_at": start + timedelta(hours=10),
        "made_at": NOW,
    }
    return RosterShift.objects.create(**(told | changes))


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


@pytest.mark.django_db
def test_ones_own_shifts_are_read_at_the_address_without_signing_in(city, as_):
    row = on_shift(city, date(2026, 11, 21), cell=city.cells[0])
    on_shift(city, date(2026, 11, 21), "leader")
    on_shift(city, date(2026, 9, 1))
    answer = Client().get(address(as_("officer")))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answer.content)
    assert (lines[0], lines[-2], lines.count("BEGIN:VEVENT")) == (
        "BEGIN:VCALENDAR",
        "END:VCALENDAR",
        1,
    )
    # Past midnight, in UTC.
    for line in (
        f"UID:shift-{row.pk}@citymgmt",
        "DTSTART:20261121T120000Z",
        "DTEND:20261121T220000Z",
        "SUMMARY:晚班 · 古城中队",
        "LOCATION:古城-01 第1片",
    ):
        assert line in lines
    assert all(len(line.encode()) <= 75 for line in answer.content.decode().split("\r\n"))


@pytest.mark.django_db
def test_a_new_address_or_none_ends_the_one_before(city, as_, client):
    mine = as_("officer")
    first = address(mine)
    second = address(mine)
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    ended = mine.post(reverse("grids:shift_feed_end"), {"idempotency_key": str(uuid.uuid4())})
    assert (ended.status_code, client.get(second).status_code) == (302, 404)
    assert ShiftFeed.objects.filter(revoked_at__isnull=True).count() == 0
    assert mine.get(PAGE).context["feed"] is None


@pytest.mark.django_db
def test_the_address_is_kept_as_a_hash_and_shown_once(city, as_):
    mine, key = as_("officer"), str(uuid.uuid4())
    first = mine.post(PAGE, {"idempotency_key": key}).content.decode()
    again = mine.post(PAGE, {"idempotency_key": key}).content.decode()
    assert "/grid/calendar/" in first
    assert "/grid/calendar/" not in again + mine.get(PAGE).content.decode()
    feed = ShiftFeed.objects.get()
    assert feed.digest not in first
    assert feed.person == city.officer


@pytest.mark.django_db
def test_the_address_is_the_bureaus_public_one_whatever_the_host(city, as_, settings):
    settings.PUBLIC_BASE_URL = "https://cg.example.cn"
    said = as_("officer").post(PAGE, {"idempotency_key": str(uuid.uuid4())}).content.decode()
    assert 'value="https://cg.example.cn/grid/calendar/' in said


@pytest.mark.django_db
def test_who_is_switched_off_is_read_no_more_and_a_guess_opens_nothing(city, as_, client):
    path = address(as_("officer"))
    User.objects.filter(pk=city.officer.pk).update(is_active=False)
    assert client.get(path).status_code == 404
    assert client.get("/grid/calendar/" + "x" * 43 + ".ics").status_code == 404
    assert as_("stranger").get(PAGE).status_code == 403


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_a_folded_line_is_short_enough_and_reads_as_before(text):
    told = folded(text)
    assert told.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in told.split(b"\r\n"))
    assert told.decode().replace("\r\n ", "")[:-2] == text
