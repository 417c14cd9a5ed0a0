"""Problems and look-backs of a period, row by row, each list capped."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest
from itertools import chain, islice
from typing import NamedTuple

from django.db.models import Q

from cases.choices import (
    OPEN_ORDER_STATES,
    LookBackResult,
    LookBackState,
    OrderState,
)
from cases.models import Order
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.models import Photo
from inspections.facts.happened import Given, Happened
from inspections.facts.lookbacks import SECOND, escalated_in
from inspections.facts.period import Json, Period, is_overdue, plain, said
from inspections.models import LookBack
from inspections.querysets import PUT_RIGHT, LookBackQuerySet

MAX_PROBLEMS = 60
MAX_LOOKBACKS = 40


def problems_of(period: Period, happened: Happened) -> Json:
    """The problems that were handed out, one row a case: by team, then by time."""
    latest = {given.case_id: given for given in happened.handed_out}
    urgent = nsmallest(MAX_PROBLEMS, latest.values(), key=_pressing_first)
    orders = Order.objects.filter(pk__in=[given.order_id for given in urgent])
    shown = sorted(
        orders.select_related("case__category", "team"),
        key=lambda order: (order.team.code, order.case.filed_at, order.pk),
    )
    after = _photos(PhotoSubject.ORDER, [order.pk for order in shown], PhotoKind.AFTER)
    before = _rebound_photos([order.pk for order in shown if order.is_rebound])
    return {
        "rows": [_problem(order, period, before, after) for order in shown],
        "more": len(latest) - len(shown),
    }


def _pressing_first(given: Given) -> tuple[bool, datetime, int]:
    return not given.presses, given.filed_at, given.order_id


def _problem(order: Order, period: Period, before: dict[int, str], after: dict[int, str]) -> Json:
    case = order.case
    state = _state_at_end(order, period)
    return {
        "number": case.number,
        "at": said(case.filed_at),
        "address": case.address,
        "text": case.text,
        "category": case.category.name,
        "team": order.team.name,
        "due": said(order.due_at),
        "state": state,
        "overdue": state in OPEN_ORDER_STATES and is_overdue(order, period.until),
        "rebound": order.is_rebound,
        "quantity": plain(order.quantity) if order.quantity is not None else None,
        "unit": order.unit,
        "before": before.get(order.pk) or (str(case.cover_id) if case.cover_id else None),
        "after": after.get(order.pk),
    }


def _state_at_end(order: Order, period: Period) -> str:
    """Where the order stood at the end of the period, as far as its moments tell."""
    if order.ended_at is not None and order.ended_at < period.until:
        return order.state
    if order.submitted_at is not None and order.submitted_at < period.until:
        return OrderState.SUBMITTED
    received = order.received_at is not None and order.received_at < period.until
    return OrderState.RECEIVED if received else OrderState.ISSUED


def _rebound_photos(order_ids: Sequence[int]) -> dict[int, str]:
    """For orders that a look-back opened, what it saw."""
    rows = LookBack.objects.filter(new_order__in=order_ids)
    opened = {row.pk: row.new_order_id for row in rows.only("pk", "new_order_id")}
    seen = _photos(PhotoSubject.LOOKBACK, list(opened), PhotoKind.RECHECK)
    photos = {opened[lookback_id]: photo for lookback_id, photo in seen.items()}
    return {order_id: photo for order_id, photo in photos.items() if order_id is not None}


def _photos(subject: PhotoSubject, ids: Sequence[int], kind: PhotoKind) -> dict[int, str]:
    """The newest photo of a kind of each subject, by subject id."""
    rows = Photo.objects.filter(subject_kind=subject, subject_id__in=ids, kind=kind)
    ordered = rows.order_by("received_at", "-position").values_list("subject_id", "pk")
    return {subject_id: str(pk) for subject_id, pk in ordered if subject_id is not None}


class Look(NamedTuple):
    """A look-back, by its id, with what it found; empty while nobody looked."""

    pk: int
    case_id: int
    team_id: int
    result: str
    rebound_nth: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Look-backs that were done in a period, those that should have been by its end, and those
    that were told up the ladder in it."""

    done: tuple[Look, ...]
    missed: tuple[Look, ...]
    escalated: tuple[Look, ...] = ()

    @property
    def raised(self) -> tuple[Look, ...]:
        """Those of a second rebound, which put its case under supervision."""
        return tuple(row for row in self.done if row.rebound_nth >= SECOND)

    def cases(self, *results: str) -> list[int]:
        """The case of each that was done, of those with these results alone if any are named."""
        return [row.case_id for row in self.done if not results or row.result in results]


def seen_in(period: Period) -> Seen:
    """What was looked back on in a period, what was not, and what was told up the ladder.

    Five statements at most.
    """
    done, missed = done_in(period), missed_by(period)
    told = escalated_in(period.since, period.until)
    return Seen(
        _looks(done.order_by("recorded_at", "id")),
        _looks(missed.order_by("due_at", "id")),
        _looks(_of(period).filter(pk__in=told).order_by("id")) if told else (),
    )


def done_in(period: Period) -> LookBackQuerySet:
    """The look-backs that were done in a period."""
    return _of(period).filter(period.within("recorded_at"))


def missed_by(period: Period) -> LookBackQuerySet:
    """The look-backs that should have been done by the end of a period and were not."""
    unseen = Q(PUT_RIGHT, state=LookBackState.PLANNED) | Q(recorded_at__gte=period.until)
    return _of(period).filter(unseen, due_at__lt=period.until)


def _of(period: Period) -> LookBackQuerySet:
    rows = LookBack.objects.all()
    return rows.filter(team__path__contains=[period.team.pk]) if period.team else rows


def _looks(rows: LookBackQuerySet) -> tuple[Look, ...]:
    asked = rows.values_list("pk", "case_id", "team_id", "result", "rebound_nth")
    return tuple(Look(*row) for row in asked)


def lookbacks_of(seen: Seen) -> Json:
    """The look-backs of a period in figures and row by row."""
    done, missed = seen.done, seen.missed
    results = Counter(row.result for row in done)
    # What needs somebody's attention first, then what was missed, then what held.
    bad = (row for row in done if row.result != LookBackResult.HELD)
    fine = (row for row in done if row.result == LookBackResult.HELD)
    shown = [row.pk for row in islice(chain(bad, missed, fine), MAX_LOOKBACKS)]
    photos = _photos(PhotoSubject.LOOKBACK, shown, PhotoKind.RECHECK)
    rows = LookBack.objects.select_related("case__category", "order", "team").in_bulk(shown)
    missed_ids = {row.pk for row in missed}
    return {
        "due": len(done) + len(missed),
        "done": len(done),
        "missed": len(missed),
        **{str(result): results[result] for result in LookBackResult.values},
        "raised": len(seen.raised),
        "escalated": len(seen.escalated),
        "rows": [_lookback(rows[pk], pk in missed_ids, photos) for pk in shown],
        "more": len(done) + len(missed) - len(shown),
    }


def _lookback(row: LookBack, missed: bool, photos: dict[int, str]) -> Json:
    order = row.order
    return {
        "number": row.case.number,
        "address": row.case.address,
        "category": row.case.category.name,
        "team": row.team.name,
        "round": row.round,
        "result": "" if missed else row.result,
        "note": "" if missed else row.note,
        "at": said(row.due_at if missed else row.recorded_at or row.due_at),
        "quantity": plain(order.quantity) if order.quantity is not None else None,
        "unit": order.unit,
        "photo": None if missed else photos.get(row.pk),
        "before": str(row.case.cover_id) if row.case.cover_id else None,
    }
