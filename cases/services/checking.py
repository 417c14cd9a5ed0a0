"""Checking what a team submitted: by somebody of another team, who passes or sends back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.deadlines import after_rework
from cases.models import Order
from cases.services._advance import name_checkers, record, required, settle, words_of
from cases.services._orders import follow, opened, running
from cases.services._reckoning import limit_of
from cases.services.dispatch import leaders_of
from cases.workflow import Subject, move
from citymgmt.models import User
from citymgmt.services.notices import notify
from grids.services.team_channels import channels_of

PASS = move(Subject.ORDER, "pass")
REWORK = move(Subject.ORDER, "rework")


def pass_order(
    *, order_id: int, actor: User, at: datetime, version: int | None, note: str = ""
) -> Order:
    """Accept the work. With the last order of a case the case is closed and look-backs are
    planned from there."""
    with transaction.atomic():
        case, order = opened(PASS, order_id, actor, at, version)
        record(
            case,
            PASS.event,
            actor=actor,
            at=at,
            payload={"order": order.number, "on_time": order.on_time, "lead": order.is_lead},
            private={"note": words_of(note)},
        )
        settle(order, sources=PASS.sources, at=at, state=PASS.target, ended_at=at)
        follow(case, at, actor=actor)
        name_checkers(case, [actor.pk])
        return order


def rework_order(
    *, order_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Order:
    """Send the work back with the reason. The clock goes on with what was left, at least a
    quarter of the limit; team, person and all earlier evidence stay."""
    with transaction.atomic():
        case, order = opened(REWORK, order_id, actor, at, version)
        reason = required(note, _("请写明哪里没有整改到位。"))
        spent = timedelta(seconds=order.used_seconds)
        whole = timedelta(seconds=order.granted_seconds)
        granted = spent + after_rework(limit_of(order), spent, granted=whole)
        clock = running(order, at, spent=spent, granted=granted)
        record(
            case,
            REWORK.event,
            actor=actor,
            at=at,
            payload={"order": order.number, "due": clock["due_at"].isoformat()},
            private={"note": reason},
        )
        settle(
            order,
            sources=REWORK.sources,
            at=at,
            state=REWORK.target,
            submitted_at=None,
            rework_count=order.rework_count + 1,
            **clock,
        )
        follow(case, at, actor=actor, rework_count=case.rework_count + 1)
        name_checkers(case, [actor.pk])
        told = [order.person_id] if order.person_id else leaders_of(order.team, at)
        notify(
            users=told,
            kind="order.reworked",
            text=_("返工：%(address)s，%(note)s") % {"address": case.address, "note": reason},
            path=f"/cases/{case.number}/",
            dedupe_key=f"order-reworked:{order.number}:{order.rework_count}",
            at=at,
            channels=channels_of([order.team]),
        )
        return order
