"""Through which cells a road segment runs, with how many metres in each.

Reckoned from the shapes in force and kept while they do not change: a new generation of cells
moves every street by itself.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import shapely
from shapely.geometry import shape

from citymgmt.geometry import line_metres
from citymgmt.services.revisions import GRID, Kept
from grids.models import CellGeneration, RoadSegment
from grids.periods import Period, Periods, period_at

# What only touches a border runs through one cell, not two.
LEAST_METRES = 1.0


@dataclass(frozen=True, slots=True)
class Run:
    """So many metres of a segment lie in a cell."""

    cell_id: int
    code: str
    name: str
    metres: int


@dataclass(frozen=True, slots=True)
class Runs:
    """Of each segment its cells, the longest stretch first, and its whole length in metres; of
    each cell its segments."""

    cells: Mapping[int, Sequence[Run]]
    lengths: Mapping[int, int]
    segments: Mapping[int, Sequence[int]]


def _build(at: datetime) -> tuple[Period, Runs]:
    period = period_at(at, CellGeneration.objects.all(), RoadSegment.objects.all())
    rows = list(CellGeneration.objects.in_force(at).select_related("cell").order_by("pk"))
    polygons = [shape(row.polygon) for row in rows]
    tree = shapely.STRtree(polygons)
    lines = RoadSegment.objects.filter(valid_from__lte=at).exclude(valid_to__lte=at)
    cells: dict[int, list[Run]] = {}
    lengths: dict[int, int] = {}
    segments: dict[int, list[int]] = defaultdict(list)
    for segment_id, geometry in lines.order_by("pk").values_list("pk", "line"):
        line = shape(geometry)
        lengths[segment_id] = round(line_metres(line))
        found = []
        for number in sorted(tree.query(line, predicate="intersects").tolist()):
            metres = line_metres(shapely.intersection(line, polygons[number]))
            if metres >= LEAST_METRES:
                cell = rows[number].cell
                found.append(Run(cell.pk, cell.code, cell.name, round(metres)))
                segments[cell.pk].append(segment_id)
        cells[segment_id] = sorted(found, key=lambda run: (-run.metres, run.code))
    return period, Runs(cells, lengths, segments)


_kept: Kept[Periods[Runs]] = Kept(GRID, lambda: Periods(_build))


def runs_at(at: datetime) -> Runs:
    """The runs of all segments at a moment; no statement while the grid is fresh."""
    return _kept.get().at(at)
