"""责任表: who answers for each place, duty and shift on a day; a range is changed in one act."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_id
from grids.access import access_of
from grids.board import WORKED, Column, Line, Tints, columns_of, covers_of, heads_of, line_of
from grids.choices import Duty
from grids.facts import REQUIRED, Cover, standing_cells, with_holders
from grids.forms_board import Asked, RangeForm, midnight
from grids.models import Assignment, AssignmentAct, Cell, Membership, RoadSegment, Team
from grids.policies import Access
from grids.services.acts import last_act, undo_act
from grids.services.painting import paint, plan_strokes
from grids.services.spots import CELL, SEGMENT, Spot

PAGE = 100
WHOLE = 1000
SHOWN_WORDS = 40
UNDO_SHOWN = timedelta(hours=12)
_NONE = Cover()
_FILTERS = ("kind", "day", "street", "team", "missing", "duty", "whole")


def access_to_look(request: HttpRequest) -> Access:
    """The person's access; raises Forbidden for who may not look at the grid."""
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.GRID_VIEW):
        raise Forbidden(_("您还没有看网格的权限，请找本单位管理员开通。"))
    return access


@require_safe
def assignments(request: HttpRequest) -> HttpResponse:
    """The table of a day."""
    access, at = access_to_look(request), clock.now()
    asked = request.GET
    kind = SEGMENT if asked.get("kind") == SEGMENT else CELL
    today = at.astimezone(clock.LOCAL).date()
    day = day_from(asked.get("day", "")) or today
    moment = at if day == today else midnight(day)
    places = _places(access, kind, moment)
    duty = asked.get("duty", "")
    columns = _columns(kind, duty)
    placed = Assignment.objects.in_force(moment).filter(**{f"{kind}__isnull": False})
    covers = covers_of(with_holders(placed))
    tints = Tints()
    found = [
        line_of(one, _key(kind, one), covers.get((kind, one.pk), _NONE), columns, tints)
        for one in places
    ]
    shown = _narrowed(found, asked, covers, kind)
    size = WHOLE if asked.get("whole") == "1" else PAGE
    page, older, newer = _paged(request, shown, size)
    may_edit = access.can(Capability.GRID_EDIT) and day >= today
    monday = today + timedelta(days=7 - today.weekday())
    context = {
        "kind": kind,
        "day": day,
        "today": today,
        "monday": monday,
        "monday_url": _with(request, day=monday.isoformat()),
        "columns": columns,
        "heads": heads_of(columns),
        "groups": _groups(page, kind),
        "shown": len(shown),
        "total": len(found),
        "missing_count": sum(1 for one in found if one.holes),
        "streets": _streets(places, asked.get("street", "")) if kind == CELL else [],
        "teams": tints.legend,
        "team": asked.get("team", ""),
        "only_holes": asked.get("missing") == "1",
        "duty": duty,
        "duties": [(one, Duty(one).label) for one in WORKED],
        "whole_url": _with(request, whole="1") if PAGE < len(shown) <= WHOLE > size else "",
        "older": older,
        "newer": newer,
        "query": _query(request),
        "may_edit": may_edit,
    }
    if may_edit:
        context["staff"] = _staff(moment)
        context["last"] = _last(request, at)
    return render(request, "grids/assignments.html", context)


@require_POST
def assignments_preview(request: HttpRequest) -> HttpResponse:
    """What a range would become, in words; what is wrong is said in its place."""
    access_to_edit(request)
    at = clock.now()
    context: dict[str, Any] = {"query": request.POST.get("query", "")[:500]}
    try:
        asked = RangeForm(request.POST).asked(at)
        _require_visible(request, asked)
        plan = plan_strokes(
            strokes=asked.strokes(),
            actor=request.user,  # type: ignore[arg-type]
            at=at,
            over_plans=asked.over_plans,
        )
    except DomainError as error:
        if error.status == 403:
            raise
        # It was only asked: that it cannot be so is the answer.
        return render(request, "grids/_assign_preview.html", context | {"error": error})
    words = plan.words
    context |= {
        "words": words[:SHOWN_WORDS],
        "more": max(len(words) - SHOWN_WORDS, 0),
        "same": plan.same,
        "places": len(plan.spots),
        "fields": _fields(request),
    }
    return render(request, "grids/_assign_preview.html", context)


@require_POST
def assignments_apply(request: HttpRequest) -> HttpResponse:
    """Do to a range what the preview said."""
    access_to_edit(request)
    at = clock.now()
    asked = RangeForm(request.POST).asked(at)
    _require_visible(request, asked)

    def act() -> Done:
        plan = paint(
            strokes=asked.strokes(),
            actor=request.user,  # type: ignore[arg-type]
            at=at,
            over_plans=asked.over_plans,
        )
        words = plan.words
        said = words[0] if words else _("本来就是这样，没有改动。")
        if len(words) > 1:
            said = _("%(first)s 等 %(count)s 项。") % {"first": said, "count": len(words)}
        return Done(board_url(request.POST.get("query", "")), said)

    return act_once(request, act)


@require_POST
def assignments_undo(request: HttpRequest) -> HttpResponse:
    """Take one's last act back."""
    access_to_edit(request)
    act_id = form_id(request, "act") or 0
    act = get_object_or_404(AssignmentAct, pk=act_id, actor=request.user)

    def undo() -> Done:
        undo_act(act_id=act.pk, actor=request.user, at=clock.now())  # type: ignore[arg-type]
        first = act.words.splitlines()[0] if act.words else ""
        said = _("撤销了：%(words)s") % {"words": first}
        return Done(board_url(request.POST.get("query", "")), said)

    return act_once(request, undo)


# --- Parts ----------------------------------------------------------------------------------


def access_to_edit(request: HttpRequest) -> Access:
    """The person's access; raises Forbidden for who may not change who answers anywhere."""
    access = access_to_look(request)
    if not access.can(Capability.GRID_EDIT):
        raise Forbidden
    return access


def board_url(query: str) -> str:
    """The table with the filters that it was left with; anything else is dropped."""
    kept = [part.partition("=") for part in query.split("&")]
    fine = [f"{name}={value}" for name, _eq, value in kept if name in _FILTERS and value]
    return reverse("grids:assignments") + (f"?{'&'.join(fine)}" if fine else "")


def day_from(text: str) -> date | None:
    """A day as 2026-12-07; None for anything else, and for years that no calendar has."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def _last(request: HttpRequest, at: datetime) -> AssignmentAct | None:
    """The person's last act, while it is fresh enough that one key may take it back."""
    act = last_act(request.user)  # type: ignore[arg-type]
    return act if act and act.at > at - UNDO_SHOWN else None


def _require_visible(request: HttpRequest, asked: Asked) -> None:
    """404 for cells out of the person's scope, and for what is not there."""
    access = access_of(request.user)  # type: ignore[arg-type]
    for kind, rows in (
        (CELL, Cell.objects.visible_to(access)),
        (SEGMENT, RoadSegment.objects.all()),
    ):
        ids = [spot.pk for spot in asked.seen if spot.kind == kind]
        if ids and rows.filter(pk__in=ids).count() != len(ids):
            raise Http404


def _places(access: Access, kind: str, moment: datetime) -> list[Any]:
    if kind == SEGMENT:
        rows = RoadSegment.objects.filter(valid_from__lte=moment).exclude(valid_to__lte=moment)
        return list(rows.defer("line").order_by("name", "code"))
    cells = Cell.objects.visible_to(access).filter(standing_cells(moment))
    found = cells.select_related("area__parent").order_by()
    return sorted(found, key=lambda one: (one.area.code[:9], one.code))


def _columns(kind: str, duty: str) -> list[Column]:
    chief = Duty.CELL_CHIEF if kind == CELL else Duty.STREET_CHIEF
    if duty == "all":
        return columns_of([chief, *WORKED], chief=chief)
    if duty in WORKED:
        return columns_of([duty], chief=chief)
    required = REQUIRED if kind == CELL else (chief, Duty.PATROL, Duty.CLEANING)
    return columns_of(required, chief=chief)


def _key(kind: str, place: Cell | RoadSegment) -> str:
    return f"{Spot(kind, place.pk).key}.{place.version}"


def _narrowed(found: list[Line], asked: Any, covers: Any, kind: str) -> list[Line]:
    street, team = asked.get("street", ""), asked.get("team", "")
    shown = found
    if street and kind == CELL:
        shown = [one for one in shown if one.place.area.code.startswith(street)]  # type: ignore[union-attr]
    if team:
        shown = [one for one in shown if _is_of(covers.get((kind, one.place.pk), _NONE), team)]
    if asked.get("missing") == "1":
        shown = [one for one in shown if one.holes or any(seat.hole for seat in one.seats)]
    return shown


def _is_of(cover: Cover, team: str) -> bool:
    return any(row.team.name == team for rows in cover.by_duty.values() for row in rows)


def _groups(page: list[Line], kind: str) -> list[dict[str, Any]]:
    """The lines of a page by street."""
    groups: dict[str, dict[str, Any]] = {}
    for one in page:
        name = _street_name(one.place) if isinstance(one.place, Cell) else one.place.name
        groups.setdefault(name, {"name": name, "lines": []})["lines"].append(one)
    return list(groups.values())


def _street_name(cell: Cell) -> str:
    area = cell.area
    return area.parent.name if len(area.code) > 9 and area.parent else area.name


def _streets(cells: list[Cell], asked: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in cells:
        code = one.area.code[:9]
        row = {"code": code, "name": _street_name(one), "count": 0, "current": code == asked}
        found.setdefault(code, row)["count"] += 1
    return list(found.values())


def _staff(moment: datetime) -> list[dict[str, Any]]:
    """Teams in use with their people, as the side list shows them. Two statements."""
    teams = Team.objects.filter(is_active=True, parent__isnull=False).order_by("path")
    people: dict[int, list[User]] = {team.pk: [] for team in teams}
    rows = Membership.objects.in_force(moment).filter(user__is_active=True, team__in=people)
    for row in rows.select_related("user").order_by("user__name", "pk"):
        people[row.team_id].append(row.user)
    return [{"team": team, "people": people[team.pk]} for team in teams]


def _paged(request: HttpRequest, rows: list[Line], size: int) -> tuple[list[Line], str, str]:
    """A page of lines by the code of the place after which it begins, and what is beside it."""
    after = request.GET.get("after", "")
    codes = [row.place.code for row in rows]
    start = codes.index(after) + 1 if after in codes else 0
    older = _with(request, after=codes[start + size - 1]) if start + size < len(rows) else ""
    back = max(start - size, 0)
    newer = _with(request, after=codes[back - 1] if back else "") if start else ""
    return rows[start : start + size], older, newer


def _with(request: HttpRequest, **changes: str) -> str:
    query = {name: request.GET[name] for name in (*_FILTERS, "after") if request.GET.get(name)}
    query = {name: value for name, value in (query | changes).items() if value}
    return f"?{urlencode(query)}"


def _query(request: HttpRequest) -> str:
    return urlencode({name: request.GET[name] for name in _FILTERS if request.GET.get(name)})


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    """What the form that does it sends again."""
    names = RangeForm.base_fields
    return [(name, request.POST[name]) for name in names if request.POST.get(name)]
