"""Transfer, return, assistance: several orders of one case, and where they put it."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from cases.choices import CaseState, Closing, OrderState
from cases.models import CaseEvent, Order
from cases.services import rectification
from citymgmt.choices import PhotoKind
from citymgmt.errors import BadTransition, DomainError
from citymgmt.models import Notice
from inspections.models import LookBack
from inspections.services import lookbacks
from tests import acts, builders
from tests.city import NOW, City

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LATER = NOW + HOUR


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__username", flat=True))


def pair(city: City, at: datetime = NOW) -> tuple[Order, Order]:
    """A lead order of the first squadron and one of the second that assists."""
    case = builders.case(city, at=at)
    acts.send(city, case, "gucheng", at, "dayang")
    lead, helper = acts.orders_of(case)
    return lead, helper


# --- Transfer and return --------------------------------------------------------------------


def test_a_transfer_starts_the_clock_anew_and_keeps_what_was_recorded(city):
    order = builders.received(city)
    new = acts.transfer(city, order, "dayang", LATER)
    old = acts.order_now(order)
    assert (old.state, old.used_seconds, old.received_at) == (OrderState.CANCELLED, 3600, NOW)
    assert (new.due_at, new.used_seconds, new.is_lead) == (LATER + 2 * HOUR, 0, True)
    case = acts.case_now(order)
    assert (case.state, case.lead_team, case.lead_person) == (
        CaseState.RECTIFYING,
        city.teams["dayang"],
        None,
    )
    assert case.due_at == new.due_at
    assert told("order.cancelled") == {"leader", "officer"}
    assert CaseEvent.objects.get(name="order.transferred").payload["replaces"] == old.number


def test_a_transfer_to_the_team_that_has_it_or_assists_already_is_refused(city):
    lead, _helper = pair(city)
    for team in ("gucheng", "dayang"):
        with pytest.raises(DomainError) as refused:
            acts.transfer(city, lead, team, LATER)
        assert refused.value.field == "team"
    assert acts.order_now(lead).state == OrderState.ISSUED


def test_an_assisting_order_that_is_transferred_still_assists(city):
    lead, helper = pair(city)
    new = acts.transfer(city, helper, "huanwei", LATER)
    assert (new.is_lead, acts.case_now(lead).lead_team) == (False, city.teams["gucheng"])


def test_a_return_stops_the_clock_and_keeps_what_was_used(city):
    order = builders.received(city)
    acts.give_back(city, order, LATER)
    old = acts.order_now(order)
    assert (old.state, old.used_seconds, old.clock_started_at) == (OrderState.RETURNED, 3600, None)
    assert old.received_at == NOW
    acts.send(city, old.case, "dayang", NOW + 5 * HOUR)
    assert acts.order_now(order).used_seconds == 3600
    assert acts.orders_of(old.case)[-1].due_at == NOW + 7 * HOUR


# --- Assistance -----------------------------------------------------------------------------


def test_a_case_closes_when_all_of_its_orders_have_passed(city):
    lead, helper = pair(city)
    acts.finish(city, lead, LATER)
    assert acts.case_now(lead).state == CaseState.RECTIFYING
    assert acts.case_now(lead).due_at == helper.due_at
    acts.submit(city, helper, LATER)
    assert acts.case_now(lead).state == CaseState.TO_CHECK
    acts.check(city, helper, LATER)
    case = acts.case_now(lead)
    assert (case.state, case.closing, case.on_time) == (CaseState.CLOSED, Closing.PASSED, True)
    assert CaseEvent.objects.filter(name="case.closed").count() == 1


def test_one_late_order_makes_the_case_late(city):
    lead, helper = pair(city)
    acts.finish(city, lead, LATER)
    acts.finish(city, helper, NOW + 3 * HOUR)
    assert acts.case_now(lead).on_time is False
    assert acts.order_now(lead).on_time is True


@pytest.mark.parametrize("away", ["returned", "transferred", "cancelled"])
@pytest.mark.parametrize(("minutes", "in_time"), [(120, True), (121, False)])
def test_no_new_order_washes_off_what_ran_out_before(city, away, minutes, in_time):
    moment = NOW + timedelta(minutes=minutes)
    first = builders.received(city)
    if away == "transferred":
        again = acts.transfer(city, first, "dayang", moment)
    else:
        end = acts.give_back if away == "returned" else acts.cancel
        end(city, first, moment)
        again = acts.send(city, first.case, "gucheng", moment)
    acts.finish(city, again, moment + HOUR)
    assert acts.order_now(again).on_time is True
    case = acts.case_now(first)
    assert (case.state, case.on_time) == (CaseState.CLOSED, in_time)


def test_the_team_whose_returned_order_made_a_case_late_may_appeal(city):
    first = builders.received(city)
    moment = NOW + 3 * HOUR
    acts.give_back(city, first, moment)
    acts.finish(city, acts.send(city, first.case, "dayang", moment), moment + HOUR)
    acts.approve(city, acts.appeal(city, acts.order_now(first), moment + HOUR), moment + HOUR)
    case = acts.case_now(first)
    assert (case.on_time, case.overtime_waived) == (False, True)


def test_a_case_that_was_joined_late_makes_the_other_late(city):
    lead, late = builders.received(city), builders.received(city)
    moment = NOW + 1.5 * HOUR
    acts.transfer(city, lead, "dayang", moment)
    acts.join(city, late.case, lead.case, NOW + 2.5 * HOUR)
    acts.finish(city, acts.orders_of(lead.case)[-1], NOW + 3 * HOUR)
    joined = acts.case_now(late)
    assert (joined.closing, joined.on_time) == (Closing.JOINED, False)
    assert acts.case_now(lead).on_time is False


def test_the_earliest_clock_that_runs_is_the_case_s(city):
    order = builders.issued(city)
    acts.assist(city, order.case, "dayang", LATER)
    assert acts.case_now(order).due_at == NOW + 2 * HOUR
    acts.submit(city, order, LATER)
    assert acts.case_now(order).due_at == NOW + 3 * HOUR


def test_assistance_that_is_not_needed_is_cancelled_and_the_case_closes_without_it(city):
    lead, helper = pair(city)
    acts.finish(city, lead, LATER)
    acts.cancel(city, helper, LATER)
    case = acts.case_now(lead)
    assert (case.state, case.on_time) == (CaseState.CLOSED, True)
    assert told("order.cancelled") == {"other_leader"}


def test_assistance_cannot_be_given_back_after_the_lead_has_passed(city):
    lead, helper = pair(city)
    acts.finish(city, lead, LATER)
    with pytest.raises(DomainError, match="派遣员撤销"):
        acts.give_back(city, helper, LATER)


def test_a_returned_lead_waits_for_a_new_one_while_the_others_run(city):
    lead, helper = pair(city)
    acts.give_back(city, lead, LATER)
    case = acts.case_now(lead)
    assert (case.state, case.due_at, case.lead_person) == (CaseState.TO_DISPATCH, None, None)
    acts.finish(city, helper, LATER)
    assert acts.case_now(lead).state == CaseState.TO_DISPATCH
    new = acts.send(city, case, "huanwei", LATER)
    acts.finish(city, new, LATER + HOUR)
    assert acts.case_now(lead).state == CaseState.CLOSED


def test_a_team_that_assists_already_is_not_asked_twice_at_a_new_dispatch(city):
    lead, helper = pair(city)
    acts.give_back(city, lead, LATER)
    with pytest.raises(DomainError, match="手上已有") as refused:
        acts.send(city, lead.case, "dayang", LATER)
    assert refused.value.field == "team"
    acts.send(city, lead.case, "huanwei", LATER, "dayang")
    alive = Order.objects.live().filter(case=lead.case)
    assert sorted(alive.values_list("team__code", flat=True)) == ["dayang", "huanwei"]
    assert acts.order_now(helper).state == OrderState.ISSUED


def test_one_of_several_is_reworked_and_the_others_stand(city):
    lead, helper = pair(city)
    acts.submit(city, lead, LATER)
    acts.submit(city, helper, LATER)
    acts.rework(city, helper, LATER)
    assert acts.order_now(lead).state == OrderState.SUBMITTED
    case = acts.case_now(lead)
    assert (case.state, case.rework_count) == (CaseState.RECTIFYING, 1)
    acts.check(city, lead, LATER)
    assert acts.case_now(lead).state == CaseState.RECTIFYING
    acts.finish(city, helper, LATER)
    assert acts.case_now(lead).state == CaseState.CLOSED


def test_one_photo_of_the_state_before_by_any_team_is_enough_for_all(city):
    case = builders.case(city, photos=0)
    acts.send(city, case, "gucheng", NOW, "dayang")
    lead, helper = acts.orders_of(case)
    for order in (lead, helper):
        acts.receive(city, order, NOW)
    with pytest.raises(DomainError, match="补一张整改前"):
        acts.submit(city, helper, LATER)
    worker = acts.worker(city, lead)
    before = builders.photo(worker, kind=PhotoKind.BEFORE, seed=40)
    after = builders.photo(worker, kind=PhotoKind.AFTER, seed=41)
    rectification.submit_order(
        order_id=lead.pk,
        actor=worker,
        at=LATER,
        version=None,
        result=rectification.Result(Decimal(1), photo_ids=[before.pk, after.pk]),
    )
    acts.submit(city, helper, LATER)
    assert acts.order_now(helper).state == OrderState.SUBMITTED


def test_a_team_assists_once_and_six_at_most(city):
    from tests.city import make_team

    order = builders.issued(city)
    with pytest.raises(DomainError, match="手上已有"):
        acts.assist(city, order.case, "gucheng", NOW)
    for n in range(7):
        name = f"helper{n}"
        city.teams[name] = make_team(name, f"协办{n}队", "squadron", city.teams["bureau"])
    for n in range(6):
        acts.assist(city, order.case, f"helper{n}", NOW)
    with pytest.raises(DomainError, match="最多 6 个"):
        acts.assist(city, order.case, "helper6", NOW)


def test_a_case_that_waits_for_its_check_is_not_assisted(city):
    order = builders.submitted(city)
    with pytest.raises(BadTransition):
        acts.assist(city, order.case, "dayang", NOW)


def test_both_teams_see_the_case(city):
    from cases.models import Case
    from grids.access import access_of

    lead, _helper = pair(city)
    for name in ("leader", "other_leader"):
        assert Case.objects.visible_to(access_of(city.people[name])).filter(pk=lead.case_id)


# --- Look-backs of a case with several orders -----------------------------------------------


@pytest.mark.parametrize("last", ["lead", "helper"])
def test_the_lead_order_is_looked_back_on_whichever_passed_last(city, last):
    lead, helper = pair(city)
    first, second = (helper, lead) if last == "lead" else (lead, helper)
    acts.finish(city, first, LATER)
    acts.finish(city, second, LATER + HOUR)
    at = LATER + 2 * HOUR
    assert lookbacks.due_plans(at=at, limit=9) == [lead.case_id]
    look = acts.plan(lead, at)
    assert (look.order, look.team) == (lead, city.teams["gucheng"])
    assert lookbacks.due_plans(at=at, limit=9) == []


def test_a_rebound_after_all_of_this_opens_a_round_of_its_own(city):
    lead, helper = pair(city)
    third = acts.transfer(city, lead, "huanwei", NOW)
    acts.finish(city, third, LATER)
    acts.rework(city, acts.submit(city, helper, LATER), LATER)
    acts.finish(city, helper, LATER + HOUR)
    look = acts.plan(lead, LATER + HOUR)
    assert look.order == third
    acts.rebound(city, look, look.opens_at)
    case = acts.case_now(lead)
    new = acts.orders_of(case)[-1]
    assert (new.round, new.is_lead, new.is_rebound, new.team) == (1, True, True, third.team)
    assert (case.state, case.closing, case.on_time, case.closed_at) == (
        CaseState.RECTIFYING,
        "",
        None,
        None,
    )
    acts.finish(city, new, look.opens_at + HOUR / 2)
    assert acts.case_now(lead).state == CaseState.CLOSED
    at = look.opens_at + HOUR
    assert lookbacks.due_plans(at=at, limit=9) == [case.pk]
    acts.plan(case, at)
    assert lookbacks.due_plans(at=at, limit=9) == []
    assert LookBack.objects.filter(case=case, state="planned", order=new).exists()
