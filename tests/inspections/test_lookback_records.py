"""Recording a look-back: results, refusals, and what a rebound sets going."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cases.choices import CaseState, LookBackState
from cases.models import CaseEvent, Order
from cases.services import checking, rectification
from cases.services.rectification import Result
from citymgmt.choices import PhotoKind
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from citymgmt.models import Photo
from grids.access import forget_access
from inspections.models import LookBack
from inspections.services import chasing, lookbacks
from tests import builders

pytestmark = pytest.mark.django_db


def look(city, row, move="held", *, by="inspector", photos=1, note="筐又摆出来了", **changes):
    actor = city.people[by]
    at = changes.pop("at", row.opens_at + timedelta(hours=1))
    ids = [
        builders.photo(actor, kind=PhotoKind.RECHECK, seed=n + 90, at=at).pk for n in range(photos)
    ]
    asked = {"version": row.version, "photo_ids": ids} | changes
    return lookbacks.record_lookback(
        lookback_id=row.pk, actor=actor, at=at, move=move, note=note, **asked
    )


def put_right_again(city, order, at):
    rectification.receive_order(order_id=order.pk, actor=city.officer, at=at, version=None)
    after = builders.photo(city.officer, kind=PhotoKind.AFTER, seed=77, at=at)
    rectification.submit_order(
        order_id=order.pk,
        actor=city.officer,
        at=at,
        version=None,
        result=Result(quantity=Decimal(2), photo_ids=[after.pk]),
    )
    checking.pass_order(order_id=order.pk, actor=city.inspector, at=at, version=None)


def test_what_held_leaves_the_case_closed(city, planned):
    row = look(city, planned())
    row.case.refresh_from_db()
    assert (row.state, row.result, row.on_time) == (LookBackState.DONE, "held", True)
    assert row.case.state == CaseState.CLOSED
    assert Photo.objects.filter(subject_kind="lookback", subject_id=row.pk).count() == 1
    assert CaseEvent.objects.filter(case=row.case).last().name == "lookback.held"


@pytest.mark.parametrize("move", ["rebound", "false"])
def test_a_rebound_opens_a_new_order_for_the_same_team(city, planned, move):
    row = look(city, planned(), move)
    row.case.refresh_from_db()
    order = row.new_order
    assert row.case.state == CaseState.RECTIFYING
    assert row.case.rebound_count == 1
    assert (order.is_rebound, order.team, order.person) == (True, row.team, city.officer)
    assert order.instruction == "筐又摆出来了"
    assert order.limit_value == 1


def test_a_result_says_when_it_was_late(city, planned):
    row = planned()
    assert look(city, row, at=row.due_at + timedelta(seconds=1)).on_time is False


@pytest.mark.parametrize(
    ("move", "changes", "code"),
    [
        ("held", {"photos": 0}, "recheck_photo"),
        ("rebound", {"photos": 0}, "recheck_photo"),
        ("rebound", {"note": " "}, "note_required"),
        ("unverified", {"photos": 0, "note": ""}, "note_required"),
    ],
)
def test_a_result_without_its_evidence_is_refused_and_nothing_is_kept(
    city, planned, move, changes, code
):
    row = planned()
    with pytest.raises(DomainError) as refused:
        look(city, row, move, **changes)
    assert refused.value.code == code
    row.refresh_from_db()
    assert row.state == LookBackState.PLANNED
    assert Order.objects.count() == 1


def test_unverified_needs_no_photo(city, planned):
    assert look(city, planned(), "unverified", photos=0, note="围挡").result == "unverified"


def test_a_photo_of_another_kind_is_no_evidence(city, planned):
    row = planned()
    other = builders.photo(city.inspector, kind=PhotoKind.NEAR)
    with pytest.raises(DomainError) as refused:
        look(city, row, photo_ids=[other.pk])
    assert refused.value.code == "photo_kind"


@pytest.mark.parametrize("by", ["leader", "officer", "dispatcher", "viewer", "admin", "stranger"])
def test_nobody_records_without_the_right(city, planned, by):
    with pytest.raises(Forbidden):
        look(city, planned(), by=by)


def test_who_was_of_the_team_may_not_record(city, planned):
    row = planned()
    city.teams["ducha"].memberships.all().delete()
    city.teams["gucheng"].memberships.create(
        user=city.inspector, post="member", valid_from=row.order.issued_at
    )
    forget_access(city.inspector)
    with pytest.raises(Forbidden, match="您所在单位"):
        look(city, row)


@pytest.mark.parametrize("move", ["held", "unverified"])
def test_before_its_day_nothing_can_have_held_and_from_then_on_it_can(city, planned, move):
    row = planned()
    with pytest.raises(DomainError) as refused:
        look(city, row, move, at=row.opens_at - timedelta(microseconds=1))
    assert refused.value.code == "too_early"
    row.refresh_from_db()
    assert (row.state, row.result, row.version) == (LookBackState.PLANNED, "", 1)
    assert not Photo.objects.filter(subject_kind="lookback").exists()
    assert look(city, row, move, at=row.opens_at).result == move


def test_a_rebound_seen_before_the_day_is_recorded(city, planned):
    row = planned()
    assert look(city, row, "rebound", at=row.opens_at - timedelta(hours=9)).new_order


def test_an_old_page_is_told_so(city, planned):
    row = planned()
    look(city, row)
    with pytest.raises(Conflict):
        look(city, row)


def test_a_second_record_is_refused(city, planned):
    row = planned()
    look(city, row)
    with pytest.raises(BadTransition):
        look(city, row, version=None)


class TestASecondLookBackOfACaseThatReboundMeanwhile:
    """Round 2 of the first order waits while round 1 found a rebound."""

    @pytest.fixture
    def second(self, city, planned):
        city.spill.lookback_days = [3, 7]
        city.spill.save()
        first = look(city, planned(), "rebound")
        return LookBack.objects.select_related("case", "order").get(case=first.case, round=2)

    def test_opens_no_second_new_order(self, city, second):
        with pytest.raises(BadTransition, match="正在重新整改"):
            look(city, second, "rebound")
        assert Order.objects.filter(case=second.case).count() == 2

    def test_is_not_chased(self, second):
        later = second.due_at + timedelta(days=3)
        assert second.pk not in chasing.due_chases(at=later, limit=10)
        assert chasing.chase_lookback(lookback_id=second.pk, at=later) is False

    def test_moves_to_the_new_order_when_that_is_closed(self, city, second):
        order = second.case.orders.last()
        at = order.issued_at + timedelta(minutes=20)
        put_right_again(city, order, at)
        lookbacks.plan_lookbacks(case_id=second.case_id, at=at)
        version = second.version
        second.refresh_from_db()
        assert (second.order_id, second.version) == (order.pk, version + 1)
        assert second.opens_at.date() == (at + timedelta(days=7)).date()
        assert [(row.round, row.after_days) for row in LookBack.objects.filter(order=order)] == [
            (2, 7),
            (3, 3),
        ]
        assert look(city, second, "rebound").new_order.position == 3
