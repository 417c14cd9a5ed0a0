"""Buckets, windows, quiet hours: pure, against slow references."""

from datetime import UTC, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from citymgmt.clock import LOCAL
from citymgmt.pacing import LONGEST_PAUSE, Limit, after_quiet, kept, pause, ready_at, window_end

START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
WINDOW = [Limit(20, 60), Limit(5, 1)]


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 10)), min_size=30, max_size=80))
def test_no_window_of_the_other_side_ever_holds_more_than_its_limit(steps):
    """Whoever waits for `ready_at` before each message breaks no limit, however long a message
    is on its way (anywhere between its start and its answer) and whatever the pauses are."""
    now, spent, arrivals = 0.0, [], []
    for pause_before, on_its_way in steps:
        moment = ready_at(spent, WINDOW, later(now + pause_before))
        now = (moment - START).total_seconds() + on_its_way
        arrivals.append((moment - START).total_seconds() + on_its_way / 2)
        spent = kept([*spent, later(now)], WINDOW, later(now))
    for limit in WINDOW:
        for first in arrivals:
            inside = [at for at in arrivals if first <= at < first + limit.seconds - 1e-5]
            assert len(inside) <= limit.messages


def test_a_full_bucket_waits_for_its_oldest_token():
    spent = [later(number) for number in range(20)]
    assert ready_at(spent, [Limit(20, 60)], later(30)) == later(60)
    assert ready_at(spent[1:], [Limit(20, 60)], later(30)) == later(30)


def test_tokens_of_a_clock_that_went_wrong_are_dropped():
    spent = [later(-61), later(-5), later(3600)]
    assert kept(spent, [Limit(20, 60)], START) == [later(-5)]


def test_what_happens_in_a_window_goes_out_at_its_end():
    ends = {window_end(later(second), 60) for second in (0, 1, 59)}
    assert ends == {later(60)}
    assert window_end(later(60), 60) == later(120)
    assert window_end(later(7), 0) == later(7)


def test_pauses_double_up_to_two_hours_and_are_spread():
    assert pause(1, 10, 1.0).total_seconds() == 10
    assert pause(4, 10, 1.0).total_seconds() == 80
    assert pause(4, 10, 0.0).total_seconds() == 40
    assert pause(200, 10, 1.0).total_seconds() == LONGEST_PAUSE


def test_quiet_hours_end_where_they_end_also_past_midnight():
    night = (time(22), time(7))

    def at(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL)

    assert after_quiet(at(20, 23), *night, LOCAL) == at(21, 7)
    assert after_quiet(at(21, 6, 59), *night, LOCAL) == at(21, 7)
    assert after_quiet(at(21, 7), *night, LOCAL) == at(21, 7)
    assert after_quiet(at(21, 21, 59), *night, LOCAL) == at(21, 21, 59)
    assert after_quiet(at(21, 13), time(12), time(14), LOCAL) == at(21, 14)
    assert after_quiet(at(21, 13), None, None, LOCAL) == at(21, 13)
