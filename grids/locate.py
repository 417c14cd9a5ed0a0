"""Point → cell → who answers at that moment: one answer, the same each time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F, FilteredRelation, Q

from citymgmt import clock
from citymgmt.geometry import CellIndex, SegmentIndex
from citymgmt.services.revisions import GRID, Kept
from grids.choices import Duty
from grids.models import Assignment, CellGeneration, RoadSegment
from grids.models.team import DatedQuerySet
from grids.periods import Period, Periods, period_at

_DAY = 1440


@dataclass(frozen=True, slots=True)
class Located:
    """Where a point lies. Everything is empty outside of the grid."""

    generation_id: int | None = None
    cell_id: int | None = None
    cell_code: str = ""
    area_code: str = ""
    segment_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Grid:
    cells: CellIndex[int]
    segments: SegmentIndex[int]
    found: dict[int, Located]


def _build(at: datetime) -> tuple[Period, _Grid]:
    period = period_at(at, CellGeneration.objects.all(), RoadSegment.objects.all())
    generations = CellGeneration.objects.in_force(at).select_related("cell__area")
    shapes: list[tuple[int, dict]] = []
    found: dict[int, Located] = {}
    for row in generations.order_by("pk"):
        shapes.append((row.pk, row.polygon))
        found[row.pk] = Located(row.pk, row.cell_id, row.cell.code, row.cell.area.code)
    segments = RoadSegment.objects.filter(valid_from__lte=at).exclude(valid_to__lte=at)
    lines = [(row.pk, row.line) for row in segments.order_by("pk")]
    return period, _Grid(CellIndex(shapes), SegmentIndex(lines), found)


# A shape may begin or end by itself: the grid is kept by revision and, in it, by period.
_kept: Kept[Periods[_Grid]] = Kept(GRID, lambda: Periods(_build))


def locate(lon: float | None, lat: float | None, *, at: datetime) -> Located:
    """Cell and segment of a WGS-84 point at a moment, by the shapes that are in force then.

    In memory, no statement while the grid is fresh and the moment's period is built.
    On a border the cell whose generation has the smallest id answers. A segment is found
    within `settings.SEGMENT_REACH_METRES`.
    """
    if lon is None or lat is None:
        return Located()
    grid = _kept.get().at(at)
    generation = grid.cells.locate(lon, lat)
    here = grid.found[generation] if generation is not None else Located()
    near = grid.segments.nearest(lon, lat, settings.SEGMENT_REACH_METRES)
    if near is None:
        return here
    return Located(here.generation_id, here.cell_id, here.cell_code, here.area_code, near.id)


def cell_codes(points: Sequence[tuple[float, float]], *, at: datetime) -> list[str]:
    """The code of the cell of each (lon, lat), "" outside of all; in memory as `locate`."""
    grid = _kept.get().at(at)
    found = grid.cells.locate_many(points)
    return ["" if one is None else grid.found[one].cell_code for one in found]


def answering(
    *, cell_id: int | None, segment_id: int | None, at: datetime, duty: str | None = None
) -> list[Assignment]:
    """Who answers at a moment, at most one a duty; a segment's assignment wins over its cell's.

    Whose person is on leave answers through his substitute: `person` is the substitute, and
    `away` the leave; without a substitute `person` stays and `away` says that he is not there.
    With `duty` only that one. One statement; team and person are loaded.
    """
    places = Q(pk__in=[])
    if cell_id is not None:
        places |= Q(cell_id=cell_id)
    if segment_id is not None:
        places |= Q(segment_id=segment_id)
    rows = _on_duty_rows(places, at)
    if duty is not None:
        rows = rows.filter(duty=duty)
    chosen: dict[str, Assignment] = {}
    for row in rows:
        chosen.setdefault(row.duty, _through_substitute(row))
    order = {value: position for position, value in enumerate(Duty.values)}
    return sorted(chosen.values(), key=lambda row: order[row.duty])


def answering_in(cell_ids: Collection[int], *, at: datetime, duty: str) -> dict[int, Assignment]:
    """Who answers for one duty in each of many cells at a moment, as `answering`; one statement."""
    found: dict[int, Assignment] = {}
    for row in _on_duty_rows(Q(cell__in=cell_ids), at).filter(duty=duty):
        found.setdefault(row.cell_id or 0, _through_substitute(row))
    return found


def _on_duty_rows(places: Q, at: datetime) -> DatedQuerySet:
    """The assignments of places at a moment, with the leave of the day of whose they are."""
    day = at.astimezone(clock.LOCAL).date()
    away = Q(
        person__leaves__cancelled_at__isnull=True,
        person__leaves__first_day__lte=day,
        person__leaves__last_day__gte=day,
    )
    return (
        Assignment.objects.in_force(at)
        .annotate(absence=FilteredRelation("person__leaves", condition=away))
        .filter(places, on_duty(at))
        .select_related("team", "person", "absence__substitute")
        .order_by(F("segment_id").asc(nulls_last=True), "pk")
    )


def _through_substitute(row: Assignment) -> Assignment:
    """The assignment as it is answered for: an active substitute in the place of who is away."""
    row.away = getattr(row, "absence", None) if row.person_id else None
    if row.away is not None and row.away.substitute is not None:
        stands_in = row.away.substitute
        if stands_in.is_active:
            row.stood_in_for, row.person = row.person, stands_in
    return row


def on_duty(at: datetime) -> Q:
    """The condition that a moment lies in an assignment's hours, also past midnight."""
    local = at.astimezone(clock.LOCAL)
    minute = (local.hour * 60 + local.minute) % _DAY
    by_day = Q(ends_minute__gt=F("starts_minute")) & Q(
        starts_minute__lte=minute, ends_minute__gt=minute
    )
    by_night = Q(ends_minute__lte=F("starts_minute")) & (
        Q(starts_minute__lte=minute) | Q(ends_minute__gt=minute)
    )
    return by_day | by_night
