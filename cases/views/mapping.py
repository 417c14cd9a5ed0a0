"""The case map: markers of cases for any zoom, cells by shade, and both as a list.

Map and list share the address: the same tab and conditions, the same filter, the same scope. The
tab narrows the markers; cells are shaded by all cases under the conditions.

Another page shows the map by fetching `cases:map_fragment` (any of the list's parameters):

    <div hx-get="{% url 'cases:map_fragment' %}?area=331082001" hx-trigger="load"
         hx-swap="outerHTML"><c-card title="网格分布">…</c-card></div>

and links `css/pages/map.css`; the script comes with the fragment (`data-case-map`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.caselist import ListView
from cases.cell_ways import lying_in
from cases.cellfacts import CellNumbers, commonest_class, numbers_by_cell
from cases.cellrows import case_urls, lines_of, map_address, sorted_lines
from cases.choices import CellWay
from cases.clusters import Cluster, clusters_in, parse_window
from cases.filters import CaseFilter
from cases.models import Case
from cases.narrowing import chips_of
from cases.neighbours import DAYS, METRES, Neighbour, neighbours_of
from cases.presenters import chip_of, moment_text, short_number
from cases.shades import SHADE_BY_KEY, SHADES, Scale, Shade, rate_text, value_text
from cases.views.detail import visible_case
from cases.views.listing import COUNTED, TAB_COUNTED, counts_of, refusals
from cases.views.listing_frame import carried, frame_of, people_named
from cases.views.map_rows import RowWriter
from citymgmt import clock
from citymgmt.choices import Capability, Tone
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.facts import covers
from grids.locate import answering, cell_codes
from grids.mapping import Shaped, shaped_cells
from grids.models import Cell
from grids.policies import Access

LISTED = 100
CODE = "code"
_NO_NUMBERS = CellNumbers()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks of the map: the list's view, and the same without its tab."""

    view: ListView
    every: ListView

    @property
    def access(self) -> Access:
        """What the person may reach."""
        return self.view.access

    @property
    def at(self) -> datetime:
        """The moment of asking."""
        return self.view.at


def _asked(request: HttpRequest, tab: str = "") -> Asked:
    """What is asked; `tab` unless one is named. Forbidden for who may see no case at all."""
    at, user = clock.now(), request.user
    query = request.GET.copy()
    query.setdefault("tab", tab)
    for name in ("phone", "tel"):
        # Who looks for a phone number does so in the list, which writes it down.
        query.pop(name, None)
    view = ListView(query, user=user, at=at)  # type: ignore[arg-type]
    if not view.access.can(Capability.CASE_VIEW):
        raise Forbidden(_("您还没有看案件的权限，请找本单位管理员开通。"))
    for name in ("tab", "sort"):
        query.pop(name, None)
    return Asked(view, ListView(query, user=user, at=at))  # type: ignore[arg-type]


@require_safe
@vary_on_headers("HX-Request")
def case_map(request: HttpRequest) -> HttpResponse:
    """The map and its list twin; htmx gets the twin alone."""
    asked = _asked(request)
    context = _twin(request, asked) | _frame(asked, request)
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "cases/_map_cells.html", context)
    view = asked.view
    lost = view.rows().filter(morton__isnull=True)
    counts = counts_of(view, whole=True, more={"unplaced": lost})
    context |= frame_of(view, counts, most=(COUNTED, TAB_COUNTED), contact=False)
    context |= {
        "tabs": [tab | {"url": _on_map(tab["url"])} for tab in context["tabs"]],
        "chips": [
            {"text": chip.text, "url": _on_map(view.address(*chip.names))}
            for chip in chips_of(view.asked, people_named(view), view.offered)
        ],
        "clear": _on_map(view.address(*CaseFilter.base_filters)),
        "asked": request.GET,
        "errors": refusals(view.asked, view),
        "kept": carried(view),
        "form_url": reverse("cases:map"),
        "unplaced": _("1 万以上") if counts["unplaced"] > COUNTED else counts["unplaced"],
    }
    return render(request, "cases/case_map.html", context)


@require_safe
def map_fragment(request: HttpRequest) -> HttpResponse:
    """The map as a card for another page: open cases unless a tab is named."""
    return render(request, "cases/_map_card.html", _frame(_asked(request, "open"), request))


@require_safe
def map_clusters(request: HttpRequest) -> HttpResponse:
    """Markers for the part of the map in `box` at `zoom`, as JSON.

    `items` have tile (`z/x/y`), lon, lat, count, overdue and near (a cell's code or ""); one case
    alone has case (number, title, address, tone, state, url). `list` is where exactly the cases of
    a tile are listed, "-tile-" in its place. `about`: counts are estimates. 400 for a box that is
    none.
    """
    asked = _asked(request)
    window = parse_window(request.GET.get("box", ""), request.GET.get("zoom", ""))
    found = clusters_in(asked.view.rows(), window, asked.at)
    codes = cell_codes([(item.lon, item.lat) for item in found.items], at=asked.at)
    body = {
        "about": found.about,
        "total": found.total,
        "list": asked.view.address(tile="-tile-"),
        "items": [
            _marker(item, code, asked.at) for item, code in zip(found.items, codes, strict=True)
        ],
    }
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def _marker(item: Cluster, code: str, at: datetime) -> dict[str, Any]:
    marker: dict[str, Any] = {
        "tile": item.tile.name,
        "lon": round(item.lon, 7),
        "lat": round(item.lat, 7),
        "count": item.count,
        "overdue": item.overdue,
        "near": code,
    }
    if item.case is not None:
        marker["case"] = _named(item.case, at)
    return marker


def _named(case: Case, at: datetime) -> dict[str, str]:
    chip = chip_of(case)
    late = case.due_at is not None and case.due_at < at
    return {
        "number": short_number(case.number, at),
        "title": case.category.name,
        "address": case.address,
        "tone": Tone.BAD if late else chip.tone,
        "state": _("已超时") if late else chip.text,
        "url": reverse("cases:detail", args=[case.number]),
    }


@require_safe
def map_cells(request: HttpRequest) -> HttpResponse:
    """Shades of the cells by `shade` as JSON: `cells` code → [level, words], `bands` the legend."""
    asked = _asked(request)
    shade = _shade(request)
    rows, way = asked.every.rows(), asked.view.way
    numbers = numbers_by_cell(rows, asked.at, wanted=[shade.of], way=way)
    cells = _cells(asked)
    values = {
        cell.code: shade.value(numbers.get(cell.cell_id, _NO_NUMBERS), cell.area_m2)
        for cell in cells
    }
    scale = Scale(shade, values.values())
    body = {
        "title": str(shade.title),
        "bands": [[band.level, band.text] for band in scale.bands()],
        "cells": {
            cell.code: [
                scale.level(values[cell.code]),
                value_text(shade, numbers.get(cell.cell_id, _NO_NUMBERS), cell.area_m2),
            ]
            for cell in cells
        },
    }
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


@require_safe
def map_cell(request: HttpRequest, code: str) -> HttpResponse:
    """The card of a cell: its numbers, each with its cases, and who answers now."""
    asked = _asked(request)
    access, at = asked.access, asked.at
    cell = get_object_or_404(Cell.objects.visible_to(access), code=code)
    shaped = shaped_cells(at).get(code)
    if shaped is None:
        raise Http404
    rows, way = asked.every.rows(), asked.view.way
    found = numbers_by_cell(rows, at, cell_ids=[cell.pk], way=way)
    numbers = found.get(cell.pk, _NO_NUMBERS)
    lying = lying_in(rows, [code], at, way)
    sees_grid = access.can(Capability.GRID_VIEW)
    context = {
        "cell": cell,
        "numbers": numbers,
        "rate": rate_text(numbers),
        "density": value_text(SHADE_BY_KEY["density"], numbers, shaped.area_m2),
        "commonest": commonest_class(lying, at) if numbers.filed else None,
        "urls": case_urls(asked.view, at)(code),
        "answering": answering(cell_id=cell.pk, segment_id=None, at=at) if sees_grid else [],
        "sees_grid": sees_grid,
    }
    return render(request, "cases/_map_cell.html", context)


@require_safe
def case_near(request: HttpRequest, number: str) -> HttpResponse:
    """What else stands around a case, as a fragment of its page."""
    at = clock.now()
    case = visible_case(request, number, at)
    access = access_of(request.user, at)  # type: ignore[arg-type]
    lines = [
        (near, short_number(near.case.number, at), chip_of(near.case), _told(near, at))
        for near in neighbours_of(case, access, at)
    ]
    context = {
        "lines": lines,
        "metres": METRES,
        "days": DAYS,
        "map_url": f"{reverse('cases:map')}#17/{case.lat}/{case.lon}",
    }
    return render(request, "cases/_case_near.html", context)


# --- Parts ----------------------------------------------------------------------------------


def _told(near: Neighbour, at: datetime) -> str:
    return moment_text(near.case.filed_at, at)


def _shade(request: HttpRequest) -> Shade:
    return SHADE_BY_KEY.get(request.GET.get("shade", ""), SHADES[0])


def _on_map(url: str) -> str:
    """The same view on the map."""
    return url.replace(reverse("cases:list"), reverse("cases:map"), 1)


def _cells(asked: Asked) -> list[Shaped]:
    """The cells in force that the person may look at."""
    allowed = set(Cell.objects.visible_to(asked.access).values_list("pk", flat=True))
    return [cell for cell in shaped_cells(asked.at).values() if cell.cell_id in allowed]


def _frame(asked: Asked, request: HttpRequest) -> dict[str, Any]:
    """What the map itself needs: addresses with the conditions in them."""
    view = asked.view
    return {
        "query": view.query,
        "shades": SHADES,
        "shade": _shade(request),
        "tab": view.tab,
        "sees_grid": asked.access.can(Capability.GRID_VIEW),
        "list_url": view.address("cells"),
        "map_url": map_address(view),
        "ways": [
            (label, map_address(view, cells=value), value == view.way)
            for value, label in CellWay.choices
        ],
    }


def _twin(request: HttpRequest, asked: Asked) -> dict[str, Any]:
    """The table of the cells, sorted by the number that is asked for, a page of it."""
    at, asked_by = asked.at, request.GET.get("by", SHADES[0].key)
    by = asked_by if asked_by in SHADE_BY_KEY else CODE
    numbers = numbers_by_cell(asked.every.rows(), at, way=asked.view.way)
    lines = sorted_lines(lines_of(_cells(asked), numbers, covers(at), at), by)
    page = _page(request)
    urls_of, writer = case_urls(asked.view, at), RowWriter()
    shown = [(line, urls_of(line.code)) for line in lines[page * LISTED : (page + 1) * LISTED]]
    return {
        "lines": shown,
        "rows": [writer.written(line, urls) for line, urls in shown],
        "by": by,
        "heads": [
            {
                "key": key,
                "label": label,
                "url": map_address(asked.view, by=key),
                "current": key == by,
            }
            for key, label in [(CODE, _("网格")), *((each.key, each.label) for each in SHADES)]
        ],
        "cells": len(lines),
        "older": _page_url(asked, by, page + 1) if (page + 1) * LISTED < len(lines) else "",
        "newer": _page_url(asked, by, page - 1) if page else "",
    }


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0


def _page_url(asked: Asked, by: str, page: int) -> str:
    return map_address(asked.view, by=by, **({"page": str(page)} if page else {}))
