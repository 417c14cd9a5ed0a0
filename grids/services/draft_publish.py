"""Publishing a draft: the whole edition from its day on, in one transaction, or nothing.

Generations are closed and opened, never edited. A cell that changes its code is another cell
from then on, with the first as its parent. Assignments go where the ground goes: a piece takes
over those of the cell that it was cut from, a cell that ceases leaves its own behind.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from citymgmt.errors import Conflict, DomainError
from citymgmt.geometry import area_m2
from citymgmt.models import User
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import DraftState, LineageKind
from grids.drafting import Board, Differences
from grids.edition import Entry, read_edition
from grids.models import Area, Assignment, Cell, CellGeneration, CellLineage, GridDraft
from grids.rings import degrees, inside_point, polygon_of, to_geojson
from grids.seams import GAP, OVERLAP, Seam
from grids.services.drafts import check_day, held, require_areas, touched_areas, write_draft
from grids.services.shapes import place_words
from grids.services.turns import take_turns

_NO_CELL = 0


class Unfit(DomainError):
    """A draft that cannot be published; `at` is the (lon, lat) of the first place, if one."""

    def __init__(self, code: str, message: object, at: tuple[float, float] | None = None) -> None:
        super().__init__(code, message, field="draft")
        self.at = at


@dataclass(slots=True)
class _Plan:
    """What is written: by key the cell that the ground will have, and when."""

    board: Board
    start: datetime
    differences: Differences
    cells: dict[str, Cell]

    @property
    def reborn(self) -> list[str]:
        """Keys of cells that get a new generation."""
        found = self.differences
        return sorted({*found.reshaped, *found.recoded, *found.new})


def publish_draft(*, draft_id: int, actor: User | None, at: datetime, version: int) -> GridDraft:
    """Make the draft the edition that holds from its day on.

    Raises Conflict where somebody was quicker or changed one of its cells beside it, Forbidden,
    and Unfit while anything is wrong with it, with the first place.
    """
    with transaction.atomic():
        draft = held(draft_id, version)
        # No import may change a cell between what is checked here and what is written.
        take_turns()
        # The order of locks: cells first, by id, then what stands on them.
        list(Cell.objects.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        board = Board(draft, read_edition())
        require_areas(actor, touched_areas(board, draft.changes))
        check_day(board.edition, draft.starts_on, at)
        plan = _plan(board, at)
        _check(plan)
        _write(plan)
        edition = len(board.edition.moments) + 1
        write_draft(draft, state=DraftState.PUBLISHED, ended_by=actor, ended_at=at, edition=edition)
        CellLineage.objects.bulk_create(_lineage(plan, draft), ignore_conflicts=True)
        raise_revision(GRID)
        return draft


def _plan(board: Board, at: datetime) -> _Plan:
    start = board.starts_at
    assert start is not None
    return _Plan(board, max(start, at), board.differences(), {})


# --- Checks ---------------------------------------------------------------------------------


def _check(plan: _Plan) -> None:
    board = plan.board
    if not plan.differences.any:
        raise Unfit("nothing", _("和现行的一样，没有要发布的。"))
    assert board.draft is not None
    for key, generation in board.draft.bases.items():
        if board.edition.generations.get(key) != generation:
            entry = board.edition.entries.get(key) or board.get(key)
            words = _("%(code)s 的边界在草稿以外被改过，请撤销草稿里对它的改动，再照新的画。")
            raise Conflict(words % {"code": entry.code if entry else key})
    seams = board.seams()
    if seams:
        raise Unfit("seams", _refusal(board, seams), degrees(seams[0].at))
    for key in plan.differences.new:
        if board[key].staff_id is None:
            words = _("%(code)s 还没有人负责，请让它沿用一个邻格的人。")
            at = degrees(inside_point(board.mesh.polygon(key)))
            raise Unfit("staff", words % {"code": board[key].code}, at)
    codes: dict[str, str] = {}
    for key, entry in board.items():
        if codes.setdefault(entry.code, key) != key:
            raise Unfit("code", _("有两格都叫 %(code)s，请改一个。") % {"code": entry.code})


def _refusal(board: Board, seams: list[Seam]) -> str:
    codes = [board[key].code for key in seams[0].keys[:2]]
    words = {
        "count": len(seams),
        "what": seam_words(seams[0]),
        "codes": "、".join(sorted(codes) if seams[0].kind == OVERLAP else codes),
        "place": place_words(*degrees(seams[0].at)),
    }
    said = _("还有 %(count)s 处边界要改，不能发布。第一处：%(codes)s %(what)s，在 %(place)s 附近。")
    return said % words


def seam_words(seam: Seam) -> str:
    """What kind of place it is."""
    return {GAP: _("缝隙"), OVERLAP: _("重叠")}.get(seam.kind, _("界外"))


# --- Writing --------------------------------------------------------------------------------


def _write(plan: _Plan) -> None:
    board, found = plan.board, plan.differences
    _name_cells(plan)
    # Of a cell that gets another code or ceases, and of one whose border moves.
    ended = {*found.reshaped, *found.recoded, *found.gone}
    ids = [board.edition.generations[key] for key in ended]
    CellGeneration.objects.filter(pk__in=ids).update(valid_to=plan.start)
    _hand_over(plan)
    _open(plan)
    touched = {cell.pk for cell in plan.cells.values()} | {int(key) for key in ended}
    Cell.objects.filter(pk__in=touched).update(version=F("version") + 1)


def _name_cells(plan: _Plan) -> None:
    """The cell of each key that changes: the one of that code, or a new one."""
    board, found = plan.board, plan.differences
    keys = sorted({*plan.reborn, *found.renamed})
    areas = {area.code: area for area in Area.objects.filter(code__in=_areas(board, keys))}
    wanted = {board[key].code: board[key] for key in keys}
    known = {cell.code: cell for cell in Cell.objects.filter(code__in=wanted)}
    fresh = [
        Cell(code=code, name=entry.name, area=areas[entry.area_code])
        for code, entry in sorted(wanted.items())
        if code not in known
    ]
    known |= {cell.code: cell for cell in Cell.objects.bulk_create(fresh)}
    for key in keys:
        cell, entry = known[board[key].code], board[key]
        cell.name, cell.area = entry.name, areas[entry.area_code]
        plan.cells[key] = cell
    Cell.objects.bulk_update(plan.cells.values(), ["name", "area"])


def _areas(board: Board, keys: Iterable[str]) -> set[str]:
    return {board[key].area_code for key in keys}


def _hand_over(plan: _Plan) -> None:
    """Assignments follow the ground; all of it is read before any of it is changed."""
    moves = {
        key: board_entry.staff_id
        for key, board_entry in ((key, plan.board[key]) for key in plan.reborn)
        if board_entry.staff_id != plan.cells[key].pk
    }
    left = _left(plan)
    touched = {plan.cells[key].pk for key in moves} | left
    standing = _standing({*(pk for pk in moves.values() if pk), *touched}, plan.start)
    copies = [
        _copied(row, plan.cells[key], plan.start)
        for key, staff_id in sorted(moves.items())
        for row in standing.get(staff_id or _NO_CELL, ())
    ]
    ending = [row for pk in touched for row in standing.get(pk, ())]
    begun = [row.pk for row in ending if row.valid_from < plan.start]
    Assignment.objects.filter(pk__in=begun).update(valid_to=plan.start)
    Assignment.objects.filter(
        pk__in=[row.pk for row in ending if row.valid_from >= plan.start]
    ).delete()
    Assignment.objects.bulk_create(copies)


def _left(plan: _Plan) -> set[int]:
    """Cells that no ground has any more."""
    kept = {cell.pk for cell in plan.cells.values()}
    found = plan.differences
    return {int(key) for key in (*found.gone, *found.recoded)} - kept


def _standing(cells: set[int], start: datetime) -> Mapping[int, list[Assignment]]:
    rows = Assignment.objects.select_for_update(of=("self",)).filter(cell__in=cells)
    found: dict[int, list[Assignment]] = {}
    for row in rows.exclude(valid_to__lte=start).order_by("pk"):
        found.setdefault(row.cell_id or _NO_CELL, []).append(row)
    return found


def _copied(row: Assignment, cell: Cell, start: datetime) -> Assignment:
    fresh = copy.copy(row)
    fresh.pk, fresh._state = None, copy.copy(row._state)
    fresh._state.adding = True
    fresh.cell, fresh.valid_from = cell, max(row.valid_from, start)
    return fresh


def _open(plan: _Plan) -> None:
    ids = [plan.cells[key].pk for key in plan.reborn]
    last = dict(
        CellGeneration.objects.filter(cell__in=ids)
        .values_list("cell_id")
        .annotate(last=Max("number"))
        .order_by()
    )
    CellGeneration.objects.bulk_create(
        _generation(plan.cells[key], plan.board[key], last.get(plan.cells[key].pk, 0), plan.start)
        for key in plan.reborn
    )


def _generation(cell: Cell, entry: Entry, last: int, start: datetime) -> CellGeneration:
    polygon = to_geojson(entry.shape)
    lon, lat = degrees(inside_point(polygon_of(entry.shape)))
    return CellGeneration(
        cell=cell,
        number=last + 1,
        polygon=polygon,
        lon=round(lon, 6),
        lat=round(lat, 6),
        area_m2=area_m2(polygon),
        valid_from=start,
    )


def _lineage(plan: _Plan, draft: GridDraft) -> list[CellLineage]:
    found = []
    for key, cell in sorted(plan.cells.items()):
        entry = plan.board[key]
        kind = LineageKind.MERGED if key in plan.board.edition.entries else LineageKind.SPLIT
        parents = dict.fromkeys(entry.sources, kind)
        if entry.cell_id and entry.cell_id != cell.pk:
            parents[entry.cell_id] = LineageKind.RENUMBERED
        found += [
            CellLineage(child=cell, parent_id=pk, kind=one, draft=draft, at=plan.start)
            for pk, one in parents.items()
            if pk != cell.pk
        ]
    return found
