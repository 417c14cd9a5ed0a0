"""The ladder as pure arithmetic: when each step falls due, what is said after an outage."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.escalation import (
    DEFAULT,
    STAGE_DEFAULT,
    Audience,
    Base,
    Step,
    as_rows,
    next_chase,
    parse,
    reached,
    timeline,
)

WARN = datetime(2026, 11, 20, 8, tzinfo=UTC)
DUE = WARN + timedelta(hours=2)
HOUR = timedelta(hours=1)
PERSON = frozenset({Audience.PERSON})

steps = st.builds(
    Step,
    st.sampled_from(Base),
    st.integers(-600, 6000).map(lambda minutes: timedelta(minutes=minutes)),
    st.sets(st.sampled_from(Audience), min_size=1).map(frozenset),
).filter(lambda step: step.base is Base.DUE or step.after >= timedelta(0))
ladders = st.lists(steps, min_size=1, max_size=10).map(tuple)


def test_a_step_before_the_end_is_never_before_the_light_is_yellow():
    early = Step(Base.DUE, timedelta(hours=-9), PERSON)
    assert early.moment(WARN, DUE) == WARN
    assert Step(Base.DUE, timedelta(minutes=-30), PERSON).moment(WARN, DUE) == DUE - HOUR / 2


def test_a_step_after_the_yellow_light_is_never_later_than_the_end():
    assert Step(Base.WARN, timedelta(hours=9), PERSON).moment(WARN, DUE) == DUE


def test_the_default_reminds_says_and_climbs():
    moments = [moment - DUE for moment, _step in timeline(DEFAULT, WARN, DUE)]
    assert moments == [-2 * HOUR, timedelta(0), 4 * HOUR, 24 * HOUR]


def test_after_an_outage_one_step_is_said_to_all_whom_it_would_have_reached():
    due = reached(DEFAULT, WARN, DUE, 0, DUE + 30 * HOUR)
    assert due is not None
    assert (due.step, due.overdue) == (4, 3)
    assert due.audience == set(Audience)
    after_the_first = reached(DEFAULT, WARN, DUE, 3, DUE + 30 * HOUR)
    assert after_the_first is not None
    assert after_the_first.audience == {Audience.LEADER, Audience.BUREAU}


def test_a_reminder_reaches_nobody_any_more_once_the_clock_has_run_out():
    reminder, step = (
        Step(Base.WARN, 0 * HOUR, frozenset({Audience.BUREAU})),
        Step(Base.DUE, 0 * HOUR, PERSON),
    )
    due = reached((reminder, step), WARN, DUE, 0, DUE)
    assert due is not None
    assert due.audience == PERSON


def test_a_reminder_counts_no_overdue_step():
    due = reached(DEFAULT, WARN, DUE, 0, WARN)
    assert due is not None
    assert (due.step, due.overdue) == (1, 0)


@given(ladders, st.lists(st.integers(0, 9000), min_size=1, max_size=30))
def test_whatever_the_sweeps_each_step_is_taken_once_and_the_last_one_ends_it(ladder, minutes):
    taken, step = 0, 0
    for at in sorted(WARN + timedelta(minutes=minute) for minute in minutes):
        due = reached(ladder, WARN, DUE, step, at)
        if due is None:
            upcoming = next_chase(ladder, WARN, DUE, step)
            assert upcoming is None or upcoming > at
            continue
        assert due.step > step
        assert next_chase(ladder, WARN, DUE, step) <= at
        step, taken = due.step, taken + 1
    assert taken <= len(ladder)
    assert next_chase(ladder, WARN, DUE, len(ladder)) is None


@given(ladders)
def test_a_ladder_comes_back_from_its_rows(ladder):
    whole = tuple(
        Step(step.base, timedelta(minutes=step.after // timedelta(minutes=1)), step.audience)
        for step in ladder
    )
    assert parse(as_rows(whole)) == whole


@pytest.mark.parametrize(
    "rows",
    [
        "due",
        [{"base": "due", "minutes": 0, "to": []}],
        [{"base": "due", "minutes": 0, "to": "person"}],
        [{"base": "due", "minutes": True, "to": ["person"]}],
        [{"base": "due", "minutes": 1.5, "to": ["person"]}],
        [{"base": "due", "minutes": 10**9, "to": ["person"]}],
        [{"base": "warn", "minutes": -1, "to": ["person"]}],
        [{"base": "never", "minutes": 0, "to": ["person"]}],
        [{"base": "due", "minutes": 0, "to": ["everybody"]}],
        [{"base": "due", "minutes": 0}],
        [{"base": "due", "minutes": 0, "to": ["person"]}] * 11,
    ],
)
def test_what_is_no_ladder_is_refused(rows):
    with pytest.raises(ValueError, match=r"."):
        parse(rows)


def test_a_desk_hears_nothing_before_its_clock_has_run_out():
    assert all(step.moment(WARN, DUE) >= DUE for step in STAGE_DEFAULT)
