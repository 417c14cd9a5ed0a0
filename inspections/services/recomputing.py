"""The ends of planned look-backs, reckoned anew after the calendar changed."""

from datetime import datetime

from django.db import transaction

from cases.choices import LookBackState, Stage
from cases.deadlines import due_at
from cases.escalation import next_chase
from cases.services import lookbacks as chain
from cases.services.rules import ladder_of, limit_of_stage
from citymgmt.services.calendars import calendar_for, current_revision
from inspections.models import LookBack
from inspections.services.lookbacks import locked


def stale_lookbacks(*, limit: int) -> list[int]:
    """Ids of planned look-backs that were reckoned by an older calendar, the oldest first."""
    rows = LookBack.objects.filter(
        state=LookBackState.PLANNED, calendar_revision__lt=current_revision()
    )
    return list(rows.order_by("calendar_revision", "pk").values_list("pk", flat=True)[:limit])


def recompute_lookback(*, lookback_id: int, at: datetime) -> bool:
    """Reckon the end of a planned look-back anew; returns whether it moved.

    Run again it changes nothing. The day on which it opens stays: it counts plain days. Raises
    LookBack.DoesNotExist.
    """
    with transaction.atomic():
        row = locked(lookback_id)
        calendar = calendar_for(row.schedule_id)
        # Another process may keep the older calendar for some seconds: the next sweep has it.
        if row.state != LookBackState.PLANNED or row.calendar_revision >= calendar.revision:
            return False
        start = max(row.opens_at, row.planned_at)
        due = due_at(limit_of_stage(Stage.LOOKBACK), start, calendar)
        changes: dict[str, object] = {"calendar_revision": calendar.revision}
        if due.at != row.due_at:
            step = 0 if due.at > at else row.chase_step
            steps = ladder_of(Stage.LOOKBACK, row.case.category_id)
            changes |= {
                "due_at": due.at,
                "chase_step": step,
                "next_chase_at": next_chase(steps, row.opens_at, due.at, step),
            }
        # The version stays: who opened the form before still records what he saw.
        LookBack.objects.filter(pk=row.pk).update(**changes)
        if due.at == row.due_at:
            return False
        chain.enter_recomputed(
            case=row.case,
            at=at,
            payload={
                "lookback": row.pk,
                "round": row.round,
                "old": row.due_at.isoformat(),
                "new": due.at.isoformat(),
                "provisional": due.provisional,
                "revision": calendar.revision,
            },
        )
        return True
