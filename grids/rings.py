"""Shapes of cells in whole units of a ten-millionth of a degree. Pure: shapely, no framework.

A unit is about a centimetre. Whole numbers are exact: two cells share a border only if they have
the very same vertices, and what was taken back is bit by bit what it had been.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

Point = tuple[int, int]
Ring = tuple[Point, ...]
Part = tuple[Ring, ...]
Shape = tuple[Part, ...]
"""Parts, of each its shell and its holes, each ring open: its first point is not repeated."""
Box = tuple[float, float, float, float]

UNIT = 10_000_000
"""Units in a degree: seven decimals."""

SEAT = 1.5
"""A point as near as this to an edge (units, about 1.6 cm) lies on it: rounding a point to whole
units moves it by 0.71 at most, and an edge that is bent onto such a point by as much again."""

_METRES_PER_UNIT = math.radians(1) * 6_371_008.8 / UNIT


def rounded(lon: float, lat: float) -> Point:
    """The nearest point in whole units."""
    return round(lon * UNIT), round(lat * UNIT)


def degrees(point: Sequence[float]) -> tuple[float, float]:
    """Longitude and latitude of a point in units."""
    return point[0] / UNIT, point[1] / UNIT


def from_geojson(polygon: Mapping[str, Any]) -> Shape:
    """A valid GeoJSON Polygon or MultiPolygon in whole units; what rounding closes up is gone."""
    coordinates = polygon["coordinates"]
    parts = [coordinates] if polygon["type"] == "Polygon" else coordinates
    return _sound(
        tuple(tuple(rounded(*spot[:2]) for spot in ring) for ring in part) for part in parts
    )


def to_geojson(shape: Shape) -> dict[str, Any]:
    """The shape as a GeoJSON geometry in degrees, rings closed."""
    parts = [[[list(degrees(p)) for p in (*ring, ring[0])] for ring in part] for part in shape]
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def from_lists(lists: Iterable[Any]) -> Shape:
    """A shape that went through JSON."""
    return tuple(tuple(tuple((x, y) for x, y in ring) for ring in part) for part in lists)


def polygon_of(shape: Shape) -> Polygon | MultiPolygon:
    """The shape for shapely, in units."""
    parts = [Polygon(part[0], part[1:]) for part in shape]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def shape_of(geometry: BaseGeometry) -> Shape:
    """What has an area of a geometry in units, shells counter-clockwise; () where nothing has."""
    parts = [one for one in areal(geometry) if one.area > 0]
    rings = ([orient(part).exterior, *orient(part).interiors] for part in parts)
    return _sound(
        tuple(tuple((round(x), round(y)) for x, y in ring.coords) for ring in part)
        for part in rings
    )


def areal(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons of a geometry of whatever kind."""
    if geometry.geom_type == "Polygon":
        return [] if geometry.is_empty else [geometry]
    return [one for part in getattr(geometry, "geoms", ()) for one in areal(part)]


def _sound(parts: Iterable[Iterable[Sequence[Point]]]) -> Shape:
    """The parts without repeated points, rings of less than three, and parts without a shell."""
    kept = []
    for part in parts:
        rings = [slim(ring) for ring in part]
        if rings and len(rings[0]) >= 3:
            kept.append((rings[0], *(ring for ring in rings[1:] if len(ring) >= 3)))
    return tuple(kept)


def slim(ring: Sequence[Point]) -> Ring:
    """The ring without points that repeat the one before, the first counting as after the last."""
    found: list[Point] = []
    for point in ring:
        if not found or found[-1] != point:
            found.append(point)
    while len(found) > 1 and found[0] == found[-1]:
        found.pop()
    return tuple(found)


def rings_of(shape: Shape) -> Iterable[Ring]:
    """Every ring."""
    return (ring for part in shape for ring in part)


def points_of(shape: Shape) -> set[Point]:
    """Every vertex."""
    return {point for ring in rings_of(shape) for point in ring}


def box_of(shape: Shape) -> Box:
    """West, south, east, north in units."""
    shells = [point for part in shape for point in part[0]]
    xs, ys = [x for x, _y in shells], [y for _x, y in shells]
    return min(xs), min(ys), max(xs), max(ys)


def over_rings(shape: Shape, change: Any) -> Shape:
    """The shape with each ring changed; rings and parts that fall together are gone."""
    return _sound((change(ring) for ring in part) for part in shape)


def square_metres(geometry: BaseGeometry) -> float:
    """The area of a geometry in units, on the sphere at its own latitude: good to 1 %."""
    if geometry.is_empty:
        return 0.0
    _west, south, _east, north = geometry.bounds
    flat = math.cos(math.radians((south + north) / 2 / UNIT))
    return float(geometry.area) * _METRES_PER_UNIT**2 * flat


def many_square_metres(geometries: np.ndarray) -> np.ndarray:
    """The same for many geometries at once."""
    middle = np.nan_to_num(shapely.bounds(geometries)[:, [1, 3]].mean(axis=1)) / UNIT
    return shapely.area(geometries) * _METRES_PER_UNIT**2 * np.cos(np.radians(middle))


def inside_point(geometry: BaseGeometry) -> tuple[float, float]:
    """A point inside a geometry in units, where a marker is put."""
    spot = geometry.representative_point()
    return spot.x, spot.y


def seated(shape: Shape, points: Iterable[Point]) -> Shape:
    """The shape with each of the points that lies on one of its edges as a vertex there.

    A point that is a vertex already, or all but one (nearer than SEAT), is left out.
    """
    found = np.array(sorted(set(points) - points_of(shape)), dtype=float).reshape(-1, 2)
    west, south, east, north = box_of(shape)
    x, y = found[:, 0], found[:, 1]
    found = found[
        (x >= west - SEAT) & (x <= east + SEAT) & (y >= south - SEAT) & (y <= north + SEAT)
    ]
    if not len(found):
        return shape
    return over_rings(shape, lambda ring: _with_seats(ring, found))


def _with_seats(ring: Ring, points: np.ndarray) -> list[Point]:
    grown: list[Point] = []
    for a, b in zip(ring, (*ring[1:], ring[0]), strict=True):
        grown.append(a)
        along = _along(a, b, points)
        grown += [(round(x), round(y)) for x, y in along if not _beside((x, y), ring)]
    return grown


def _beside(point: tuple[float, float], ring: Ring) -> bool:
    return any(math.hypot(point[0] - x, point[1] - y) <= SEAT for x, y in ring)


def _along(a: Point, b: Point, points: np.ndarray) -> np.ndarray:
    """Those of the points that lie on the edge between its ends, in its direction."""
    way = np.subtract(b, a, dtype=float)
    length = float(np.hypot(*way))
    off = points - a
    along = off @ way / length
    aside = np.abs(off[:, 0] * way[1] - off[:, 1] * way[0]) / length
    on = (aside <= SEAT) & (along > SEAT) & (along < length - SEAT)
    return points[on][np.argsort(along[on])]


def as_mapping(geometry: BaseGeometry) -> dict[str, Any]:
    """A geometry in units as GeoJSON in degrees."""
    return dict(mapping(shapely.transform(geometry, lambda spots: spots / UNIT)))
