"""The cells as GeoJSON for our own map; the shapes are kept while the grid does not change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from shapely.geometry import shape

from citymgmt.services.revisions import GRID, Kept
from grids.choices import Duty, Shift
from grids.facts import PARTS, Cover, Hole
from grids.models import CellGeneration
from grids.periods import Period, Periods, period_at

Bounds = tuple[float, float, float, float]

PAINTED: tuple[str, ...] = (Duty.ENFORCEMENT, Duty.CLEANING, Duty.MUNICIPAL, Duty.GREENING)
"""Duties by whose team the map can be coloured."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """A cell with its shape in force."""

    cell_id: int
    code: str
    name: str
    area_name: str
    polygon: Mapping[str, Any]
    bounds: Bounds
    area_m2: float

    def near(self, bounds: Bounds) -> bool:
        """Whether the boxes around the two touch."""
        west, south, east, north = self.bounds
        return west <= bounds[2] and east >= bounds[0] and south <= bounds[3] and north >= bounds[1]


def _build(at: datetime) -> tuple[Period, dict[str, Shaped]]:
    rows = CellGeneration.objects.in_force(at).select_related("cell__area")
    return period_at(at, CellGeneration.objects.all()), {
        row.cell.code: Shaped(
            row.cell_id,
            row.cell.code,
            row.cell.name,
            row.cell.area.name,
            row.polygon,
            shape(row.polygon).bounds,
            row.area_m2,
        )
        for row in rows.order_by("cell__code")
    }


_kept: Kept[Periods[dict[str, Shaped]]] = Kept(GRID, lambda: Periods(_build))


def shaped_cells(at: datetime) -> Mapping[str, Shaped]:
    """Cells with a shape in force at a moment, by code; no statement while the grid is fresh."""
    return _kept.get().at(at)


def collection(
    cells: Iterable[Shaped],
    covers: Mapping[int, Cover],
    at: datetime,
    urls: Mapping[str, str],
    chosen: str = "",
) -> dict[str, Any]:
    """A FeatureCollection for the map: who answers now, what is missing, where the card is."""
    none = Cover()
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    **_properties(cell, covers.get(cell.cell_id, none), at),
                    "card_url": urls[cell.code],
                    "url": urls[cell.code],
                    **({"tone": "doing"} if cell.code == chosen else {}),
                },
                "geometry": cell.polygon,
            }
            for cell in cells
        ],
    }


def _properties(cell: Shaped, cover: Cover, at: datetime) -> dict[str, Any]:
    holes = cover.holes()
    chief = cover.at(Duty.CELL_CHIEF, at)
    person = chief.person.name if chief and chief.person else _("无网格长")
    return {
        "code": cell.code,
        "label": cell.code,
        "title": f"{cell.code} {cell.name}",
        "lines": [person, cell.area_name, *(hole_words(hole) for hole in holes)],
        "hole": bool(holes),
        "teams": {part: _teams(cover, part) for part in PARTS},
    }


def _teams(cover: Cover, part: str) -> dict[str, str]:
    """The team of each painted duty in a part of the day, the first where there are several."""
    rows = {duty: cover.during(duty, part) for duty in PAINTED}
    return {duty: found[0].team.name for duty, found in rows.items() if found}


def hole_words(hole: Hole) -> str:
    """What is missing, as a colleague would say it."""
    duty = Duty(hole.duty).label
    if hole.duty == Duty.CELL_CHIEF and hole.whole_day:
        return _("无网格长")
    if hole.whole_day:
        return _("无%(duty)s单位") % {"duty": duty}
    parts = "、".join(str(Shift(part).label) for part in hole.parts)
    return _("%(parts)s%(duty)s没有人") % {"parts": parts, "duty": duty}
