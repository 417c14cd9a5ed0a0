"""The case page: what is known of a case, and what this person can do about it next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.casefile import CaseFile, read_casefile, whole
from cases.choices import CaseState, OrderState
from cases.deadlines import limit_text
from cases.forms import FORMS, MoveForm
from cases.models import Case
from cases.options import team_options
from cases.presenters import ClockReader, ClockView, chip_of, limit_of
from cases.services.dispatch import choose
from cases.services.offers import Offers, offers_for
from cases.timeline import event_lines, steps_of
from cases.workload import hands_of
from citymgmt import clock
from citymgmt.choices import PhotoKind
from citymgmt.photo_urls import PhotoView
from grids.access import access_of
from grids.choices import AreaLevel
from grids.models import Area, CellGeneration
from grids.policies import Access

# These are made by their button alone.
AT_ONCE = frozenset({"receive", "pass"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A move that was refused: its form as typed, and the photos that are already up."""

    name: str
    form: MoveForm
    photos: Sequence[PhotoView] = ()


@require_safe
def case_detail(request: HttpRequest, number: str) -> HttpResponse:
    """The page of a case in the person's scope; 404 outside of it."""
    at = clock.now()
    case = visible_case(request, number, at)
    return render(request, "cases/case_detail.html", page_context(request, case, at))


@require_safe
def case_place(request: HttpRequest, number: str, layer: str) -> HttpResponse:
    """GeoJSON of where a case is: its `cell` as it was when the case was filed, or its `point`."""
    case = visible_case(request, number, clock.now())
    if layer == "cell":
        features = _cell_features(case)
    elif layer == "point":
        features = _point_features(case)
    else:
        raise Http404
    return JsonResponse({"type": "FeatureCollection", "features": features})


@require_safe
def case_people(request: HttpRequest, number: str) -> HttpResponse:
    """The people of the team in `team` as options, for the dispatch form."""
    at = clock.now()
    visible_case(request, number, at)
    hands = hands_of(_row_id(request.GET.get("team", "")), at)
    return render(request, "cases/_person_options.html", {"hands": hands})


def visible_case(request: HttpRequest, number: str, at: datetime) -> Case:
    """The case of that number within the person's scope, as the page needs it; Http404 outside."""
    access = access_of(request.user, at)  # type: ignore[arg-type]
    return get_object_or_404(whole(Case.objects.visible_to(access)), number=number)


def page_context(
    request: HttpRequest, case: Case, at: datetime, refused: Refused | None = None
) -> dict[str, Any]:
    """Context of `case_detail.html`; with `refused` its dialog is open with what was typed."""
    access = access_of(request.user, at)  # type: ignore[arg-type]
    file = read_casefile(case, access, at)
    offers = offers_for(case, file.order, access, at)
    clocks = ClockReader(at)
    return {
        "file": file,
        "case": case,
        "at": at,
        "chip": chip_of(case),
        "clock": _clock(file, clocks),
        "turn": _turn(file),
        "steps": steps_of(case, file.running, file.reports[0] if file.reports else None, at),
        "lines": event_lines(file.events, file.by_hash, at),
        "orders": [(order, clocks.of_order(order)) for order in file.orders],
        "limit": limit_text(limit_of(case)),
        "area": _area_words(case),
        "offers": offers,
        "dialogs": _dialogs(file, offers, access, at, refused),
        "loose": None if refused is None or _has_dialog(refused, offers) else refused,
    }


def _has_dialog(refused: Refused, offers: Offers) -> bool:
    """Whether the page still has a form in which the refusal can stand."""
    return offers.allows(refused.name) and refused.name not in AT_ONCE


def _clock(file: CaseFile, clocks: ClockReader) -> ClockView:
    return clocks.of_order(file.running) if file.running else clocks.of_case(file.case)


def _turn(file: CaseFile) -> dict[str, str]:
    """Who must act now, and what for."""
    case, order = file.case, file.running
    if case.state == CaseState.CLOSED:
        return {"who": _("已办结"), "what": _("没有人要再办，回头看另行安排")}
    if order is None:
        return {"who": _("受理派遣"), "what": _("定责任单位和经办人")}
    if case.state == CaseState.TO_CHECK:
        team = order.team.name
        return {
            "who": _("核查员或督查"),
            "what": _("现场核查后结案，不可由 %(team)s 的人核查") % {"team": team},
        }
    who = f"{order.team.name} {order.person.name if order.person else ''}".strip()
    what = _("签收，到现场整改") if order.state == OrderState.ISSUED else _("整改后拍照提交")
    return {"who": who, "what": what}


def _area_words(case: Case) -> str:
    if case.cell is None:
        return ""
    names: list[str] = []
    area: Area | None = case.cell.area
    while area is not None and area.level != AreaLevel.COUNTY:
        names.insert(0, area.name)
        area = area.parent if area.level == AreaLevel.COMMUNITY else None
    return " ".join(names)


def _dialogs(
    file: CaseFile, offers: Offers, access: Access, at: datetime, refused: Refused | None
) -> dict[str, dict[str, Any]]:
    """What the dialog of each offered move needs, by the move's name."""
    dialogs: dict[str, dict[str, Any]] = {}
    for offer in offers.allowed:
        name = offer.move.name
        again = refused if refused is not None and refused.name == name else None
        form = again.form if again else FORMS[name](move_name=name)
        dialogs[name] = {"form": form, "open": again is not None}
        if name == "dispatch":
            dialogs[name] |= _dispatch_choices(file, form, at)
        elif name == "assign" and file.order is not None:
            dialogs[name]["hands"] = hands_of(file.order.team_id, at)
        elif name == "submit":
            dialogs[name] |= _photo_wants(file, again)
    return dialogs


def _dispatch_choices(file: CaseFile, form: MoveForm, at: datetime) -> dict[str, Any]:
    """Teams and people to choose from, the proposal chosen unless the reader chose already."""
    place = file.case.cell.code if file.case.cell else ""
    proposal = choose(category=file.case.category, rows=file.answering, place=place)
    proposed = (
        proposal.team.pk if proposal.team else None,
        proposal.person.pk if proposal.person else None,
    )
    team, person = (form["team"].value(), form["person"].value()) if form.is_bound else proposed
    team_id = _row_id(team)
    return {
        "proposal": proposal,
        "teams": team_options(),
        "team_value": str(team_id or ""),
        "hands": hands_of(team_id, at),
        "person_id": _row_id(person),
    }


def _row_id(value: object) -> int | None:
    """The id that was chosen; None for anything that cannot be one."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _photo_wants(file: CaseFile, again: Refused | None) -> dict[str, Any]:
    """Which photos a submission still needs; a rebound was photographed at its look-back."""
    order = file.order
    shown = bool(file.before) or (order is not None and order.is_rebound)
    up = again.photos if again else ()
    return {
        "wants_before": not shown,
        "before_up": [photo for photo in up if photo.kind == PhotoKind.BEFORE],
        "after_up": [photo for photo in up if photo.kind == PhotoKind.AFTER],
    }


def _cell_features(case: Case) -> list[dict[str, Any]]:
    if case.cell_generation_id is None:
        return []
    rows = CellGeneration.objects.filter(pk=case.cell_generation_id).select_related("cell")
    return [
        {
            "type": "Feature",
            "geometry": row.polygon,
            "properties": {
                "code": row.cell.code,
                "label": row.cell.code,
                "title": row.cell.name,
                "tone": "doing",
            },
        }
        for row in rows
    ]


def _point_features(case: Case) -> list[dict[str, Any]]:
    if case.lon is None or case.lat is None:
        return []
    point = {"type": "Point", "coordinates": [case.lon, case.lat]}
    properties = {"title": case.address, "lines": [case.number], "tone": chip_of(case).tone}
    return [{"type": "Feature", "geometry": point, "properties": properties}]
