"""What the map of the grid reads: cells in force or drawn, problems, and a cell's panel."""

import gzip
import hashlib
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from citymgmt.models import Revision
from citymgmt.services.revisions import GRID
from grids.access import access_of
from grids.cards import history, parts_of, seats
from grids.choices import Duty, Shift
from grids.drafting import Board, open_draft
from grids.edition import Entry, edition_at, newest_edition
from grids.facts import Cover, covers
from grids.models import Cell, CellLineage, GridDraft
from grids.outline import board_outline, kept_json, moment_of
from grids.policies import Access
from grids.problems import Problems, features, problems_of, unbounded_words
from grids.rings import square_metres
from grids.seams import neighbours_of
from grids.services.drafts import may_draw
from grids.staffing import Staff, staffing, usual_seat

PANEL_LINES = 8
_DOTS = 3


def grid_access(request: HttpRequest) -> Access:
    """The person's access; raises Forbidden for who may not look at the grid."""
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.GRID_VIEW):
        raise Forbidden(_("您还没有看网格的权限，请找本单位管理员开通。"))
    return access


def allowed_areas(access: Access) -> set[str]:
    """Beginnings of the codes of areas whose cells the person may look at; "" is everything."""
    return {reach.area_code for reach in access.holding(Capability.GRID_VIEW)}


def shown_draft(request: HttpRequest, access: Access) -> GridDraft | None:
    """The open draft where the person may draw and asks for it."""
    return open_draft() if request.GET.get("draft") == "1" and may_draw(access) else None


def shown_board(draft: GridDraft | None, at: datetime, since: int = 0) -> Board:
    """The draft that is shown, else what is in force, read no earlier than at revision `since`."""
    return Board(draft, newest_edition(since)) if draft else Board(None, edition_at(at, since))


@require_safe
def shapes(request: HttpRequest) -> HttpResponse:
    """All cells for the map, kept by the browser until grid or draft change, and in the cache for
    whoever may look at the same areas."""
    access, at = grid_access(request), clock.now()
    draft, allowed = shown_draft(request, access), allowed_areas(access)
    revision = Revision.objects.filter(name=GRID).values_list("value", flat=True).first() or 0
    mark = (draft.pk, draft.version) if draft else None
    state = f"{revision} {at:%Y%m%d%H} {sorted(allowed)} {mark}"
    name = hashlib.sha256(state.encode()).hexdigest()[:32]
    response = get_conditional_response(request, etag=f'"{name}"')
    if response is None:

        def build() -> dict[str, Any]:
            board = shown_board(draft, at, revision)
            return board_outline(board, staffing(moment_of(board, at), revision), allowed)

        packed = kept_json(f"grid:outline:{name}", build)
        response = HttpResponse(content_type="application/json")
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response["Content-Encoding"] = "gzip"
            response.content = packed
        else:
            response.content = gzip.decompress(packed)
        patch_vary_headers(response, ["Accept-Encoding"])
    response["ETag"] = f'"{name}"'
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def draft_state(request: HttpRequest) -> JsonResponse:
    """The open draft as it stands: version, problems, panel."""
    access, at = grid_access(request), clock.now()
    draft = drawn_draft(access)
    return JsonResponse(state_of(request, Board(draft), at))


@require_safe
def cell_panel(request: HttpRequest, key: str) -> HttpResponse:
    """The chosen cell beside the map, as it is or as it is drawn."""
    access, at = grid_access(request), clock.now()
    board = shown_board(shown_draft(request, access), at)
    entry = board.get(key)
    if entry is None or not entry.area_code.startswith(tuple(allowed_areas(access))):
        raise Http404
    return render(request, "grids/_panel.html", _panel(board, key, entry, access, at))


# --- Parts that the acts share ----------------------------------------------------------------


def drawn_draft(access: Access) -> GridDraft:
    """The open draft; Forbidden for who may not draw, 404 where there is none."""
    if not may_draw(access):
        raise Forbidden(_("您还没有改网格的权限，请找本局管理员开通。"))
    draft = open_draft()
    if draft is None:
        raise Http404
    return draft


def state_of(request: HttpRequest, board: Board, at: datetime) -> dict[str, Any]:
    """What the drawing board shows beside the cells."""
    assert board.draft is not None
    found = problems_of(board, staffing(moment_of(board, at)))
    context = edition_context(board, found, at)
    return {
        "version": board.draft.version,
        "undo": bool(board.draft.done),
        "redo": bool(board.draft.undone),
        "problems": list(features(found)),
        "panel": render_to_string("grids/_board.html", context, request),
    }


def edition_context(board: Board, found: Problems | None, at: datetime) -> dict[str, Any]:
    """The cards under the map: problems, and the edition that is shown."""
    edition, draft = board.edition, board.draft
    now = edition.number_at(at)
    current = edition.moments[now - 1] if now else None
    planned = [moment for moment in edition.moments if moment > at]
    return {
        "draft": draft,
        "problems": found,
        "differences": board.differences() if draft else None,
        "edition_now": now,
        "edition_since": current,
        "edition_next": len(edition.moments) + 1,
        "planned": planned[-1] if planned else None,
        "planned_number": len(edition.moments),
        "dots": edition.moments[-_DOTS:],
        "unbounded": unbounded_words(edition),
    }


def _panel(board: Board, key: str, entry: Entry, access: Access, at: datetime) -> dict[str, Any]:
    moment = moment_of(board, at)
    cell = Cell.objects.select_related("area__parent").filter(pk=entry.cell_id or 0).first()
    staff_id = entry.staff_id
    cover = covers(moment, [staff_id]).get(staff_id, Cover()) if staff_id else Cover()
    staffs = staffing(moment)
    area = board.edition.areas.get(entry.area_code)
    street = board.edition.areas.get(entry.area_code[:9])
    sources = dict(Cell.objects.filter(pk__in=entry.sources).values_list("pk", "code"))
    chief = cover.at(Duty.CELL_CHIEF, moment)
    return {
        "key": key,
        "entry": entry,
        "cell": cell,
        "draft": board.draft,
        "at": moment,
        "area": area,
        "street": street if street and street != area else None,
        "chief": chief,
        "square_km": f"{_square_km(board, key):.2f}",
        "parts": parts_of(moment),
        "duties": [one for one in seats(cover, moment) if one["label"] != Duty.CELL_CHIEF.label],
        "lines": _history(cell),
        "sources": [sources[pk] for pk in entry.sources if pk in sources],
        "staff_code": _staff_code(board, entry),
        "offer": _offer(board, key, entry, staffs),
        "may_draw": board.draft is not None and may_draw(access, entry.area_code),
        "may_edit": cell is not None and may_draw(access, entry.area_code),
        "cases_url": _cases_url(cell),
        "recent_url": _recent_url(cell),
        "beside": [(one, board[one].code) for one in neighbours_of(board.mesh, key)],
        "national": len(entry.area_code) == 12,
    }


def _square_km(board: Board, key: str) -> float:
    return square_metres(board.mesh.polygon(key)) / 1_000_000


def _history(cell: Cell | None) -> list[Any]:
    if cell is None:
        return []
    rows = cell.assignments.select_related("team", "person")
    generations = cell.generations.defer("polygon").order_by("number")
    return history(rows, generations, PANEL_LINES, lineage_of(cell), cell.pk)


def lineage_of(cell: Cell) -> list[Any]:
    """Out of what a cell came and what became of it, with the codes."""
    rows = CellLineage.objects.filter(Q(child=cell) | Q(parent=cell))
    return list(rows.select_related("parent", "child"))


def _staff_code(board: Board, entry: Entry) -> str:
    """Whose people a cell takes over, where they are another one's."""
    if entry.staff_id is None or entry.staff_id == entry.cell_id:
        return ""
    base = board.edition.entries.get(str(entry.staff_id))
    return base.code if base else ""


def _offer(board: Board, key: str, entry: Entry, staffs: Any) -> dict[str, Any] | None:
    """Whom the neighbours have for the first duty that nobody has here."""
    staff: Staff | None = staffs.get(entry.staff_id or 0)
    holes = [hole for hole in staff.holes if hole.duty != Duty.CELL_CHIEF] if staff else []
    if not holes or entry.cell_id is None:
        return None
    hole, part = holes[0], holes[0].parts[0]
    beside = [board[one].staff_id for one in neighbours_of(board.mesh, key)]
    found = usual_seat([staffs[pk] for pk in beside if pk in staffs], hole.duty, part)
    if found is None:
        return None
    seat, count = found
    return {
        "seat": seat,
        "count": count,
        "duty": hole.duty,
        "duty_label": Duty(hole.duty).label,
        "shift": Shift.ALL_DAY if hole.whole_day else part,
        "shift_label": Shift.ALL_DAY.label if hole.whole_day else Shift(part).label,
    }


def _cases_url(cell: Cell | None) -> str:
    try:
        return f"{reverse('cases:list')}?cell={cell.code}" if cell else ""
    except NoReverseMatch:
        return ""


def _recent_url(cell: Cell | None) -> str:
    """Where the cell's cases of the last days are counted, if the room above counts them."""
    try:
        return reverse("cases:cell_recent", args=[cell.code]) if cell else ""
    except NoReverseMatch:
        return ""
