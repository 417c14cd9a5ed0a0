"""Working time: known days, and any rhythm against a bitmap of working minutes."""

import pickle
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from citymgmt.calendars import (
    DEFAULT_PERIODS,
    CalendarError,
    Deadline,
    Override,
    WorkCalendar,
    WorkPeriods,
)
from tests.working_minutes import (
    NOTICE,
    OFFICE,
    Rhythm,
    Unusual,
    lengths,
    moments,
    rhythms,
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

CALENDARS = {
    "bureau": WorkCalendar.of(days=DAYS_2026, known_years=KNOWN),
}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# --- Against the bitmap -------------------------------------------------------------------------

night = Rhythm(((6 * 60 + 30, 9 * 60), (22 * 60, 30 * 60)), NOTICE)
# 白加黑 over the National Day holiday, in an office that otherwise keeps office hours.
campaign = Rhythm(
    OFFICE, NOTICE, (Unusual(date(2026, 10, 3), date(2026, 10, 7), True, False, ((1200, 1560),)),)
)

# A shift that runs into a day on which an override begins early.
relieved = Rhythm(
    ((22 * 60, 30 * 60),),
    NOTICE,
    (Unusual(date(2026, 10, 14), date(2026, 10, 14), False, False, ((240, 600),)),),
)


@given(rhythms, moments, lengths)
@example(relieved, local("2026-10-14 00:00"), 12 * 60 * MINUTE)
@example(night, local("2026-09-30 05:59"), 2 * MINUTE)
@example(campaign, local("2026-10-02 00:00"), 6 * 1440 * MINUTE)
def test_work_between_counts_the_minutes_of_the_bitmap(rhythm, start, length):
    between = rhythm.calendar().work_between(start, start + length)
    assert between == rhythm.minutes().between(start, start + length)


@given(rhythms, moments, st.integers(0, 4000))
@example(relieved, local("2026-10-14 01:00"), 7 * 60)
@example(night, local("2026-10-01 03:00"), 181)
@example(campaign, local("2026-09-30 18:00"), 1)
def test_add_work_ends_where_a_walk_ends(rhythm, start, minutes):
    reference = rhythm.minutes()
    minutes = min(minutes, reference.left(start))
    due = rhythm.calendar().add_work(start, minutes * MINUTE).at
    assert due == reference.walk(start, minutes)


@given(rhythms, moments, st.integers(0, 4000), st.integers(0, 4000))
def test_what_is_taken_away_is_left_over(rhythm, start, minutes, used):
    """Subtracting: after so much of it was used, the rest leads to the same end."""
    calendar, reference = rhythm.calendar(), rhythm.minutes()
    minutes = min(minutes, reference.left(start))
    used = min(used, minutes)
    due = calendar.add_work(start, minutes * MINUTE).at
    at = calendar.add_work(start, used * MINUTE).at
    assert calendar.work_between(at, due) == (minutes - used) * MINUTE
    assert calendar.add_work(at, (minutes - used) * MINUTE).at == due


@given(rhythms, moments, st.timedeltas(timedelta(0), timedelta(hours=70)))
def test_adding_and_measuring_are_inverse_to_the_microsecond(rhythm, start, amount):
    calendar = rhythm.calendar()
    amount = min(amount, rhythm.minutes().left(start) * MINUTE)
    due = calendar.add_work(start, amount).at
    assert calendar.work_between(start, due) == amount
    if amount:
        one = timedelta(microseconds=1)
        assert calendar.work_between(start, due - one) == amount - one


@given(rhythms, moments, moments, moments)
def test_work_between_adds_up(rhythm, a, b, c):
    calendar = rhythm.calendar()
    a, b, c = sorted((a, b, c))
    whole = calendar.work_between(a, c)
    assert calendar.work_between(a, b) + calendar.work_between(b, c) == whole


@given(rhythms, moments)
def test_work_time_is_what_the_bitmap_has_marked(rhythm, moment):
    marked = rhythm.minutes().between(moment, moment + MINUTE) == MINUTE
    assert rhythm.calendar().is_work_time(moment) is marked


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


SPRING = {"first": date(2026, 2, 16), "last": date(2026, 2, 28)}
NEW_YEARS_DAY, SATURDAY, MADE_UP = date(2026, 2, 17), date(2026, 2, 21), date(2026, 2, 28)
# The notice names the Saturday of the holiday too.
WITH_SATURDAY = DAYS_2026 | {SATURDAY: False}


@pytest.mark.parametrize(
    ("weekends", "holidays", "worked"),
    [
        (True, True, {NEW_YEARS_DAY, SATURDAY, MADE_UP}),
        (True, False, {MADE_UP}),
        (False, True, {NEW_YEARS_DAY, SATURDAY, MADE_UP}),
        (False, False, {MADE_UP}),
    ],
)
def test_an_override_works_on_weekends_on_holidays_or_on_both(weekends, holidays, worked):
    override = Override(**SPRING, weekends=weekends, holidays=holidays)
    calendar = WorkCalendar.of(days=WITH_SATURDAY, overrides=[override])
    asked = {NEW_YEARS_DAY, SATURDAY, MADE_UP, date(2026, 2, 15)}
    assert {day for day in asked if calendar.is_working_day(day)} == worked


def test_a_plain_weekend_within_an_override_is_worked_without_holidays():
    override = Override(date(2026, 3, 2), date(2026, 3, 8), weekends=True, holidays=False)
    calendar = WorkCalendar.of(days=DAYS_2026, overrides=[override])
    assert calendar.is_working_day(date(2026, 3, 7))
    assert not calendar.is_working_day(date(2026, 3, 14))


def test_an_override_has_hours_of_its_own_and_the_later_begun_wins():
    day = WorkPeriods.parse([["08:00", "22:00"]])
    through = WorkPeriods.parse([["20:00", "02:00"]])
    calendar = WorkCalendar.of(
        overrides=[
            Override(date(2026, 3, 4), date(2026, 3, 5), periods=through),
            Override(date(2026, 3, 2), date(2026, 3, 8), periods=day),
        ]
    )
    assert calendar.is_work_time(local("2026-03-03 21:59"))
    assert not calendar.is_work_time(local("2026-03-04 12:00"))
    assert calendar.is_work_time(local("2026-03-05 01:59"))
    assert calendar.is_work_time(local("2026-03-06 01:59"))
    assert not calendar.is_work_time(local("2026-03-06 02:00"))


def test_where_yesterdays_shift_reaches_into_todays_a_minute_counts_once():
    night = WorkPeriods.parse([["22:00", "06:00"]])
    early = Override(
        date(2026, 3, 4), date(2026, 3, 4), periods=WorkPeriods.parse([["04:00", "10:00"]])
    )
    calendar = WorkCalendar.of(night, overrides=[early])
    start, end = local("2026-03-04 00:00"), local("2026-03-04 12:00")
    assert calendar.work_between(start, end) == timedelta(hours=10)
    assert calendar.add_work(start, timedelta(hours=7)).at == local("2026-03-04 07:00")


def test_the_years_without_a_notice_are_named():
    calendar = CALENDARS["bureau"]
    years = calendar.unknown_years(local("2026-12-31 23:59"), local("2028-01-01 00:00"))
    assert years == [2027, 2028]
    assert calendar.unknown_years(local("2026-01-01 00:00"), local("2026-12-31 23:59")) == []


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
