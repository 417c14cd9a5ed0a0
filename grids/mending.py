"""What mends a problem of the mesh in one act: fill a gap, share an overlap, trim. Pure."""

import math
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from grids.meshes import SLIVER_M2, Mesh, Patch, TopologyError, middle, settled, shared_length
from grids.rings import SEAT, areal, shape_of, square_metres
from grids.topology import longer, pieces_of


def fill(mesh: Mesh, gap: BaseGeometry, key: str) -> Patch:
    """Give a gap to a cell beside it."""
    whole = shapely.union(mesh.polygon(key), gap, grid_size=1)
    if len(areal(whole)) > len(mesh[key]):
        raise TopologyError("apart", middle(gap))
    return settled(mesh, {key: shape_of(whole)})


def halve(mesh: Mesh, first: str, second: str) -> Patch:
    """Share what two cells both cover along its middle line.

    Where it has no two sides, as when one cell lies within the other, the smaller cell keeps it.
    """
    mine, theirs = mesh.polygon(first), mesh.polygon(second)
    # Where they also touch along a line, that is no place of two.
    common = unary_union(areal(shapely.intersection(mine, theirs, grid_size=1)))
    kept = [part for piece in areal(common) for part in _mine_of(piece, mine, theirs)]
    to_first = unary_union([part for one in kept for part in areal(one)])
    to_second = unary_union(areal(shapely.difference(common, to_first, grid_size=1)))
    patch: Patch = {
        first: shape_of(shapely.difference(mine, to_second, grid_size=1)),
        second: shape_of(shapely.difference(theirs, to_first, grid_size=1)),
    }
    return settled(mesh, patch)


def trim(mesh: Mesh, key: str, limit: BaseGeometry) -> Patch:
    """Cut off what lies outside of a limit."""
    left = shapely.intersection(mesh.polygon(key), limit, grid_size=1)
    pieces = [piece for piece in areal(left) if square_metres(piece) >= SLIVER_M2]
    if not pieces:
        raise TopologyError("nothing_left", middle(mesh.polygon(key)))
    return settled(mesh, {key: shape_of(unary_union(pieces))})


# --- Parts ----------------------------------------------------------------------------------


def _mine_of(piece: Polygon, mine: BaseGeometry, theirs: BaseGeometry) -> list[BaseGeometry]:
    """What of an overlap the first cell keeps."""
    halfway = _middle_line(piece, mine, theirs)
    parts = pieces_of(piece, halfway) if halfway is not None else []
    if len(parts) != 2:
        return [piece] if mine.area < theirs.area else []
    # Along the other's own border lies what is deep in the first.
    return [max(parts, key=lambda part: shared_length(part, theirs) - shared_length(part, mine))]


def _middle_line(piece: Polygon, mine: BaseGeometry, theirs: BaseGeometry) -> LineString | None:
    """Halfway between the two borders that enclose an overlap; None unless each is one chain."""
    one, two = _own_chain(piece, mine, theirs), _own_chain(piece, theirs, mine)
    if one is None or two is None:
        return None
    ahead = math.dist(one.coords[0], two.coords[0]) + math.dist(one.coords[-1], two.coords[-1])
    across = math.dist(one.coords[0], two.coords[-1]) + math.dist(one.coords[-1], two.coords[0])
    if across < ahead:
        two = two.reverse()
    spots = []
    for share in sorted({0.0, 1.0, *_shares(one), *_shares(two)}):
        a = one.interpolate(share, normalized=True)
        b = two.interpolate(share, normalized=True)
        spots.append((round((a.x + b.x) / 2), round((a.y + b.y) / 2)))
    return longer(spots) if len(set(spots)) > 1 else None


def _own_chain(piece: Polygon, own: BaseGeometry, other: BaseGeometry) -> LineString | None:
    """The rim of an overlap that is the border of one cell and not of the other, if one line."""
    spots = piece.exterior.coords
    edges = [LineString(pair) for pair in pairwise(spots)]
    mine = [
        edge
        for edge in edges
        if own.boundary.dwithin(edge.centroid, SEAT)
        and not other.boundary.dwithin(edge.centroid, SEAT)
    ]
    joined = shapely.line_merge(unary_union(mine)) if mine else None
    if joined is None or joined.geom_type != "LineString" or joined.is_ring:
        return None
    return joined


def _shares(line: LineString) -> list[float]:
    spots = [shapely.Point(spot) for spot in line.coords[1:-1]]
    return [round(line.project(spot, normalized=True), 4) for spot in spots]
