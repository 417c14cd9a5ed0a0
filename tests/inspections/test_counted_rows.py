"""Which rows a period counts, for whom: appeals, rounds, what was joined and taken back."""

from datetime import datetime, timedelta

import pytest

from inspections import facts
from inspections.facts.happened import happened_in, standing_at_end
from tests import acts, builders
from tests.city import LOCAL
from tests.inspections.facts import one_by_one

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 18, 9, 0, tzinfo=LOCAL)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def until(moment):
    return facts.Period(START, moment)


def test_overtime_is_waived_by_an_appeal_that_was_granted_and_by_nothing_else(city):
    granted, refused = builders.closed_late(city, at=START), builders.closed_late(city, at=START)
    acts.approve(city, acts.appeal(city, granted, START + 5 * HOUR), START + 6 * HOUR)
    acts.refuse(city, acts.appeal(city, refused, START + 5 * HOUR), START + 6 * HOUR)
    longer = builders.received(city, at=START)
    acts.approve(city, acts.ask_extension(city, longer, START + HOUR), START + HOUR)
    acts.finish(city, longer, START + 2 * DAY)
    week = until(START + 7 * DAY)
    told = {each.case_id: each.on_time for each in happened_in(week).closed}
    assert told == {granted.case_id: True, refused.case_id: False, longer.case_id: False}
    assert happened_in(week) == one_by_one.happened(week)


def test_each_round_is_told_for_itself(city):
    first = builders.closed_late(city, at=START)
    acts.approve(city, acts.appeal(city, first, START + 5 * HOUR), START + 6 * HOUR)
    look = acts.plan(first, START + 6 * HOUR)
    again = acts.rebound(city, look, START + 2 * DAY).new_order
    second = acts.transfer(city, again, "dayang", START + 2 * DAY + HOUR)
    acts.finish(city, second, START + 5 * DAY)
    week = until(START + 7 * DAY)
    found = happened_in(week)
    assert [(each.team_id, each.order_id, each.presses) for each in found.handed_out] == [
        (first.team_id, first.pk, False),
        (second.team_id, second.pk, True),
    ]
    assert [(each.team_id, each.on_time) for each in found.closed] == [
        (first.team_id, True),
        (second.team_id, False),
    ]
    assert found == one_by_one.happened(week)


def test_what_was_joined_to_another_is_counted_there_alone(city):
    lead = builders.issued(city, at=START)
    twin = builders.submitted(city, at=START)
    acts.rework(city, twin, START + 2 * HOUR)
    day = until(START + DAY)
    assert [each.name for each in happened_in(day).events] == ["submitted", "rework"]
    acts.join(city, acts.case_now(twin), acts.case_now(lead), START + 3 * HOUR)
    assert happened_in(day).events == ()
    for end in (START + 150 * timedelta(minutes=1), START + DAY):
        assert [each.case_id for each in standing_at_end(until(end))] == [lead.case_id]


def test_what_never_was_a_problem_is_neither_filed_nor_closed(city):
    look = acts.plan(builders.closed(city, at=START), START + 2 * HOUR)
    again = acts.rebound(city, look, START + DAY).new_order
    builders.voided(city, at=START)
    week = until(START + 7 * DAY)
    assert (facts.totals(week)["filed"], len(happened_in(week).closed)) == (1, 1)
    acts.void(city, acts.case_now(again), START + 2 * DAY)
    assert (facts.totals(week)["filed"], happened_in(week).closed) == (0, ())


def test_what_was_given_on_at_the_cut_off_is_till_then_of_whoever_had_it(city):
    order = builders.issued(city, at=START)
    given = acts.transfer(city, order, "dayang", START + HOUR)
    (told,) = happened_in(until(START + HOUR)).handed_out
    assert (told.team_id, told.order_id) == (order.team_id, order.pk)
    (stands,) = standing_at_end(until(START + HOUR))
    (after,) = standing_at_end(until(START + 2 * HOUR))
    assert (stands.team_id, after.team_id) == (order.team_id, given.team_id)


def test_what_was_taken_back_does_not_stand_and_what_was_forced_is_closed(city):
    taken = builders.issued(city, at=START)
    acts.cancel(city, taken, START + HOUR)
    forced = builders.case(city, at=START)
    acts.force_close(city, forced, START + HOUR)
    day = until(START + DAY)
    assert standing_at_end(day) == []
    assert [(each.case_id, each.team_id) for each in happened_in(day).closed] == [(forced.pk, None)]


def test_a_problem_is_late_where_one_of_its_orders_is(city):
    order = builders.received(city, at=START)
    acts.assist(city, acts.case_now(order), "dayang", START + 90 * timedelta(minutes=1))
    (stands,) = standing_at_end(until(START + 3 * HOUR))
    assert (stands.team_id, stands.late) == (order.team_id, True)


def test_what_was_given_on_is_handed_out_again(city):
    order = builders.issued(city, at=START - DAY)
    given = acts.transfer(city, order, "dayang", START + HOUR)
    (told,) = happened_in(until(START + DAY)).handed_out
    assert (told.team_id, told.order_id) == (given.team_id, given.pk)


@pytest.mark.parametrize("end", [acts.give_back, acts.cancel], ids=["returned", "cancelled"])
def test_a_problem_whose_lead_was_given_back_waits_for_another_whoever_assists(city, end):
    order = builders.issued(city, at=START)
    acts.assist(city, acts.case_now(order), "dayang", START)
    end(city, order, START + HOUR)
    assert standing_at_end(until(START + HOUR)) != []
    assert standing_at_end(until(START + 2 * HOUR)) == []
