"""A changed calendar moves the ends of planned look-backs, once, and the case says so."""

from datetime import date, datetime, timedelta

import pytest

from cases.models import CaseEvent
from citymgmt.models import Holiday
from citymgmt.services.revisions import CALENDAR, raise_revision
from inspections import tasks
from inspections.services import recomputing
from tests.city import LOCAL

pytestmark = pytest.mark.django_db


def rest_on(day: date) -> None:
    Holiday.objects.create(day=day, is_working=False, name="调整")
    raise_revision(CALENDAR)


def said(row) -> list[dict]:
    rows = CaseEvent.objects.filter(name="stage.recomputed", case=row.case_id)
    return [event.payload for event in rows if event.payload["stage"] == "lookback"]


def test_a_new_holiday_moves_the_end_and_the_case_says_so_once(planned):
    row = planned()
    opens, due, next_chase = row.opens_at, row.due_at, row.next_chase_at
    assert recomputing.stale_lookbacks(limit=9) == []
    rest_on(date(2026, 11, 24))
    for _again in range(2):
        tasks.sweep_stale_lookbacks()
    row.refresh_from_db()
    assert (row.opens_at, row.due_at) == (opens, datetime(2026, 11, 25, 18, 0, tzinfo=LOCAL))
    assert row.next_chase_at >= next_chase
    [payload] = said(row)
    assert (payload["old"], payload["new"]) == (due.isoformat(), row.due_at.isoformat())
    assert recomputing.stale_lookbacks(limit=9) == []


def test_a_holiday_elsewhere_only_raises_the_revision(planned):
    row = planned()
    due = row.due_at
    rest_on(date(2026, 12, 24))
    assert recomputing.stale_lookbacks(limit=9) == [row.pk]
    at = due - timedelta(days=1)
    assert recomputing.recompute_lookback(lookback_id=row.pk, at=at) is False
    row.refresh_from_db()
    assert row.due_at == due
    assert said(row) == []
    assert recomputing.stale_lookbacks(limit=9) == []


def test_what_was_recorded_stays_as_it_was(planned):
    row = planned()
    type(row).objects.filter(pk=row.pk).update(state="done", result="held", recorded_at=row.due_at)
    rest_on(date(2026, 11, 24))
    assert recomputing.stale_lookbacks(limit=9) == []
    assert recomputing.recompute_lookback(lookback_id=row.pk, at=row.due_at) is False
