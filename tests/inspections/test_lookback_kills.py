"""Killed after any statement of planning, handing over, moving on, chasing and reopening: nothing
is lost, nothing comes twice."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import transaction

from cases.models import Case, CaseEvent, Order, Supervision
from cases.services.evidence import verify_evidence
from citymgmt.choices import PhotoKind
from citymgmt.models import Notice, Photo
from inspections import tasks
from inspections.models import Happened, HotSpot, LookBack, LookBackDraw, LookBackHandOver
from inspections.services import chasing, hot_spots, lookbacks
from inspections.services.handing_on import hand_over, hand_over_differences
from inspections.services.plans import differences
from tests import builders
from tests.inspections.test_hot_spots import spilled
from tests.inspections.test_lookback_records import put_right_again
from tests.inspections.test_lookback_results import look, put_right
from tests.killing import dies_after

pytestmark = pytest.mark.django_db
TOLD = {
    Case: "id state closing rebound_count supervision_count supervised_due_at due_at version",
    LookBack: "case_id order__number round after_days state result note inspector_id recorded_by_id"
    " opens_at due_at recorded_at on_time rebound_nth new_order__number again_of__round"
    " differences chase_step next_chase_at version",
    LookBackDraw: "order__number days share reasons seed lot sampled candidates chosen kept",
    LookBackHandOver: "lookback__round position drawn_at was_id seed candidates chosen_id",
    Order: "number state team_id person_id limit_kind limit_value due_at is_rebound version",
    CaseEvent: "case_id seq name actor_id at",
    Notice: "user_id kind text urgent",
    Supervision: "number state due_at reason",
    Happened: "case_id lookback__round category_id at",
    HotSpot: "number count rebounds first_at last_at ended_at",
}
"""What is told of each table where nothing may be lost or doubled: all that does not depend on how
often it was tried (ids and what is made of them do)."""


def there():
    """Every row of these tables with all of its columns, and what uses the photos."""
    rows = {model: list(model.objects.order_by("pk").values()) for model in TOLD}
    used = Photo.objects.filter(used_at__isnull=False).order_by("pk")
    return rows, list(used.values_list("pk", "subject_kind", "subject_id"))


def told():
    """What there is, whatever it took to get there."""
    rows = {
        model: sorted(map(str, model.objects.values_list(*columns.split())))
        for model, columns in TOLD.items()
    }
    used = Photo.objects.filter(used_at__isnull=False)
    return rows, sorted(map(str, used.values_list("pk", "subject_kind", "subject_id")))


def outlived(act, again, expected):
    """Die after each statement of `act`, one later each time, until it comes through alive.

    After a death nothing of it is left, or (after its last statement, the commit) all of it; in
    both cases `again` makes it whole, to the same as where nobody died, and doubles nothing.
    Gives how many deaths there were."""
    before = there()
    with transaction.atomic():
        act()
        assert expected()
        undisturbed = told()
        transaction.set_rollback(True)
    for number in count(1):
        with transaction.atomic():
            died = dies_after(number, act)
            committed = there() != before
            assert not committed or expected(), f"half was left after statement {number}"
            again()
            assert expected(), f"it was not made whole after statement {number}"
            assert told() == undisturbed, f"it came out otherwise after statement {number}"
            whole = there()
            again()
            assert there() == whole, f"it came twice after statement {number}"
            transaction.set_rollback(True)
        assert there() == before
        if not died:
            act()
            assert expected()
            return number - 1
    return 0


def test_planning(city, hand):
    city.spill.lookback_days = [3, 7]
    city.spill.save()
    order = builders.closed(city)
    at = hand.to(order.ended_at + timedelta(minutes=1))

    def expected():
        rows = LookBack.objects.filter(order=order).values_list("round", "after_days")
        events = CaseEvent.objects.filter(case=order.case, name="lookback.planned")
        draws = LookBackDraw.objects.filter(order=order)
        return (list(rows), events.count(), draws.count()) == ([(1, 3), (2, 7)], 1, 1)

    died = outlived(
        lambda: lookbacks.plan_lookbacks(case_id=order.case_id, at=at),
        tasks.sweep_lookback_plans,
        expected,
    )
    assert died > 10
    assert list(verify_evidence()) == []


def test_handing_over(city, planned, hand):
    row = planned()
    was = row.inspector_id
    row.inspector.is_active = False
    row.inspector.save(update_fields=["is_active"])
    at = hand.to(row.planned_at + timedelta(hours=1))

    def expected():
        kept = LookBack.objects.get(pk=row.pk)
        records = list(LookBackHandOver.objects.values_list("lookback", "was", "chosen"))
        events = CaseEvent.objects.filter(case=row.case, name="lookback.planned")
        heard = Notice.objects.filter(kind="lookback.opens", path=f"/lookbacks/{row.pk}/")
        return (records, events.count(), list(heard.values_list("user", flat=True))) == (
            [(row.pk, was, kept.inspector_id)],
            2,
            [kept.inspector_id],
        ) and kept.inspector_id not in (was, None)

    died = outlived(
        lambda: hand_over(lookback_id=row.pk, at=at), tasks.sweep_lookback_hand_overs, expected
    )
    assert died > 8
    assert hand_over_differences(LookBackHandOver.objects.get()) == []
    assert list(verify_evidence()) == []


def test_moving_on_to_the_new_order(city, planned, hand):
    city.spill.lookback_days = [3, 7]
    city.spill.save()
    first = look(city, planned(), "rebound")
    left = LookBack.objects.get(case=first.case, round=2)
    order = first.new_order
    at = first.recorded_at + timedelta(minutes=10)
    put_right_again(city, order, at)
    hand.to(at)

    def expected():
        rows = LookBack.objects.filter(order=order).order_by("round")
        moved = [(row.pk == left.pk, row.round, row.after_days, row.version) for row in rows]
        draws = LookBackDraw.objects.filter(case=first.case)
        events = CaseEvent.objects.filter(case=first.case, name="lookback.planned")
        whole = [(True, 2, 7, left.version + 1), (False, 3, 3, 1)]
        return (moved, draws.count(), events.count()) == (whole, 2, 2)

    died = outlived(
        lambda: lookbacks.plan_lookbacks(case_id=first.case_id, at=at),
        tasks.sweep_lookback_plans,
        expected,
    )
    assert died > 12
    assert differences(LookBackDraw.objects.get(order=order)) == []
    assert list(verify_evidence()) == []


def test_chasing(city, planned, hand):
    row = planned()
    LookBack.objects.filter(pk=row.pk).update(inspector=city.inspector)
    at = hand.to(row.due_at + timedelta(minutes=1))

    def expected():
        told = Notice.objects.filter(kind="lookback.overdue", path=f"/lookbacks/{row.pk}/")
        events = CaseEvent.objects.filter(case=row.case, name="lookback.overdue")
        return (told.values("user").distinct().count(), told.count(), events.count()) == (1, 1, 1)

    died = outlived(
        lambda: chasing.chase_lookback(lookback_id=row.pk, at=at),
        tasks.sweep_overdue_lookbacks,
        expected,
    )
    assert died > 8
    assert list(verify_evidence()) == []


def test_reopening_a_second_time(city, planned, hand):
    first = look(city, planned(), "rebound")
    row = put_right(city, first.new_order, first.recorded_at + timedelta(minutes=10))
    at = hand.to(row.opens_at + timedelta(hours=1))
    photo = builders.photo(city.inspector, kind=PhotoKind.RECHECK, seed=91, at=at)

    def record():
        return lookbacks.record_lookback(
            lookback_id=row.pk, actor=city.inspector, at=at, version=row.version,
            move="rebound", note="又摆出来了", photo_ids=[photo.pk],
        )  # fmt: skip

    def again():
        """A phone sends it once more, as long as it has not heard that it was kept."""
        if LookBack.objects.get(pk=row.pk).version == row.version:
            record()

    def expected():
        kept = LookBack.objects.get(pk=row.pk)
        orders = Order.objects.filter(case=row.case, is_rebound=True)
        held = Supervision.objects.filter(case=row.case)
        events = CaseEvent.objects.filter(case=row.case, name="lookback.rebound")
        counts = (orders.count(), held.count(), events.count(), kept.rebound_nth)
        return counts == (2, 1, 2, 2) and kept.new_order_id is not None

    assert outlived(record, again, expected) > 25
    assert list(verify_evidence()) == []


def test_looking_again_at_what_could_not_be_verified(city, planned, hand):
    row = planned()
    at = hand.to(row.opens_at + timedelta(hours=1))

    def record():
        return lookbacks.record_lookback(
            lookback_id=row.pk, actor=city.inspector, at=at, version=row.version,
            move="unverified", note="关门",
        )  # fmt: skip

    def again():
        if LookBack.objects.get(pk=row.pk).version == row.version:
            record()

    def expected():
        return LookBack.objects.filter(again_of=row).count() == 1

    assert outlived(record, again, expected) > 8


def test_finding_a_hot_spot(city, hand):
    rows = [spilled(city, day=day, place=day < 2) for day in (0, 1, 2)]
    at = hand.to(rows[-1].filed_at)
    hot_spots.held_rule()
    hot_spots.HotSpotRule.objects.update(rebuilt_at=at)

    def expected():
        return [spot.count for spot in HotSpot.objects.all()] == [3]

    died = outlived(
        lambda: hot_spots.place_case(case_id=rows[-1].pk, at=at), tasks.sweep_hot_spots, expected
    )
    assert died > 8
