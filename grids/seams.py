"""What is wrong with a mesh of cells: overlaps, gaps, and what lies outside. Pure: no framework.

Complete, but for slivers (`meshes.SLIVER_M2`, and `EDGE_M2` against a limit): every other place
that two cells cover, or that lies in a limit or in a ring of cells and in no cell, is a `Seam`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from grids.meshes import SLIVER_M2, Mesh, holes, shared_length
from grids.rings import areal, inside_point, many_square_metres, square_metres

OVERLAP, GAP, OUTSIDE = "overlap", "gap", "outside"

EDGE_M2 = 20.0
"""What cells and the limit of their area may differ by in a place: a limit comes from another
file, drawn by somebody else, and only its own vertices are exact."""

# Where cells meet at a corner only, the hair's breadth around it is no common border.
_CORNER = 10.0
_ORDER = {GAP: 0, OVERLAP: 1, OUTSIDE: 2}


@dataclass(frozen=True, slots=True)
class Limit:
    """The outline of an area in units. Where `tiled`, its cells leave nothing of it out."""

    code: str
    name: str
    shape: BaseGeometry
    tiled: bool = True


@dataclass(frozen=True, slots=True)
class Seam:
    """A place that is wrong. `keys` are the two that overlap, or the cells beside a gap, the one
    with the longest common border first; `area_code` says of which limit, if of one."""

    kind: str
    keys: tuple[str, ...]
    place: BaseGeometry
    square_metres: float
    at: tuple[float, float]
    area_code: str = ""


def find_seams(
    mesh: Mesh, limits: Sequence[Limit] = (), area_of: Callable[[str], str] = str
) -> list[Seam]:
    """Everything that is wrong, from north to south within each kind.

    `area_of` gives the area code of a cell: a limit holds the cells whose code begins with its
    own.
    """
    keys = sorted(mesh)
    if not keys:
        return []
    polygons = np.array([mesh.polygon(key) for key in keys], dtype=object)
    tree = shapely.STRtree(polygons)
    found = _overlaps(keys, polygons, tree)
    gaps: list[Seam] = []
    for limit in sorted(limits, key=lambda one: (-len(one.code), one.code)):
        held = [i for i, key in enumerate(keys) if area_of(key).startswith(limit.code)]
        if held:
            found += _outside(limit, keys, polygons, held, _tops(limits, limit, area_of, keys))
            gaps += _left_out(limit, mesh, keys, polygons, tree, gaps)
    found += gaps + _enclosed(mesh, keys, polygons, tree, [gap.place for gap in gaps])
    return sorted(found, key=lambda one: (_ORDER[one.kind], -one.at[1], one.at[0], one.keys))


def _overlaps(keys: list[str], polygons: np.ndarray, tree: shapely.STRtree) -> list[Seam]:
    lefts, rights = tree.query(polygons, predicate="intersects")
    once = lefts < rights
    lefts, rights = lefts[once], rights[once]
    # Cells that only touch, as neighbours do, are most: they are told without making a shape.
    deep = ~shapely.touches(polygons[lefts], polygons[rights])
    lefts, rights = lefts[deep], rights[deep]
    common = shapely.intersection(polygons[lefts], polygons[rights])
    sizes = many_square_metres(common) if len(common) else np.array([])
    found = []
    for left, right, place, size in zip(lefts, rights, common, sizes, strict=True):
        if size >= SLIVER_M2:
            whole = unary_union(areal(place))
            pair = (keys[left], keys[right])
            found.append(Seam(OVERLAP, pair, whole, float(size), inside_point(whole)))
    return found


def _tops(
    limits: Sequence[Limit], limit: Limit, area_of: Callable[[str], str], keys: list[str]
) -> set[int]:
    """Cells whose own area has a nearer limit than this one: they are told of by that one."""
    nearer = [one.code for one in limits if len(one.code) > len(limit.code)]
    return {i for i, key in enumerate(keys) if any(area_of(key).startswith(c) for c in nearer)}


def _outside(
    limit: Limit, keys: list[str], polygons: np.ndarray, held: list[int], told: set[int]
) -> list[Seam]:
    mine = np.array([i for i in held if i not in told], dtype=int)
    if not len(mine):
        return []
    shapely.prepare(limit.shape)
    beyond = mine[~shapely.covers(limit.shape, polygons[mine])]
    found = []
    for i in beyond:
        for piece in areal(polygons[i].difference(limit.shape)):
            size = square_metres(piece)
            if size >= EDGE_M2:
                found.append(
                    Seam(OUTSIDE, (keys[i],), piece, size, inside_point(piece), limit.code)
                )
    return found


def _left_out(
    limit: Limit,
    mesh: Mesh,
    keys: list[str],
    polygons: np.ndarray,
    tree: shapely.STRtree,
    told: list[Seam],
) -> list[Seam]:
    if not limit.tiled:
        return []
    inside = polygons[tree.query(limit.shape, predicate="intersects")]
    left = limit.shape.difference(unary_union(inside))
    if told:
        left = left.difference(unary_union([gap.place for gap in told]))
    pieces = [piece for piece in areal(left) if square_metres(piece) >= EDGE_M2]
    return [_gap(piece, mesh, keys, tree, limit.code) for piece in pieces]


def _enclosed(
    mesh: Mesh,
    keys: list[str],
    polygons: np.ndarray,
    tree: shapely.STRtree,
    told: list[BaseGeometry],
) -> list[Seam]:
    """Gaps in a ring of cells, which need no limit to be seen."""
    found = []
    for gap in holes(unary_union(polygons)):
        cut = [place for place in told if place.intersects(gap) and not place.touches(gap)]
        left = gap.difference(unary_union(cut)) if cut else gap
        # What lies across a limit was told of up to there; the rest is no place of its own.
        least = EDGE_M2 if cut else SLIVER_M2
        pieces = [piece for piece in areal(left) if square_metres(piece) >= least]
        found += [_gap(piece, mesh, keys, tree, "") for piece in pieces]
    return found


def _gap(
    piece: BaseGeometry, mesh: Mesh, keys: list[str], tree: shapely.STRtree, code: str
) -> Seam:
    near = [keys[i] for i in tree.query(piece, predicate="dwithin", distance=2.0)]
    lengths = {key: shared_length(piece, mesh.polygon(key)) for key in near}
    beside = sorted((key for key in near if lengths[key] > _CORNER), key=lambda k: (-lengths[k], k))
    return Seam(GAP, tuple(beside), piece, square_metres(piece), inside_point(piece), code)


def neighbours_of(mesh: Mesh, key: str) -> list[str]:
    """The cells that share a border with one, the longest first."""
    mine = mesh.polygon(key)
    near = [other for other in mesh.around({key: mesh[key]}) if other != key]
    lengths: Mapping[str, float] = {
        other: shared_length(mine, mesh.polygon(other)) for other in near
    }
    return sorted((k for k in near if lengths[k] > _CORNER), key=lambda k: (-lengths[k], k))


def seam_at(seams: Iterable[Seam], kind: str, at: tuple[float, float]) -> Seam | None:
    """The problem of a kind in which a place lies."""
    spot = shapely.Point(at)
    return next((one for one in seams if one.kind == kind and one.place.intersects(spot)), None)


def seams_beside(mesh: Mesh, keys: Iterable[str]) -> list[Seam]:
    """What is wrong at some cells alone, without the limits: a quick answer while one draws."""
    mine = [key for key in keys if key in mesh]
    near = mesh.around({key: mesh[key] for key in mine})
    here = Mesh({key: mesh[key] for key in near})
    touched = unary_union([mesh.polygon(key) for key in mine]).buffer(2.0)
    found = []
    for seam in find_seams(here):
        if not seam.place.intersects(touched):
            continue
        spot = shapely.Point(seam.at)
        held = (mesh.polygon(key) for key in mesh.near((*seam.at, *seam.at)) if key not in near)
        # A ring of near cells may be filled by others that are not near.
        if seam.kind != GAP or not any(one.intersects(spot) for one in held):
            found.append(seam)
    return found
