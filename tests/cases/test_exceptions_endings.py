"""Joining, force, void, self-handling: every way in which a case ends beside being checked."""

from datetime import timedelta

import pytest

from cases.choices import CaseState, Closing, OrderState, ReportState, SupervisionState
from cases.models import CaseEvent, Order
from citymgmt.errors import BadTransition, DomainError, Forbidden
from citymgmt.models import Notice
from inspections.models import LookBack
from inspections.services import chasing, lookbacks
from tests import acts, builders
from tests.city import IN_THIRD_CELL, NOW

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LATER = NOW + HOUR


def told(kind: str, like: str = "") -> set[str]:
    rows = Notice.objects.filter(kind=kind, dedupe_key__contains=like)
    return set(rows.values_list("user__username", flat=True))


# --- Joining --------------------------------------------------------------------------------


def test_a_report_joins_a_case_and_its_reporter_hears_under_which_number(city):
    case = builders.case(city)
    report = builders.report(city, by="inspector")
    from cases.services.merging import merge_report

    merge_report(
        report_id=report.pk, actor=city.dispatcher, at=LATER, version=None, into=case.number
    )
    report.refresh_from_db()
    assert (report.state, report.case) == (ReportState.MERGED, case)
    assert acts.case_now(case).photo_count == 2
    notice = Notice.objects.get(user=city.inspector, kind="report.decided")
    assert case.number in notice.text
    joined = CaseEvent.objects.get(case=case, name="case.joined")
    assert joined.payload["report_head"] == report.head_hash


def test_a_joined_case_loses_its_orders_and_rests_in_the_other(city):
    order, lead = builders.received(city), builders.case(city)
    until = NOW + DAY
    supervision = acts.supervise(city, order.case, NOW, until)
    request = acts.ask_extension(city, order, NOW)
    acts.join(city, order.case, lead, LATER)
    case = acts.case_now(order)
    assert (case.state, case.merged_into, case.due_at) == (CaseState.MERGED, lead, None)
    assert acts.order_now(order).state == OrderState.CANCELLED
    supervision.refresh_from_db()
    request.refresh_from_db()
    assert (supervision.state, request.state) == (SupervisionState.LIFTED, "withdrawn")
    assert case.supervised_due_at is None
    assert acts.case_now(lead).state == CaseState.TO_DISPATCH


def test_joined_cases_close_together_and_each_reporter_hears_it(city):
    lead = builders.received(city, by="inspector")
    joined = [builders.case(city, by=name) for name in ("officer", "supervisor")]
    for case in joined:
        acts.join(city, case, lead.case, NOW)
    Notice.objects.all().delete()
    acts.finish(city, lead, LATER)
    for case in joined:
        case = acts.case_now(case)
        assert (case.state, case.closing) == (CaseState.CLOSED, Closing.JOINED)
        assert (case.closed_at, case.on_time) == (LATER, True)
        assert case.merged_into == lead.case
    assert told("report.decided", "report-closed") == {"inspector", "officer", "supervisor"}
    assert CaseEvent.objects.filter(name="case.closed").count() == 3


def test_a_joined_case_gets_no_look_back_and_the_sweep_finds_it_no_more(city):
    lead, other = builders.received(city), builders.case(city)
    acts.join(city, other, lead.case, NOW)
    acts.finish(city, lead, LATER)
    assert lookbacks.due_plans(at=LATER, limit=9) == [lead.case_id]
    assert lookbacks.plan_lookbacks(case_id=other.pk, at=LATER) == []
    acts.plan(lead, LATER)
    assert lookbacks.due_plans(at=LATER, limit=9) == []


def test_look_backs_of_a_case_that_rebounded_and_then_joined_another_rest_for_good(city):
    city.spill.lookback_days = [3, 7]
    city.spill.save()
    order, lead = builders.closed(city), builders.received(city)
    look = acts.plan(order, LATER)
    acts.rebound(city, look, look.opens_at)
    acts.join(city, acts.case_now(order), lead.case, look.opens_at)
    acts.finish(city, lead, look.opens_at + HOUR)
    rest = LookBack.objects.get(case=order.case, state="planned")
    far = rest.due_at + 30 * DAY
    assert acts.case_now(order).closing == Closing.JOINED
    assert not LookBack.objects.to_look_at(far).filter(pk=rest.pk).exists()
    assert rest.pk not in chasing.due_chases(at=far, limit=9)
    assert not chasing.chase_lookback(lookback_id=rest.pk, at=far)


@pytest.mark.parametrize("into", ["self", "closed", "unknown", "joined"])
def test_a_case_joins_only_another_that_stands(city, into):
    case = builders.issued(city).case
    other = builders.closed(city).case if into == "closed" else builders.case(city)
    if into == "joined":
        acts.join(city, other, builders.case(city), NOW)
    lead = case if into == "self" else other
    if into == "unknown":
        lead.number = "20261120-0999"
    with pytest.raises(DomainError) as refused:
        acts.join(city, case, lead, LATER)
    assert refused.value.field == "into"
    assert acts.case_now(case).state == CaseState.RECTIFYING


def test_a_case_into_which_others_were_joined_is_not_joined_itself(city):
    lead, other, third = (builders.case(city) for _n in range(3))
    acts.join(city, other, lead, NOW)
    with pytest.raises(DomainError, match="已有别的案件并入"):
        acts.join(city, lead, third, NOW)


def test_voiding_the_lead_releases_what_was_joined(city):
    lead, other = builders.issued(city), builders.issued(city)
    acts.join(city, other.case, lead.case, NOW)
    acts.void(city, lead.case, LATER)
    case = acts.case_now(other)
    assert (case.state, case.merged_into) == (CaseState.TO_DISPATCH, None)
    new = acts.send(city, case, "gucheng", LATER)
    acts.finish(city, new, LATER + HOUR)
    assert acts.case_now(other).closing == Closing.PASSED


def test_forcing_the_lead_closes_what_was_joined_and_none_of_it_is_on_time(city):
    lead, other = builders.issued(city), builders.case(city)
    acts.join(city, other, lead.case, NOW)
    acts.force_close(city, lead.case, LATER)
    case = acts.case_now(other)
    assert (case.state, case.closing, case.on_time) == (CaseState.CLOSED, Closing.JOINED, False)


def test_a_rebound_of_the_lead_leaves_what_was_joined_closed(city):
    lead, other = builders.received(city), builders.case(city)
    acts.join(city, other, lead.case, NOW)
    acts.finish(city, lead, LATER)
    look = acts.plan(lead, LATER)
    acts.rebound(city, look, look.opens_at)
    assert acts.case_now(lead).state == CaseState.RECTIFYING
    assert acts.case_now(other).state == CaseState.CLOSED


# --- Force and void -------------------------------------------------------------------------


@pytest.mark.parametrize("builder", ["case", "received", "submitted"])
def test_force_stops_everything_is_never_on_time_and_plans_no_look_back(city, builder):
    row = getattr(builders, builder)(city)
    case = acts.case_now(row)
    supervision = acts.supervise(city, case, LATER, LATER + DAY)
    acts.force_close(city, case, LATER)
    case = acts.case_now(case)
    assert (case.state, case.closing, case.on_time) == (CaseState.CLOSED, Closing.FORCED, False)
    assert (case.due_at, case.supervised_due_at) == (None, None)
    supervision.refresh_from_db()
    assert supervision.state == SupervisionState.LIFTED
    assert not Order.objects.live().filter(case=case).exists()
    assert not Order.objects.filter(next_chase_at__isnull=False).exists()
    assert lookbacks.due_plans(at=LATER, limit=9) == []
    assert lookbacks.plan_lookbacks(case_id=case.pk, at=LATER) == []
    assert told("report.decided", "report-closed") == {"officer"}


def test_a_case_that_rests_is_forced_or_voided_too(city):
    first, second = builders.received(city).case, builders.received(city).case
    for case in (first, second):
        acts.suspend(city, case, NOW, (NOW + DAY).date())
    acts.force_close(city, first, LATER)
    acts.void(city, second, LATER)
    assert acts.case_now(first).suspended_until is None
    assert acts.case_now(second).state == CaseState.VOIDED
    assert not Order.objects.filter(is_paused=True).exists()


def test_a_forced_case_is_neither_appealed_nor_voided_nor_forced_again(city):
    order = builders.received(city)
    acts.force_close(city, order.case, LATER)
    for move in (acts.void, acts.force_close):
        with pytest.raises(BadTransition):
            move(city, order.case, LATER)
    with pytest.raises(DomainError, match="不能申诉"):
        acts.appeal(city, order, LATER)


def test_the_dispatcher_does_not_force_and_says_so_before_anything_else(city):
    from cases.services.ending import force_close_case

    case = builders.case(city)
    with pytest.raises(Forbidden):
        force_close_case(case_id=case.pk, actor=city.dispatcher, at=NOW, version=None, note="")


def test_a_voided_case_keeps_number_and_chain_and_its_reporter_hears_it(city):
    order = builders.received(city)
    acts.void(city, order.case, LATER)
    case = acts.case_now(order)
    assert (case.state, case.closed_at, case.closing) == (CaseState.VOIDED, None, "")
    assert case.events.count() == case.head_seq
    assert told("report.decided", "report-voided") == {"officer"}
    assert told("order.cancelled") == {"leader", "officer"}


# --- Self-handling --------------------------------------------------------------------------


def test_what_was_put_right_on_the_spot_is_filed_and_closed_in_one_act(city):
    case = acts.case_now(acts.self_handle(city, NOW, quantity="3"))
    assert (case.state, case.closing, case.on_time) == (
        CaseState.CLOSED,
        Closing.SELF_HANDLED,
        True,
    )
    (order,) = acts.orders_of(case)
    assert (order.state, order.team, str(order.quantity)) == (
        OrderState.PASSED,
        city.teams["gucheng"],
        "3.00",
    )
    assert case.reports.get().state == ReportState.FILED
    assert (case.order_count, case.photo_count) == (1, 2)


def test_self_handling_needs_the_state_before_and_the_state_after(city):
    from decimal import Decimal

    from cases.services.rectification import Result
    from cases.services.selfhandling import self_handle_report

    for photos, kinds in ((0, ("after",)), (1, ())):
        report = builders.report(city, photos=photos)
        ids = [builders.photo(city.officer, kind=kind, seed=photos + 40).pk for kind in kinds]
        with pytest.raises(DomainError) as refused:
            self_handle_report(
                report_id=report.pk,
                actor=city.officer,
                at=NOW,
                version=None,
                standard_id=city.spill_standard.pk,
                result=Result(Decimal(1), "", ids),
            )
        assert refused.value.field == "photos"
        report.refresh_from_db()
        assert (report.state, report.case) == (ReportState.PENDING, None)


def test_self_handled_gets_look_backs_as_its_class_asks_by_somebody_of_another_team(city):
    case = acts.self_handle(city, NOW)
    assert lookbacks.due_plans(at=LATER, limit=9) == [case.pk]
    look = acts.plan(case, LATER)
    assert look.team == city.teams["gucheng"]
    assert look.inspector in (city.inspector, city.supervisor)
    acts.rebound(city, look, look.opens_at)
    assert acts.case_now(case).state == CaseState.RECTIFYING


def test_what_an_inspector_handled_himself_is_looked_back_on_by_neither_him_nor_his_team(city):
    case = acts.self_handle(city, NOW, by="inspector")
    assert acts.plan(case, LATER).inspector is None


def test_who_is_of_no_team_cannot_handle_anything_himself(city):
    from grids.access import forget_access
    from grids.models import Membership

    Membership.objects.filter(user=city.officer).delete()
    forget_access(city.officer)
    with pytest.raises(DomainError, match="不属于任何单位"):
        acts.self_handle(city, NOW)


@pytest.mark.parametrize("by", ["officer", "leader", "supervisor"])
def test_what_somebody_else_reported_is_dispatched_and_checked_not_self_handled(city, as_, by):
    from decimal import Decimal

    from cases.services.rectification import Result
    from cases.services.selfhandling import self_handle_report

    report = builders.report(city, by="dispatcher", channel="hotline")
    actor = city.people[by]
    after = builders.photo(actor, kind="after", seed=71)
    with pytest.raises(DomainError, match="别人报的请立案派遣"):
        self_handle_report(
            report_id=report.pk,
            actor=actor,
            at=NOW,
            version=None,
            standard_id=city.spill_standard.pk,
            result=Result(Decimal(1), "", [after.pk]),
        )
    report.refresh_from_db()
    assert (report.state, report.case) == (ReportState.PENDING, None)
    assert not as_(by).get(f"/reports/{report.number}/").context["may_handle"]


def test_a_report_out_of_one_s_cells_is_not_self_handled_by_an_officer(city):
    from decimal import Decimal

    from cases.services.rectification import Result
    from cases.services.selfhandling import self_handle_report

    lon, lat = IN_THIRD_CELL
    report = builders.report(city, by="other_officer", lon=lon, lat=lat)
    with pytest.raises(Forbidden):
        self_handle_report(
            report_id=report.pk,
            actor=city.officer,
            at=NOW,
            version=None,
            standard_id=city.spill_standard.pk,
            result=Result(Decimal(1)),
        )
