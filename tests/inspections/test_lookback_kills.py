"""Killed after any statement of planning, chasing and reopening: nothing is lost, nothing comes
twice."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import transaction

from cases.models import CaseEvent, Order, Supervision
from cases.services.evidence import verify_evidence
from citymgmt.choices import PhotoKind
from citymgmt.models import Notice, Photo
from inspections import tasks
from inspections.models import Happened, HotSpot, LookBack, LookBackDraw
from inspections.services import chasing, hot_spots, lookbacks
from tests import builders
from tests.inspections.test_hot_spots import spilled
from tests.inspections.test_lookback_results import look, put_right
from tests.killing import dies_after

pytestmark = pytest.mark.django_db
COUNTED = (LookBack, LookBackDraw, Order, CaseEvent, Notice, Supervision, Happened, HotSpot)


def there():
    """How much there is of everything, how look-backs stand, and what uses the photos."""
    counts = [model.objects.count() for model in COUNTED]
    rows = LookBack.objects.order_by("id").values_list("state", "chase_step", "next_chase_at")
    used = Photo.objects.filter(used_at__isnull=False).count()
    return counts, list(rows), used


def outlived(act, again, expected):
    """Die after each statement of `act`, one later each time, until it comes through alive.

    After a death nothing of it is left, or (after its last statement, the commit) all of it; in
    both cases `again` makes it whole and doubles nothing. Gives how many deaths there were."""
    before = there()
    for number in count(1):
        with transaction.atomic():
            died = dies_after(number, act)
            committed = there() != before
            assert not committed or expected(), f"half was left after statement {number}"
            again()
            assert expected(), f"it was not made whole after statement {number}"
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
