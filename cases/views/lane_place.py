"""Where the lane's report or case is: its cell and those around it, and the sketch of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import cos, radians

from django.db.models import F

from cases.minimap import Shape, Sketch, sketch
from cases.models import Category
from cases.services.proposals import Spot
from cases.views.similar import Line
from citymgmt.geometry import bbox_around
from grids.locate import locate
from grids.models import Cell, CellGeneration

# How far around cells are looked for, by their middles, and how many are offered.
_REACH_M = 2500
_READ, _OFFERED = 24, 6
_RADIUS_M = 50


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A place with the cells around it, the nearest first. `chosen` is the cell by whose 五定 the
    order goes: the place's own, until somebody takes another."""

    cell_id: int | None
    lon: float | None
    lat: float | None
    rows: Sequence[CellGeneration] = field(default=())

    @property
    def cells(self) -> list[Cell]:
        """The cells to choose from."""
        return [row.cell for row in self.rows[:_OFFERED]]

    def spot(self, asked: str) -> Spot:
        """The spot to propose for: the place itself, or a cell near by that was asked for."""
        other = next((row for row in self.rows if str(row.cell_id) == asked), None)
        if other is None or other.cell_id == self.cell_id:
            return Spot(self.cell_id, self.lon, self.lat)
        return Spot(other.cell_id, other.lon, other.lat)

    def sketch(self, lines: Iterable[Line], category: Category | None) -> Sketch | None:
        """The picture of it with the similar cases; None where the place is not known."""
        if self.lon is None or self.lat is None:
            return None
        shapes = [
            Shape(row.cell.code, row.polygon, row.cell_id == self.cell_id) for row in self.rows
        ]
        spots = [
            (line.letter, line.lon, line.lat)
            for line in lines
            if line.lon is not None and line.lat is not None
        ]
        radius = (category.similar_within_m if category else 0) or _RADIUS_M
        return sketch(self.lon, self.lat, shapes, spots, radius)


def surroundings(
    cell_id: int | None, lon: float | None, lat: float | None, at: datetime
) -> Surroundings:
    """What lies around a place; one statement, none where the place is not known."""
    if lon is None or lat is None:
        return Surroundings(cell_id, lon, lat)
    west, south, east, north = bbox_around(lon, lat, _REACH_M)
    across, up = (F("lon") - lon) * cos(radians(lat)), F("lat") - lat
    rows = (
        CellGeneration.objects.in_force(at)
        .filter(lon__range=(west, east), lat__range=(south, north))
        .order_by(across * across + up * up, "pk")
    )
    here = cell_id or locate(lon, lat, at=at).cell_id

    near = sorted(rows.select_related("cell")[:_READ], key=lambda row: row.cell_id != here)
    return Surroundings(here, lon, lat, near)
