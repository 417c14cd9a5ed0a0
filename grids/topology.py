"""The acts of drawing: move, remove, split, merge, draw. Pure: no framework.

A vertex belongs to all cells that meet there: it moves in all of them. See `meshes`.
"""

import math
from collections.abc import Collection, Iterable, Sequence

import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, unary_union

from grids.meshes import (
    SLIVER_M2,
    WELD,
    Mesh,
    Patch,
    TopologyError,
    healed,
    holding,
    holes,
    middle,
    neighbours,
    require_valid,
    settled,
    welded,
    without,
)
from grids.rings import (
    SEAT,
    Point,
    Shape,
    areal,
    over_rings,
    points_of,
    polygon_of,
    shape_of,
    square_metres,
)


def move(mesh: Mesh, source: Point, target: Point) -> Patch:
    """Move a vertex, or a point of a border, which becomes one, in every cell that has it."""
    held = holding(mesh, source)
    if not held:
        raise TopologyError("no_vertex", source)
    to = welded(mesh, target, but=source)
    patch: Patch = {
        key: over_rings(shape, lambda ring: [to if p == source else p for p in ring])
        for key, shape in held.items()
    }
    return settled(mesh, patch)


def remove(mesh: Mesh, at: Point) -> Patch:
    """Take a vertex away where only one border passes."""
    held = holding(mesh, at)
    if not held:
        raise TopologyError("no_vertex", at)
    if len(neighbours(held.values(), at)) != 2:
        raise TopologyError("junction", at)
    return settled(mesh, {key: without(shape, at) for key, shape in held.items()})


def split(mesh: Mesh, key: str, line: Sequence[Point], new: Sequence[str]) -> Patch:
    """Cut a cell along a line; the largest piece keeps the key, the others get the `new` ones."""
    whole = mesh.polygon(key)
    pieces = pieces_of(whole, longer(line))
    if len(pieces) < 2:
        raise TopologyError("not_across", line[0])
    if len(pieces) > len(new) + 1:
        raise TopologyError("in_pieces", line[0])
    for piece in pieces:
        if square_metres(piece) < SLIVER_M2:
            raise TopologyError("too_small", (piece.centroid.x, piece.centroid.y))
    pieces.sort(key=lambda piece: -piece.area)
    return settled(mesh, dict(zip([key, *new], map(shape_of, pieces), strict=False)))


def merge(mesh: Mesh, keys: Sequence[str]) -> Patch:
    """Make one cell of several that hang together; the first one's key stays.

    Border points that only the dissolved borders needed go with them, so that what was split is
    again what it had been.
    """
    if len(set(keys)) < 2:
        raise TopologyError("too_few")
    parts: Patch = {key: mesh[key] for key in keys}
    parts |= healed(mesh, parts)
    whole = shapely.union_all([polygon_of(parts[key]) for key in keys], grid_size=1)  # type: ignore[arg-type]
    before = sum(len(parts[key] or ()) for key in keys)
    if len(areal(whole)) > before - len(set(keys)) + 1:
        raise TopologyError("apart", middle(mesh.polygon(keys[-1])))
    shape = shape_of(_filled(whole))
    patch: Patch = {**parts, **dict.fromkeys(keys), keys[0]: shape}
    shared = _shared(parts[key] for key in keys) & points_of(shape)  # type: ignore[misc]
    return settled(mesh, _straightened(mesh, patch, shared))


def draw(mesh: Mesh, ring: Sequence[Point], new: str) -> Patch:
    """A new cell; it keeps clear of the cells that are there, its corners are theirs if near."""
    corners = [welded(mesh, point) for point in ring]
    outline = Polygon(corners) if len(set(corners)) >= 3 else Polygon()
    require_valid(outline)
    others = [mesh.polygon(key) for key in mesh.near(outline.bounds)]
    left = outline.difference(unary_union(others), grid_size=1) if others else outline
    pieces = [piece for piece in areal(left) if square_metres(piece) >= SLIVER_M2]
    if not pieces:
        raise TopologyError("nothing_left", middle(outline))
    if len(pieces) > 1:
        raise TopologyError("in_pieces", middle(min(pieces, key=lambda piece: piece.area)))
    return settled(mesh, {new: shape_of(pieces[0])})


# --- Parts ----------------------------------------------------------------------------------


def _straightened(mesh: Mesh, patch: Patch, spots: Collection[Point]) -> Patch:
    """The patch without those of the points that lie on a straight border and divide nothing."""
    for spot in sorted(spots):
        held = holding(mesh.changed(patch), spot)
        beside = sorted(neighbours(held.values(), spot))
        if len(beside) == 2 and LineString(beside).distance(shapely.Point(spot)) <= SEAT:
            slim = {key: without(shape, spot) for key, shape in held.items()}
            if all(shape for shape in slim.values()):
                patch = {**patch, **slim}
    return patch


def _shared(shapes: Iterable[Shape]) -> set[Point]:
    """The vertices that more than one of the shapes has."""
    once: set[Point] = set()
    twice: set[Point] = set()
    for shape in shapes:
        spots = points_of(shape)
        twice |= once & spots
        once |= spots
    return twice


def longer(line: Sequence[Point]) -> LineString:
    """The line drawn out a little at both ends, so that an end on the border crosses it."""
    spots = [(float(x), float(y)) for x, y in line]
    spots = [spot for i, spot in enumerate(spots) if i == 0 or spot != spots[i - 1]]
    if len(spots) < 2:
        raise TopologyError("not_across", line[0])
    return LineString([_beyond(spots[1], spots[0]), *spots, _beyond(spots[-2], spots[-1])])


def _beyond(near: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    way = (end[0] - near[0], end[1] - near[1])
    reach = 2 * WELD / math.hypot(*way)
    return end[0] + way[0] * reach, end[1] + way[1] * reach


def pieces_of(whole: BaseGeometry, line: BaseGeometry) -> list[BaseGeometry]:
    """The faces into which a line cuts a polygon, in whole units."""
    noded = shapely.union_all([whole.boundary, line], grid_size=1)
    faces = polygonize(noded)
    return [face for face in faces if whole.covers(face.representative_point())]


def _filled(whole: BaseGeometry) -> BaseGeometry:
    """The geometry without holes that are slivers."""
    return unary_union([whole, *(h for h in holes(whole) if square_metres(h) < SLIVER_M2)])
