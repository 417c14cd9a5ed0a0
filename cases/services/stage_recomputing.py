"""Clocks of triage, dispatch and check, reckoned anew after the calendar changed."""

from datetime import datetime, timedelta

from django.db import transaction

from cases.choices import OrderState, Stage
from cases.escalation import next_chase
from cases.models import Case, Order, Report, StageClock
from cases.services._advance import record, settle_events
from cases.services._stages import Times, columns_of, limit_of_clock, reckoned
from cases.services.stage_chasing import ladder, locked
from citymgmt.services.calendars import current_revision


def stale_stage_clocks(*, limit: int) -> list[int]:
    """Ids of clocks that run and were reckoned by an older calendar, the oldest first."""
    rows = StageClock.objects.filter(
        clock_started_at__isnull=False, calendar_revision__lt=current_revision()
    )
    return list(rows.order_by("calendar_revision", "pk").values_list("pk", flat=True)[:limit])


def recompute_stage_clock(*, clock_id: int, at: datetime) -> bool:
    """Reckon a running clock anew by the calendar of today; returns whether its moments moved.

    Run again it changes nothing.
    """
    with transaction.atomic():
        row = StageClock.objects.select_related("order").filter(pk=clock_id).first()
        if row is None:
            return False
        subject = locked(row)
        row = StageClock.objects.select_related("order").get(pk=clock_id)
        if row.clock_started_at is None:
            return False
        spent = timedelta(seconds=row.used_seconds)
        times = reckoned(limit_of_clock(row), row.clock_started_at, spent)
        if row.calendar_revision >= times.revision:
            return False
        old, was_provisional = row.due_at, row.due_is_provisional
        row.warn_at, row.due_at = times.warn, times.due
        row.due_is_provisional, row.calendar_revision = times.provisional, times.revision
        if old != times.due:
            row.chase_step = 0 if times.due > at else row.chase_step
            steps = ladder(row, subject)
            row.next_chase_at = next_chase(steps, times.warn, times.due, row.chase_step)
        row.save()
        if (old, was_provisional) == (times.due, times.provisional):
            return False
        _show(row, subject, times)
        payload = {
            "stage": row.stage,
            "old": old.isoformat(),
            "new": times.due.isoformat(),
            "provisional": times.provisional,
            "revision": times.revision,
        }
        record(subject, "stage.recomputed", actor=None, at=at, payload=payload)
        settle_events(subject)
        return True


def _show(row: StageClock, subject: Case | Report, times: Times) -> None:
    """Write the new moments where rows show them."""
    columns = columns_of(Stage(row.stage), times)
    if row.order is None:
        type(subject)._default_manager.filter(pk=subject.pk).update(**columns)
        return
    Order.objects.filter(pk=row.order.pk).update(**columns)
    waiting = Order.objects.filter(case=row.order.case_id, state=OrderState.SUBMITTED)
    moments = waiting.exclude(check_due_at=None).values_list("check_warn_at", "check_due_at")
    if isinstance(subject, Case) and subject.stage_due_at is not None and moments:
        warns, dues = zip(*moments, strict=True)
        Case.objects.filter(pk=subject.pk).update(stage_warn_at=min(warns), stage_due_at=min(dues))
