"""Checking in on patrol: at a key place, in a cell, or just here; each once, by the phone's key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from citymgmt.geometry import distance_m
from citymgmt.texts import clean_text
from grids.choices import CheckInKind
from grids.coverage import Plane
from grids.locate import locate
from grids.models import CheckIn, Patrol, Site
from grids.patrol_duty import shapes_of

MAX_NOTE = 100
SLACK = timedelta(minutes=1)
_MOST_METRES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Seen:
    """A check-in by the phone's clock: at a site, else in a cell, else just here."""

    key: UUID
    at: datetime
    lon: float
    lat: float
    accuracy_m: float
    site_id: int | None = None
    cell_id: int | None = None
    note: str = ""


def keep_check_ins(
    *, patrol: Patrol, seen: Sequence[Seen], at: datetime
) -> tuple[list[UUID], list[UUID]]:
    """Keep what is not here yet; the keys that are here now, and those that never can be.

    For callers who hold the patrol. What stands under another's key is not his.
    """
    known = dict(
        CheckIn.objects.filter(key__in=[each.key for each in seen]).values_list("key", "patrol_id")
    )
    kept: list[UUID] = []
    refused: list[UUID] = []
    for each in seen:
        if each.key not in known:
            row = _row(patrol, each, at)
            if row is not None:
                row.save()
                known[each.key] = patrol.pk
        (kept if known.get(each.key) == patrol.pk else refused).append(each.key)
    return kept, refused


def _row(patrol: Patrol, seen: Seen, at: datetime) -> CheckIn | None:
    """The row of a check-in; None where there is no such place, off the globe, off patrol."""
    on_globe = -180 <= seen.lon <= 180 and -90 <= seen.lat <= 90
    on_patrol = patrol.started_at - SLACK <= seen.at <= patrol.until + SLACK
    exact = 0 <= seen.accuracy_m < _MOST_METRES
    if patrol.erased_at is not None or not (on_globe and on_patrol and exact):
        return None
    row = CheckIn(
        key=seen.key,
        patrol=patrol,
        at=seen.at,
        received_at=at,
        lon=seen.lon,
        lat=seen.lat,
        accuracy_m=round(seen.accuracy_m),
        note=clean_text(seen.note)[:MAX_NOTE],
    )
    if seen.site_id is not None:
        return _at_site(row, seen.site_id, at)
    if seen.cell_id is not None:
        return _in_cell(row, seen.cell_id, at)
    row.cell_id = locate(seen.lon, seen.lat, at=at).cell_id
    return row


def _at_site(row: CheckIn, site_id: int, at: datetime) -> CheckIn | None:
    site = Site.objects.filter(pk=site_id).first()
    if site is None:
        return None
    row.kind, row.site, row.cell_id = CheckInKind.SITE, site, site.cell_id
    if site.lon is not None and site.lat is not None and row.lon is not None:
        row.away_m = round(distance_m(row.lon, row.lat or 0.0, site.lon, site.lat))
    return row


def _in_cell(row: CheckIn, cell_id: int, at: datetime) -> CheckIn | None:
    polygon = shapes_of([cell_id], at).get(cell_id)
    if polygon is None:
        return None
    row.kind, row.cell_id = CheckInKind.CELL, cell_id
    plane = Plane(row.lon or 0.0, row.lat or 0.0)
    row.away_m = round(plane.from_middle(polygon))
    return row
