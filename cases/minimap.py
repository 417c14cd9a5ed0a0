"""A sketch of the surroundings of a point, to be drawn as SVG: cells, a circle, marks. Pure.

It asks for no base map and no request: what stands in the picture comes with the page.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import cos, radians
from typing import Any

from shapely import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

WIDTH, HEIGHT = 330, 150
_METRES_A_DEGREE = 111_320.0
# So many circles fit across.
_ACROSS = 6
_LEAST_WIDE_M = 300.0
# Around the pin no code is written.
_KEPT_FREE = 28


@dataclass(frozen=True, slots=True)
class Shape:
    """A cell: its code, its GeoJSON, and whether the point lies in it."""

    code: str
    polygon: dict[str, Any]
    own: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Something near by: its letter and where it is in the picture."""

    letter: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Area:
    """A cell in the picture: the path, and where its code is written (None: nowhere in sight)."""

    code: str
    path: str
    own: bool
    at: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Sketch:
    """The picture, `width` by `height`, the point in its middle; `radius` of the circle."""

    radius: float
    areas: Sequence[Area] = field(default=())
    marks: Sequence[Mark] = field(default=())
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def middle(self) -> tuple[float, float]:
        """Where the point is."""
        return self.width / 2, self.height / 2


def sketch(
    lon: float,
    lat: float,
    shapes: Iterable[Shape],
    spots: Iterable[tuple[str, float, float]],
    radius_m: float,
) -> Sketch:
    """The surroundings of a point, as far as they reach into the picture.

    `spots` are (letter, lon, lat).
    """
    wide = max(_LEAST_WIDE_M, _ACROSS * radius_m)
    scale = WIDTH / wide
    stretch = cos(radians(lat))

    def project(position: Sequence[float]) -> tuple[float, float]:
        x = WIDTH / 2 + (position[0] - lon) * stretch * _METRES_A_DEGREE * scale
        y = HEIGHT / 2 - (position[1] - lat) * _METRES_A_DEGREE * scale
        return round(x, 1), round(y, 1)

    window = box(0, 0, WIDTH, HEIGHT)
    areas = []
    for shape in shapes:
        rings = [[project(spot) for spot in ring] for ring in _rings(shape.polygon)]
        seen = Polygon(rings[0]).intersection(window)
        if not seen.is_empty:
            areas.append(Area(shape.code, _path(rings), shape.own, _label_spot(seen)))
    placed = ((letter, *project(spot)) for letter, *spot in spots)
    marks = [Mark(letter, x, y) for letter, x, y in placed if 0 < x < WIDTH and 0 < y < HEIGHT]
    return Sketch(round(radius_m * scale, 1), areas, marks)


def _rings(polygon: dict[str, Any]) -> Iterator[Sequence[Sequence[float]]]:
    if polygon["type"] == "Polygon":
        yield from polygon["coordinates"]
        return
    for part in polygon["coordinates"]:
        yield from part


def _path(rings: Iterable[Sequence[tuple[float, float]]]) -> str:
    return "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in rings)


def _label_spot(seen: BaseGeometry) -> tuple[float, float] | None:
    """Within what is seen of a cell, if that is wide enough for its code."""
    left, top, right, bottom = seen.bounds
    if right - left < 60 or bottom - top < 24:
        return None
    # Not under the pin in the middle.
    free = seen.difference(Point(WIDTH / 2, HEIGHT / 2).buffer(_KEPT_FREE))
    parts = getattr(free, "geoms", [free])
    spot = max(parts, key=lambda part: part.area).representative_point()
    return round(spot.x, 1), round(spot.y, 1)
