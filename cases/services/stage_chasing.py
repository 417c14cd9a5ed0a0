"""Chasing the clocks of triage, dispatch and check: each step of their ladder once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import Stage
from cases.escalation import Audience, Due, Ladder, next_chase, reached
from cases.models import Case, Report, StageClock
from cases.services._advance import lock_case, lock_report, record, settle_events
from cases.services.chasing import holders_of
from cases.services.rules import ladder_of
from citymgmt.choices import Capability
from citymgmt.services.notices import notify

# Whose work a stage is, and who stands above them.
_DESKS: dict[str, Capability] = {
    Stage.TRIAGE: Capability.REPORT_FILE,
    Stage.DISPATCH: Capability.CASE_DISPATCH,
    Stage.CHECK: Capability.ORDER_CHECK,
}
_ABOVE: dict[Audience, Capability] = {
    Audience.LEADER: Capability.CASE_SUPERVISE,
    Audience.DISPATCHER: Capability.CASE_DISPATCH,
    Audience.BUREAU: Capability.DIGEST_SIGN,
}
_SOON = _("%(stage)s快到时限：%(address)s")
_OVERDUE = _("%(stage)s超时：%(address)s")


def due_stage_clocks(*, at: datetime, limit: int) -> list[int]:
    """Ids of stage clocks with a step due, the longest waiting first."""
    rows = StageClock.objects.filter(next_chase_at__lte=at)
    return list(rows.order_by("next_chase_at").values_list("pk", flat=True)[:limit])


def chase_stage_clock(*, clock_id: int, at: datetime) -> bool:
    """Take the step that is due: event, notices, next step. Returns whether there was one."""
    with transaction.atomic():
        row = StageClock.objects.select_related("order").filter(pk=clock_id).first()
        if row is None:
            return False
        subject = locked(row)
        row = StageClock.objects.get(pk=clock_id)
        if row.next_chase_at is None or row.next_chase_at > at:
            return False
        steps = ladder(row, subject)
        due = reached(steps, row.warn_at, row.due_at, row.chase_step, at)
        step = due.step if due else row.chase_step
        if due is not None:
            _say(row, subject, due, at)
        row.chase_step = step
        row.next_chase_at = next_chase(steps, row.warn_at, row.due_at, step)
        row.save(update_fields=["chase_step", "next_chase_at"])
        return due is not None


def locked(row: StageClock) -> Case | Report:
    """The case or report whose stage a clock times, locked; needs `order` loaded."""
    if row.report_id is not None:
        return lock_report(row.report_id)
    case_id = row.order.case_id if row.order else row.case_id
    if case_id is None:
        raise Case.DoesNotExist
    return lock_case(case_id)


def ladder(row: StageClock, subject: Case | Report) -> Ladder:
    """Who hears of the clock."""
    return ladder_of(Stage(row.stage), subject.category_id)


def _say(row: StageClock, subject: Case | Report, due: Due, at: datetime) -> None:
    name = "stage.overdue" if due.overdue else "stage.reminded"
    payload = {"stage": row.stage, "step": due.overdue, "due": row.due_at.isoformat()}
    record(subject, name, actor=None, at=at, payload=payload)
    settle_events(subject)
    told: set[int] = set()
    for who in due.audience:
        told.update(holders_of(_ABOVE.get(who, _DESKS[row.stage]), at))
    kind = "reports" if isinstance(subject, Report) else "cases"
    words = _OVERDUE if due.overdue else _SOON
    notify(
        users=told,
        kind=name,
        text=words % {"stage": row.get_stage_display(), "address": subject.address},
        path=f"/{kind}/{subject.number}/",
        dedupe_key=f"{name}:{row.pk}:{row.due_at:%Y%m%d%H%M%S}:{due.step}",
        at=at,
        urgent=due.overdue > 1,
    )
