"""Rest, overlaps, leave and certificates against a slow reference that walks minute by minute."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grids.choices import ROSTERED, SHIFT_MINUTES
from grids.rostering import LOCAL, Against, Facts, Stint, against, conflicts, days_span, span_of

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
ALWAYS = {1: [(datetime(2026, 1, 1, tzinfo=LOCAL), None)]}
ELEVEN = 11 * 60


def stint(day, starts, ends, key=0, person=1):
    since, until = span_of(day, starts, ends)
    return Stint(key, person, 7, day, "early", since, until)


minutes = st.integers(0, 1439)
stints = st.lists(st.tuples(st.integers(0, 6), minutes, st.integers(1, 1440)), max_size=4).map(
    lambda rows: [
        stint(MONDAY + n * DAY, starts, ends, key)
        for key, (n, starts, ends) in enumerate(rows)
        if starts != ends
    ]
)


def worked(each: Stint) -> set[int]:
    """The minutes of a shift, counted from long ago."""
    first, last = (int(moment.timestamp()) // 60 for moment in (each.starts_at, each.ends_at))
    return set(range(first, last))


def by_minutes(minutes_of: dict, one: Stint, other: Stint) -> Against | None:
    """What stands between two shifts: do they share a minute, does one begin before eleven hours
    without work have passed after the other?"""
    mine, his = minutes_of[one.key], minutes_of[other.key]
    if mine & his:
        return Against.OVERLAP
    first, second = sorted((mine, his), key=min)
    rested = sum(1 for minute in range(max(first) + 1, min(second)))
    return Against.REST if rested < ELEVEN else None


@settings(max_examples=60)
@given(stints)
def test_rest_and_overlaps_are_those_of_the_minutes(rows):
    found = conflicts(rows, Facts(services=ALWAYS))
    minutes_of = {each.key: worked(each) for each in rows}
    for one in rows:
        wanted = {
            other.key: verdict
            for other in rows
            if other.key != one.key and (verdict := by_minutes(minutes_of, one, other))
        }
        told = {each.other.key: each.against for each in found.get(one.key, [])}
        assert told == wanted


@settings(max_examples=60)
@given(st.integers(0, 13), minutes, st.integers(1, 1440), st.integers(0, 13), st.integers(0, 5))
def test_leave_is_whole_local_days(day, starts, ends, first, length):
    one = stint(MONDAY + day * DAY, starts, ends if ends != starts else 1 + starts % 1439)
    begun, ended = MONDAY + first * DAY, MONDAY + (first + length) * DAY
    facts = Facts(leaves={1: [(begun, ended)]}, services=ALWAYS)
    days = {datetime.fromtimestamp(minute * 60, LOCAL).date() for minute in worked(one)}
    on_leave = any(begun <= each <= ended for each in days)
    assert (Against.LEAVE in {each.against for each in against(one, [], facts)}) is on_leave


@pytest.mark.parametrize("shift", ROSTERED)
def test_the_usual_shifts_last_as_long_as_they_say(shift):
    since, until = span_of(MONDAY, *SHIFT_MINUTES[shift])
    hours = {"early": 8, "middle": 6, "late": 10, "zero": 5}[shift]
    assert (until - since, since.astimezone(LOCAL).date()) == (timedelta(hours=hours), MONDAY)


def test_a_late_shift_is_followed_by_an_early_one_without_rest():
    late, early = stint(MONDAY, 1200, 360, 1), stint(MONDAY + DAY, 360, 840, 2)
    (found,) = against(early, [late, early], Facts(services=ALWAYS))
    assert (found.against, found.rest, found.hard) == (Against.REST, timedelta(), False)


def test_eleven_hours_are_enough_and_a_minute_less_is_not():
    late = stint(MONDAY, 1200, 360, 1)
    for starts, wanted in ((17 * 60, []), (17 * 60 - 1, [Against.REST])):
        later = stint(MONDAY + DAY, starts, 1439, 2)
        assert [each.against for each in against(later, [late], Facts(services=ALWAYS))] == wanted


def test_what_is_hard_comes_first():
    rows = [stint(MONDAY, 360, 840, 1), stint(MONDAY, 800, 1000, 2), stint(MONDAY, 1300, 1400, 3)]
    facts = Facts(leaves={1: [(MONDAY, MONDAY)]}, needs_certificate=True)
    told = [each.against for each in against(rows[1], rows, facts)]
    assert told == ["overlap", "leave", "not_of_team", "rest", "uncertified"]
    assert [each.hard for each in against(rows[1], rows, facts)] == [True] * 3 + [False] * 2


@pytest.mark.parametrize(("last", "holds"), [(MONDAY, True), (MONDAY - DAY, False), (None, True)])
def test_a_certificate_holds_on_its_last_day(last, holds):
    facts = Facts(services=ALWAYS, certified={1: [last]}, needs_certificate=True)
    found = [each.against for each in against(stint(MONDAY, 360, 840), [], facts)]
    assert found == ([] if holds else [Against.UNCERTIFIED])


def test_who_joins_in_the_middle_of_the_week_is_not_of_the_team_before():
    joined = datetime(2026, 11, 25, 0, 0, tzinfo=LOCAL)
    facts = Facts(services={1: [(joined, joined + 2 * DAY)]})
    days = [MONDAY + n * DAY for n in range(7)]
    there = [not against(stint(day, 360, 840), [], facts) for day in days]
    assert there == [False, False, True, True, False, False, False]


def test_days_span_is_from_midnight_to_midnight():
    since, until = days_span(MONDAY, MONDAY + DAY)
    assert (since.hour, until - since) == (0, 2 * DAY)
