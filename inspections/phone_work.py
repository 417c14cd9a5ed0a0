"""What waits for an officer outside: orders and look-backs, the most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Order
from cases.presenters import Chip, ClockReader, ClockView, Thumb, moment_text
from cases.views.evidence import cover
from cases.waiting import own_orders, works_on_orders
from citymgmt.choices import Capability, Tone
from grids.policies import Access
from inspections.models import HotSpot, LookBack
from inspections.services.hot_spots import least_warmth

MOST = 60
ORDER, LOOKBACK = "order", "lookback"


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing to go to: where, how urgent, and what it looked like."""

    kind: str
    pk: int
    title: str
    address: str
    url: str
    due_at: datetime
    lon: float | None
    lat: float | None
    thumb: Thumb | None
    chip: Chip
    due: str
    """When it falls due, for a page that was kept: what is left has changed by then."""
    kept: bool = True
    """Whether its page can be kept for hours without a signal."""
    rework: int = 0
    """How often it was put right and came back."""

    @property
    def key(self) -> str:
        """By which a phone knows it again; what came back is another thing to do."""
        return f"{self.kind}-{self.pk}-{self.rework}" if self.rework else f"{self.kind}-{self.pk}"


@dataclass(frozen=True, slots=True)
class Work:
    """All that waits, by time left, and how many of each kind."""

    stops: Sequence[Stop]
    orders: int
    lookbacks: int
    overdue: int
    reworks: int


def waiting_work(access: Access, at: datetime) -> Work:
    """The person's orders and look-backs whose day has come, at most MOST of each."""
    orders = _orders(access, at)
    lookbacks = _lookbacks(access, at)
    stops = sorted([*orders, *lookbacks], key=lambda stop: stop.due_at)
    late = sum(stop.due_at < at for stop in stops)
    back = sum(stop.rework > 0 for stop in orders)
    return Work(stops, len(orders), len(lookbacks), late, back)


def hot_count(access: Access, at: datetime) -> int:
    """How many hot spots the person sees, at most MOST; none without the right to see cases."""
    return HotSpot.objects.visible_to(access).warm(least_warmth(at)).order_by()[:MOST].count()


def _orders(access: Access, at: datetime) -> list[Stop]:
    if not works_on_orders(access):
        return []
    clocks = ClockReader(at)
    rows = own_orders(access).for_list().order_by("due_at", "id")[:MOST]
    rectifies = access.can(Capability.ORDER_RECTIFY)
    return [
        Stop(
            ORDER,
            row.pk,
            row.case.category.name,
            row.case.address,
            reverse("inspections:phone_order", args=[row.pk])
            if rectifies
            else reverse("cases:detail", args=[row.case.number]),
            row.due_at,
            row.case.lon,
            row.case.lat,
            cover(row.case.cover_id, access=access, at=at),
            chip=_chip(row, clocks.of_order(row)),
            due=_until(row.due_at, at),
            kept=rectifies,
            rework=row.rework_count,
        )
        for row in rows
    ]


def _chip(order: Order, clock: ClockView) -> Chip:
    """Its clock; one that came back says so."""
    if order.is_rebound:
        return Chip(Tone.BAD, _("反弹 %(left)s") % {"left": clock.text})
    if order.rework_count:
        return Chip(clock.tone, _("返工 %(left)s") % {"left": clock.text})
    return Chip(clock.tone, clock.text)


def _until(due: datetime, at: datetime) -> str:
    return _("%(time)s 前") % {"time": moment_text(due, at)}


def _lookbacks(access: Access, at: datetime) -> list[Stop]:
    if not access.can(Capability.LOOKBACK_RECORD):
        return []
    rows = LookBack.objects.visible_to(access).planned().for_list()
    rows = rows.filter(inspector_id=access.user_id, opens_at__lte=at).order_by("due_at", "id")
    return [
        Stop(
            LOOKBACK,
            row.pk,
            _("回头看 %(name)s") % {"name": row.case.category.name},
            row.case.address,
            reverse("inspections:phone_lookback", args=[row.pk]),
            row.due_at,
            row.case.lon,
            row.case.lat,
            cover(row.case.cover_id, access=access, at=at),
            chip=Chip(Tone.BAD, _("已超时"))
            if row.due_at < at
            else Chip(Tone.DOING, _until(row.due_at, at)),
            due=_until(row.due_at, at),
        )
        for row in rows[:MOST]
    ]
