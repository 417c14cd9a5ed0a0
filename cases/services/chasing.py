"""Chasing orders up the ladder before, at and after they fall due: each step once, whatever is
restarted when."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import OPEN_ORDER_STATES
from cases.escalation import Audience, Due, next_chase, reached
from cases.models import Order
from cases.services._advance import record, settle_events
from cases.services._orders import held_order, ladder
from cases.services.dispatch import leaders_of
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.models import User
from citymgmt.services.notices import notify
from grids.models import Grant, Team
from grids.services.team_channels import channels_of

_SOON = _("快到期：%(team)s，%(category)s，%(address)s，%(due)s 前整改")
_OVERDUE = _("超时：%(team)s，%(category)s，%(address)s")


def due_orders(*, at: datetime, limit: int) -> list[int]:
    """Ids of open orders with a step due, the longest overdue first."""
    return list(Order.objects.due_for_chasing(at).values_list("pk", flat=True)[:limit])


def chase_order(*, order_id: int, at: datetime) -> bool:
    """Take the step that is due: event, notices, next step. Returns whether there was one."""
    with transaction.atomic():
        order = held_order(order_id)
        if order is None:
            return False
        waiting = order.next_chase_at is not None and order.next_chase_at <= at
        if not waiting or order.state not in OPEN_ORDER_STATES:
            return False
        steps = ladder(order)
        due = reached(steps, order.warn_at, order.due_at, order.chase_step, at)
        step = due.step if due else order.chase_step
        if due is not None:
            _say(order, due, at)
        # The order's version stays: who opened a form before still acts on what he saw.
        Order.objects.filter(pk=order.pk).update(
            chase_step=step, next_chase_at=next_chase(steps, order.warn_at, order.due_at, step)
        )
        return due is not None


def _say(order: Order, due: Due, at: datetime) -> None:
    case = order.case
    name = "order.overdue" if due.overdue else "order.reminded"
    payload = {"order": order.number, "step": due.overdue, "due": order.due_at.isoformat()}
    record(case, name, actor=None, at=at, payload=payload)
    settle_events(case)
    words = _OVERDUE if due.overdue else _SOON
    notify(
        users=audience(due.audience, order.person_id, order.team, at),
        kind=name,
        text=words
        % {
            "team": order.team.name,
            "category": case.category.name,
            "address": case.address,
            "due": order.due_at.astimezone(clock.LOCAL).strftime("%m-%d %H:%M"),
        },
        path=f"/cases/{case.number}/",
        dedupe_key=f"{name}:{order.number}:{order.due_at:%Y%m%d%H%M%S}:{due.step}",
        at=at,
        urgent=due.overdue > 1,
        # That a limit comes near is for the person alone; a late order is the team's matter.
        channels=channels_of([order.team]) if due.overdue else [],
    )


def audience(
    kinds: frozenset[Audience], person_id: int | None, team: Team, at: datetime
) -> set[int]:
    """User ids of those who are told; where the person or everybody is missing the leaders stand
    in."""
    told: set[int] = set()
    if Audience.PERSON in kinds and person_id is not None:
        told.add(person_id)
    missing = Audience.PERSON in kinds and person_id is None
    if Audience.LEADER in kinds or missing:
        told.update(leaders_of(team, at))
    if Audience.DISPATCHER in kinds:
        told.update(holders_of(Capability.CASE_DISPATCH, at))
    if Audience.BUREAU in kinds:
        told.update(holders_of(Capability.DIGEST_SIGN, at))
    return told or set(leaders_of(team, at))


def holders_of(capability: str, at: datetime) -> list[int]:
    """Active people with a grant of the capability over everything."""
    grants = Grant.objects.in_force(at).filter(
        role__capabilities__contains=[capability],
        team__isnull=True,
        area__isnull=True,
        user__is_active=True,
    )
    return list(User.objects.filter(grants__in=grants).values_list("pk", flat=True))
