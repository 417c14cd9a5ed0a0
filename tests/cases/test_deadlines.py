"""The kinds of limit on their own clocks, against a bitmap of working minutes."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from cases.deadlines import (
    Limit,
    LimitKind,
    after_rework,
    clock_text,
    describe,
    due_at,
    is_overdue,
    light,
    light_at,
    limit_text,
    remaining,
    total,
    used,
    used_over,
    warn_at,
)
from tests.working_minutes import (
    DAYS,
    FIRST,
    NOTICE,
    OFFICE,
    Minutes,
    Rhythm,
    lengths,
    moments,
    rhythms,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)

# Golden week and its two make-up days, in office hours.
CALENDAR = Rhythm(OFFICE, NOTICE).calendar()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def clock_of(limit: Limit, rhythm: Rhythm) -> Minutes:
    """The reference: the minutes that count on the limit's clock."""
    if limit.kind in {LimitKind.WORK_HOUR, LimitKind.WORK_DAY}:
        return rhythm.minutes()
    return Rhythm(((0, 1440),), dict.fromkeys(EVERY_DAY, True)).minutes()


EVERY_DAY = [FIRST + number * timedelta(days=1) for number in range(-1, DAYS + 1)]
kinds = st.sampled_from(list(LimitKind))
limits = st.builds(Limit, kinds, st.integers(1, 4))
pauses = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 4 * 1440)), max_size=4)


@given(limits, rhythms, moments)
@example(Limit(LimitKind.WORK_DAY, 1), Rhythm(OFFICE, NOTICE), local("2026-09-30 18:00"))
@example(Limit(LimitKind.WORK_HOUR, 4), Rhythm(OFFICE, NOTICE), local("2026-10-09 23:59"))
@example(Limit(LimitKind.NATURAL_DAY, 3), Rhythm(OFFICE, NOTICE), local("2026-09-30 12:00"))
def test_due_is_where_a_walk_over_the_minutes_ends(limit, rhythm, start):
    reference = clock_of(limit, rhythm)
    minutes = int(total(limit) / MINUTE)
    assume(minutes <= reference.left(start))
    assert due_at(limit, start, rhythm.calendar()).at == reference.walk(start, minutes)


@given(limits, rhythms, moments, lengths)
def test_used_counts_the_minutes_that_count(limit, rhythm, start, length):
    counted = clock_of(limit, rhythm).between(start, start + length)
    assert used(limit, start, start + length, rhythm.calendar()) == counted


@given(limits, rhythms, moments, pauses)
def test_pauses_move_the_deadline_and_lose_nothing(limit, rhythm, start, pauses):
    """However often it stops and goes on, the clock runs exactly its limit, as a walk that
    counts no minute of a pause."""
    calendar, reference = rhythm.calendar(), clock_of(limit, rhythm)
    ran: list[tuple[datetime, datetime]] = []
    left, begin = int(total(limit) / MINUTE), start
    assume(left <= reference.left(start + 11 * timedelta(days=1)))
    for run, pause in pauses:
        stop = min(begin + run * MINUTE, reference.walk(begin, left))
        ran.append((begin, stop))
        left -= int(reference.between(begin, stop) / MINUTE)
        begin = stop + pause * MINUTE
    assume(left <= reference.left(begin))
    spent = used_over(limit, ran, calendar)
    due = due_at(limit, begin, calendar, spent=spent).at
    assert due == reference.walk(begin, left)
    assert used_over(limit, [*ran, (begin, due)], calendar) == total(limit)


@given(limits, rhythms, rhythms, moments, st.integers(0, 600))
def test_a_changed_calendar_leaves_the_same_rest_from_the_same_start(
    limit, before, after, start, spent
):
    """What the sweep does: the running stretch is reckoned anew from its start, what earlier
    stretches used stays as it was counted then."""
    whole, behind = total(limit), min(spent * MINUTE, total(limit))
    reference = clock_of(limit, after)
    assume(whole / MINUTE <= reference.left(start))
    old = due_at(limit, start, before.calendar(), spent=behind, granted=whole)
    new = due_at(limit, start, after.calendar(), spent=behind, granted=whole)
    assert new.at == reference.walk(start, int((whole - behind) / MINUTE))
    if before.calendar() == after.calendar() or not limit.on_work_clock:
        assert new.at == old.at


@given(limits, st.lists(st.tuples(moments, lengths), max_size=5))
def test_overlapping_intervals_count_once(limit, pairs):
    intervals = [(since, since + length) for since, length in pairs]
    grid = sorted({edge for interval in intervals for edge in interval})
    covered = [
        (a, b)
        for a, b in pairwise(grid)
        if any(since <= a and b <= until for since, until in intervals)
    ]
    expected = sum((used(limit, a, b, CALENDAR) for a, b in covered), timedelta())
    assert used_over(limit, intervals, CALENDAR) == expected


@given(limits, moments, st.integers(0, 20 * 1440), st.integers(0, 100), st.integers(1, 200))
def test_stored_moments_tell_the_same_light_as_the_clock(limit, start, later, spent, granted):
    """At every minute, two comparisons and the full reckoning agree."""
    spent, granted = total(limit) * spent / 100, total(limit) * granted / 100
    given_time = {"spent": spent, "granted": granted}
    due = due_at(limit, start, CALENDAR, **given_time).at
    warn = warn_at(limit, start, CALENDAR, **given_time).at
    now = start + later * MINUTE
    so_far = spent + used(limit, start, now, CALENDAR)
    expected = light(limit, so_far, granted=granted, overdue=is_overdue(now, due))
    assert warn <= due
    if spent <= granted:
        assert light_at(now, warn, due) == expected


@given(limits, st.integers(0, 300))
def test_rework_leaves_the_rest_but_at_least_a_quarter(limit, percent):
    whole = total(limit)
    spent = whole * percent / 100
    left = after_rework(limit, spent)
    assert left >= whole / 4
    assert left == max(whole - spent, whole / 4)


@given(limits, moments, moments)
def test_remaining_is_positive_before_and_negative_after(limit, now, due):
    left = remaining(limit, now, due, CALENDAR)
    assert (left >= timedelta()) if now <= due else (left <= timedelta())
    assert left == -remaining(limit, due, now, CALENDAR)


@pytest.mark.parametrize(
    ("kind", "value", "start", "due"),
    [
        ("urgent_minute", 20, "2026-10-01 23:50", "2026-10-02 00:10"),
        ("urgent_hour", 2, "2026-10-01 23:30", "2026-10-02 01:30"),
        ("urgent_day", 1, "2026-10-01 23:30", "2026-10-02 23:30"),
        ("work_hour", 4, "2026-09-30 16:00", "2026-10-08 10:00"),
        ("work_day", 1, "2026-09-29 15:00", "2026-09-30 15:00"),
        ("work_day", 3, "2026-09-30 08:00", "2026-10-09 18:00"),
        ("work_day", 4, "2026-09-30 08:00", "2026-10-10 18:00"),
        ("work_day", 1, "2026-09-19 10:00", "2026-09-20 18:00"),
        ("natural_day", 2, "2026-09-30 09:00", "2026-10-02 09:00"),
    ],
)
def test_known_deadlines(kind, value, start, due):
    deadline = due_at(Limit(kind, value), local(start), CALENDAR)
    assert deadline.at == local(due)
    assert not deadline.provisional


def test_a_work_limit_into_an_unknown_year_is_provisional_and_a_wall_limit_is_not():
    start = local("2026-12-31 16:00")
    assert due_at(Limit(LimitKind.WORK_DAY, 1), start, CALENDAR).provisional
    assert not due_at(Limit(LimitKind.NATURAL_DAY, 1), start, CALENDAR).provisional


def test_nothing_left_is_due_at_once():
    start = local("2026-09-01 09:00")
    limit = Limit(LimitKind.WORK_HOUR, 2)
    assert due_at(limit, start, CALENDAR, spent=3 * HOUR).at == start


@pytest.mark.parametrize(
    ("spent", "colour"),
    [
        (timedelta(), "green"),
        (8 * HOUR - TICK, "green"),
        (8 * HOUR, "yellow"),
        (10 * HOUR, "yellow"),
        (10 * HOUR + TICK, "red"),
    ],
)
def test_the_light_turns_at_80_and_100_percent(spent, colour):
    assert light(Limit(LimitKind.WORK_HOUR, 10), spent) == colour


def test_past_due_is_red_although_no_work_time_has_passed():
    limit = Limit(LimitKind.WORK_HOUR, 4)
    start, now = local("2026-09-01 14:00"), local("2026-09-01 20:00")
    due = due_at(limit, start, CALENDAR).at
    assert due == local("2026-09-01 18:00")
    assert used(limit, start, now, CALENDAR) == total(limit)
    assert light_at(now, warn_at(limit, start, CALENDAR).at, due) == "red"
    assert str(clock_text(limit, now, due, CALENDAR)) == "已超时"


@pytest.mark.parametrize(
    ("kind", "left", "text"),
    [
        ("work_hour", 3 * HOUR + 20 * MINUTE, "剩 3 工作时 20 分"),
        ("work_hour", 9 * HOUR, "剩 9 工作时"),
        ("work_day", -(10 * HOUR + 5 * MINUTE), "超 1 工作日 2 工作时"),
        ("work_day", -8 * HOUR, "超 1 工作日"),
        ("work_day", 8 * HOUR + 5 * MINUTE, "剩 1 工作日"),
        ("work_day", 7 * HOUR + 59 * MINUTE, "剩 7 工作时 59 分"),
        ("urgent_minute", 12 * MINUTE, "剩 12 分"),
        ("urgent_minute", -65 * MINUTE, "超 1 小时 5 分"),
        ("urgent_hour", 38 * MINUTE, "剩 38 分"),
        ("urgent_hour", -12 * MINUTE - 59 * TICK, "超 12 分"),
        ("urgent_hour", 26 * HOUR, "剩 26 小时"),
        ("urgent_day", -25 * HOUR, "超 1 天 1 小时"),
        ("natural_day", 51 * HOUR + 30 * MINUTE, "剩 2 天 3 小时"),
        ("natural_day", 59 * timedelta(seconds=1), "剩不足 1 分"),
        ("natural_day", -TICK, "已超时"),
        ("natural_day", timedelta(), "剩不足 1 分"),
    ],
)
def test_a_clock_speaks_in_the_unit_of_its_limit(kind, left, text):
    words = describe(Limit(kind, 2), left)
    assert str(words) == text
    assert words.overdue is (left < timedelta())


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("urgent_minute", "2 分钟"),
        ("urgent_hour", "2 紧急工作时"),
        ("urgent_day", "2 紧急工作日"),
        ("work_hour", "2 工作时"),
        ("work_day", "2 工作日"),
        ("natural_day", "2 自然日"),
    ],
)
def test_a_limit_is_written_as_in_its_standard(kind, text):
    assert limit_text(Limit(kind, 2)) == text


@pytest.mark.parametrize(("kind", "value"), [("minute", 1), ("work_day", 0), ("work_day", 99999)])
def test_senseless_limits_are_refused(kind, value):
    with pytest.raises(ValueError, match=r"limit|LimitKind"):
        Limit(kind, value)
