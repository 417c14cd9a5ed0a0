"""Overdue look-backs climb the ladder, each step once."""

from datetime import timedelta

import pytest

from cases.models import CaseEvent
from citymgmt.models import Notice
from inspections import tasks
from inspections.models import LookBack
from inspections.services import chasing

pytestmark = pytest.mark.django_db


def told(row):
    rows = Notice.objects.filter(kind="lookback.overdue", path=f"/lookbacks/{row.pk}/")
    return sorted(rows.values_list("user__username", flat=True))


def test_the_inspector_is_reminded_once_on_the_day_it_opens(city, planned):
    row = planned()
    row.inspector = city.inspector
    row.save()
    assert chasing.due_chases(at=row.opens_at - timedelta(seconds=1), limit=10) == []
    assert chasing.chase_lookback(lookback_id=row.pk, at=row.opens_at) is True
    assert chasing.due_chases(at=row.due_at - timedelta(seconds=1), limit=10) == []
    reminded = Notice.objects.filter(kind="lookback.opens")
    assert [notice.user.username for notice in reminded] == ["inspector"]
    assert told(row) == []


def test_inspector_then_leader_then_bureau_hear_of_it_each_once(city, planned):
    row = planned()
    city.supervisor.memberships.all().delete()
    city.viewer.memberships.update(team=city.teams["ducha"], post="leader")
    row.inspector = city.inspector
    row.save()
    for hours, people in (
        (0, ["inspector"]),
        (4, ["inspector", "viewer"]),
        (24, ["inspector", "supervisor", "viewer"]),
    ):
        at = row.due_at + timedelta(hours=hours)
        assert chasing.due_chases(at=at, limit=10) == [row.pk]
        assert chasing.chase_lookback(lookback_id=row.pk, at=at) is True
        assert chasing.chase_lookback(lookback_id=row.pk, at=at) is False
        assert told(row) == people
    row.refresh_from_db()
    assert row.next_chase_at is None
    assert CaseEvent.objects.filter(name="lookback.overdue").count() == 3


def test_an_end_that_a_changed_calendar_moved_is_said_again(city, planned):
    row = planned()
    row.inspector = city.inspector
    row.save()
    chasing.chase_lookback(lookback_id=row.pk, at=row.due_at)
    later = row.due_at + timedelta(days=1)
    LookBack.objects.filter(pk=row.pk).update(due_at=later, chase_step=1, next_chase_at=later)
    assert chasing.chase_lookback(lookback_id=row.pk, at=later) is True
    assert told(row) == ["inspector", "inspector"]


def test_a_look_back_of_nobody_is_told_to_the_bureau(city, planned):
    row = planned()
    row.inspector = None
    row.save()
    chasing.chase_lookback(lookback_id=row.pk, at=row.due_at)
    assert told(row) == ["supervisor"]


def test_who_is_of_no_team_hears_of_his_own_look_back(city, planned):
    row = planned()
    city.inspector.memberships.all().delete()
    row.inspector = city.inspector
    row.save()
    chasing.chase_lookback(lookback_id=row.pk, at=row.due_at)
    assert told(row) == ["inspector"]


def test_after_an_outage_one_step_is_said_to_all_whom_it_would_have_reached(city, planned):
    row = planned()
    city.supervisor.memberships.all().delete()
    city.viewer.memberships.update(team=city.teams["ducha"], post="leader")
    row.inspector = city.inspector
    row.save()
    chasing.chase_lookback(lookback_id=row.pk, at=row.due_at + timedelta(days=2))
    assert told(row) == ["inspector", "supervisor", "viewer"]
    assert CaseEvent.objects.filter(name="lookback.overdue").count() == 1
    assert chasing.due_chases(at=row.due_at + timedelta(days=9), limit=10) == []


def test_the_sweep_goes_on_after_a_broken_row(planned, hand, monkeypatch):
    first, second = planned(), planned()
    hand.to(second.due_at + timedelta(minutes=1))
    real = chasing.chase_lookback

    def breaks(*, lookback_id, at):
        if lookback_id == first.pk:
            raise RuntimeError("broken")
        return real(lookback_id=lookback_id, at=at)

    monkeypatch.setattr(chasing, "chase_lookback", breaks)
    tasks.sweep_overdue_lookbacks()
    assert told(first) == []
    assert told(second) != []


def test_a_row_that_is_gone_is_forgiven(city, hand):
    assert chasing.chase_lookback(lookback_id=987654, at=hand()) is False
    tasks.plan_lookbacks(987654)
