"""What every move of an order shares: its clock, and where the orders put their case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from cases.choices import (
    LIVE_ORDER_STATES,
    OPEN_ORDER_STATES,
    CaseState,
    Closing,
    OrderState,
    Stage,
)
from cases.deadlines import total, used
from cases.escalation import Ladder, next_chase
from cases.models import Case, Order
from cases.services._advance import guard, lock_case, order_standing, seen, settle
from cases.services._endings import closed_with, lapse_requests
from cases.services._reckoning import calendar_of, limit_of, reckoned
from cases.services.rules import ladder_of
from cases.workflow import Move, case_state_of
from citymgmt.models import User
from grids.access import access_of


def opened(
    move: Move, order_id: int, actor: User, at: datetime, version: int | None
) -> tuple[Case, Order]:
    """The case (locked) and the order, after version and policy were asked.

    Raises Order.DoesNotExist, Conflict, Forbidden or BadTransition.
    """
    case = lock_case(Order.objects.values_list("case_id", flat=True).get(pk=order_id))
    order = Order.objects.select_related("team", "person").get(pk=order_id)
    # One and the same row: what the move changes in the case is seen through the order too.
    order.case = case
    seen(order, version)
    guard(move, actor, order_standing(order, case, access_of(actor), at))
    return case, order


def held_order(order_id: int) -> Order | None:
    """An order with its team for background work, its case locked; None where it is gone."""
    case_id = Order.objects.filter(pk=order_id).values_list("case_id", flat=True).first()
    if case_id is None:
        return None
    case = lock_case(case_id)
    order = Order.objects.select_related("team").get(pk=order_id)
    order.case = case
    return order


# --- The clock ------------------------------------------------------------------------------


def spent_at(order: Order, at: datetime) -> timedelta:
    """What the order's clock has used in all at a moment, in the limit's own kind of time."""
    spent = timedelta(seconds=order.used_seconds)
    if order.clock_started_at is None:
        return spent
    return spent + used(limit_of(order), order.clock_started_at, at, calendar_of(order))


@dataclass(frozen=True, slots=True)
class Stopped:
    """A stopped clock: what it used in all (seconds), and whether that was in time."""

    spent: int
    on_time: bool

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of the order that say so."""
        return {
            "used_seconds": self.spent,
            "clock_started_at": None,
            "is_paused": False,
            "next_chase_at": None,
        }

    @property
    def said(self) -> dict[str, Any]:
        """What the event that stops it says of it."""
        return {"used_seconds": self.spent, "on_time": self.on_time}


def stopped(order: Order, at: datetime) -> Stopped:
    """The clock of an order when it stops at a moment; one that fell late once stays late."""
    spent = int(spent_at(order, at).total_seconds())
    in_time = at <= order.due_at if order.clock_started_at else spent <= order.granted_seconds
    return Stopped(spent, in_time and order.on_time is not False)


def running(
    order: Order, at: datetime, *, spent: timedelta, granted: timedelta, chase_step: int = 0
) -> dict[str, Any]:
    """Columns of an order whose clock (again) starts at a moment, `spent` being behind it."""
    moments = reckoned(limit_of(order), calendar_of(order), at, spent=spent, granted=granted)
    return moments | {
        "clock_started_at": at,
        "is_paused": False,
        "used_seconds": int(spent.total_seconds()),
        "granted_seconds": int(granted.total_seconds()),
        "chase_step": chase_step,
        "next_chase_at": next_rung(order, moments, chase_step),
    }


def extended(order: Order) -> dict[str, Any]:
    """Columns of a running order that is granted one more original limit."""
    limit = limit_of(order)
    granted = timedelta(seconds=order.granted_seconds) + total(limit)
    spent, start = timedelta(seconds=order.used_seconds), order.clock_started_at
    columns: dict[str, Any] = {
        "granted_seconds": int(granted.total_seconds()),
        "extension_count": order.extension_count + 1,
    }
    if start is None:
        return columns
    moments = reckoned(limit, calendar_of(order), start, spent=spent, granted=granted)
    return columns | moments | {"chase_step": 0, "next_chase_at": next_rung(order, moments, 0)}


def ended_facts(orders: Sequence[Order]) -> dict[str, Any]:
    """What the event says of the orders that end with their case: which, and which fell late."""
    late = [order.number for order in orders if order.on_time is False]
    return {"orders": [order.number for order in orders], "late": late}


def replaced_facts(order: Order) -> dict[str, Any]:
    """What the event of a new order says of the one that it replaces, which has ended."""
    return {
        "replaces": order.number,
        "replaced_used_seconds": order.used_seconds,
        "replaced_on_time": order.on_time,
    }


def next_rung(order: Order, moments: Mapping[str, Any], step: int) -> datetime | None:
    """When the order is chased next if its clock has those moments and `step` was the last."""
    return next_chase(ladder(order), moments["warn_at"], moments["due_at"], step)


def ladder(order: Order) -> Ladder:
    """Who hears of the order's clock, by its case's class; needs `case` loaded."""
    return ladder_of(Stage.RECTIFICATION, order.case.category_id)


# --- Where the orders put their case --------------------------------------------------------


def live_orders(case: Case) -> list[Order]:
    """The orders of a case that are neither passed, returned nor cancelled, oldest first."""
    rows = Order.objects.filter(case=case, state__in=LIVE_ORDER_STATES)
    return list(rows.select_related("team", "person").order_by("position"))


def case_clock(ticking: Sequence[Order]) -> dict[str, Any]:
    """Columns of a case whose orders' clocks run: the earliest moments, and the schedule by which
    the earliest deadline was reckoned."""
    first = min(ticking, key=lambda row: row.due_at, default=None)
    if first is None:
        return {"due_at": None, "warn_at": None}
    return {
        "due_at": first.due_at,
        "warn_at": min(row.warn_at for row in ticking),
        "schedule_id": first.schedule_id,
    }


def follow(case: Case, at: datetime, *, actor: User | None, **changes: Any) -> None:
    """Settle a locked case where its orders put it, with other changes of its row.

    The earliest clock of those that run is the case's. When the last order has passed the case
    is closed: that is one more event. It is late if any order of the round was, also one that
    was given back, taken away or joined to it with its case: no new order washes that off.
    Requests of orders that run no more lapse.
    """
    orders = list(Order.objects.filter(case=case, round=case.rebound_count))
    lead = max((row for row in orders if row.is_lead), key=lambda row: row.position, default=None)
    state = case_state_of(
        lead.state if lead else None, [row.state for row in orders if not row.is_lead]
    )
    open_ = [row for row in orders if row.state in OPEN_ORDER_STATES]
    ticking = open_ if state == CaseState.RECTIFYING else []
    changes |= {
        "state": state,
        "waits_check": any(row.state == OrderState.SUBMITTED for row in orders),
        **case_clock(ticking),
    }
    if state == CaseState.TO_CHECK:
        waiting = [row for row in orders if row.state == OrderState.SUBMITTED]
        changes |= {
            "stage_due_at": _first(row.check_due_at for row in waiting),
            "stage_warn_at": _first(row.check_warn_at for row in waiting),
        }
    lapse_requests(case, at, still_open=[row.pk for row in open_])
    if state == CaseState.CLOSED and lead is not None:
        late = any(row.on_time is False for row in orders) or _joined_late(case)
        changes |= closed_with(
            case,
            at,
            closing=Closing.PASSED,
            on_time=not late,
            actor=actor,
            payload={"order": lead.number},
        )
    settle(case, sources={case.state}, at=at, **changes)


def _joined_late(case: Case) -> bool:
    """Whether an order of a case that was joined to this one had run out before."""
    joined = Order.objects.filter(case__merged_into=case, case__state=CaseState.MERGED)
    return joined.filter(on_time=False, round=F("case__rebound_count")).exists()


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
