"""Small faults of many cells at once: what two files that were drawn apart leave along their
borders. Pure: no framework.

Only cells of one's own are changed; what is larger than `SMALL_M2` was meant so, or is for a
person to decide, and stays.
"""

from collections.abc import Callable, Collection, Sequence

import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from grids.mending import fill, trim
from grids.meshes import SLIVER_M2, Mesh, Patch, TopologyError, settled
from grids.rings import SEAT, Shape, areal, shape_of, square_metres
from grids.seams import GAP, OVERLAP, Limit, Seam, find_seams

SMALL_M2 = 100.0
"""Smaller than this a fault is one of drawing, and is mended if asked."""

MOST = 2_000
"""So many are mended at a time."""

# What one fault leaves beside another is found the second time.
_ROUNDS = 6
# A mesh looks through its changes one by one: after so many it is laid out anew.
_PATCHES = 100


def aligned(
    mesh: Mesh,
    own: Collection[str],
    limits: Sequence[Limit] = (),
    area_of: Callable[[str], str] = str,
) -> dict[str, Shape]:
    """The cells of `own` whose shape changes so that their small faults are gone."""
    before, here = {key: mesh[key] for key in own}, mesh
    for _round in range(_ROUNDS):
        small = [seam for seam in find_seams(here, limits, area_of) if is_small(seam, own)]
        patches = 0
        for seam in small[:MOST]:
            patch = _mended(here, seam, own, limits)
            if patch:
                here, patches = here.changed(patch), patches + 1
                here = here if patches % _PATCHES else here.compact()
        if not patches:
            break
        here = here.compact()
    return {key: here[key] for key in own if here[key] != before[key]}


def is_small(seam: Seam, own: Collection[str]) -> bool:
    """Whether a fault is so small that it is mended, at a cell of one's own.

    Beside a cell of others, which is not to change, points that are rounded to whole units cannot
    lie on its line: what is no wider than that stays.
    """
    if seam.square_metres >= SMALL_M2 or not any(key in own for key in seam.keys):
        return False
    return all(key in own for key in seam.keys) or not seam.place.buffer(-SEAT).is_empty


def _mended(mesh: Mesh, seam: Seam, own: Collection[str], limits: Sequence[Limit]) -> Patch:
    """The cells of one's own as one fault's end leaves them; nothing where it cannot be."""
    for key in _givers(mesh, seam, own):
        try:
            if seam.kind == OVERLAP:
                other = next(one for one in seam.keys if one != key)
                patch = _without(mesh, key, other)
            elif seam.kind == GAP:
                patch = fill(mesh, seam.place, key)
            else:
                limit = next(one for one in limits if one.code == seam.area_code)
                patch = trim(mesh, key, limit.shape)
        except TopologyError:
            continue
        mine: Patch = {one: shape for one, shape in patch.items() if one in own and shape}
        if mine:
            return mine
    return {}


def _givers(mesh: Mesh, seam: Seam, own: Collection[str]) -> list[str]:
    """Whose border may move, the first that should: of two that overlap the larger, of those
    beside a gap the one with the longest border."""
    mine = [key for key in seam.keys if key in own]
    if seam.kind == OVERLAP:
        mine.sort(key=lambda key: (-mesh.polygon(key).area, key))
    return mine


def _without(mesh: Mesh, key: str, other: str) -> Patch:
    """A cell without what another has of it. Where both run together so closely that it would
    cross itself, it keeps a hair's breadth away."""
    mine, theirs = mesh.polygon(key), mesh.polygon(other)
    try:
        return settled(mesh, {key: _rest(mine, theirs)})
    except TopologyError:
        return settled(mesh, {key: _rest(mine, theirs.buffer(2 * SEAT, join_style="mitre"))})


def _rest(mine: BaseGeometry, theirs: BaseGeometry) -> Shape:
    try:
        left = shapely.difference(mine, theirs, grid_size=1)
    except shapely.GEOSException:
        # What collapses on the grid is left to the rounding of the points.
        left = shapely.difference(mine, theirs)
    pieces = [piece for piece in areal(left) if square_metres(piece) >= SLIVER_M2]
    if not pieces:
        raise TopologyError("nothing_left")
    return shape_of(unary_union(pieces))
