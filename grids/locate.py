"""Point → cell → who answers at that moment: one answer, the same each time."""

import sys
from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.db.models import BigIntegerField, F, FilteredRelation, Func, Q, TextField, Value
from django.db.models.functions import Cast, Collate
from numpy.typing import NDArray

from citymgmt import clock
from citymgmt.cell_index import CellIndex
from citymgmt.geometry import SegmentIndex
from citymgmt.services.revisions import GRID, Kept
from grids.choices import Duty
from grids.models import Assignment, CellGeneration, RoadSegment
from grids.models.team import DatedQuerySet
from grids.periods import Period, Periods, period_at

_DAY = 1440
# Generations whose shapes are read together.
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Located:
    """Where a point lies. Everything is empty outside of the grid."""

    generation_id: int | None = None
    cell_id: int | None = None
    cell_code: str = ""
    area_code: str = ""
    segment_id: int | None = None


class _Rows:
    """Generations without their shapes, in the order of codes. Columns, not a row of its own
    each: fifty thousand rows would take as much memory as their shapes.
    """

    def __init__(self, values: Iterable[tuple[int, int, str, str, int]]) -> None:
        """`values` are generation, cell, code, code of the area, print (a hash of the shape)."""
        generation_ids, cell_ids, prints = array("q"), array("q"), array("q")
        self.codes: list[str] = []
        self.area_codes: list[str] = []
        for generation_id, cell_id, code, area_code, shape_print in values:
            generation_ids.append(generation_id)
            cell_ids.append(cell_id)
            prints.append(shape_print)
            self.codes.append(code)
            self.area_codes.append(sys.intern(area_code))
        self.generation_ids = np.array(generation_ids, dtype=np.int64)
        self.cell_ids = np.array(cell_ids, dtype=np.int64)
        self.prints = np.array(prints, dtype=np.int64)


class _Grid:
    """The grid of a period in memory: a few arrays in the order of codes, no row of its own a
    cell.

    A point on a border belongs to the cell whose code comes first, so that it is the same one
    whichever was drawn, imported or loaded first, and stays so when one of them is drawn anew.
    """

    def __init__(self, rows: _Rows, shapes: NDArray[np.object_], roads: Any) -> None:
        self.rows = rows
        self.cells: CellIndex[str] = CellIndex(zip(rows.codes, shapes, strict=True))
        self.segments: SegmentIndex[int] = SegmentIndex(roads)

    def found(self, place: int | None, segment_id: int | None) -> Located:
        """What is told of a place in the order of codes."""
        if place is None:
            return Located(segment_id=segment_id)
        return Located(
            int(self.rows.generation_ids[place]),
            int(self.rows.cell_ids[place]),
            self.cells.ids[place],
            self.rows.area_codes[place],
            segment_id,
        )

    def shapes_of(self, rows: _Rows) -> NDArray[np.object_]:
        """The shapes (WKB) of rows that are here with the same print; None for the others."""
        shapes = np.full(len(rows.codes), None, dtype=object)
        if not self.rows.codes:
            return shapes
        order = np.argsort(self.rows.generation_ids)
        sorted_ids = self.rows.generation_ids[order]
        spots = np.minimum(np.searchsorted(sorted_ids, rows.generation_ids), len(order) - 1)
        mine = order[spots]
        same = self.rows.generation_ids[mine] == rows.generation_ids
        same &= self.rows.prints[mine] == rows.prints
        shapes[same] = self.cells.kept[mine[same]]
        return shapes


_SHAPE = Cast("polygon", TextField())
_last: list[_Grid] = []


def _build(at: datetime) -> tuple[Period, _Grid]:
    period = period_at(at, CellGeneration.objects.all(), RoadSegment.objects.all())
    found = CellGeneration.objects.in_force(at).annotate(
        print=Func(_SHAPE, Value(0), function="hashtextextended", output_field=BigIntegerField())
    )
    # In the order in which Python sorts text, whatever the language of the database.
    found = found.order_by(Collate("cell__code", "C"))
    columns = ("pk", "cell_id", "cell__code", "cell__area__code", "print")
    rows = _Rows(found.values_list(*columns).iterator(chunk_size=_CHUNK))
    roads = RoadSegment.objects.filter(valid_from__lte=at).exclude(valid_to__lte=at)
    grid = _Grid(rows, _shapes(rows), roads.order_by("pk").values_list("pk", "line"))
    _last[:] = [grid]
    return period, grid


def _shapes(rows: _Rows) -> NDArray[np.object_]:
    """The shape of each generation as WKB: what this process has already is not read again, so
    that a change in a large grid is seen by all within seconds."""
    known = _last[0] if _last else _Grid(_Rows(()), np.empty(0, dtype=object), ())
    shapes = known.shapes_of(rows)
    wanted = np.flatnonzero([shape is None for shape in shapes])
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        ids = rows.generation_ids[some].tolist()
        texts = dict(CellGeneration.objects.filter(pk__in=ids).values_list("pk", _SHAPE))
        # The reader leaves room for heights.
        read = shapely.force_2d(shapely.from_geojson([texts[pk] for pk in ids]))
        shapes[some] = shapely.to_wkb(read)
    return shapes


# A shape may begin or end by itself: the grid is kept by revision and, in it, by period.
_kept: Kept[Periods[_Grid]] = Kept(GRID, lambda: Periods(_build))


def locate(lon: float | None, lat: float | None, *, at: datetime) -> Located:
    """Cell and segment of a WGS-84 point at a moment, by the shapes that are in force then.

    In memory, no statement while the grid is fresh and the moment's period is built.
    On a border the cell whose code comes first answers. A segment is found within
    `settings.SEGMENT_REACH_METRES`.
    """
    if lon is None or lat is None:
        return Located()
    grid = _kept.get().at(at)
    near = grid.segments.nearest(lon, lat, settings.SEGMENT_REACH_METRES)
    return grid.found(grid.cells.place(lon, lat), near.id if near else None)


def nearest_segment(lon: float, lat: float, *, within_m: float, at: datetime) -> int | None:
    """The segment nearest to a WGS-84 point at a moment within so many metres, to say where about
    it lies: nobody answers for the point by it. In memory as `locate`."""
    near = _kept.get().at(at).segments.nearest(lon, lat, within_m)
    return near.id if near else None


def cell_codes(
    points: Sequence[tuple[float, float]] | NDArray[np.float64], *, at: datetime
) -> list[str]:
    """The code of the cell of each (lon, lat), "" outside of all; in memory as `locate`."""
    grid = _kept.get().at(at)
    codes = [*grid.cells.ids, ""]
    return [codes[place] for place in grid.cells.places(points).tolist()]


def cell_ids(
    points: Sequence[tuple[float, float]] | NDArray[np.float64], *, at: datetime
) -> list[int | None]:
    """The id of the cell of each (lon, lat), None outside of all; in memory as `locate`."""
    grid = _kept.get().at(at)
    ids = [*grid.rows.cell_ids.tolist(), None]
    return [ids[place] for place in grid.cells.places(points).tolist()]


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
    rows = on_duty_rows(places, at)
    if duty is not None:
        rows = rows.filter(duty=duty)
    chosen: dict[str, Assignment] = {}
    for row in rows:
        chosen.setdefault(row.duty, through_substitute(row))
    order = {value: position for position, value in enumerate(Duty.values)}
    return sorted(chosen.values(), key=lambda row: order[row.duty])


def answering_in(cell_ids: Collection[int], *, at: datetime, duty: str) -> dict[int, Assignment]:
    """Who answers for one duty in each of many cells at a moment, as `answering`; one statement."""
    found: dict[int, Assignment] = {}
    for row in on_duty_rows(Q(cell__in=cell_ids), at).filter(duty=duty):
        found.setdefault(row.cell_id or 0, through_substitute(row))
    return found


def on_duty_rows(places: Q, at: datetime) -> DatedQuerySet:
    """The assignments of places at a moment, with the leave of the day of whose they are; those
    of segments first. Read through `through_substitute`."""
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


def through_substitute(row: Assignment) -> Assignment:
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
