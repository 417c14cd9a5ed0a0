"""What waits for an officer outside: orders and look-backs, the most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.presenters import Chip, ClockReader, ClockView, Thumb, moment_text
from cases.views.evidence import cover
from cases.waiting import own_orders, works_on_orders
from citymgmt.choices import Capability, Tone
from grids.policies import Access
from inspections.models import HotSpot, LookBack
from inspections.services.hot_spots import least_warmth

MOST = 60


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing to go to: where, how urgent, and what it looked like."""

    title: str
    address: str
    url: str
    due_at: datetime
    lon: float | None
    lat: float | None
    thumb: Thumb | None
    clock: ClockView | None = None
    chip: Chip | None = None
    said: str = ""
    kept: bool = False
    """Whether its page can be kept for hours without a signal."""


@dataclass(frozen=True, slots=True)
class Work:
    """All that waits, by time left, and how many of each kind."""

    stops: Sequence[Stop]
    orders: int
    lookbacks: int
    overdue: int


def waiting_work(access: Access, at: datetime) -> Work:
    """The person's orders and look-backs whose day has come, at most MOST of each."""
    orders = _orders(access, at)
    lookbacks = _lookbacks(access, at)
    stops = sorted([*orders, *lookbacks], key=lambda stop: stop.due_at)
    late = sum(stop.due_at < at for stop in stops)
    return Work(stops, len(orders), len(lookbacks), late)


def hot_count(access: Access, at: datetime) -> int:
    """How many hot spots the person sees, at most MOST; none without the right to see cases."""
    return HotSpot.objects.visible_to(access).warm(least_warmth(at)).order_by()[:MOST].count()


def _orders(access: Access, at: datetime) -> list[Stop]:
    if not works_on_orders(access):
        return []
    clocks = ClockReader(at)
    rows = own_orders(access).for_list().order_by("due_at", "id")[:MOST]
    return [
        Stop(
            row.case.category.name,
            row.case.address,
            reverse("cases:detail", args=[row.case.number]),
            row.due_at or at,
            row.case.lon,
            row.case.lat,
            cover(row.case.cover_id, access=access, at=at),
            clock=clocks.of_order(row),
        )
        for row in rows
    ]


def _lookbacks(access: Access, at: datetime) -> list[Stop]:
    if not access.can(Capability.LOOKBACK_RECORD):
        return []
    rows = LookBack.objects.visible_to(access).planned().for_list()
    rows = rows.filter(inspector_id=access.user_id, opens_at__lte=at).order_by("due_at", "id")
    return [
        Stop(
            _("回头看 %(name)s") % {"name": row.case.category.name},
            row.case.address,
            reverse("inspections:phone_lookback", args=[row.pk]),
            row.due_at,
            row.case.lon,
            row.case.lat,
            cover(row.case.cover_id, access=access, at=at),
            chip=Chip(Tone.BAD, _("已超时")) if row.due_at < at else None,
            said=_("%(time)s 前") % {"time": moment_text(row.due_at, at)},
            kept=True,
        )
        for row in rows[:MOST]
    ]
