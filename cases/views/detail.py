"""The case page: what is known of a case, and what this person can do about it next."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases.casefile import CaseFile, read_casefile, whole
from cases.choices import CaseState
from cases.deadlines import limit_text
from cases.forms import MoveForm
from cases.mentions import mentionable
from cases.models import Case, Order
from cases.neighbours import neighbours_of
from cases.presenters import (
    ClockReader,
    ClockView,
    chip_of,
    known_labels,
    labels_of,
    limit_of,
    short_number,
)
from cases.services.offers import Offers, Row, offers_for
from cases.services.proposals import standards_of
from cases.suggestions import meant, usable_classes
from cases.timeline import event_lines, steps_of
from cases.turns import turn_of
from cases.views.dialogs import (
    Act,
    Refused,
    action_of,
    acts_of,
    acts_on,
    buttons_of,
    dialogs_for,
    row_id,
)
from cases.workflow import Subject, move
from cases.workload import hands_of
from citymgmt import clock
from grids.access import access_of
from grids.choices import AreaLevel
from grids.models import Area, CellGeneration
from grids.policies import Access

# So many classes are named where what was typed can mean several.
MOST_CLASSES = 8


@require_safe
def case_detail(request: HttpRequest, number: str) -> HttpResponse:
    """The page of a case in the person's scope; 404 outside of it."""
    at = clock.now()
    case = visible_case(request, number, at)
    return render(request, "cases/case_detail.html", page_context(request, case, at))


@require_safe
def case_place(request: HttpRequest, number: str, layer: str) -> HttpResponse:
    """GeoJSON of where a case is: its `cell` as it was when it was filed, its `point`, or `near`:
    its point after those of the cases around."""
    at = clock.now()
    case = visible_case(request, number, at)
    if layer == "cell":
        features = _cell_features(case)
    elif layer == "point":
        features = _point_features(case)
    elif layer == "near":
        features = _near_features(case, access_of(request.user, at), at)  # type: ignore[arg-type]
        features += _point_features(case)
    else:
        raise Http404
    return JsonResponse({"type": "FeatureCollection", "features": features})


@require_safe
def case_people(request: HttpRequest, number: str) -> HttpResponse:
    """The people of the team in `team` as options, for the dispatch form."""
    at = clock.now()
    visible_case(request, number, at)
    hands = hands_of(row_id(request.GET.get("team", "")), at)
    return render(request, "cases/_person_options.html", {"hands": hands})


@require_safe
def case_mentions(request: HttpRequest, number: str) -> HttpResponse:
    """Checkboxes of the people whom a remark on the case may mention; `mentions` are checked."""
    at = clock.now()
    case = visible_case(request, number, at)
    context = {
        "people": mentionable(case, at, but=request.user.pk or 0),
        "chosen": [row_id(text) for text in request.GET.getlist("mentions")[:20]],
    }
    return render(request, "cases/_mention_choices.html", context)


@require_safe
def case_standards(request: HttpRequest, number: str) -> HttpResponse:
    """The filing standards of the class typed in `class_text`, or of the case's own; a fragment
    for its correction. `standard` is checked."""
    case = visible_case(request, number, clock.now())
    classes = usable_classes()
    typed = request.GET.get("class_text", "")[:40].strip()
    found = meant(typed, classes) if typed else [case.category]
    context = {
        "case": case,
        "classes": classes,
        "typed": typed,
        "found": found[:MOST_CLASSES],
        "standards": standards_of(found[0]) if len(found) == 1 else (),
        "picked": row_id(request.GET.get("standard", "")),
    }
    return render(request, "cases/_correct_standard.html", context)


def visible_case(request: HttpRequest, number: str, at: datetime) -> Case:
    """The case of that number within the person's scope, as the page needs it; Http404 outside."""
    access = access_of(request.user, at)  # type: ignore[arg-type]
    return get_object_or_404(whole(access), number=number)


def page_context(
    request: HttpRequest, case: Case, at: datetime, refused: Refused | None = None
) -> dict[str, Any]:
    """Context of `case_detail.html`; with `refused` its dialog is open with what was typed."""
    access = access_of(request.user, at)  # type: ignore[arg-type]
    file = read_casefile(case, access, at)
    clocks = ClockReader(at)
    return {
        "file": file,
        "case": case,
        "at": at,
        "chip": chip_of(case),
        "labels": labels_of(case, known_labels()) if case.label_ids else [],
        "clock": _clock(file, clocks),
        "turn": turn_of(file),
        "steps": steps_of(case, file.running, file.reports[0] if file.reports else None, at),
        "lines": event_lines(file.events, file.by_hash, at),
        "limit": limit_text(limit_of(case)),
        "area": _area_words(case),
        **_doable(file, access, at, refused, clocks),
    }


def _clock(file: CaseFile, clocks: ClockReader) -> ClockView:
    """The clock of the order that leads while a case walks its way, else that of the case."""
    ticking = file.ticking if file.case.state == CaseState.RECTIFYING else None
    out_of_turn = clocks.of_ending(file.case)
    return out_of_turn or (clocks.of_order(ticking) if ticking else clocks.of_case(file.case))


def _doable(
    file: CaseFile, access: Access, at: datetime, refused: Refused | None, clocks: ClockReader
) -> dict[str, Any]:
    """What this person can do, and where on the page it is offered."""
    case = file.case
    orders = _actionable(file)
    rows: list[Row] = [case, *orders, *file.requests, *file.supervisions, *file.instructions]
    offers = offers_for(rows, access, at)
    several = len(file.live) > 1
    focus = _focus(file, offers)
    acts = acts_of(offers, main=[case] if focus is None else [case, focus], several=several)
    head = acts_on(case, acts)
    if focus is not None:
        head += [act for act in acts_on(focus, acts) if act.is_primary or not several]
    dialogs = dialogs_for(acts, file, at, refused)
    comment = _comment(case, offers, at, refused)
    held = any(dialog.is_open for dialog in dialogs) or (comment is not None and comment["open"])
    supervision = file.supervision
    return {
        "offers": offers,
        "buttons": buttons_of(head),
        "dialogs": dialogs,
        "comment": comment,
        "loose": None if refused is None or held else refused,
        "orders": [
            (order, clocks.of_order(order), acts_on(order, acts) if several else [])
            for order in file.listed
        ],
        "asked": [(row, acts_on(row, acts)) for row in file.asked],
        "instructed": [(row, acts_on(row, acts)) for row in file.open_instructions],
        "supervised": supervision and _supervised(file, acts, clocks),
    }


def _supervised(file: CaseFile, acts: list[Act], clocks: ClockReader) -> dict[str, Any]:
    row = file.supervision
    assert row is not None
    return {"row": row, "clock": clocks.of_supervision(row), "acts": acts_on(row, acts)}


def _actionable(file: CaseFile) -> list[Order]:
    """The orders of the round that moves may act on, the lead first."""
    round_ = [row for row in file.orders if row.round == file.case.rebound_count]
    return sorted(round_, key=lambda row: (not row.is_lead, row.position))


def _focus(file: CaseFile, offers: Offers) -> Order | None:
    """The order that the head speaks of: the first on which the person can lead on, else the
    lead."""
    for offer in offers.allowed:
        if offer.move.primary and isinstance(offer.row, Order):
            return offer.row
    return file.live[0] if file.live else file.running


def _comment(
    case: Case, offers: Offers, at: datetime, refused: Refused | None
) -> dict[str, Any] | None:
    """The form under which something is said; None for somebody who may not."""
    if not offers.allows("comment"):
        return None
    known = move(Subject.CASE, "comment")
    again = refused if refused is not None and refused.is_of(known, case) else None
    return {
        "form": again.form if again else MoveForm(known, at=at),
        "open": again is not None,
        "photos": again.photos if again else (),
        "action": action_of(case, "comment"),
        "mentions": again.form["mentions"].value()[:20] if again else [],
    }


def _area_words(case: Case) -> str:
    if case.cell is None:
        return ""
    names: list[str] = []
    area: Area | None = case.cell.area
    while area is not None and area.level != AreaLevel.COUNTY:
        names.insert(0, area.name)
        area = area.parent if area.level == AreaLevel.COMMUNITY else None
    return " ".join(names)


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


def _near_features(case: Case, access: Access, at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [near.case.lon, near.case.lat]},
            "properties": {
                "title": f"{short_number(near.case.number, at)} {near.case.category.name}",
                "lines": [near.case.address, chip_of(near.case).text],
                "tone": chip_of(near.case).tone,
                "near": True,
                "url": reverse("cases:detail", args=[near.case.number]),
            },
        }
        for near in neighbours_of(case, access, at)
    ]


def _point_features(case: Case) -> list[dict[str, Any]]:
    if case.lon is None or case.lat is None:
        return []
    point = {"type": "Point", "coordinates": [case.lon, case.lat]}
    properties = {
        "title": case.address,
        "lines": [case.number],
        "tone": chip_of(case).tone,
        "own": True,
    }
    return [{"type": "Feature", "geometry": point, "properties": properties}]
