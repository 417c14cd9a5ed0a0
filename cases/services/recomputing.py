"""Deadlines reckoned anew after the calendar changed: each order once a revision, in its own
transaction, with an event where something changed."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Order
from cases.services._advance import record, settle_events
from cases.services._orders import case_clock, held_order, next_rung
from cases.services._reckoning import calendar_of, limit_of, reckoned
from cases.services.dispatch import leaders_of
from citymgmt import clock
from citymgmt.services.calendars import current_revision
from citymgmt.services.notices import notify


def stale_orders(*, limit: int) -> list[int]:
    """Ids of orders whose clock runs and was reckoned by an older calendar, oldest first."""
    rows = Order.objects.reckoned_before(current_revision())
    return list(rows.order_by("calendar_revision", "pk").values_list("pk", flat=True)[:limit])


def recompute_order(*, order_id: int, at: datetime) -> bool:
    """Reckon an order's running clock anew by the calendar of today; returns whether its moments
    moved. What earlier stretches used stays as it was counted then. Run again it changes nothing.
    """
    with transaction.atomic():
        order = held_order(order_id)
        if order is None:
            return False
        calendar = calendar_of(order)
        # Another process may keep the older calendar for some seconds: the next sweep has it.
        if order.clock_started_at is None or order.calendar_revision >= calendar.revision:
            return False
        columns = reckoned(
            limit_of(order),
            calendar,
            order.clock_started_at,
            spent=timedelta(seconds=order.used_seconds),
            granted=timedelta(seconds=order.granted_seconds),
        )
        moved = any(
            getattr(order, name) != columns[name] for name in ("due_at", "due_is_provisional")
        )
        if columns["due_at"] != order.due_at:
            step = _step(order, columns["due_at"], at)
            columns |= {"chase_step": step, "next_chase_at": next_rung(order, columns, step)}
        # The order's version stays: who opened a form before still acts on what he saw.
        claimed = Order.objects.filter(pk=order.pk, calendar_revision=order.calendar_revision)
        if claimed.update(**columns) != 1 or not moved:
            return False
        _tell(order, columns, at)
        return True


def _step(order: Order, due: datetime, at: datetime) -> int:
    """The step of the ladder that is behind; it begins anew where the end is still to come."""
    return 0 if due > at else order.chase_step


def _tell(order: Order, columns: dict[str, Any], at: datetime) -> None:
    case = order.case
    due = columns["due_at"]
    record(
        case,
        "order.recomputed",
        actor=None,
        at=at,
        payload={
            "order": order.number,
            "old": order.due_at.isoformat(),
            "new": due.isoformat(),
            "provisional": columns["due_is_provisional"],
            "revision": columns["calendar_revision"],
        },
    )
    # A case that is being checked shows no clock although an assisting order may still run.
    if case.due_at is not None:
        ticking = list(Order.objects.filter(case=case, clock_started_at__isnull=False))
        Case.objects.filter(pk=case.pk).update(**case_clock(ticking))
    settle_events(case)
    if due == order.due_at:
        return
    notify(
        users=[order.person_id] if order.person_id else leaders_of(order.team, at),
        kind="order.recomputed",
        text=_("日历有变，期限改为 %(due)s：%(category)s，%(address)s")
        % {
            "due": due.astimezone(clock.LOCAL).strftime("%m-%d %H:%M"),
            "category": case.category.name,
            "address": case.address,
        },
        path=f"/cases/{case.number}/",
        dedupe_key=f"order-recomputed:{order.number}:{columns['calendar_revision']}",
        at=at,
    )
