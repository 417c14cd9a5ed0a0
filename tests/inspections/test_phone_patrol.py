"""Patrol on the phone: the duty of today on its page, batches that come once, twice, broken."""

import html
import json
import re
import uuid
from datetime import timedelta

import pytest

from grids.models import CheckIn, Patrol, RosterShift, TrackPoint
from grids.patrol_duty import planned_times
from grids.services.check_ins import Seen
from grids.services.patrol_measuring import measure_patrol
from tests import builders, places
from tests.city import IN_FIRST_CELL, NOW
from tests.grids.walks import patrolled, walk
from tests.statements import statements_of
from tests.uploading import Phone

pytestmark = pytest.mark.django_db
KEY = "0c0ffee0-0000-4000-8000-000000000006"
SENT = "/m/patrol/sent/"
MS = round(NOW.timestamp() * 1000)


def batch(count: int = 3, **changes) -> dict:
    lon, lat = IN_FIRST_CELL
    points = [[n, MS + n * 20_000, lon + n * 0.0002, lat, 8] for n in range(count)]
    told = {"started_at": NOW.isoformat(), "phone_now": NOW.isoformat()}
    return told | {"points": points, "check_ins": []} | changes


def check_in(**changes) -> dict:
    lon, lat = IN_FIRST_CELL
    told = {"key": str(uuid.uuid4()), "at": NOW.isoformat(), "lon": lon, "lat": lat}
    return told | {"accuracy_m": 7, "site": None} | changes


def test_the_page_holds_what_a_patrol_needs_without_a_signal(as_, city):
    site = places.site(city)
    page = as_("officer").get("/m/patrol/").content.decode()
    told = json.loads(html.unescape(re.search(r'id="duty">(.*?)</template>', page)[1]))
    assert [cell["name"] for cell in told["cells"]] == ["第1片", "第2片"]
    assert len(told["cells"][0]["rings"][0]) == 5
    assert [(each["id"], each["name"]) for each in told["sites"]] == [(site.pk, "哲商小学")]
    assert (told["until"], told["gap"], told["sites"][0]["planned"]) == (None, 600_000, None)


def test_the_places_of_a_shift_are_planned_over_its_hours(as_, city):
    for name in ("哲商小学", "农贸市场", "公交总站"):
        places.site(city, name=name)
    starts = NOW - timedelta(hours=1)
    RosterShift.objects.create(
        person=city.officer, team=city.teams["gucheng"], day=NOW.date(), shift="middle",
        starts_at=starts, ends_at=starts + timedelta(hours=6), made_at=NOW,
    )  # fmt: skip
    builders.report(city)
    page = as_("officer").get("/m/patrol/").content.decode()
    told = json.loads(html.unescape(re.search(r'id="duty">(.*?)</template>', page)[1]))
    planned = [
        (each["planned"] - round(starts.timestamp() * 1000)) / 3_600_000 for each in told["sites"]
    ]
    assert planned == [1, 3, 5]
    assert "<b>1</b>件上报" in page


def test_whoever_begins_anew_has_not_to_walk_again_what_he_walked(as_, city):
    site = places.site(city)
    seen = Seen(uuid.uuid4(), NOW, *IN_FIRST_CELL, 9.0, site.pk)
    yesterday = patrolled(city.officer, walk(30, at=NOW - timedelta(days=1)))
    row = patrolled(city.officer, walk(10), check_ins=[seen])
    other = patrolled(city.other_officer, walk(10))
    for each in (yesterday, row, other):
        measure_patrol(patrol_id=each.pk, at=NOW)
    page = as_("officer").get("/m/patrol/").content.decode()
    told = json.loads(html.unescape(re.search(r'id="duty">(.*?)</template>', page)[1]))
    row.refresh_from_db()
    assert row.metres > 100
    assert told["earlier"] == [
        {
            "key": str(row.key),
            "cells": [city.cells[0].pk],
            "streets": [],
            "sites": {str(site.pk): MS},
            "metres": row.metres,
        }
    ]


def test_of_a_shift_counts_what_was_walked_since_it_began_also_before_midnight(as_, city):
    RosterShift.objects.create(
        person=city.officer, team=city.teams["gucheng"], day=NOW.date(), shift="late",
        starts_at=NOW - timedelta(hours=20), ends_at=NOW + timedelta(hours=1), made_at=NOW,
    )  # fmt: skip
    patrols = [
        patrolled(city.officer, walk(10, at=NOW - timedelta(hours=hours))) for hours in (19, 22)
    ]
    page = as_("officer").get("/m/patrol/").content.decode()
    told = json.loads(html.unescape(re.search(r'id="duty">(.*?)</template>', page)[1]))
    assert [each["key"] for each in told["earlier"]] == [str(patrols[0].key)]
    patrols[0].refresh_from_db()
    assert patrols[0].shift_words.startswith("晚班")
    assert f"{patrols[0].shift_words}</a>" in page


def test_planned_times_are_whole_steps_inside_the_shift():
    assert planned_times(0, NOW, NOW) == []
    times = planned_times(7, NOW, NOW + timedelta(hours=6))
    assert times == sorted(set(times))
    assert times[0] >= NOW
    assert times[-1] < NOW + timedelta(hours=6)
    assert all((at - NOW) % timedelta(minutes=5) == timedelta() for at in times)


def test_the_page_asks_a_bounded_number_of_statements(as_, city):
    browser = as_("officer")
    browser.get("/m/patrol/")
    assert len(statements_of(browser, "/m/patrol/")) <= 16


def test_a_batch_is_taken_and_named_and_a_repeat_gets_the_same(city):
    site = places.site(city)
    phone, told = Phone(city.officer), batch(check_ins=[check_in(site=site.pk)])
    first = phone.post(SENT, told, key=KEY)
    assert first.status_code == 200, first.content
    receipt = first.json()["receipt"]
    assert (receipt["patrol"], receipt["points"], receipt["ended"]) == (KEY, [0, 1, 2], False)
    assert phone.post(SENT, told, key=KEY).json() == first.json()
    assert (TrackPoint.objects.count(), CheckIn.objects.get().site) == (3, site)


def test_the_end_goes_with_the_last_batch(city):
    told = batch(ended_at=(NOW + timedelta(minutes=5)).isoformat(), ending="shift")
    assert Phone(city.officer).post(SENT, told, key=KEY).json()["receipt"]["ended"]
    row = Patrol.objects.get()
    assert (row.ending, row.ended_at) == ("shift", NOW + timedelta(minutes=5))


def test_the_phones_own_time_is_kept_beside_ours(city):
    ahead = NOW + timedelta(days=1)
    points = [[0, round(ahead.timestamp() * 1000), *IN_FIRST_CELL, 5]]
    told = batch(started_at=ahead.isoformat(), phone_now=ahead.isoformat(), points=points)
    receipt = Phone(city.officer).post(SENT, told, key=KEY).json()["receipt"]
    assert (receipt["points"], Patrol.objects.get().clock_ahead_s) == ([0], 86400)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"points": [[0, 1, 2]]}, "points"),
        ({"points": [[0, 1e300, 121, 28, 5]]}, "points"),
        ({"points": [["nan", MS, 121, 28, 5]]}, "points"),
        ({"points": [[0, MS, 121, 28, 5]] * 201}, "points"),
        ({"check_ins": [{"key": "x"}]}, "check_ins"),
        ({"started_at": "yesterday"}, "started_at"),
        ({"ending": "tired"}, "ending"),
        ({"more": 1}, "more"),
    ],
    ids=["short", "no moment", "no number", "many", "check-in", "start", "ending", "unknown"],
)
def test_what_is_no_batch_says_so_and_keeps_nothing(city, changes, field):
    answer = Phone(city.officer).post(SENT, batch(**changes), key=KEY)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert not Patrol.objects.exists()


def test_another_persons_queue_is_not_taken(city):
    borrowed = Phone(city.leader, queue_of=city.officer)
    assert borrowed.post(SENT, batch(), key=KEY).json()["error"]["code"] == "other_user"
    Phone(city.officer).post(SENT, batch(), key=KEY)
    answer = Phone(city.leader).post(SENT, batch(), key=KEY)
    assert (answer.status_code, TrackPoint.objects.count()) == (409, 3)
