"""The grid as a drawing: the path of each cell in a box of its own, kept while nothing changes.

Lengths are units of the drawing, WIDTH across; y grows downwards. Good for a city: longitudes
are shortened by the cosine of the middle latitude.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from shapely import contains_xy, transform, unary_union
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from citymgmt.services.revisions import GRID, Kept
from grids.choices import AreaLevel
from grids.models import Area, CellGeneration
from grids.periods import Period, Periods, period_at

WIDTH = 1000
MARGIN = 8
# Finer than this no screen shows it.
TOLERANCE = 0.8
_STREET_DIGITS = 9
# The name of a street: places that are tried, how far from a circle is far, and half its height.
RASTER = 12
ROOM = 44
BASELINE = 7


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """A cell: `path` is the d of an SVG path, (x, y) a point inside, `box` its width and height."""

    cell_id: int
    code: str
    name: str
    street: str
    path: str
    x: int
    y: int
    box: tuple[int, int]
    square_km: float


@dataclass(frozen=True, slots=True)
class DrawnStreet:
    """A street: the outline of its cells, and where its name stands."""

    code: str
    name: str
    path: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole grid; without cells its height is 0."""

    width: int
    height: int
    cells: tuple[DrawnCell, ...] = ()
    streets: tuple[DrawnStreet, ...] = ()


def drawing(at: datetime) -> Drawing:
    """The grid in force at a moment; no statement while the grid is fresh."""
    return _kept.get().at(at)


def _build(at: datetime) -> tuple[Period, Drawing]:
    found = CellGeneration.objects.in_force(at).select_related("cell__area")
    rows = list(found.order_by("cell__code"))
    period = period_at(at, CellGeneration.objects.all())
    if not rows:
        return period, Drawing(WIDTH, 0)
    shapes = {row.cell_id: shape(row.polygon) for row in rows}
    paper = _Paper(shapes.values())
    cells = tuple(_cell(row, paper.put(shapes[row.cell_id]), paper) for row in rows)
    return period, Drawing(WIDTH, paper.height, cells, tuple(_streets(rows, shapes, cells, paper)))


class _Paper:
    """Puts longitudes and latitudes onto the drawing."""

    def __init__(self, shapes: Iterable[BaseGeometry]) -> None:
        boxes = [one.bounds for one in shapes]
        self.west = min(box[0] for box in boxes)
        self.north = max(box[3] for box in boxes)
        east, south = max(box[2] for box in boxes), min(box[1] for box in boxes)
        self.flat = math.cos(math.radians((south + self.north) / 2))
        self.scale = (WIDTH - 2 * MARGIN) / ((east - self.west) * self.flat)
        self.height = round((self.north - south) * self.scale) + 2 * MARGIN

    def put(self, geometry: BaseGeometry) -> BaseGeometry:
        """The geometry in units of the drawing, without what no screen shows."""

        def onto(points: Any) -> Any:
            x = (points[:, 0] - self.west) * self.flat * self.scale + MARGIN
            y = (self.north - points[:, 1]) * self.scale + MARGIN
            points = points.copy()
            points[:, 0], points[:, 1] = x, y
            return points

        return transform(geometry, onto)

    def path(self, drawn: BaseGeometry) -> str:
        """The d of an SVG path."""
        slim = drawn.simplify(TOLERANCE)
        parts = getattr(slim, "geoms", [slim])
        rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        return "".join(_ring(ring.coords) for ring in rings)


def _ring(coords: Iterable[tuple[float, ...]]) -> str:
    points = [f"{point[0]:.1f} {point[1]:.1f}" for point in coords][:-1]
    return f"M{'L'.join(points)}Z"


def _cell(row: CellGeneration, drawn: BaseGeometry, paper: _Paper) -> DrawnCell:
    inside = drawn.representative_point()
    west, north, east, south = drawn.bounds
    return DrawnCell(
        cell_id=row.cell_id,
        code=row.cell.code,
        name=row.cell.name,
        street=row.cell.area.code[:_STREET_DIGITS],
        path=paper.path(drawn),
        x=round(inside.x),
        y=round(inside.y),
        box=(round(east - west), round(south - north)),
        square_km=row.area_m2 / 1_000_000,
    )


def _streets(
    rows: Iterable[CellGeneration],
    shapes: Mapping[int, BaseGeometry],
    cells: Iterable[DrawnCell],
    paper: _Paper,
) -> Iterable[DrawnStreet]:
    found: dict[str, list[BaseGeometry]] = defaultdict(list)
    for row in rows:
        found[row.cell.area.code[:_STREET_DIGITS]].append(shapes[row.cell_id])
    areas = Area.objects.filter(code__in=found, level=AreaLevel.STREET)
    names = dict(areas.values_list("code", "name"))
    circles = np.array([(cell.x, cell.y) for cell in cells])
    for code, members in sorted(found.items()):
        # A hair's breadth between neighbours is no border.
        whole = paper.put(unary_union([one.buffer(1e-6) for one in members]))
        x, y = _clear_of(circles, whole)
        yield DrawnStreet(code, names.get(code, ""), paper.path(whole), x, y)


def _clear_of(circles: np.ndarray, street: BaseGeometry) -> tuple[int, int]:
    """A place for a street's name: inside of it, near its middle, far from what stands in cells."""
    west, north, east, south = street.bounds
    columns = np.arange(west + RASTER, east, RASTER)
    lines = np.arange(max(north, 2 * MARGIN) + RASTER, south, RASTER)
    places = np.array([(x, y) for x in columns for y in lines] or [_middle(street)])
    inside = contains_xy(street, places[:, 0], places[:, 1])
    places = places[inside] if inside.any() else np.array([_middle(street)])
    apart = places[:, None, :] - circles[None, :, :]
    # A name is about four times as wide as it is high.
    nearest = np.hypot(apart[..., 0] / 3, apart[..., 1]).min(axis=1)
    away = np.hypot(*(places - np.array(_middle(street))).T)
    x, y = places[np.argmax(np.minimum(nearest, ROOM) - away / 20)]
    return round(x), round(y) + BASELINE


def _middle(street: BaseGeometry) -> tuple[float, float]:
    point = street.centroid
    return point.x, point.y


_kept: Kept[Periods[Drawing]] = Kept(GRID, lambda: Periods(_build))
