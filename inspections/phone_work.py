"""What waits for an officer outside: orders, look-backs and warned shops, the most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Order
from cases.presenters import Chip, ClockReader, ClockView, Thumb
from cases.views.evidence import cover
from cases.waiting import own_orders, works_on_orders
from citymgmt import clock
from citymgmt.choices import Capability, Tone
from citymgmt.spoken import spoken_moment
from grids.models import Shop
from grids.policies import Access
from inspections.hot_clusters import hours_of
from inspections.models import HotSpot, LookBack, ShopVisit
from inspections.services.hot_spots import least_warmth
from inspections.services.shop_repeats import unseen_warnings

MOST = 60
_GUARDED = 8
ORDER, LOOKBACK, SHOP = "order", "lookback", "shop"


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
    opens_at: datetime | None = None
    """From when on it can be done, where that is still to come."""

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
    shops: int
    overdue: int
    reworks: int


@dataclass(frozen=True, slots=True)
class Guard:
    """Hot spots that the person sees: how many, and where to be next, in words."""

    count: int
    hours: str
    address: str


def waiting_work(access: Access, at: datetime) -> Work:
    """The person's orders, and his look-backs and warnings whose day has come, at most MOST of
    each."""
    orders = _orders(access, at)
    lookbacks = _lookbacks(access, at)
    shops = _shops(access, at)
    stops = sorted([*orders, *lookbacks, *shops], key=lambda stop: stop.due_at)
    late = sum(stop.due_at < at for stop in stops)
    back = sum(stop.rework > 0 for stop in orders)
    return Work(stops, len(orders), len(lookbacks), len(shops), late, back)


def next_guard(access: Access, at: datetime) -> Guard | None:
    """Of the warmest hot spots that the person sees the one whose hours run or come next, and how
    many he sees (at most MOST); None without one, or without the right to see cases."""
    rows = HotSpot.objects.visible_to(access).warm(least_warmth(at))
    spots = list(rows.values_list("by_hour", "address")[:MOST])
    hour = at.astimezone(clock.LOCAL).hour
    coming = [
        (hours_until(begin, end, hour), nth, begin, end, address)
        for nth, (by_hour, address) in enumerate(spots[:_GUARDED])
        for begin, end in hours_of(by_hour)
    ]
    if not coming:
        return None
    _wait, _nth, begin, end, address = min(coming)
    return Guard(len(spots), f"{begin}:00–{end}:00", address)


def hours_until(begin: int, end: int, hour: int) -> int:
    """Hours until a stretch of the day begins; 0 while it runs, also over midnight."""
    length = (end - begin) % 24 or 24
    return 0 if (hour - begin) % 24 < length else (begin - hour) % 24


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
    return _("%(time)s 前") % {"time": spoken_moment(due, at)}


def _lookbacks(access: Access, at: datetime) -> list[Stop]:
    if not access.can(Capability.LOOKBACK_RECORD):
        return []
    rows = LookBack.objects.visible_to(access).planned().for_list()
    rows = rows.filter(inspector_id=access.user_id, opens_at__lt=_midnight(at))
    return [_lookback_stop(row, access, at) for row in rows.order_by("due_at", "id")[:MOST]]


def _lookback_stop(row: LookBack, access: Access, at: datetime) -> Stop:
    opens = row.opens_at if row.opens_at > at else None
    if opens is not None:
        chip = Chip(Tone.MUTED, _("%(time)s 起") % {"time": spoken_moment(opens, at)})
    elif row.due_at < at:
        chip = Chip(Tone.BAD, _("已超时"))
    else:
        chip = Chip(Tone.DOING, _until(row.due_at, at))
    return Stop(
        LOOKBACK,
        row.pk,
        _("回头看 %(name)s") % {"name": row.case.category.name},
        row.case.address,
        reverse("inspections:phone_lookback", args=[row.pk]),
        row.due_at,
        row.case.lon,
        row.case.lat,
        cover(row.case.cover_id, access=access, at=at),
        chip=chip,
        due=_until(row.due_at, at),
        opens_at=opens,
    )


def _midnight(at: datetime) -> datetime:
    """The end of the day."""
    day = at.astimezone(clock.LOCAL).date() + timedelta(days=1)
    return datetime.combine(day, time(), clock.LOCAL)


def _shops(access: Access, at: datetime) -> list[Stop]:
    """Shops that the person warned and nobody has checked since, from the last day to mend on."""
    if not access.can(Capability.SHOP_CHECK):
        return []
    shops = Shop.objects.visible_to(access).in_force(at)
    today = at.astimezone(clock.LOCAL).date()
    rows = unseen_warnings(at).filter(visitor_id=access.user_id, fix_by__lte=today)
    return [_shop_stop(row, at) for row in rows.filter(shop__in=shops)[:MOST]]


def _shop_stop(visit: ShopVisit, at: datetime) -> Stop:
    """It is due by the end of the day by which the shop had to mend it."""
    assert visit.fix_by is not None
    due = datetime.combine(visit.fix_by, time(), clock.LOCAL) + timedelta(days=1)
    today = _("今天复查")
    return Stop(
        SHOP,
        visit.pk,
        visit.shop.name,
        visit.shop.address,
        reverse("inspections:phone_shop", args=[visit.shop.code]),
        due,
        visit.shop.lon,
        visit.shop.lat,
        None,
        chip=Chip(Tone.BAD, _("过期没复查")) if due < at else Chip(Tone.WARN, today),
        due=today,
    )
