"""Pages of the grid: the map with its list twin, a cell's card, and putting somebody in charge."""

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Revision
from citymgmt.posting import Done, act_once, form_version
from citymgmt.services.revisions import GRID
from grids.access import access_of, may
from grids.cards import CellRow, history, parts_of, row_of, seats
from grids.choices import Duty
from grids.drafting import Board, open_draft
from grids.edition import Place as AreaName
from grids.edition import edition_at
from grids.facts import Cover, covers, standing_cells
from grids.forms import ChargeForm
from grids.mapping import Shaped, collection, shaped_cells
from grids.models import Assignment, Cell
from grids.outline import moment_of
from grids.policies import Access, Place
from grids.problems import problems_of
from grids.querysets import CellQuerySet
from grids.services.assign import assign_cell, end_assignment
from grids.services.drafts import may_draw
from grids.services.patrols import may_patrol
from grids.staffing import MAPPED, NOBODY, staffing
from grids.views.drawing import edition_context, lineage_of

LISTED = 100
HOLES_LISTED = 30
CARD_LINES = 6
PAGE_LINES = 30
_STREET_DIGITS = 9
_NEW_CELL = Cover()


def _access(request: HttpRequest) -> Access:
    """The person's access; raises Forbidden for who may not look at the grid."""
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.GRID_VIEW):
        raise Forbidden(_("您还没有看网格的权限，请找本单位管理员开通。"))
    return access


def _cells(access: Access) -> CellQuerySet:
    return Cell.objects.visible_to(access).select_related("area__parent")


class _Light(NamedTuple):
    """A cell as far as a list of ten thousand is counted and cut into pages."""

    pk: int
    code: str
    area_code: str

    @property
    def street(self) -> str:
        """The code of the street in which the cell lies, itself perhaps in a community."""
        return self.area_code[:_STREET_DIGITS]


_code_of = attrgetter("code")


def _rows(access: Access, some: Collection[_Light], at: datetime) -> dict[int, CellRow]:
    """Cells with who answers now; two statements."""
    ids = {one.pk for one in some}
    covered = covers(at, ids)
    return {
        one.pk: row_of(one, covered.get(one.pk, _NEW_CELL), at)
        for one in _cells(access).filter(pk__in=ids)
    }


@require_safe
def grid_map(request: HttpRequest) -> HttpResponse:
    """The map, what is missing, and all cells as a list."""
    at = clock.now()
    access = _access(request)
    draws = may_draw(access)
    draft = open_draft() if draws else None
    drawn = draft if request.GET.get("edition") != "now" else None
    board = Board(drawn) if drawn else Board(None, edition_at(at))
    parts = parts_of(at)
    context = {
        "parts": parts,
        "part": next(part.label for part in parts if part.current),
        "paints": [(position, Duty(duty).label) for position, duty in enumerate(MAPPED)],
        "counts_url": _counts_url(),
        "may_import": may(request.user, Capability.GRID_EDIT, everywhere=True),  # type: ignore[arg-type]
        "sees_patrols": access.can(Capability.TRACK_VIEW) or may_patrol(access, at),
        "may_draw": draws,
        "open_draft": draft,
        **_listing(request, access, board.edition.areas, at),
        **_drawing(board, at),
    }
    return render(request, "grids/map.html", context)


def _listing(
    request: HttpRequest, access: Access, areas: Mapping[str, AreaName], at: datetime
) -> dict[str, Any]:
    """The list of the cells, a page of it, and those that lack somebody."""
    found = _cells(access).filter(standing_cells(at)).order_by()
    cells = sorted(map(_Light._make, found.values_list("pk", "code", "area__code")), key=_code_of)
    staffs = staffing(at)
    lacking = {one.pk for one in cells if staffs.get(one.pk, NOBODY).holes}
    streets = _streets(cells, areas, request.GET.get("street", ""))
    street = next((one for one in streets if one["current"]), None)
    shown = [one for one in cells if not street or one.street == street["code"]]
    only_holes = request.GET.get("missing") == "1"
    if only_holes:
        shown = [one for one in shown if one.pk in lacking]
    page, older, newer = _paged(request, shown)
    missing = [one for one in cells if one.pk in lacking][:HOLES_LISTED]
    rows = _rows(access, [*page, *missing], at)
    return {
        "rows": [rows[one.pk] for one in page],
        "older": older,
        "newer": newer,
        "shown": len(shown),
        "total": len(cells),
        "missing": [rows[one.pk] for one in missing],
        "missing_count": len(lacking),
        "only_holes": only_holes,
        "streets": streets,
        "street": street,
    }


def _drawing(board: Board, at: datetime) -> dict[str, Any]:
    """What the map itself needs: which edition is shown, and what is wrong with a draft."""
    found = problems_of(board, staffing(moment_of(board, at))) if board.draft else None
    query = "?draft=1" if board.draft else ""
    return {
        "shapes_url": reverse("grids:shapes") + query,
        "panel_url": reverse("grids:cell_panel", args=["-key-"]) + query,
        **edition_context(board, found, at),
    }


@require_safe
def cells_geojson(request: HttpRequest) -> HttpResponse:
    """Cells for the map; with `near` only that cell and those around it.

    The answer is kept by the browser until the grid changes; what hours and days change by
    themselves is at most an hour behind.
    """
    access, at = _access(request), clock.now()
    revision = Revision.objects.filter(name=GRID).values_list("value", flat=True).first()
    near = request.GET.get("near", "")
    scope = sorted(reach.area_code for reach in access.holding(Capability.GRID_VIEW))
    state = f"{revision} {at:%Y%m%d%H} {scope} {near}".encode()
    etag = f'"{hashlib.sha256(state).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = JsonResponse(_geojson(access, near), json_dumps_params={"ensure_ascii": False})
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _geojson(access: Access, near: str) -> dict[str, Any]:
    at = clock.now()
    cells = _drawn(access, near, at)
    ids = [cell.cell_id for cell in cells] if any(cell.code == near for cell in cells) else None
    urls = {cell.code: reverse("grids:cell", args=[cell.code]) for cell in cells}
    return collection(cells, covers(at, ids), at, urls, chosen=near)


def _drawn(access: Access, near: str, at: datetime) -> list[Shaped]:
    """The cells of a map that the person may see: those around `near`, all where there is none."""
    allowed = set(Cell.objects.visible_to(access).values_list("pk", flat=True))
    cells = [cell for cell in shaped_cells(at).values() if cell.cell_id in allowed]
    middle = next((cell for cell in cells if cell.code == near), None)
    return [cell for cell in cells if middle is None or cell.near(middle.bounds)]


@require_safe
@vary_on_headers("HX-Request")
def cell(request: HttpRequest, code: str) -> HttpResponse:
    """A cell's page; htmx gets the card alone."""
    access = _access(request)
    found = get_object_or_404(_cells(access), code=code)
    fragment = bool(request.htmx)  # type: ignore[attr-defined]
    context = _cell_context(found, access, CARD_LINES if fragment else PAGE_LINES)
    if fragment:
        return render(request, "grids/_cell_card.html", context)
    if context["may_edit"]:
        context["form"] = ChargeForm(at=context["at"], initial=_asked(request))
    return render(request, "grids/cell.html", context | _around(found, access, context["at"]))


@require_POST
def cell_assign(request: HttpRequest, code: str) -> HttpResponse:
    """Put somebody in charge of a duty; what is wrong is said beside the field."""
    access = _access(request)
    found = get_object_or_404(_cells(access), code=code)
    _require_edit(access, found)
    at = clock.now()
    form = ChargeForm(request.POST, at=at)
    if form.is_valid():
        try:
            return act_once(request, lambda: _put_in_charge(request, found, form))
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error))
    context = _cell_context(found, access, PAGE_LINES) | {"form": form}
    context |= _around(found, access, at)
    return render(request, "grids/cell.html", context, status=422)


def _around(found: Cell, access: Access, at: datetime) -> dict[str, Any]:
    """The cells beside it, for the list that says what its map shows."""
    drawn = _drawn(access, found.code, at) if found.code in shaped_cells(at) else []
    return {"beside": [each for each in drawn if each.code != found.code]}


def _put_in_charge(request: HttpRequest, found: Cell, form: ChargeForm) -> Done:
    row = assign_cell(
        cell_id=found.pk,
        actor=request.user,  # type: ignore[arg-type]
        at=form.at,
        version=form_version(request),
        charge=form.charge(),
    )
    words = {
        "duty": row.get_duty_display(),
        "who": f"{row.team.name} {row.person or ''}".strip(),
        "day": f"{row.valid_from.astimezone(clock.LOCAL):%Y-%m-%d}",
    }
    said = _("%(duty)s自 %(day)s 起由 %(who)s 负责。") % words
    return Done(reverse("grids:cell", args=[found.code]), said)


@require_POST
def assignment_end(request: HttpRequest, code: str, assignment_id: int) -> HttpResponse:
    """End an assignment of a cell now."""
    access = _access(request)
    found = get_object_or_404(_cells(access), code=code)
    _require_edit(access, found)
    row = get_object_or_404(Assignment, pk=assignment_id, cell=found)

    def act() -> Done:
        end_assignment(
            assignment_id=row.pk,
            actor=request.user,  # type: ignore[arg-type]
            at=clock.now(),
            version=form_version(request),
        )
        said = _("%(duty)s已结束，请尽快安排接手的人。") % {"duty": row.get_duty_display()}
        return Done(reverse("grids:cell", args=[found.code]), said)

    return act_once(request, act)


# --- Parts ----------------------------------------------------------------------------------


def _require_edit(access: Access, found: Cell) -> None:
    if not _may_edit(access, found):
        raise Forbidden


def _may_edit(access: Access, found: Cell) -> bool:
    """Whether the person may change who answers here, for whatever team."""
    reaches = access.holding(Capability.GRID_EDIT)
    return any(
        reach.team_id is not None or access.can_at(Capability.GRID_EDIT, _place(found))
        for reach in reaches
    )


def _place(found: Cell) -> Place:
    return Place(area_code=found.area.code, cell_id=found.pk)


def _cell_context(found: Cell, access: Access, lines: int) -> dict[str, Any]:
    at = clock.now()
    assignments = list(found.assignments.select_related("team", "person"))
    generations = list(found.generations.defer("polygon").order_by("number"))
    newest = generations[-1] if generations else None
    cover = Cover()
    for row in sorted(assignments, key=lambda one: (one.starts_minute, one.pk)):
        if row.valid_from <= at and (row.valid_to is None or row.valid_to > at):
            cover.by_duty.setdefault(row.duty, []).append(row)
    standing = [row for row in assignments if row.valid_to is None or row.valid_to > at]
    return {
        "at": at,
        "cell": found,
        "row": row_of(found, cover, at),
        "generation": newest,
        "square_km": f"{newest.area_m2 / 1_000_000:.2f}" if newest else "",
        "parts": parts_of(at),
        "duties": seats(cover, at),
        "standing": sorted(standing, key=_in_order),
        "history": history(assignments, generations, lines, lineage_of(found), found.pk),
        "may_edit": _may_edit(access, found),
    }


def _in_order(row: Assignment) -> tuple[int, int, Any]:
    return Duty.values.index(row.duty), row.starts_minute, row.valid_from


def _asked(request: HttpRequest) -> dict[str, Any]:
    """A duty that a link names is chosen in the form."""
    duty = request.GET.get("duty", "")
    return {"duty": duty} if duty in Duty.values else {}


def _streets(
    cells: Iterable[_Light], areas: Mapping[str, AreaName], asked: str
) -> list[dict[str, Any]]:
    counts = Counter(one.street for one in cells)
    return [
        {
            "code": code,
            "name": areas[code].name if code in areas else code,
            "count": counts[code],
            "current": code == asked,
        }
        for code in sorted(counts)
    ]


def _paged(request: HttpRequest, rows: list[_Light]) -> tuple[list[_Light], str, str]:
    """A page of cells by the code after which it begins, and the addresses beside it."""
    after = request.GET.get("after", "")
    start = bisect_right(rows, after, key=_code_of) if after else 0
    page = rows[start : start + LISTED]
    older = _address(request, page[-1].code) if start + LISTED < len(rows) else ""
    back = max(start - LISTED, 0)
    newer = _address(request, rows[back - 1].code if back else "") if start else ""
    return page, older, newer


def _address(request: HttpRequest, after: str) -> str:
    query = request.GET.copy()
    query["after"] = after
    if not after:
        del query["after"]
    return f"?{query.urlencode()}"


def _counts_url() -> str:
    """Where open cases by cell come from, if the room above has them."""
    try:
        return reverse("cases:cell_counts")
    except NoReverseMatch:
        return ""
