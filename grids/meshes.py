"""Cells as a mesh that stays seamless: borders shared vertex by vertex. Pure: no framework.

A `Mesh` is the cells by key, in whole units (see `rings`). An act (`topology`, `mending`) reads a
mesh and gives a `Patch`: the cells that it changes, with their new shapes, None for those that
are gone. `settled` puts right what is no more than rounding; everything larger stays, and `seams`
shows it.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from grids.rings import (
    SEAT,
    Box,
    Point,
    Shape,
    areal,
    box_of,
    over_rings,
    points_of,
    polygon_of,
    rings_of,
    seated,
    shape_of,
    square_metres,
)

Patch = dict[str, Shape | None]

WELD = 5.0
"""A vertex that is put down as near as this to another one (units, 5 cm) is that one."""

SLIVER_M2 = 1.0
"""Gaps and overlaps smaller than this are mended by the act that leaves them, and not listed:
no wall is so thin, and a map at the closest zoom shows it as less than a pixel's width along a
border of ten metres. What an import or a hand leaves is larger and is shown."""

MAX_POINTS = 5_000
"""Vertices of one cell; a county's own outline has fewer."""

_ROUNDS = 4


class TopologyError(ValueError):
    """An act that cannot be. `code` is stable, `at` the place in units that shows it, if one does.

    Codes: `no_vertex`, `self_crossing`, `junction`, `too_small`, `too_many_points`,
    `not_across`, `apart`, `nothing_left`, `in_pieces`, `too_few`.
    """

    def __init__(self, code: str, at: Sequence[float] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.at = at


class Mesh:
    """The cells by key; found by box. `changed` gives another mesh, this one stays as it is."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self._base = dict(shapes)
        self._keys = list(self._base)
        boxes = [shapely.box(*box_of(shape)) for shape in self._base.values()]
        self._tree = shapely.STRtree(boxes)
        self._polygons: dict[str, BaseGeometry] = {}
        self._over: Patch = {}
        self._own: dict[str, BaseGeometry] = {}

    def changed(self, patch: Mapping[str, Shape | None]) -> "Mesh":
        """The mesh with the cells of the patch in the place of its own."""
        other = Mesh.__new__(Mesh)
        other._base, other._keys, other._tree = self._base, self._keys, self._tree
        other._polygons = self._polygons
        other._over = {**self._over, **patch}
        other._own = {key: one for key, one in self._own.items() if key not in patch}
        return other

    def compact(self) -> "Mesh":
        """The same cells, found as quickly as in a new mesh; worth it after many changes."""
        other = Mesh({key: self[key] for key in self})
        other._polygons = {
            key: one for key, one in self._polygons.items() if key not in self._over
        } | self._own
        return other

    def __getitem__(self, key: str) -> Shape:
        shape = self._over[key] if key in self._over else self._base[key]
        if shape is None:
            raise KeyError(key)
        return shape

    def __contains__(self, key: object) -> bool:
        if key in self._over:
            return self._over[key] is not None
        return key in self._base

    def __iter__(self) -> Iterator[str]:
        yield from (key for key in self._base if key not in self._over)
        yield from (key for key, shape in self._over.items() if shape is not None)

    def __len__(self) -> int:
        return sum(1 for _key in self)

    def polygon(self, key: str) -> BaseGeometry:
        """The cell for shapely, in units; made once."""
        kept = self._own if key in self._over else self._polygons
        if key not in kept:
            kept[key] = polygon_of(self[key])
        return kept[key]

    def near(self, *boxes: Box, reach: float = WELD) -> list[str]:
        """The cells whose boxes come as near as `reach` to one of the boxes, in order of key."""
        found: set[str] = set()
        for west, south, east, north in boxes:
            wide = (west - reach, south - reach, east + reach, north + reach)
            hits = self._tree.query(shapely.box(*wide))
            found |= {self._keys[hit] for hit in hits} - self._over.keys()
            found |= {key for key, shape in self._over.items() if shape and _meet(wide, shape)}
        return sorted(found)

    def around(self, patch: Mapping[str, Shape | None]) -> list[str]:
        """The cells near those of a patch, those themselves included."""
        return self.near(*(box_of(shape) for shape in patch.values() if shape))


def _meet(box: Box, shape: Shape) -> bool:
    west, south, east, north = box_of(shape)
    return west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1]


# --- Keeping it seamless --------------------------------------------------------------------


def settled(mesh: Mesh, patch: Patch) -> Patch:
    """The patch with borders shared vertex by vertex and slivers mended; refuses what cannot be."""
    _check(patch)
    patch = healed(mesh, patch)
    try:
        for _round in range(_ROUNDS):
            mended = _mended(mesh, patch)
            if mended is None:
                break
            patch = healed(mesh, {**patch, **mended})
    except shapely.GEOSException as error:
        # A cell that healing drew through itself; where, the check says first.
        _check(patch)
        raise TopologyError("self_crossing") from error
    _check(patch)
    return {key: shape for key, shape in patch.items() if key not in mesh or shape != mesh[key]}


def healed(mesh: Mesh, patch: Patch) -> Patch:
    """The patch, grown by cells beside it, so that a vertex on a border is one of both sides."""
    patch = dict(patch)
    for _round in range(_ROUNDS):
        here = mesh.changed(patch)
        near = here.around(patch)
        grown: Patch = {}
        for key in near:
            if key in patch:
                spots = {p for other in near if other != key for p in points_of(here[other])}
            else:
                spots = {p for other in patch if patch[other] for p in points_of(here[other])}
            shape = seated(here[key], spots)
            if shape != here[key]:
                grown[key] = shape
        if not grown:
            break
        patch |= grown
    return patch


def _mended(mesh: Mesh, patch: Patch) -> Patch | None:
    """The patch's own slivers mended by one step, None where there are none."""
    here = mesh.changed(patch)
    mine = [key for key in patch if patch[key]]
    near = here.around(patch)
    for key in mine:
        for other in near:
            if other == key:
                continue
            common = areal(shapely.intersection(here.polygon(key), here.polygon(other)))
            if common and 0 < sum(map(square_metres, common)) < SLIVER_M2:
                left = shapely.difference(here.polygon(key), here.polygon(other), grid_size=1)
                if shape_of(left) not in ((), here[key]):
                    return {key: shape_of(left)}
    whole = unary_union([here.polygon(key) for key in near])
    for gap in holes(whole):
        beside = [key for key in mine if here.polygon(key).intersects(gap)]
        if beside and square_metres(gap) < SLIVER_M2:
            best = max(beside, key=lambda key: shared_length(gap, here.polygon(key)))
            filled = shape_of(shapely.union(here.polygon(best), gap, grid_size=1))
            if filled != here[best]:
                return {best: filled}
    return None


# --- Parts ----------------------------------------------------------------------------------


def _check(patch: Patch) -> None:
    for shape in patch.values():
        if shape is None:
            continue
        if not shape:
            raise TopologyError("too_small")
        if sum(len(ring) for ring in rings_of(shape)) > MAX_POINTS:
            raise TopologyError("too_many_points", shape[0][0][0])
        polygon = polygon_of(shape)
        require_valid(polygon)
        if square_metres(polygon) < SLIVER_M2:
            raise TopologyError("too_small", middle(polygon))


def require_valid(polygon: BaseGeometry) -> None:
    """Raise TopologyError with the place where a polygon crosses itself."""
    if polygon.is_empty:
        raise TopologyError("too_small")
    if polygon.is_valid:
        return
    # GEOS says e.g. "Self-intersection[1211000000 288000000]".
    _reason, _bracket, place = shapely.is_valid_reason(polygon).partition("[")
    x, _space, y = place.rstrip("]").partition(" ")
    raise TopologyError("self_crossing", (float(x), float(y)) if y else None)


def holding(mesh: Mesh, at: Point) -> dict[str, Shape]:
    """The cells that have the point on their border, with it as a vertex."""
    near = {key: seated(mesh[key], {at}) for key in mesh.near((*at, *at))}
    return {key: shape for key, shape in near.items() if at in points_of(shape)}


def welded(mesh: Mesh, point: Point, but: Point | None = None) -> Point:
    """The nearest vertex within WELD of a point that is put down, else the point."""
    spots = {p for key in mesh.near((*point, *point)) for p in points_of(mesh[key])} - {but}
    near = [(math.dist(p, point), p) for p in spots if math.dist(p, point) <= WELD]
    return min(near)[1] if near else point


def neighbours(shapes: Iterable[Shape], at: Point) -> set[Point]:
    """The vertices next to a vertex in any ring."""
    found: set[Point] = set()
    for shape in shapes:
        for ring in rings_of(shape):
            for place in (i for i, p in enumerate(ring) if p == at):
                found |= {ring[place - 1], ring[(place + 1) % len(ring)]}
    return found


def without(shape: Shape, at: Point) -> Shape:
    """The shape without a vertex."""
    return over_rings(shape, lambda ring: [p for p in ring if p != at])


def holes(whole: BaseGeometry) -> list[Polygon]:
    """The holes of a geometry, filled."""
    return [Polygon(ring) for part in areal(whole) for ring in part.interiors]


def shared_length(geometry: BaseGeometry, other: BaseGeometry) -> float:
    """How much of the border of a geometry lies along that of another, within rounding."""
    return float(geometry.boundary.intersection(other.boundary.buffer(SEAT)).length)


def middle(geometry: BaseGeometry) -> tuple[float, float]:
    """A point inside."""
    spot = geometry.representative_point() if not geometry.is_empty else shapely.Point(0, 0)
    return spot.x, spot.y
