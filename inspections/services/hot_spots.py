"""Hot spots: found one by one as cases come, and all anew each night; both come to the same.

The row is the queue: a case without a `Happened` row waits to be placed, and so does a rebound.
Whoever places holds the rule's row, so that each is placed after the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet

from cases.models import Case, Report
from citymgmt import clock
from citymgmt.geometry import bbox_around, distance_m
from citymgmt.services.numbering import day_number
from inspections.hot_clusters import (
    Nearness,
    Occurrence,
    joined_by,
    warmth,
    warmth_of_weight,
    weight_at,
)
from inspections.models import Happened, HotSpot, HotSpotRule, LookBack
from inspections.querysets import HotSpotQuerySet

RECENT = timedelta(days=3)
SERIES = "hot-spot"


def rule() -> HotSpotRule:
    """When places become hot; the defaults where nobody has written one."""
    return HotSpotRule.objects.filter(pk=1).first() or HotSpotRule()


def nearness_of(row: HotSpotRule) -> Nearness:
    """The rule as the search for clusters has it."""
    return Nearness(row.metres, row.days, row.times)


def held_rule() -> HotSpotRule:
    """The rule's row, locked until the transaction ends."""
    HotSpotRule.objects.bulk_create([HotSpotRule(pk=1)], ignore_conflicts=True)
    return HotSpotRule.objects.select_for_update().get(pk=1)


def weight_of(spot: HotSpot, at: datetime, row: HotSpotRule | None = None) -> float:
    """Its weight at a moment; one that happens this moment weighs 1."""
    half_life = (row or rule()).half_life_days
    return weight_at(spot.warmth, int(at.timestamp()), half_life)


def least_warmth(at: datetime, row: HotSpotRule | None = None) -> float:
    """The warmth below which a spot has cooled at a moment."""
    row = row or rule()
    return warmth_of_weight(row.cool_percent / 100, int(at.timestamp()), row.half_life_days)


def warm_spots(*, at: datetime) -> HotSpotQuerySet:
    """The hot spots at a moment, the warmest first."""
    return HotSpot.objects.warm(least_warmth(at))


@dataclass(frozen=True, slots=True)
class Around:
    """How often a class came within some metres of a case and some days, the case itself too,
    and the number of the live hot spot that the case is of, if any."""

    metres: int
    days: int
    count: int
    spot: str


def around(case: Case, *, metres: int, days: int, at: datetime) -> Around | None:
    """What came around a case up to a moment; None where it has no point. One statement."""
    if case.lon is None or case.lat is None:
        return None
    west, south, east, north = bbox_around(case.lon, case.lat, metres)
    rows = Happened.objects.filter(
        category_id=case.category_id,
        at__gt=at - timedelta(days=days),
        at__lte=at,
        lon__range=(west, east),
        lat__range=(south, north),
    ).values_list("lon", "lat", "case_id", "spot__number", "spot__ended_at")
    near = [row for row in rows if distance_m(case.lon, case.lat, row[0], row[1]) <= metres]
    spots = [row[3] for row in near if row[2] == case.pk and row[3] and row[4] is None]
    return Around(metres, days, len(near), spots[0] if spots else "")


# --- What waits -------------------------------------------------------------------------------


def due_cases(*, at: datetime, limit: int) -> list[int]:
    """Ids of cases of late that wait to be placed, or of which a rebound waits, the oldest first.

    What is older than RECENT, as from a ledger, is found in the night.
    """
    since = at - RECENT
    filed = _to_place().filter(filed_at__gt=since)
    back = _came_back().filter(recorded_at__gt=since)
    ids = [
        *filed.order_by("filed_at", "id").values_list("pk", flat=True)[:limit],
        *back.order_by("recorded_at", "id").values_list("case_id", flat=True)[:limit],
    ]
    return list(dict.fromkeys(ids))[:limit]


def _to_place() -> QuerySet[Case]:
    filed = Happened.objects.filter(case=OuterRef("pk"), lookback__isnull=True)
    return Case.objects.counted().filter(~Exists(filed), lon__isnull=False, lat__isnull=False)


def _came_back() -> QuerySet[LookBack]:
    there = Happened.objects.filter(lookback=OuterRef("pk"))
    rows = LookBack.objects.rebounded().filter(~Exists(there), case__lon__isnull=False)
    return rows.filter(case__in=Case.objects.counted())


# --- One by one -------------------------------------------------------------------------------


def place_case(*, case_id: int, at: datetime) -> HotSpot | None:
    """Place what happened of a case and was not placed yet; the hot spot that it is now of.

    Run again it changes nothing. Raises Case.DoesNotExist.
    """
    with transaction.atomic():
        row = held_rule()
        case = Case.objects.get(pk=case_id)
        spot = None
        for fresh in _fresh(case):
            fresh.save()
            spot = _join(fresh, row, at) or spot
        return spot


def _fresh(case: Case) -> Iterable[Happened]:
    """What happened of a case that has no row yet, the first thing first."""
    if _to_place().filter(pk=case.pk).exists():
        told = Report.objects.filter(case=case).aggregate(first=Min("created_at"))["first"]
        moment = case.filed_at if told is None or case.from_ledger else min(told, case.filed_at)
        yield _happened(case, moment, None)
    for lookback in _came_back().filter(case=case).order_by("recorded_at"):
        if lookback.recorded_at is not None:
            yield _happened(case, lookback.recorded_at, lookback)


def _happened(case: Case, moment: datetime, lookback: LookBack | None) -> Happened:
    assert case.lon is not None
    assert case.lat is not None
    return Happened(
        case=case,
        lookback=lookback,
        category_id=case.category_id,
        at=moment,
        lon=case.lon,
        lat=case.lat,
    )


def occurrence_of(row: Happened) -> Occurrence:
    """A row as the search for clusters has it."""
    return Occurrence(
        int(row.at.timestamp()),
        (row.case_id, row.lookback_id or 0),
        row.category_id,
        row.lon,
        row.lat,
    )


def _join(fresh: Happened, row: HotSpotRule, at: datetime) -> HotSpot | None:
    """Let a new row join what it makes tell; None where it makes nothing tell."""
    around = {occurrence_of(each): each for each in _around(fresh, row)}
    joined = joined_by(occurrence_of(fresh), around, nearness_of(row))
    if not joined:
        return None
    members = [around[each] for each in joined if each in around]
    known = sorted({each.spot_id for each in members if each.spot_id is not None})
    spot = HotSpot.objects.get(pk=known[0]) if known else new_spot(fresh.category_id, at)
    Happened.objects.filter(pk__in=[each.pk for each in members]).update(spot=spot)
    merge(known[1:], spot, at)
    describe([spot.pk], row)
    spot.refresh_from_db()
    return spot


def _around(fresh: Happened, row: HotSpotRule) -> QuerySet[Happened]:
    """All of its class near enough to tell with it or with what it may make tell."""
    west, south, east, north = bbox_around(fresh.lon, fresh.lat, 2 * row.metres + 1)
    # A second more, since occurrences are told by whole seconds.
    span = timedelta(days=row.days, seconds=1)
    return Happened.objects.filter(
        category_id=fresh.category_id,
        at__gte=fresh.at - span,
        at__lte=fresh.at + span,
        lon__gte=west,
        lon__lte=east,
        lat__gte=south,
        lat__lte=north,
    )


# --- A spot -----------------------------------------------------------------------------------


def new_spot(category_id: int, at: datetime) -> HotSpot:
    """A hot spot of which nothing is known yet but its class."""
    return HotSpot.objects.create(
        number=f"H{day_number(SERIES, at)}",
        category_id=category_id,
        found_at=at,
        first_at=at,
        last_at=at,
        count=0,
        warmth=0,
        lon=0,
        lat=0,
        extent_m=0,
    )


def merge(ids: Sequence[int], spot: HotSpot, at: datetime) -> None:
    """Let other spots go on in an older one."""
    if not ids:
        return
    Happened.objects.filter(spot__in=ids).update(spot=spot)
    # Who was merged into one of them is now of the same.
    HotSpot.objects.filter(merged_into__in=ids).update(merged_into=spot)
    HotSpot.objects.filter(pk__in=ids).update(merged_into=spot, ended_at=at)


_SHOWN = (
    "category_id",
    "first_at",
    "last_at",
    "count",
    "rebounds",
    "warmth",
    "lon",
    "lat",
    "extent_m",
    "by_hour",
    "address",
    "cell_id",
    "area_code",
    "team_ids",
)


def describe(ids: Sequence[int], row: HotSpotRule) -> None:
    """Write what some spots show from what happened at them; two statements and one write."""
    spots = HotSpot.objects.in_bulk(ids)
    members: dict[int, list[Happened]] = defaultdict(list)
    rows = Happened.objects.filter(spot__in=ids).select_related("case")
    for each in rows.order_by("at", "case_id", "id"):
        if each.spot_id is not None:
            members[each.spot_id].append(each)
    for pk, there in members.items():
        latest = there[-1].case
        shown = facts_of(there, row) | {
            "category_id": there[-1].category_id,
            "address": latest.address,
            "cell_id": latest.cell_id,
            "area_code": latest.area_code,
            "team_ids": sorted({team for each in there for team in each.case.team_ids}),
        }
        for name, value in shown.items():
            setattr(spots[pk], name, value)
    names = [name.removesuffix("_id") for name in _SHOWN]
    HotSpot.objects.bulk_update([spots[pk] for pk in members], names, batch_size=200)


def facts_of(rows: Sequence[Happened], row: HotSpotRule) -> dict[str, Any]:
    """The columns that follow from the rows alone; the rows by time."""
    lon = sum(each.lon for each in rows) / len(rows)
    lat = sum(each.lat for each in rows) / len(rows)
    by_hour = [0] * 24
    for each in rows:
        by_hour[each.at.astimezone(clock.LOCAL).hour] += 1
    return {
        "first_at": rows[0].at,
        "last_at": rows[-1].at,
        "count": len(rows),
        "rebounds": sum(each.lookback_id is not None for each in rows),
        "warmth": warmth((int(each.at.timestamp()) for each in rows), row.half_life_days),
        "lon": lon,
        "lat": lat,
        "extent_m": round(max(distance_m(lon, lat, each.lon, each.lat) for each in rows)),
        "by_hour": by_hour,
    }
