"""Suspension (挂账): a case rests until a day, its clocks stand still; it resumes by itself.

Domain facts, section 6: until a date at most one year away, once a case.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import OPEN_ORDER_STATES, CaseState
from cases.models import Case, Order
from cases.services._advance import (
    case_standing,
    guard,
    lock_case,
    opened_case,
    record,
    required,
    seen,
    settle,
    words_of,
)
from cases.services._endings import lapse_requests
from cases.services._orders import follow, live_orders, running, stopped
from cases.services.dispatch import leaders_of
from cases.workflow import Subject, move
from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.notices import notify

SUSPEND = move(Subject.CASE, "suspend")
RESUME = move(Subject.CASE, "resume")
MOST = timedelta(days=365)


def suspend_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, until: date, note: str
) -> Case:
    """Let a case rest until the local day `until` begins; the clocks of its orders stop."""
    with transaction.atomic():
        case = opened_case(SUSPEND, case_id, actor, version)
        reason = required(note, _("请写明挂账的理由，例如等拆迁、等采购。"))
        rest(case, actor=actor, at=at, until=until, reason=reason)
        return case


def rest(case: Case, *, actor: User, at: datetime, until: date | None, reason: str) -> None:
    """Suspend a locked case for which policy was asked; raises DomainError for the day."""
    check_suspension(case, until, at)
    running_on = [row for row in live_orders(case) if row.state in OPEN_ORDER_STATES]
    clocks = {row.pk: stopped(row, at) for row in running_on}
    # A rest does not make good what was late before it.
    late = [row for row in running_on if not clocks[row.pk].on_time]
    record(
        case,
        SUSPEND.event,
        actor=actor,
        at=at,
        payload={
            "until": until.isoformat() if until else None,
            "late": [row.number for row in late],
        },
        private={"note": reason},
    )
    for order in running_on:
        fell_late = {"on_time": False} if order in late else {}
        changes = clocks[order.pk].columns | {"is_paused": True} | fell_late
        settle(order, sources=set(OPEN_ORDER_STATES), **changes)
    lapse_requests(case, at)
    settle(
        case,
        sources=SUSPEND.sources,
        at=at,
        state=CaseState.SUSPENDED,
        suspended_until=until,
        suspension_count=case.suspension_count + 1,
        due_at=None,
        warn_at=None,
    )


def check_suspension(case: Case, until: date | None, at: datetime) -> None:
    """Raise DomainError unless the case may rest until that day."""
    today = at.astimezone(clock.LOCAL).date()
    if case.suspension_count:
        raise DomainError("suspended_before", _("每案只能挂账一次，这一案已挂过账。"))
    if until is None or not today < until <= today + MOST:
        words = _("挂账的日子要在明天到 %(last)s 之间（最长一年）。")
        raise DomainError("until", words % {"last": (today + MOST).isoformat()}, field="until")


def resume_case(
    *, case_id: int, actor: User | None, at: datetime, version: int | None, note: str = ""
) -> Case:
    """Take a resting case up again; clocks go on with what was left. `actor` None: by itself."""
    with transaction.atomic():
        case = lock_case(case_id)
        seen(case, version)
        if actor is not None:
            guard(RESUME, actor, case_standing(case))
        paused = [order for order in live_orders(case) if order.is_paused]
        ticking = {order.pk: _ticking(order, at) for order in paused}
        record(
            case,
            RESUME.event,
            actor=actor,
            at=at,
            payload={
                "until": case.suspended_until.isoformat() if case.suspended_until else None,
                "dues": {row.number: ticking[row.pk]["due_at"].isoformat() for row in paused},
            },
            private={"note": words_of(note)},
        )
        told: set[int] = set()
        for order in paused:
            settle(order, sources=set(OPEN_ORDER_STATES), **ticking[order.pk])
            told |= {order.person_id} if order.person_id else set(leaders_of(order.team, at))
        _tell(case, told, at)
        follow(case, at, actor=actor, suspended_until=None)
        return case


def _ticking(order: Order, at: datetime) -> dict[str, Any]:
    """Columns of a paused order whose clock goes on with what was left."""
    spent = timedelta(seconds=order.used_seconds)
    granted = timedelta(seconds=order.granted_seconds)
    return running(order, at, spent=spent, granted=granted, chase_step=order.chase_step)


def due_to_resume(*, at: datetime, limit: int) -> list[int]:
    """Ids of resting cases whose day has come, the longest waiting first."""
    today = at.astimezone(clock.LOCAL).date()
    rows = Case.objects.filter(state=CaseState.SUSPENDED, suspended_until__lte=today)
    return list(rows.order_by("suspended_until", "pk").values_list("pk", flat=True)[:limit])


def resume_by_itself(*, case_id: int, at: datetime) -> bool:
    """Resume a case whose day has come; False where somebody was quicker."""
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
        today = at.astimezone(clock.LOCAL).date()
        if case is None or case.state != CaseState.SUSPENDED:
            return False
        if case.suspended_until is None or case.suspended_until > today:
            return False
        resume_case(case_id=case_id, actor=None, at=at, version=None)
        return True


def _tell(case: Case, users: set[int], at: datetime) -> None:
    notify(
        users=users,
        kind="case.resumed",
        text=_("恢复办理，时钟接着走：%(address)s") % {"address": case.address},
        path=f"/cases/{case.number}/",
        dedupe_key=f"case-resumed:{case.number}:{case.suspension_count}",
        at=at,
    )
