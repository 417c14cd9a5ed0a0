"""Made-up, seamless cells, streets and the river of the demonstration city.

The streets' names and codes are real (临海市, WGS-84 around 121.145, 28.858); the polygons are
drawn, because no public ones exist. Everything here is the same at each call and on each machine.

The plan is drawn in kilometres east and north of the centre. All borders are then put on a grid of
a millionth of a degree *before* they are cut into faces, so neighbours share the very same
vertices: there is no gap and no overlap, not even of a rounding error.
"""

import functools
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from shapely import LineString, MultiPoint, Point, Polygon, unary_union, voronoi_polygons
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize

from .city_plan import ARCS, CELL_NAMES, DISTRICTS, RIVER_PLAN, STREET_PLANS, District

CENTRE = (121.145, 28.858)
KM_PER_DEGREE = (97.50, 110.86)  # of longitude and of latitude at this latitude
GRID = 1_000_000  # cells per degree: coordinates have six decimals

LonLat = tuple[float, float]
Km = tuple[float, float]


@dataclass(frozen=True)
class DemoCell:
    """A responsibility cell; ``ring`` is closed, counter-clockwise, (lon, lat), six decimals."""

    code: str
    name: str
    street_code: str
    ring: list[LonLat]


@dataclass(frozen=True)
class DemoStreet:
    """A named street: ``grade`` is 严管街, 一类街 or 二类街, ``line`` its middle, (lon, lat)."""

    name: str
    grade: str
    line: list[LonLat]


@functools.cache
def _cells() -> tuple[DemoCell, ...]:
    rings = {d.name: _ring_of(d) for d in DISTRICTS}
    cuts = [line for d in DISTRICTS for line in _inner_borders(d, rings[d.name])]
    outlines = [LineString([*rings[d.name], rings[d.name][0]]) for d in DISTRICTS]
    noded = unary_union([_on_grid(line) for line in (*outlines, *cuts)], grid_size=1)
    faces = list(polygonize(noded))
    cells: list[DemoCell] = []
    for district in DISTRICTS:
        shape = _on_grid(Polygon(rings[district.name])).buffer(0)
        inside = [f for f in faces if shape.contains(f.representative_point())]
        cells += _numbered(district, _merge_slivers(inside, district.cells))
    return tuple(cells)


def build_cells() -> list[DemoCell]:
    """The 91 cells: 古城 27, 大洋 22, 江南 16, 大田 13, 邵家渡 13, ordered by code."""
    return list(_cells())


def as_geojson(cells: Iterable[DemoCell]) -> dict[str, Any]:
    """A FeatureCollection of polygons with the properties code, name and street_code."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": c.code, "name": c.name, "street_code": c.street_code},
                "geometry": {"type": "Polygon", "coordinates": [[list(p) for p in c.ring]]},
            }
            for c in cells
        ],
    }


def boundaries_as_geojson(cells: Iterable[DemoCell]) -> dict[str, Any]:
    """Made-up outlines of the streets, each the union of its cells, with the property code."""
    rings: dict[str, list[Polygon]] = {}
    for cell in cells:
        whole = [(round(lon * GRID), round(lat * GRID)) for lon, lat in cell.ring]
        rings.setdefault(cell.street_code, []).append(Polygon(whole))
    features = []
    for code, members in sorted(rings.items()):
        outline = unary_union(members, grid_size=1)
        ring = [[round(x) / GRID, round(y) / GRID] for x, y in outline.exterior.coords]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"code": code}, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def streets_as_geojson(streets: Iterable[DemoStreet]) -> dict[str, Any]:
    """A FeatureCollection of lines with the properties code, name and grade."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": f"LD-{number:02d}", "name": s.name, "grade": s.grade},
                "geometry": {"type": "LineString", "coordinates": [list(p) for p in s.line]},
            }
            for number, s in enumerate(streets, 1)
        ],
    }


def point_in(ring: Sequence[LonLat], rnd: random.Random) -> LonLat:
    """A point strictly inside the ring, six decimals, evenly spread over its area."""
    shape = Polygon(ring)
    west, south, east, north = shape.bounds
    for _ in range(1000):
        lon = round(rnd.uniform(west, east), 6)
        lat = round(rnd.uniform(south, north), 6)
        if shape.contains(Point(lon, lat)):
            return lon, lat
    inside = shape.representative_point()
    return inside.x, inside.y


def nearest_street(lon: float, lat: float) -> tuple[DemoStreet, float]:
    """The named street nearest to a point, and how far it is in metres."""
    x, y = _to_km((lon, lat))
    here = Point(x, y)
    near = [(LineString([_to_km(p) for p in s.line]).distance(here), s) for s in STREETS]
    distance, street = min(near, key=lambda pair: (pair[0], pair[1].name))
    return street, distance * 1000


def point_along(line: Sequence[LonLat], share: float, offset_m: float = 0.0) -> LonLat:
    """The point at ``share`` (0 to 1) of a line, ``offset_m`` metres to its left, six decimals."""
    path = LineString([_to_km(p) for p in line])
    at = path.interpolate(share, normalized=True)
    ahead = path.interpolate(min(share + 0.01, 1.0), normalized=True)
    behind = path.interpolate(max(share - 0.01, 0.0), normalized=True)
    dx, dy = ahead.x - behind.x, ahead.y - behind.y
    step = offset_m / 1000 / (math.hypot(dx, dy) or 1.0)
    return _to_lonlat((at.x - dy * step, at.y + dx * step))


# --- the plane -----------------------------------------------------------------------------------


def _to_lonlat(point: Km) -> LonLat:
    return (
        round(CENTRE[0] + point[0] / KM_PER_DEGREE[0], 6),
        round(CENTRE[1] + point[1] / KM_PER_DEGREE[1], 6),
    )


def _to_km(point: LonLat) -> Km:
    return (
        (point[0] - CENTRE[0]) * KM_PER_DEGREE[0],
        (point[1] - CENTRE[1]) * KM_PER_DEGREE[1],
    )


def _on_grid(shape: BaseGeometry) -> BaseGeometry:
    """The same shape in whole millionths of a degree, where areas and nodes are exact."""

    def snap(points: Sequence[Km]) -> list[Km]:
        return [(round(lon * GRID), round(lat * GRID)) for lon, lat in map(_to_lonlat, points)]

    if isinstance(shape, Polygon):
        return Polygon(snap(shape.exterior.coords))
    return LineString(snap(shape.coords))


def _smooth(points: Sequence[Km], steps: int = 8) -> list[Km]:
    """A Catmull-Rom curve through the points; each ``steps``-th point is one of them."""
    ends = [points[0], *points, points[-1]]
    curve: list[Km] = []
    for p0, p1, p2, p3 in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for k in range(steps):
            s = k / steps
            curve.append(
                (_spline(p0[0], p1[0], p2[0], p3[0], s), _spline(p0[1], p1[1], p2[1], p3[1], s))
            )
    return [*curve, points[-1]]


def _spline(a: float, b: float, c: float, d: float, s: float) -> float:
    linear = (c - a) * s
    square = (2 * a - 5 * b + 4 * c - d) * s * s
    cube = (3 * b - a - 3 * c + d) * s**3
    return b + (linear + square + cube) / 2


def _crooked(a: Km, b: Km, depth: int = 2) -> list[Km]:
    """A line between two points, bent a little as field paths are; the same from either end."""
    first, last = sorted((a, b))
    rnd = random.Random(f"{first[0]:.4f},{first[1]:.4f},{last[0]:.4f},{last[1]:.4f}")
    line = [first, last]
    for _ in range(depth):
        bent = [line[0]]
        for (x0, y0), (x1, y1) in pairwise(line):
            k = rnd.uniform(-0.07, 0.07) if math.hypot(x1 - x0, y1 - y0) > 0.12 else 0.0
            bent += [((x0 + x1) / 2 - (y1 - y0) * k, (y0 + y1) / 2 + (x1 - x0) * k), (x1, y1)]
        line = bent
    return line


# --- cutting a street's area into cells ----------------------------------------------------------


@functools.cache
def _arc(name: str) -> tuple[Km, ...]:
    points = ARCS[name]
    if isinstance(points, slice):  # a stretch of the river, cut where three streets meet
        curve = _smooth(RIVER_PLAN)
        return tuple(curve[points.start * 8 : points.stop * 8 + 1])
    return tuple(_smooth(points))


def _ring_of(district: District) -> list[Km]:
    ring: list[Km] = []
    for name in district.border:
        arc = list(_arc(name.lstrip("-")))
        ring += (arc[::-1] if name.startswith("-") else arc)[:-1]
    return ring


def _seeds(district: District, shape: Polygon) -> list[Km]:
    """Points inside, denser around the district's centre, evened out by Lloyd's steps."""
    rnd = random.Random(f"cells of {district.name}")
    west, south, east, north = shape.bounds
    seeds: list[Km] = []
    while len(seeds) < district.cells:
        spot = (rnd.uniform(west, east), rnd.uniform(south, north))
        away = math.dist(spot, district.focus)
        if shape.contains(Point(spot)) and rnd.random() < math.exp(-away / 1.5) + 0.12:
            seeds.append(spot)
    for _ in range(6):
        parts = [part.intersection(shape) for part in _voronoi(seeds, shape)]
        seeds = [(p.centroid.x, p.centroid.y) for p in parts if not p.is_empty]
    return seeds


def _voronoi(seeds: Sequence[Km], shape: Polygon) -> list[BaseGeometry]:
    return list(voronoi_polygons(MultiPoint(seeds), extend_to=shape.buffer(1.0)).geoms)


def _inner_borders(district: District, ring: Sequence[Km]) -> list[LineString]:
    """The borders between the cells of one district, a few metres longer than needed.

    What sticks out across the district's border crosses it for certain, even after rounding;
    the ends themselves close no face and vanish.
    """
    shape = Polygon(ring)
    reach = shape.buffer(0.005)
    edges: set[tuple[Km, Km]] = set()
    for part in _voronoi(_seeds(district, shape), shape):
        corners = [(round(x, 4), round(y, 4)) for x, y in part.exterior.coords]
        edges |= {(min(a, b), max(a, b)) for a, b in pairwise(corners) if a != b}
    lines: list[LineString] = []
    for a, b in sorted(edges):
        inside = LineString(_crooked(a, b)).intersection(reach)
        pieces = getattr(inside, "geoms", [inside])
        lines += [p for p in pieces if isinstance(p, LineString) and not p.is_empty]
    return lines


def _merge_slivers(faces: list[Polygon], wanted: int) -> list[Polygon]:
    """Give the smallest faces to the neighbour with the longest common border."""
    kept = sorted(faces, key=lambda f: (f.area, f.bounds))
    while len(kept) > wanted:
        small = kept.pop(0)
        shared = [other.intersection(small).length for other in kept]
        best = shared.index(max(shared))
        kept[best] = unary_union([kept[best], small], grid_size=1)
        kept.sort(key=lambda f: (f.area, f.bounds))
    return kept


def _numbered(district: District, faces: Sequence[Polygon]) -> list[DemoCell]:
    """Cells counted from the north-west, row by row, as an office would number them."""
    row = 0.55 / KM_PER_DEGREE[1] * GRID
    ordered = sorted(faces, key=lambda f: (-round(f.centroid.y / row), f.centroid.x))
    names = CELL_NAMES[district.name]
    cells = []
    for number, (face, name) in enumerate(zip(ordered, names, strict=True), 1):
        coords = face.exterior.coords if face.exterior.is_ccw else face.exterior.coords[::-1]
        ring = [(round(x) / GRID, round(y) / GRID) for x, y in coords]
        code = f"{district.name}-{number:02d}"
        cells.append(DemoCell(code, f"{name}片", district.street_code, ring))
    return cells


RIVER: list[LonLat] = [_to_lonlat(p) for p in _smooth(RIVER_PLAN)]
"""The middle of 灵江, (lon, lat): where it passes the city it is the border of 江南街道."""

STREETS: list[DemoStreet] = [
    DemoStreet(name, grade, [_to_lonlat(p) for p in _smooth(points, steps=4)])
    for name, grade, points in STREET_PLANS
]
"""The main streets, 紫阳街 first."""
