"""What is wrong with an edition, as its page lists it: a number, words, a place, what mends it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from grids.choices import Duty, StepKind
from grids.drafting import Board
from grids.edition import Edition, Entry
from grids.mapping import hole_words
from grids.rings import as_mapping, degrees, inside_point
from grids.seams import GAP, OVERLAP, Seam, neighbours_of
from grids.staffing import NOBODY, Staff

LISTED = 60
"""Problems that are listed; the rest is counted."""

CHIEF, NOBODY_THERE = "chief", "nobody"
HECTARE = 10_000
_NAMED = 3
_SMALL = 100


@dataclass(frozen=True, slots=True)
class Problem:
    """One place. `ask` is the act that mends it (as the editor sends it), `duty` what is missing
    of a cell that has its own page; `blocks` says that it must be mended before publishing."""

    kind: str
    title: str
    words: str
    note: str
    at: tuple[float, float]
    key: str
    blocks: bool
    fix: str = ""
    ask: Mapping[str, Any] | None = None
    code: str = ""
    duty: str = ""
    place: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Problems:
    """The problems that are listed, and how many there are of each sort."""

    listed: tuple[Problem, ...]
    seams: int
    unstaffed: int
    holes: int

    @property
    def blocking(self) -> int:
        """How many must be mended before publishing."""
        return self.seams + self.unstaffed

    @property
    def total(self) -> int:
        """How many there are."""
        return self.blocking + self.holes


def problems_of(board: Board, staffs: Mapping[int, Staff]) -> Problems:
    """Everything wrong with an edition: its seams, then new cells without people, then holes."""
    seams = seam_problems(board)
    unstaffed: list[Problem] = []
    holes: list[Problem] = []
    counted = 0
    for key, entry in sorted(board.items(), key=lambda one: one[1].code):
        staff = staffs.get(entry.staff_id or 0, NOBODY)
        if not staff.holes:
            continue
        if entry.staff_id is None:
            unstaffed.append(_unstaffed(board, key, entry))
            continue
        counted += 1
        if len(holes) < LISTED:
            holes.append(_of_holes(board, key, entry, staff))
    listed = (*seams, *unstaffed, *holes)[:LISTED]
    return Problems(listed, len(seams), len(unstaffed), counted)


def seam_problems(board: Board) -> list[Problem]:
    """What is wrong with the boundaries alone."""
    return [_of_seam(board, seam) for seam in board.seams()]


def unbounded_words(edition: Edition) -> str:
    """Where gaps at the edge cannot be seen, since no outline is known; "" for nowhere."""
    names = edition.unbounded()
    if not names:
        return ""
    who = "、".join(names[:_NAMED])
    if len(names) > _NAMED:
        who = _("%(who)s 等 %(count)s 个街道") % {"who": who, "count": len(names)}
    if not any(one.tiled for one in edition.limits):
        who = _("街道、社区")
    return _("%(who)s的边界不知道（没有导入过），最外圈的缝隙和界外看不出来。") % {"who": who}


def _of_seam(board: Board, seam: Seam) -> Problem:
    codes = [board[key].code for key in seam.keys]
    spot = degrees(seam.at)
    common: dict[str, Any] = {
        "at": spot,
        "key": seam.keys[0] if seam.keys else "",
        "blocks": True,
        "place": as_mapping(seam.place),
    }
    size = size_words(seam.square_metres)
    if seam.kind == GAP:
        words = (
            _("%(codes)s 之间") % {"codes": _(" 与 ").join(codes[:2])}
            if codes[1:]
            else _("%(code)s 旁边") % {"code": codes[0] if codes else _limit_name(board, seam)}
        )
        ask = {"kind": StepKind.FILL, "keys": [seam.keys[0]], "points": [spot]} if codes else None
        fix = _("并入 %(code)s") % {"code": codes[0]} if codes else ""
        return Problem(
            GAP, _("缝隙"), words, _("%(size)s，无格") % {"size": size}, fix=fix, ask=ask, **common
        )
    if seam.kind == OVERLAP:
        words = _(" 与 ").join(sorted(codes))
        ask = {"kind": StepKind.HALVE, "points": [spot]}
        note = _("%(size)s，算两家") % {"size": size}
        return Problem(OVERLAP, _("重叠"), words, note, fix=_("取中线"), ask=ask, **common)
    words = _("%(code)s 出了%(area)s") % {"code": codes[0], "area": _limit_name(board, seam)}
    ask = {"kind": StepKind.TRIM, "points": [spot]}
    return Problem(seam.kind, _("界外"), words, size, fix=_("裁到界内"), ask=ask, **common)


def _limit_name(board: Board, seam: Seam) -> str:
    area = board.edition.areas.get(seam.area_code)
    return area.name if area else seam.area_code


def _unstaffed(board: Board, key: str, entry: Entry) -> Problem:
    beside = [one for one in neighbours_of(board.mesh, key) if board[one].staff_id is not None]
    ask = {"kind": StepKind.STAFF, "keys": [key, beside[0]]} if beside else None
    fix = _("沿用 %(code)s 的人") % {"code": board[beside[0]].code} if beside else ""
    return Problem(
        kind=NOBODY_THERE,
        title=_("无人负责"),
        words=entry.code,
        note=_("新画的格"),
        at=_middle(board, key),
        key=key,
        blocks=True,
        fix=fix,
        ask=ask,
    )


def _of_holes(board: Board, key: str, entry: Entry, staff: Staff) -> Problem:
    chief = next((hole for hole in staff.holes if hole.duty == Duty.CELL_CHIEF), None)
    others = [hole for hole in staff.holes if hole is not chief]
    first = chief or others[0]
    return Problem(
        kind=CHIEF if chief else NOBODY_THERE,
        title=_("无网格长") if chief else _("无人负责"),
        words=entry.code,
        note="，".join(hole_words(hole) for hole in others) or entry.name,
        at=_middle(board, key),
        key=key,
        blocks=False,
        fix=_("指定") if chief else _("填人"),
        # A piece that has no page yet is staffed through the cell that it was cut from.
        code=_own_code(board, entry),
        duty=first.duty,
    )


def _own_code(board: Board, entry: Entry) -> str:
    base = board.edition.entries.get(str(entry.staff_id))
    return base.code if base else entry.code


def _middle(board: Board, key: str) -> tuple[float, float]:
    return degrees(inside_point(board.mesh.polygon(key)))


def size_words(square_metres: float) -> str:
    """An area as one says it."""
    if square_metres >= _SMALL * HECTARE:
        return _("%(n).1f 平方公里") % {"n": square_metres / _SMALL / HECTARE}
    if square_metres >= HECTARE / 10:
        return _("%(n).1f 公顷") % {"n": square_metres / HECTARE}
    return _("%(n).0f 平方米") % {"n": square_metres}


def features(found: Problems) -> Iterator[dict[str, Any]]:
    """The listed problems for the map: a number each, its place, and the act that mends it."""
    for number, one in enumerate(found.listed, 1):
        yield {
            "number": number,
            "kind": one.kind,
            "blocks": one.blocks,
            "title": f"{one.title} {one.words}",
            "at": [round(value, 7) for value in one.at],
            "key": one.key,
            "ask": one.ask,
            "place": one.place,
        }
