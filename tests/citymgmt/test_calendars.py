"""Working time against a slow, obviously right minute-by-minute reference."""

import pickle
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from citymgmt.calendars import (
    DEFAULT_PERIODS,
    CalendarError,
    Deadline,
    WorkCalendar,
    WorkPeriods,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)

# The State Council's notice for 2026: days off on weekdays, and the make-up working days.
REST_2026 = [
    *(date(2026, 1, d) for d in (1, 2)),
    *(date(2026, 2, d) for d in range(16, 24)),
    date(2026, 4, 6),
    *(date(2026, 5, d) for d in (1, 4, 5)),
    date(2026, 6, 19),
    date(2026, 9, 25),
    *(date(2026, 10, d) for d in (1, 2, 5, 6, 7)),
]
MAKE_UP_2026 = [
    date(2026, 1, 4),
    date(2026, 2, 14),
    date(2026, 2, 28),
    date(2026, 5, 9),
    date(2026, 9, 20),
    date(2026, 10, 10),
]
DAYS_2026 = dict.fromkeys(REST_2026, False) | dict.fromkeys(MAKE_UP_2026, True)
KNOWN = {2025, 2026}
OVERRIDE = (date(2026, 7, 4), date(2026, 7, 19))

CALENDARS = {
    "bureau": WorkCalendar.of(days=DAYS_2026, known_years=KNOWN),
    "campaign": WorkCalendar.of(days=DAYS_2026, known_years=KNOWN, overrides=[OVERRIDE]),
    "night": WorkCalendar.of(
        WorkPeriods.parse([["06:30", "09:00"], ["22:00", "06:00"]]),
        days=DAYS_2026,
        known_years=KNOWN,
    ),
    "round the clock": WorkCalendar.of(
        WorkPeriods.parse([["00:00", "24:00"]]), days=DAYS_2026, known_years=KNOWN
    ),
}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def works(calendar: WorkCalendar, day: date) -> bool:
    """The reference for a day: override, then notice, then the week."""
    if any(first <= day <= last for first, last in calendar.overrides):
        return True
    return dict(calendar.days).get(day, day.weekday() < 5)


def in_work(calendar: WorkCalendar, minute: datetime) -> bool:
    """The reference for one local minute, looked up in today's and yesterday's shift."""
    for back in (0, 1):
        day = minute.date() - timedelta(days=back)
        into = (minute - local(day.isoformat())) // MINUTE
        if works(calendar, day) and any(s <= into < e for s, e in calendar.periods.spans):
            return True
    return False


def count_minutes(calendar: WorkCalendar, a: datetime, b: datetime) -> int:
    steps = int((b - a) // MINUTE)
    return sum(in_work(calendar, a + i * MINUTE) for i in range(steps))


def walk_minutes(calendar: WorkCalendar, start: datetime, minutes: int) -> datetime:
    at = start
    while minutes:
        minutes -= in_work(calendar, at)
        at += MINUTE
    return at


calendars = st.sampled_from(sorted(CALENDARS))
# Around every change of rhythm: new year, Spring Festival, the override, National Day.
moments = st.one_of(
    st.tuples(
        st.sampled_from(
            [
                "2025-12-31",
                "2026-01-04",
                "2026-02-14",
                "2026-02-28",
                "2026-05-09",
                "2026-07-04",
                "2026-07-19",
                "2026-09-20",
                "2026-10-10",
                "2026-12-31",
            ]
        ),
        st.integers(-3 * 1440, 3 * 1440),
    ).map(lambda pair: local(pair[0]) + pair[1] * MINUTE),
    st.integers(0, 364 * 1440).map(lambda m: local("2026-01-01") + m * MINUTE),
)


@settings(deadline=None)
@given(calendars, moments, st.integers(0, 12 * 1440))
@example("bureau", local("2026-01-04 00:00"), 1440)
@example("bureau", local("2026-02-13 18:00"), 18 * 1440)
@example("night", local("2026-02-15 05:59"), 2)
@example("round the clock", local("2026-02-14 23:59"), 2)
def test_work_between_counts_the_same_minutes_as_a_walk(name, start, length):
    calendar = CALENDARS[name]
    end = start + length * MINUTE
    assert calendar.work_between(start, end) == count_minutes(calendar, start, end) * MINUTE


@settings(deadline=None)
@given(calendars, moments, st.integers(0, 2400))
@example("bureau", local("2026-09-30 18:00"), 480)
@example("bureau", local("2026-02-13 17:59"), 482)
@example("campaign", local("2026-07-03 18:00"), 960)
@example("night", local("2026-10-01 03:00"), 181)
def test_add_work_ends_where_a_walk_ends(name, start, minutes):
    calendar = CALENDARS[name]
    assert calendar.add_work(start, minutes * MINUTE).at == walk_minutes(calendar, start, minutes)


@settings(deadline=None)
@given(calendars, moments, st.timedeltas(timedelta(0), timedelta(hours=700)))
def test_adding_and_measuring_are_inverse_to_the_microsecond(name, start, amount):
    calendar = CALENDARS[name]
    due = calendar.add_work(start, amount).at
    assert calendar.work_between(start, due) == amount
    if amount:
        one = timedelta(microseconds=1)
        assert calendar.work_between(start, due - one) == amount - one


@settings(deadline=None)
@given(calendars, moments, moments, moments)
def test_work_between_adds_up(name, a, b, c):
    calendar = CALENDARS[name]
    a, b, c = sorted((a, b, c))
    whole = calendar.work_between(a, c)
    assert calendar.work_between(a, b) + calendar.work_between(b, c) == whole


@pytest.mark.parametrize("day", MAKE_UP_2026)
def test_a_make_up_day_is_worked(day):
    start = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    calendar = CALENDARS["bureau"]
    assert calendar.is_working_day(day)
    assert calendar.work_between(start, start + timedelta(days=1)) == timedelta(hours=8)


def test_without_the_notice_a_make_up_day_is_a_weekend():
    assert not any(WorkCalendar.of().is_working_day(day) for day in MAKE_UP_2026)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-02 08:00", 4, "2026-03-02 12:00"),  # ends with the morning, not at 14:00
        ("2026-03-02 12:30", 1, "2026-03-02 15:00"),
        ("2026-03-02 23:59", 8, "2026-03-03 18:00"),
        ("2026-03-06 17:00", 2, "2026-03-09 09:00"),  # over a weekend
        ("2026-02-13 17:00", 2, "2026-02-14 09:00"),  # Saturday, made up
        ("2026-02-14 17:00", 2, "2026-02-24 09:00"),  # over the Spring Festival
        ("2026-09-30 17:00", 9, "2026-10-08 18:00"),
    ],
)
def test_known_deadlines(start, hours, due):
    deadline = CALENDARS["bureau"].add_work(local(start), timedelta(hours=hours))
    assert deadline == Deadline(local(due), provisional=False)
    assert deadline.at.tzinfo is UTC


def test_an_override_works_on_weekends_and_holidays():
    spring = (date(2026, 2, 16), date(2026, 2, 22))
    calendar = WorkCalendar.of(days=DAYS_2026, overrides=[spring])
    assert calendar.is_working_day(date(2026, 2, 17))
    assert not calendar.is_working_day(date(2026, 2, 15))
    assert not calendar.is_working_day(date(2026, 2, 23))


@pytest.mark.parametrize(
    ("start", "hours", "provisional"),
    [
        ("2026-12-31 08:00", 8, False),
        ("2026-12-31 08:00", 9, True),
        ("2027-01-04 08:00", 1, True),
        ("2025-12-31 17:00", 4, False),
    ],
)
def test_a_deadline_over_an_unknown_year_is_provisional(start, hours, provisional):
    deadline = CALENDARS["bureau"].add_work(local(start), timedelta(hours=hours))
    assert deadline.provisional is provisional


def test_nothing_to_add_is_the_start_even_at_night():
    start = local("2026-03-01 03:00")
    assert CALENDARS["bureau"].add_work(start, timedelta()) == Deadline(start, False)


def test_work_time_ends_with_the_period():
    calendar = CALENDARS["bureau"]
    assert calendar.is_work_time(local("2026-03-02 08:00"))
    assert not calendar.is_work_time(local("2026-03-02 12:00"))
    assert not calendar.is_work_time(local("2026-03-01 10:00"))


def test_the_wrong_way_round_is_no_time():
    later, earlier = local("2026-03-03 10:00"), local("2026-03-02 10:00")
    assert CALENDARS["bureau"].work_between(later, earlier) == timedelta()


@pytest.mark.parametrize(
    ("start", "amount", "code"),
    [
        (local("2026-03-02 08:00"), timedelta(seconds=-1), "negative"),
        (local("2026-03-02 08:00"), timedelta(days=36500), "too_far"),
        (datetime.fromisoformat("2026-03-02 08:00"), timedelta(hours=1), "naive"),
    ],
)
def test_senseless_amounts_are_refused(start, amount, code):
    with pytest.raises(CalendarError) as caught:
        CALENDARS["bureau"].add_work(start, amount)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([], "empty"),
        ("08:00-12:00", "malformed"),
        (None, "malformed"),
        ([["08:00"]], "malformed"),
        ([["8:00", "12:00"]], "malformed"),
        ([["08:00", "25:00"]], "malformed"),
        ([["08:00", "24:30"]], "malformed"),
        ([["24:00", "08:00"]], "malformed"),
        ([["08:00", "08:00"]], "malformed"),
        ([[8, 12]], "malformed"),
        ([["08:00", "12:00\n"]], "malformed"),
        ([["08:00", "12:00"], ["11:00", "13:00"]], "overlap"),
        ([["14:00", "18:00"], ["08:00", "12:00"]], "overlap"),
        ([["05:00", "08:00"], ["22:00", "06:00"]], "overlap"),
        ([[f"{h:02}:00", f"{h:02}:30"] for h in range(13)], "too_many"),
    ],
)
def test_senseless_periods_are_refused(pairs, code):
    with pytest.raises(CalendarError) as caught:
        WorkPeriods.parse(pairs)
    assert caught.value.code == code


def test_default_periods_are_eight_hours():
    assert WorkPeriods.parse([["08:00", "12:00"], ["14:00", "18:00"]]) == DEFAULT_PERIODS
    assert DEFAULT_PERIODS.total == timedelta(hours=8)


def test_equal_calendars_are_one_key_and_travel():
    twin = WorkCalendar.of(days=dict(reversed(DAYS_2026.items())), known_years=[2026, 2025])
    assert {CALENDARS["bureau"]: 1}[twin] == 1
    assert pickle.loads(pickle.dumps(twin)) == twin


def test_sixty_work_days_are_quick():
    calendar = CALENDARS["bureau"]
    start = local("2026-03-02 09:17")
    calendar.add_work(start, timedelta(hours=480))
    begun = time.perf_counter()
    for _ in range(200):
        calendar.add_work(start, timedelta(hours=480))
    # 0.02 ms each on an idle machine; the bound leaves room for a busy one.
    assert (time.perf_counter() - begun) / 200 < 0.001
