"""Reports as they came, the newest first, narrowed by what the address says."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.choices import Channel, ReportState
from cases.filters import ReportFilter
from cases.models import Report
from cases.options import street_options
from cases.presenters import moment_text, short_number
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.counting import counted_lately
from citymgmt.errors import Forbidden
from citymgmt.keyset import Order, page_of
from grids.access import access_of

PAGE_SIZE = 50
COUNTED = 10_000
NEWEST = Order("created_at")


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """Reports within the person's scope; 403 for somebody who may see no case at all."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not access.can(Capability.CASE_VIEW):
        raise Forbidden
    narrowed = ReportFilter(
        request.GET, queryset=Report.objects.visible_to(access), request=request
    )
    rows = narrowed.qs if narrowed.is_valid() else Report.objects.none()
    page = page_of(
        rows.select_related("category", "case").defer("text"),
        NEWEST,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    total = counted_lately({"rows": (rows, COUNTED)})["rows"]
    context = {
        "rows": [
            (row, short_number(row.number, at), moment_text(row.created_at, at))
            for row in page.rows
        ],
        "total": total,
        "many": total > COUNTED,
        "older": _address(request, page.older),
        "newer": _address(request, page.newer),
        "errors": [str(error) for errors in narrowed.errors.values() for error in errors],
        "asked": request.GET,
        "states": ReportState.choices,
        "channels": Channel.choices,
        "streets": street_options(),
    }
    return render(request, "cases/report_list.html", context)


def _address(request: HttpRequest, cursor: Mapping[str, Any]) -> str:
    """The same list from a cursor on; empty where there is none."""
    if not cursor:
        return ""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    query.update(cursor)
    return f"?{query.urlencode()}"
