"""What a recorded look-back sets going: shorter limits, second rebounds, looking again, photos."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cases.choices import CaseState, LookBackState
from cases.models import Case, CaseEvent, Supervision
from cases.services import checking, dispatch, rectification
from cases.services.dispatch import Task
from cases.services.evidence import verify_evidence
from cases.services.rectification import Result
from cases.timeline import event_lines
from citymgmt.choices import PhotoKind
from citymgmt.models import Notice, Photo
from grids.models import Team
from inspections.models import LookBack, LookBackDraw, LookBackTerms
from inspections.services import lookbacks
from inspections.services.plans import differences
from tests import builders
from tests.city import IN_FIRST_CELL, NOW

pytestmark = pytest.mark.django_db


def look(city, row, move, *, at=None, photos=1, note="筐又摆出来了", place=None):
    at = at or row.opens_at + timedelta(hours=1)
    shots = [
        builders.photo(city.inspector, kind=PhotoKind.RECHECK, seed=n + 90, at=at)
        for n in range(photos)
    ]
    if place:
        lon, lat = place
        Photo.objects.filter(pk__in=[shot.pk for shot in shots]).update(
            claimed_lon=lon, claimed_lat=lat
        )
    return lookbacks.record_lookback(
        lookback_id=row.pk,
        actor=city.inspector,
        at=at,
        version=None,
        move=move,
        note=note,
        photo_ids=[shot.pk for shot in shots],
    )


def terms(**said):
    LookBackTerms.objects.update_or_create(pk=1, defaults=said)


def faults():
    """What does not fit the chains, but for the places that this file gives to photos."""
    return [fault.why for fault in verify_evidence() if fault.why != "photo_facts"]


def put_right(city, order, at):
    rectification.receive_order(order_id=order.pk, actor=city.officer, at=at, version=None)
    after = builders.photo(city.officer, kind=PhotoKind.AFTER, seed=order.position + 70, at=at)
    done = Result(quantity=Decimal(1), photo_ids=[after.pk])
    rectification.submit_order(
        order_id=order.pk, actor=city.officer, at=at, version=None, result=done
    )
    checking.pass_order(order_id=order.pk, actor=city.inspector, at=at, version=None)
    lookbacks.plan_lookbacks(case_id=order.case_id, at=at)
    return LookBack.objects.get(order=order, state=LookBackState.PLANNED)


def second_rebound(city, planned, *, days):
    """A case that came back, was put right and came back again so many days later."""
    first = look(city, planned(), "rebound")
    again = put_right(city, first.new_order, first.recorded_at + timedelta(minutes=10))
    return look(city, again, "rebound", at=first.recorded_at + timedelta(days=days))


class TestTheLimitOfTheNewOrder:
    @pytest.mark.parametrize(("share", "hours"), [(100, 2), (50, 1), (75, 1), (1, 1)])
    def test_is_the_share_that_the_terms_say(self, city, planned, share, hours):
        terms(rebound_share=share)
        order = look(city, planned(), "rebound").new_order
        assert order.limit_value == hours
        assert order.due_at - order.issued_at == timedelta(hours=hours)

    @pytest.mark.parametrize(
        ("kind", "value", "kind_after", "after"),
        [
            ("work_day", 1, "work_hour", 4),
            ("work_day", 3, "work_day", 1),
            ("natural_day", 1, "urgent_hour", 12),
            ("urgent_day", 1, "urgent_hour", 12),
            ("urgent_hour", 1, "urgent_minute", 30),
            ("work_hour", 1, "work_hour", 1),
        ],
    )
    def test_of_one_is_shorter_in_the_next_smaller_unit(
        self, city, planned, kind, value, kind_after, after
    ):
        row = planned()
        Case.objects.filter(pk=row.case_id).update(limit_kind=kind, limit_value=value)
        order = look(city, row, "rebound").new_order
        assert (order.limit_kind, order.limit_value) == (kind_after, after)

    def test_stays_short_when_another_team_gets_it(self, city, planned):
        order = look(city, planned(), "false").new_order
        moved = dispatch.transfer_order(
            order_id=order.pk,
            actor=city.dispatcher,
            at=order.issued_at,
            version=None,
            task=Task(team_id=city.teams["huanwei"].pk),
            note="归环卫",
        )
        assert (moved.limit_value, moved.is_rebound) == (order.limit_value, True)

    def test_is_not_shed_by_sending_the_order_back(self, city, planned):
        order = look(city, planned(), "rebound").new_order
        at = order.issued_at + timedelta(minutes=5)
        rectification.return_order(
            order_id=order.pk, actor=city.leader, at=at, version=None, note="不归我们"
        )
        again = dispatch.dispatch_case(
            case_id=order.case_id,
            actor=city.dispatcher,
            at=at,
            version=None,
            task=Task(team_id=city.teams["dayang"].pk),
        )
        assert (again.limit_kind, again.limit_value) == (order.limit_kind, order.limit_value)
        assert again.is_rebound

    def test_holds_where_the_team_is_no_longer_in_use(self, city, planned):
        row = planned()
        Team.objects.filter(pk=row.team_id).update(is_active=False)
        assert look(city, row, "rebound").new_order is None
        order = dispatch.dispatch_case(
            case_id=row.case_id,
            actor=city.dispatcher,
            at=row.opens_at + timedelta(hours=2),
            version=None,
            task=Task(team_id=city.teams["dayang"].pk),
        )
        assert (order.limit_value, order.is_rebound) == (1, True)


class TestASecondRebound:
    def test_raises_the_case_to_supervision_and_tells_who_may_supervise(self, city, planned):
        row = second_rebound(city, planned, days=20)
        row.case.refresh_from_db()
        held = Supervision.objects.get(case=row.case)
        assert row.rebound_nth == 2
        assert row.case.supervised_due_at == held.due_at == row.recorded_at + timedelta(days=7)
        assert "30 天内第 2 次反弹" in held.reason
        assert row.case.state == CaseState.RECTIFYING
        told = Notice.objects.filter(kind="lookback.second", urgent=True)
        assert set(told.values_list("user__username", flat=True)) == {"supervisor"}
        event = CaseEvent.objects.get(case=row.case, name="case.supervised")
        assert event.payload["rule"] is True
        (line,) = event_lines([event], {}, row.recorded_at)
        assert "按规定升为督办" in line.words

    def test_is_a_ground_for_accountability_once(self, city, planned):
        row = second_rebound(city, planned, days=20)
        since, until = row.recorded_at, row.recorded_at + timedelta(seconds=1)
        assert list(LookBack.objects.second_rebounds(since, until)) == [row]
        assert list(LookBack.objects.second_rebounds(NOW, since)) == []

    def test_after_the_days_is_a_first_one(self, city, planned):
        row = second_rebound(city, planned, days=31)
        assert row.rebound_nth == 1
        assert not Supervision.objects.exists()
        assert not LookBack.objects.second_rebounds(NOW, NOW + timedelta(days=99)).exists()

    def test_goes_by_the_days_of_the_terms(self, city, planned):
        terms(second_days=10, supervise_days=2)
        assert second_rebound(city, planned, days=11).rebound_nth == 1
        row = second_rebound(city, planned, days=9)
        assert row.rebound_nth == 2
        assert Supervision.objects.get().due_at == row.recorded_at + timedelta(days=2)

    def test_is_raised_anew_after_the_first_supervision_ended(self, city, planned):
        row = second_rebound(city, planned, days=5)
        again = put_right(city, row.new_order, row.recorded_at + timedelta(minutes=10))
        assert not Supervision.objects.filter(case=row.case, state="running").exists()
        third = look(city, again, "false", at=row.recorded_at + timedelta(days=5))
        assert third.rebound_nth == 3
        (held,) = Supervision.objects.filter(case=row.case, state="running")
        assert held.number.endswith("-D2")
        assert list(verify_evidence()) == []


class TestWhatCouldNotBeVerified:
    def test_is_looked_at_again_by_the_same_inspector(self, city, planned):
        row = look(city, planned(), "unverified", photos=0, note="关门")
        again = LookBack.objects.get(again_of=row)
        assert (again.state, again.round, again.after_days) == ("planned", 2, row.after_days)
        assert (again.order_id, again.inspector_id) == (row.order_id, row.inspector_id)
        assert again.opens_at == (row.recorded_at + timedelta(days=2)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        assert again.due_at > again.opens_at
        assert again.next_chase_at is not None

    def test_is_looked_at_after_the_days_of_the_terms(self, city, planned):
        terms(again_days=5)
        row = look(city, planned(), "unverified", photos=0, note="关门")
        again = LookBack.objects.get(again_of=row)
        assert (again.opens_at.date() - row.recorded_at.date()).days == 5

    def test_may_fail_again_and_again(self, city, planned):
        row = planned()
        for _time in range(3):
            row = look(city, row, "unverified", photos=0, note="围挡").again
        assert (row.round, row.state) == (4, LookBackState.PLANNED)
        assert list(verify_evidence()) == []

    def test_needs_no_second_draw(self, city, planned):
        row = look(city, planned(), "unverified", photos=0, note="关门")
        assert differences(LookBackDraw.objects.get(order=row.order)) == []

    @pytest.mark.parametrize("move", ["held", "rebound", "false"])
    def test_alone_is_looked_at_again(self, city, planned, move):
        row = look(city, planned(), move)
        assert not LookBack.objects.filter(again_of=row).exists()

    def test_moves_on_with_the_case_that_came_back_meanwhile(self, city, planned):
        city.spill.lookback_days = [3, 7]
        city.spill.save()
        row = look(city, planned(), "unverified", photos=0, note="关门")
        later = LookBack.objects.get(case=row.case, after_days=7)
        back = look(city, later, "rebound")
        at = back.recorded_at + timedelta(minutes=10)
        with pytest.raises(LookBack.MultipleObjectsReturned):
            put_right(city, back.new_order, at)
        rows = LookBack.objects.filter(order=back.new_order).order_by("after_days")
        assert [(each.after_days, each.again_of_id) for each in rows] == [(3, row.pk), (7, None)]


class TestThePhoto:
    @pytest.fixture
    def row(self, city, planned):
        row = planned()
        lon, lat = IN_FIRST_CELL
        Photo.objects.filter(kind=PhotoKind.AFTER).update(claimed_lon=lon, claimed_lat=lat)
        return row

    def test_of_the_same_place_and_hour_is_not_marked(self, city, row):
        lon, lat = IN_FIRST_CELL
        at = row.order.submitted_at + timedelta(days=3)
        done = look(city, row, "held", at=at, place=(lon + 0.0001, lat))
        assert (done.apart_m, done.differences) == (10, [])

    def test_of_another_place_or_hour_is_marked_and_said_in_the_chain(self, city, row):
        lon, lat = IN_FIRST_CELL
        at = row.opens_at + timedelta(minutes=1)
        done = look(city, row, "held", at=at, place=(lon + 0.001, lat))
        assert done.differences == ["far", "hours"]
        event = CaseEvent.objects.filter(name="lookback.held").get()
        assert event.payload["apart_m"] == done.apart_m == 97
        assert event.payload["differences"] == done.differences
        assert faults() == []

    def test_is_measured_by_the_terms(self, city, row):
        terms(far_metres=100, apart_hours=12)
        lon, lat = IN_FIRST_CELL
        done = look(city, row, "held", place=(lon + 0.001, lat))
        assert done.differences == []

    def test_without_a_place_is_not_compared(self, city, row):
        done = look(city, row, "held", at=row.order.submitted_at + timedelta(days=3))
        assert (done.apart_m, done.differences) == (None, [])

    def test_that_was_tampered_with_afterwards_is_found(self, city, row):
        done = look(city, row, "held")
        LookBack.objects.filter(pk=done.pk).update(apart_m=1, differences=[])
        assert faults() != []
