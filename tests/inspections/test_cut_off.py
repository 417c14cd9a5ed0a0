"""What falls on the very moment of a cut-off: it is of the next period, and told alike."""

from datetime import datetime, timedelta

import pytest

from inspections import facts
from inspections.facts.happened import happened_in, standing_at_end
from tests import acts, builders
from tests.city import LOCAL
from tests.inspections.facts import one_by_one

pytestmark = pytest.mark.django_db

UNTIL = datetime(2026, 11, 20, 18, 0, tzinfo=LOCAL)
EARLY = UNTIL - timedelta(hours=3)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def period(until=UNTIL):
    return facts.Period(until - DAY, until)


@pytest.fixture
def at_the_end(city):
    """Of six problems something happened at the very cut-off, a seventh came with it; by what."""
    found = {"sent": builders.issued(city, at=UNTIL)}
    found["submitted"] = acts.submit(city, builders.received(city, at=EARLY), UNTIL)
    found["closed"] = acts.check(city, builders.submitted(city, at=EARLY), UNTIL)
    found["rework"] = acts.rework(city, builders.submitted(city, at=EARLY), UNTIL)
    found["returned"] = acts.give_back(city, builders.issued(city, at=EARLY), UNTIL)
    # Its two hours are over with the cut-off.
    found["due"] = builders.issued(city, at=UNTIL - timedelta(hours=2))
    builders.case(city, at=UNTIL)
    return {name: order.case_id for name, order in found.items()}


def test_an_act_at_the_cut_off_counts_in_the_next_period_and_not_in_this_one(at_the_end):
    names = ("reported", "filed", "dispatched", "submitted", "closed", "rework", "returned")
    this, next_ = (facts.totals(period(until)) for until in (UNTIL, UNTIL + DAY))
    assert [this[name] for name in names] == [5, 5, 5, 2, 0, 0, 0]
    assert [next_[name] for name in names] == [2, 2, 1, 1, 1, 1, 1]
    assert (this["waiting"], next_["waiting"]) == (1, 2)


def test_at_the_cut_off_what_ends_with_it_still_stands(at_the_end):
    standing = {each.case_id: each.late for each in standing_at_end(period())}
    late = {"submitted": True, "closed": False, "rework": False, "returned": True, "due": False}
    assert standing == {at_the_end[name]: is_late for name, is_late in late.items()}
    after = {each.case_id: each.late for each in standing_at_end(period(UNTIL + TICK))}
    assert set(after) == {at_the_end[name] for name in ("submitted", "rework", "due", "sent")}
    assert (after[at_the_end["due"]], after[at_the_end["submitted"]]) == (True, False)


def test_it_is_told_row_by_row_as_by_the_statements(at_the_end):
    for until in (UNTIL, UNTIL + TICK, UNTIL + DAY):
        assert happened_in(period(until)) == one_by_one.happened(period(until)), until
        assert standing_at_end(period(until)) == one_by_one.standing(period(until)), until
        assert facts.composed("daily", period(until))[0]["totals"] == facts.totals(period(until))


def test_a_look_back_is_missed_after_its_last_moment_and_done_in_the_next_period(city, planned):
    row = planned()
    assert facts.totals(period(row.due_at))["lookbacks_due"] == 0
    assert facts.totals(period(row.due_at + TICK))["lookbacks_due"] == 1
    at = row.due_at + timedelta(hours=1)
    acts.rebound(city, row, at)
    names = ("lookbacks_due", "lookbacks_done", "rebounds")
    # Till then it was still missed.
    assert [facts.totals(period(at))[name] for name in names] == [1, 0, 0]
    assert [facts.totals(period(at + DAY))[name] for name in names] == [1, 1, 1]
