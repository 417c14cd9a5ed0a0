"""Checking what a team submitted: by somebody of another team, who passes or sends back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import CaseState
from cases.deadlines import Limit, LimitKind, after_rework, due_at, warn_at
from cases.escalation import next_chase
from cases.models import Order
from cases.services._advance import record, required, settle
from cases.services.dispatch import leaders_of
from cases.services.rectification import opened
from cases.workflow import Subject, move
from citymgmt import jobs
from citymgmt.models import User
from citymgmt.services.calendars import calendar_for
from citymgmt.services.notices import notify

PASS = move(Subject.ORDER, "pass")
REWORK = move(Subject.ORDER, "rework")
PLAN_TASK = "inspections.tasks.plan_lookbacks"


def pass_order(
    *, order_id: int, actor: User, at: datetime, version: int | None, note: str = ""
) -> Order:
    """Accept the work and close the case; look-backs are planned from there."""
    with transaction.atomic():
        case, order = opened(PASS, order_id, actor, at, version)
        record(
            case,
            PASS.event,
            actor=actor,
            at=at,
            payload={"order": order.number, "on_time": order.on_time},
            private={"note": note.strip()[:500]},
        )
        record(case, "case.closed", actor=actor, at=at, payload={"order": order.number})
        settle(order, sources=PASS.sources, state=PASS.target, ended_at=at)
        settle(
            case,
            sources=PASS.case_sources,
            state=CaseState.CLOSED,
            closed_at=at,
            on_time=order.on_time,
        )
        jobs.kick(PLAN_TASK, case.pk)
        return order


def rework_order(
    *, order_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Order:
    """Send the work back with the reason. The clock goes on with what was left, at least a
    quarter of the limit; team, person and all earlier evidence stay."""
    with transaction.atomic():
        case, order = opened(REWORK, order_id, actor, at, version)
        reason = required(note, _("请写明哪里没有整改到位。"))[:500]
        limit = Limit(LimitKind(order.limit_kind), order.limit_value)
        calendar = calendar_for(order.team.schedule_id)
        spent = timedelta(seconds=order.used_seconds)
        granted = spent + after_rework(limit, spent)
        due = due_at(limit, at, calendar, spent=spent, granted=granted)
        warn = warn_at(limit, at, calendar, spent=spent, granted=granted)
        record(
            case,
            REWORK.event,
            actor=actor,
            at=at,
            payload={"order": order.number, "due": due.at.isoformat()},
            private={"note": reason},
        )
        settle(
            order,
            sources=REWORK.sources,
            state=REWORK.target,
            submitted_at=None,
            clock_started_at=at,
            warn_at=warn.at,
            due_at=due.at,
            due_is_provisional=due.provisional,
            rework_count=order.rework_count + 1,
            chase_step=0,
            next_chase_at=next_chase(due.at, 0),
        )
        settle(
            case,
            sources=REWORK.case_sources,
            state=REWORK.case_target,
            due_at=due.at,
            warn_at=warn.at,
            rework_count=case.rework_count + 1,
        )
        told = [order.person_id] if order.person_id else leaders_of(order.team, at)
        notify(
            users=told,
            kind="order.reworked",
            text=_("返工：%(address)s，%(note)s") % {"address": case.address, "note": reason},
            path=f"/cases/{case.number}/",
            dedupe_key=f"order-reworked:{order.number}:{order.rework_count}",
            at=at,
        )
        return order
