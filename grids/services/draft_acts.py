"""What each act on a draft makes of its cells, and how that is said."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from citymgmt.errors import DomainError
from grids.choices import StepKind
from grids.codes import COMMUNITY_DIGITS, MOST, next_codes, renumbered
from grids.drafting import Board, with_sources
from grids.edition import Entry
from grids.mending import fill, halve, trim
from grids.meshes import Patch, TopologyError
from grids.models import Cell
from grids.rings import box_of, degrees
from grids.seams import GAP, OUTSIDE, OVERLAP, Seam, neighbours_of, seam_at
from grids.services.draft_asks import MAX_NAME, Ask
from grids.services.shapes import place_words
from grids.topology import draw, merge, move, remove, split

Changes = dict[str, Entry | None]

MAX_PIECES = 6
_CODE = re.compile(r"[\w-]{1,30}")

_WORDS = {
    "no_vertex": gettext_lazy("这里没有网格的边界，请点在边界上。"),
    "self_crossing": gettext_lazy("边界会自己与自己相交，请换个画法。"),
    "junction": gettext_lazy("这里有几条边界相接，这个点不能删。"),
    "too_small": gettext_lazy("画出来的格不到 1 平方米，请画大一点。"),
    "too_many_points": gettext_lazy("这一格的点太多了，请删去一些再画。"),
    "not_across": gettext_lazy("线没有把这格切开，请从边界外画到边界外。"),
    "apart": gettext_lazy("它们不相邻，不能并成一格。"),
    "nothing_left": gettext_lazy("这里已经有网格，没有空地可画；要分开请用拆分。"),
    "in_pieces": gettext_lazy("画出来成了好几块，请画简单一点。"),
    "too_few": gettext_lazy("请再选一格。"),
}


class Refused(DomainError):
    """An act that the map cannot take; `at` is the (lon, lat) that shows why, if one does."""

    def __init__(self, error: TopologyError) -> None:
        self.at = degrees(error.at) if error.at else None
        message = str(_WORDS[error.code])
        if self.at:
            message += _("（%(place)s 处）") % {"place": place_words(*self.at)}
        super().__init__(error.code, message, field="geometry")


@dataclass(frozen=True, slots=True)
class Made:
    """The cells that an act changes, and what it did in words."""

    changes: Changes
    said: str


def make(board: Board, ask: Ask) -> Made:
    """What the act makes. Raises Cell.DoesNotExist for an unknown key, Refused, DomainError."""
    for key in ask.keys if ask.kind != StepKind.RENUMBER else ():
        if key not in board:
            raise Cell.DoesNotExist
    try:
        return _MAKERS[ask.kind](board, ask)
    except TopologyError as error:
        raise Refused(error) from error


def _move(board: Board, ask: Ask) -> Made:
    patch = move(board.mesh, *ask.points)
    return Made(_plain(board, patch), _("移动 %(codes)s 的边界") % {"codes": _codes(board, patch)})


def _remove(board: Board, ask: Ask) -> Made:
    patch = remove(board.mesh, ask.points[0])
    words = _("删去 %(codes)s 边界上的一个点") % {"codes": _codes(board, patch)}
    return Made(_plain(board, patch), words)


def _split(board: Board, ask: Ask) -> Made:
    key = ask.keys[0]
    entry = board[key]
    new = _new_keys(board, MAX_PIECES - 1)
    patch = split(board.mesh, key, ask.points, new)
    codes = next_codes(entry.code, _taken(board), len(new))
    changes = _plain(board, {one: shape for one, shape in patch.items() if one not in new})
    kept = changes[key] or entry
    made = []
    for one, code in zip(new, codes, strict=True):
        shape = patch.get(one)
        if shape:
            name = _name_beside(entry.name, kept, replace(entry, shape=shape))
            piece = replace(entry, code=code, name=name, shape=shape, cell_id=None)
            changes[one] = with_sources(piece, entry)
            made.append(code)
    words = {"code": entry.code, "new": "、".join(made)}
    return Made(changes, _("从 %(code)s 拆出 %(new)s") % words)


def _merge(board: Board, ask: Ask) -> Made:
    patch = merge(board.mesh, ask.keys)
    changes = _plain(board, patch)
    first, others = ask.keys[0], [board[key] for key in ask.keys[1:]]
    changes[first] = with_sources(changes[first] or board[first], *others)
    words = {"codes": "、".join(one.code for one in others), "code": board[first].code}
    return Made(changes, _("%(codes)s 并入 %(code)s") % words)


def _draw(board: Board, ask: Ask) -> Made:
    (key,) = _new_keys(board, 1)
    patch = draw(board.mesh, ask.points, key)
    drawn = board.mesh.changed(patch)
    beside = [board[other] for other in neighbours_of(drawn, key) if other != key]
    area_code = _area_of(board, drawn.polygon(key), beside)
    like = next((one.code for one in beside if one.area_code == area_code), "")
    code = next_codes(like or f"{area_code}-00", _taken(board))[0]
    changes = _plain(board, {one: shape for one, shape in patch.items() if one != key})
    name = _("新格 %(code)s") % {"code": code}
    changes[key] = Entry(code, name[:MAX_NAME], area_code, drawn[key])
    return Made(changes, _("画出 %(code)s") % {"code": code})


def _fill(board: Board, ask: Ask) -> Made:
    gap = _seam(board, GAP, ask)
    key = ask.keys[0]
    words = _("把缝隙并入 %(code)s") % {"code": board[key].code}
    return Made(_plain(board, fill(board.mesh, gap.place, key)), words)


def _halve(board: Board, ask: Ask) -> Made:
    seam = _seam(board, OVERLAP, ask)
    patch = halve(board.mesh, *seam.keys)
    words = _("%(codes)s 的重叠取中线") % {"codes": _codes(board, seam.keys)}
    return Made(_plain(board, patch), words)


def _trim(board: Board, ask: Ask) -> Made:
    seam = _seam(board, OUTSIDE, ask)
    limit = next(one for one in board.edition.limits if one.code == seam.area_code)
    patch = trim(board.mesh, seam.keys[0], limit.shape)
    words = _("把 %(codes)s 裁到%(area)s界内") % {
        "codes": _codes(board, seam.keys),
        "area": limit.name,
    }
    return Made(_plain(board, patch), words)


def _rename(board: Board, ask: Ask) -> Made:
    key, entry = ask.keys[0], board[ask.keys[0]]
    if not _CODE.fullmatch(ask.code):
        words = _("编码应是 1 到 30 个汉字、字母、数字或短横，请改正。")
        raise DomainError("code", words, field="code")
    if not 0 < len(ask.name) <= MAX_NAME:
        words = _("名称应有 1 到 %(limit)s 个字。") % {"limit": MAX_NAME}
        raise DomainError("name", words, field="name")
    before = board.edition.entries.get(key)
    own = {entry.code, before.code if before else ""}
    if ask.code not in own and ask.code in _taken(board):
        words = _("%(code)s 已经用过，旧案还记着它，请换一个。") % {"code": ask.code}
        raise DomainError("code", words, field="code")
    named = replace(entry, code=ask.code, name=ask.name)
    words = _("%(before)s 改为 %(code)s %(name)s") % {
        "before": entry.code,
        "code": ask.code,
        "name": ask.name,
    }
    return Made({key: named}, words[:200])


def _renumber(board: Board, ask: Ask) -> Made:
    code = ask.keys[0]
    held = {key: one for key, one in board.items() if one.area_code == code}
    if len(code) != COMMUNITY_DIGITS or not held:
        words = _("只有社区里的网格按 15 位规则编号；这里用的是本局自己的编码，不用改。")
        raise DomainError("area", words, field="keys")
    if len(held) > MOST:
        raise DomainError("area", _("一个社区最多 %(most)s 格。") % {"most": MOST}, field="keys")
    codes = renumbered({key: box_of(one.shape) for key, one in held.items()}, code)
    changes: Changes = {
        key: replace(held[key], code=new) for key, new in codes.items() if held[key].code != new
    }
    others = {one.code for key, one in board.items() if key not in held}
    if others & set(codes.values()):
        raise DomainError("area", _("这些号在别的社区用着，请先改那里的。"), field="keys")
    area = board.edition.areas.get(code)
    words = _("%(area)s的 %(count)s 格按规则编号")
    return Made(changes, words % {"area": area.name if area else code, "count": len(changes)})


def _staff(board: Board, ask: Ask) -> Made:
    key, other = ask.keys[0], board[ask.keys[-1]]
    if other.staff_id is None:
        words = _("%(code)s 自己也没有人，请换一格。") % {"code": other.code}
        raise DomainError("staff", words, field="keys")
    words = _("%(code)s 沿用 %(other)s 的人") % {"code": board[key].code, "other": other.code}
    return Made({key: replace(board[key], staff_id=other.staff_id)}, words)


_MAKERS: dict[str, Callable[[Board, Ask], Made]] = {
    StepKind.MOVE: _move,
    StepKind.REMOVE: _remove,
    StepKind.SPLIT: _split,
    StepKind.MERGE: _merge,
    StepKind.DRAW: _draw,
    StepKind.FILL: _fill,
    StepKind.HALVE: _halve,
    StepKind.TRIM: _trim,
    StepKind.RENAME: _rename,
    StepKind.RENUMBER: _renumber,
    StepKind.STAFF: _staff,
}


# --- Parts ----------------------------------------------------------------------------------


def _plain(board: Board, patch: Patch) -> Changes:
    """A patch of shapes as changes of the cells that there are."""
    return {
        key: replace(board[key], shape=shape) if shape else None for key, shape in patch.items()
    }


def _codes(board: Board, keys: Iterable[str]) -> str:
    found = [board[key].code for key in keys if key in board]
    return "、".join(found[:4]) + (_(" 等") if len(found) > 4 else "")


def _new_keys(board: Board, count: int) -> list[str]:
    number = board.draft.steps_made + 1 if board.draft else 1
    return [f"n{number}-{index}" for index in range(1, count + 1)]


def _taken(board: Board) -> set[str]:
    """Every code that is or was some cell's."""
    return {one.code for _key, one in board.items()} | set(
        Cell.objects.order_by().values_list("code", flat=True)
    )


def _seam(board: Board, kind: str, ask: Ask) -> Seam:
    seam = seam_at(board.seams(), kind, ask.points[0])
    if seam is None:
        raise DomainError("gone", _("这一处已经没有了，请刷新后再看。"), field="points")
    return seam


def _area_of(board: Board, drawn: shapely.Geometry, beside: list[Entry]) -> str:
    """The area of a new cell: the smallest known outline around it, else its neighbour's."""
    spot = drawn.representative_point()
    around = [one.code for one in board.edition.limits if one.tiled and one.shape.covers(spot)]
    if around:
        inner = max(around, key=len)
        return next((one.area_code for one in beside if one.area_code.startswith(inner)), inner)
    if beside:
        return beside[0].area_code
    near = min(
        board.items(), key=lambda one: board.mesh.polygon(one[0]).distance(spot), default=None
    )
    if near is None:
        raise DomainError("area", _("还没有一格，不知道它在哪个社区，请先导入网格。"), field="area")
    return near[1].area_code


def _name_beside(name: str, kept: Entry, piece: Entry) -> str:
    """The name of a piece: that of the cell, with where the piece lies of the rest."""
    west, south, east, north = box_of(kept.shape)
    mine = box_of(piece.shape)
    right, up = (mine[0] + mine[2] - west - east), (mine[1] + mine[3] - south - north)
    side = (
        (_("东") if right > 0 else _("西"))
        if abs(right) >= abs(up)
        else (_("北") if up > 0 else _("南"))
    )
    return f"{name[: MAX_NAME - 1]}{side}"
