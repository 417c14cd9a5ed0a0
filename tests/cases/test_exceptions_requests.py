"""Extensions, suspensions and appeals, as domain facts section 6 has them."""

from datetime import date, datetime, timedelta

import pytest

from cases.choices import CaseState, RequestState
from cases.models import CaseEvent, Order
from cases.services.chasing import chase_order, due_orders
from cases.services.suspension import due_to_resume
from cases.tasks import sweep_suspended
from citymgmt.errors import BadTransition, DomainError, Forbidden
from citymgmt.models import Notice
from tests import acts, builders
from tests.city import LOCAL, NOW

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONDAY = date(2026, 11, 23)


def at(text: str) -> datetime:
    """A local moment of November 2026: "23 09:12"."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=LOCAL)


def litter(city) -> Order:
    """An order of four work hours, issued on Friday at two: due at six."""
    return builders.received(city, category_id=city.litter.pk, team="huanwei", person="cleaner")


def told(kind: str) -> set[str]:
    return set(Notice.objects.filter(kind=kind).values_list("user__username", flat=True))


# --- Extension ------------------------------------------------------------------------------


def test_an_extension_adds_one_original_limit_and_is_counted(city):
    order = builders.received(city)
    request = acts.ask_extension(city, order, NOW + HOUR)
    assert told("request.asked") == {"dispatcher", "supervisor"}
    acts.approve(city, request, NOW + HOUR)
    order = acts.order_now(order)
    assert order.due_at == NOW + 4 * HOUR
    assert order.warn_at == NOW + 4 * HOUR * 0.8
    assert (order.extension_count, order.case.extension_count) == (1, 1)
    assert order.case.due_at == order.due_at
    assert told("request.decided") == {"leader"}


def test_an_extension_of_work_hours_runs_over_the_weekend(city):
    order = litter(city)
    from cases.services import requests

    request = requests.ask_extension(
        order_id=order.pk, actor=_leader_of_cleaning(city), at=NOW, version=None, note="车坏了"
    )
    acts.approve(city, request, NOW)
    assert acts.order_now(order).due_at == at("23 12:00")


def _leader_of_cleaning(city):
    from citymgmt.models import Role
    from grids.models import Grant
    from tests.city import LONG_AGO

    role = Role.objects.get(code="leader")
    Grant.objects.create(
        user=city.cleaner, role=role, team=city.teams["huanwei"], valid_from=LONG_AGO
    )
    return city.cleaner


def test_two_extensions_are_approved_a_case_at_most(city):
    order = builders.received(city)
    for _n in range(2):
        acts.approve(city, acts.ask_extension(city, order, NOW), NOW)
    with pytest.raises(DomainError, match="最多延期 2 次"):
        acts.ask_extension(city, order, NOW)
    assert acts.order_now(order).due_at == NOW + 6 * HOUR


def test_the_bound_holds_for_the_case_and_not_for_each_of_its_orders(city):
    order = builders.received(city)
    acts.approve(city, acts.ask_extension(city, order, NOW), NOW)
    second = acts.transfer(city, order, "dayang", NOW + HOUR)
    acts.approve(city, acts.ask_extension(city, second, NOW + HOUR), NOW + HOUR)
    with pytest.raises(DomainError, match="最多延期 2 次"):
        acts.ask_extension(city, second, NOW + HOUR)


def test_two_that_wait_at_once_are_not_both_granted_beyond_the_bound(city):
    order = builders.received(city)
    acts.approve(city, acts.ask_extension(city, order, NOW), NOW)
    helper = acts.assist(city, order.case, "dayang", NOW)
    first = acts.ask_extension(city, order, NOW)
    second = acts.ask_extension(city, helper, NOW)
    acts.approve(city, first, NOW)
    with pytest.raises(DomainError, match="最多延期 2 次"):
        acts.approve(city, second, NOW)
    second.refresh_from_db()
    assert second.state == RequestState.ASKED


def test_refusals_do_not_count(city):
    order = builders.received(city)
    for _n in range(3):
        acts.refuse(city, acts.ask_extension(city, order, NOW), NOW)
    order = acts.order_now(order)
    assert (order.extension_count, order.case.extension_count) == (0, 0)
    assert order.due_at == NOW + 2 * HOUR
    acts.approve(city, acts.ask_extension(city, order, NOW), NOW)
    assert acts.case_now(order).extension_count == 1


def test_once_overdue_no_extension_is_asked_for_and_the_last_moment_is_in_time(city):
    order = builders.received(city)
    with pytest.raises(DomainError, match="已经超时"):
        acts.ask_extension(city, order, order.due_at + timedelta(seconds=1))
    acts.ask_extension(city, order, order.due_at)


def test_one_granted_at_the_last_moment_begins_the_ladder_anew(city):
    order = builders.received(city)
    request = acts.ask_extension(city, order, NOW + HOUR)
    assert chase_order(order_id=order.pk, at=NOW + 2 * HOUR)
    acts.approve(city, request, NOW + 2 * HOUR)
    order = acts.order_now(order)
    assert order.due_at == NOW + 4 * HOUR
    assert due_orders(at=NOW + 3 * HOUR, limit=9) == []
    Notice.objects.all().delete()
    assert chase_order(order_id=order.pk, at=NOW + 4 * HOUR)
    assert told("order.overdue") == {"officer", "leader"}
    acts.submit(city, order, NOW + 4 * HOUR)
    assert acts.order_now(order).on_time is True


def test_one_that_was_asked_in_time_is_not_granted_once_overdue(city):
    order = builders.received(city)
    request = acts.ask_extension(city, order, NOW + HOUR)
    with pytest.raises(DomainError, match="已经超时，不能再延期"):
        acts.approve(city, request, NOW + 2 * HOUR + timedelta(seconds=1))
    request.refresh_from_db()
    assert request.state == RequestState.ASKED
    acts.refuse(city, request, NOW + 3 * HOUR)
    acts.submit(city, order, NOW + 3 * HOUR)
    assert acts.order_now(order).on_time is False


def test_a_second_request_of_the_kind_waits_for_the_first(city):
    order = builders.received(city)
    acts.ask_extension(city, order, NOW)
    with pytest.raises(DomainError, match="正在等审批"):
        acts.ask_extension(city, order, NOW)


def test_an_open_request_lapses_when_its_order_is_submitted(city):
    order = builders.received(city)
    request = acts.ask_extension(city, order, NOW)
    acts.submit(city, order, NOW + HOUR)
    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN
    assert CaseEvent.objects.filter(name="request.lapsed", actor=None).count() == 1
    with pytest.raises(BadTransition):
        acts.approve(city, request, NOW + HOUR)


def test_a_team_asks_for_its_own_orders_only_and_an_officer_does_not_ask(city):
    from cases.services.requests import ask_extension

    order = builders.received(city)
    for name in ("officer", "other_leader", "dispatcher"):
        with pytest.raises(Forbidden):
            ask_extension(
                order_id=order.pk, actor=city.people[name], at=NOW, version=None, note="要"
            )


# --- Suspension -----------------------------------------------------------------------------


def test_the_clock_rests_and_goes_on_with_what_was_left(city):
    order = builders.received(city)
    acts.suspend(city, order.case, NOW + HOUR / 2, MONDAY)
    order = acts.order_now(order)
    assert (order.is_paused, order.clock_started_at, order.next_chase_at) == (True, None, None)
    assert (order.used_seconds, order.case.due_at) == (1800, None)
    assert order.case.state == CaseState.SUSPENDED
    acts.resume(city, order.case, at("21 09:00"))
    order = acts.order_now(order)
    assert order.due_at == at("21 10:30")
    assert (order.case.state, order.case.due_at) == (CaseState.RECTIFYING, order.due_at)
    acts.submit(city, order, at("21 10:30"))
    order = acts.order_now(order)
    assert (order.used_seconds, order.on_time) == (7200, True)


def test_work_hours_that_were_left_on_friday_are_used_on_monday(city, hand):
    order = litter(city)
    acts.suspend(city, order.case, at("20 16:00"), MONDAY)
    hand.to(at("22 23:59"))
    sweep_suspended()
    assert acts.case_now(order).state == CaseState.SUSPENDED
    hand.to(at("23 00:00"))
    sweep_suspended()
    order = acts.order_now(order)
    assert order.case.state == CaseState.RECTIFYING
    assert order.due_at == at("23 10:00")
    assert order.warn_at == at("23 09:12")
    assert due_orders(at=at("23 09:11"), limit=9) == []


def test_the_sweep_resumes_by_itself_once_and_those_who_work_hear_it(city, hand):
    cases = [builders.received(city).case for _n in range(2)]
    helper = acts.assist(city, cases[0], "dayang", NOW)
    for case in cases:
        acts.suspend(city, case, NOW, MONDAY)
    hand.to(at("23 07:00"))
    assert due_to_resume(at=hand.moment, limit=9) == [case.pk for case in cases]
    sweep_suspended()
    sweep_suspended()
    events = CaseEvent.objects.filter(name="case.resumed")
    assert [event.actor_label for event in events] == ["系统", "系统"]
    assert due_to_resume(at=hand.moment, limit=9) == []
    assert told("case.resumed") == {"officer", "other_leader"}
    assert acts.order_now(helper).is_paused is False


def test_one_case_that_cannot_be_resumed_does_not_stop_the_sweep(city, hand, monkeypatch):
    from cases.services import suspension

    first, second = (builders.received(city).case for _n in range(2))
    for case in (first, second):
        acts.suspend(city, case, NOW, MONDAY)
    true = suspension.resume_case

    def broken(*, case_id, **given):
        if case_id == first.pk:
            raise RuntimeError
        return true(case_id=case_id, **given)

    monkeypatch.setattr(suspension, "resume_case", broken)
    hand.to(at("23 07:00"))
    sweep_suspended()
    assert acts.case_now(first).state == CaseState.SUSPENDED
    assert acts.case_now(second).state == CaseState.RECTIFYING


def test_a_case_rests_once_and_a_year_at_most(city):
    order = builders.received(city)
    longest = NOW.date() + timedelta(days=365)
    for wrong in (NOW.date(), longest + DAY):
        with pytest.raises(DomainError) as refused:
            acts.suspend(city, order.case, NOW, wrong)
        assert refused.value.field == "until"
    acts.suspend(city, order.case, NOW, longest)
    acts.resume(city, order.case, NOW + HOUR)
    with pytest.raises(DomainError, match="只能挂账一次"):
        acts.suspend(city, order.case, NOW + HOUR, MONDAY)


def test_a_team_s_request_to_rest_takes_effect_when_it_is_approved(city):
    from cases.services.requests import ask_suspension

    order = builders.received(city)
    extension = acts.ask_extension(city, order, NOW)
    request = ask_suspension(
        order_id=order.pk, actor=city.leader, at=NOW, version=None, until=MONDAY, note="等吊车"
    )
    acts.approve(city, request, NOW + HOUR)
    order = acts.order_now(order)
    assert (order.case.state, order.case.suspended_until) == (CaseState.SUSPENDED, MONDAY)
    assert order.used_seconds == 3600
    extension.refresh_from_db()
    assert extension.state == RequestState.WITHDRAWN


def test_nothing_is_done_to_an_order_while_its_case_rests(city):
    order = builders.received(city)
    acts.suspend(city, order.case, NOW, MONDAY)
    for move in (acts.submit, acts.give_back, acts.cancel, acts.ask_extension):
        with pytest.raises(BadTransition):
            move(city, order, NOW)


def test_an_overdue_order_stays_late_through_a_rest(city):
    order = builders.received(city)
    acts.suspend(city, order.case, NOW + 3 * HOUR, MONDAY)
    acts.resume(city, order.case, at("21 09:00"))
    with pytest.raises(DomainError, match="已经超时"):
        acts.ask_extension(city, order, at("21 09:00"))
    acts.submit(city, order, at("21 09:00"))
    assert acts.order_now(order).on_time is False


def test_a_case_that_waits_for_dispatch_rests_and_then_waits_again(city):
    case = builders.case(city)
    acts.suspend(city, case, NOW, MONDAY)
    acts.resume(city, case, NOW + HOUR)
    assert acts.case_now(case).state == CaseState.TO_DISPATCH


# --- Appeal ---------------------------------------------------------------------------------


def late(city) -> Order:
    """Closed, an hour over its limit."""
    return acts.finish(city, builders.received(city), NOW + 3 * HOUR)


def test_an_appeal_that_is_upheld_waives_the_overtime_and_keeps_it_raw(city):
    order = late(city)
    acts.approve(city, acts.appeal(city, order, NOW + 4 * HOUR), NOW + 5 * HOUR)
    order = acts.order_now(order)
    assert (order.on_time, order.case.on_time, order.case.overtime_waived) == (False, False, True)
    assert order.used_seconds == 3 * 3600


def test_an_appeal_comes_after_closing_only(city):
    order = builders.received(city)
    with pytest.raises(BadTransition):
        acts.appeal(city, order, NOW + 3 * HOUR)
    acts.submit(city, order, NOW + 3 * HOUR)
    with pytest.raises(BadTransition):
        acts.appeal(city, order, NOW + 3 * HOUR)


def test_what_was_on_time_is_not_appealed(city):
    with pytest.raises(DomainError, match="没有超时"):
        acts.appeal(city, builders.closed(city), NOW + 2 * HOUR)


def test_only_the_team_appeals(city):
    from cases.services.requests import appeal

    order = late(city)
    for name in ("other_leader", "dispatcher", "supervisor", "officer"):
        with pytest.raises(Forbidden):
            appeal(order_id=order.pk, actor=city.people[name], at=NOW, version=None, note="不算")


def test_an_appeal_is_once_a_case_also_when_it_was_refused(city):
    order = late(city)
    acts.refuse(city, acts.appeal(city, order, NOW + 4 * HOUR), NOW + 4 * HOUR)
    assert acts.case_now(order).overtime_waived is False
    with pytest.raises(DomainError, match="只能申诉一次"):
        acts.appeal(city, order, NOW + 4 * HOUR)


def test_an_appeal_that_was_taken_back_may_be_made_again(city):
    from cases.services.requests import withdraw_request

    order = late(city)
    request = acts.appeal(city, order, NOW + 4 * HOUR)
    withdraw_request(request_id=request.pk, actor=city.leader, at=NOW + 4 * HOUR, version=None)
    assert acts.appeal(city, order, NOW + 4 * HOUR).state == RequestState.ASKED


def test_an_appeal_speaks_for_its_round_and_not_for_the_one_after_a_rebound(city):
    first = late(city)
    look = acts.plan(first, NOW + 3 * HOUR)
    request = acts.appeal(city, first, NOW + 4 * HOUR)
    acts.rebound(city, look, at("23 09:00"))
    acts.approve(city, request, at("23 09:30"))
    assert acts.case_now(first).overtime_waived is False
    second = acts.orders_of(first.case)[-1]
    acts.finish(city, second, at("23 15:00"))
    assert acts.case_now(first).on_time is False
    with pytest.raises(DomainError, match="反弹以前"):
        acts.appeal(city, first, at("23 15:00"))


def test_an_upheld_appeal_says_nothing_of_the_round_after_a_rebound(city):
    late = builders.closed_late(city)
    acts.approve(city, acts.appeal(city, late, NOW + 5 * HOUR), NOW + 6 * HOUR)
    assert acts.case_now(late).overtime_waived
    look = acts.plan(late, NOW + 6 * HOUR)
    acts.rebound(city, look, at("23 09:00"))
    assert not acts.case_now(late).overtime_waived
