"""What a file of cells would leave wrong along its borders: gaps, overlaps, what lies outside.

None of it stands in the way of an import; all of it stands in the way of the next edition that is
drawn, so the preview counts it, shows it, and mends what is small if asked.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from shapely.ops import unary_union

from grids.aligning import aligned, is_small
from grids.edition import read_limits
from grids.meshes import Mesh
from grids.rings import degrees, from_geojson, to_geojson
from grids.seams import GAP, OUTSIDE, OVERLAP, Limit, Seam, find_seams
from grids.services.cell_plan import Plan, compare
from grids.services.draft_publish import seam_words
from grids.services.shapes import place_words

LISTED = 20


def look_at_seams(
    plan: Plan, *, close_gone: bool = False, align: bool = False, look: bool = True
) -> None:
    """Find what the plan would leave wrong at the cells whose border it changes (`look`), and with
    `align` first mend what is small; nothing where the plan is wrong itself."""
    reshaped = any(row.reshaped for row in plan.rows)
    if plan.findings.by_number or not ((reshaped and align) or (look and (reshaped or plan.gone))):
        return
    closed = {one.cell.code for one in plan.gone} if close_gone else set()
    mesh, limits = _mesh(plan, closed), read_limits()
    areas = {row.code: row.area.code for row in plan.rows if row.area}
    areas |= {code: cell.area.code for code, cell in plan.cells.items() if code not in areas}
    rows = {row.code: row for row in plan.rows if row.code in mesh}
    if align:
        shapes = aligned(mesh, rows.keys(), limits, areas.__getitem__)
        for code, shape in shapes.items():
            row = rows[code]
            row.polygon, row.aligned = to_geojson(shape), True
            compare(row, plan)
        mesh = mesh.changed(shapes)
    if look:
        mine = {code for code, row in rows.items() if row.reshaped}
        found = find_seams(mesh, limits, areas.__getitem__) if mine else []
        plan.seams = [seam for seam in found if mine.intersection(seam.keys)]
        _look_at_closing(plan, mesh, mine, limits, areas)


def _look_at_closing(
    plan: Plan,
    mesh: Mesh,
    mine: set[str],
    limits: Sequence[Limit],
    areas: Mapping[str, str],
) -> None:
    """Count what would be wrong once the cells that are gone leave their ground to nobody."""
    closed = {one.cell.code: None for one in plan.gone if one.cell.code in mesh}
    if not closed:
        return
    ground = unary_union([mesh.polygon(code) for code in closed])
    found = find_seams(mesh.changed(closed), limits, areas.__getitem__)
    plan.closing = sum(
        not mine.isdisjoint(seam.keys) or seam.place.intersects(ground) for seam in found
    )


def _mesh(plan: Plan, closed: Collection[str]) -> Mesh:
    """The cells of the file, and those beside them that stay."""
    shapes = {row.code: from_geojson(row.polygon) for row in plan.rows if row.polygon}
    for code, generations in plan.standing.items():
        first = generations[0]
        if code not in shapes and code not in closed and first.valid_from <= plan.at:
            shapes[code] = from_geojson(first.polygon)
    return Mesh({code: shape for code, shape in shapes.items() if shape})


def seams_told(plan: Plan) -> dict[str, Any]:
    """What was found, for the preview: how many of each kind, how many of them are small, and
    the first ones in words."""
    counts = Counter(seam.kind for seam in plan.seams)
    own = {row.code for row in plan.rows}
    return {
        "total": len(plan.seams),
        "overlaps": counts[OVERLAP],
        "gaps": counts[GAP],
        "outside": counts[OUTSIDE],
        "small": sum(is_small(seam, own) for seam in plan.seams),
        "closing": plan.closing,
        "aligned": sum(row.aligned for row in plan.rows),
        "lines": [words_of(seam) for seam in plan.seams[:LISTED]],
    }


def words_of(seam: Seam) -> str:
    """One of them: which cells, what, how large, where."""
    words = {
        "codes": "、".join(seam.keys[:2]),
        "what": seam_words(seam),
        "size": f"{seam.square_metres:.0f}",
        "place": place_words(*degrees(seam.at)),
    }
    return _("%(codes)s %(what)s %(size)s 平方米，在 %(place)s 附近") % words
