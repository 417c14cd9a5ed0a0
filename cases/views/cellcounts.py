"""Numbers of cases in cells for the pages of the grid, which fetches them by address."""

from collections import defaultdict
from datetime import datetime

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cases.cellfacts import CellNumbers, first_day, numbers_by_cell
from cases.models import Case
from cases.querysets import CaseQuerySet
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.locate import cell_codes
from grids.models import Cell

NOW = "now"
"""By the cells in force now, wherever the border ran when the case was filed."""

Counts = dict[str, dict[str, int]]


@require_safe
def cell_counts(request: HttpRequest) -> HttpResponse:
    """Open and overdue cases by cell code, within the person's scope: shades for the map.

    A case counts in the cell in which it was filed; with `by=now` in the one in which its place
    lies now.
    """
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    rows = Case.objects.visible_to(access).open().order_by()
    count = _by_place if request.GET.get("by") == NOW else _by_filing
    return JsonResponse({"cells": count(rows, at)})


def _by_filing(rows: CaseQuerySet, at: datetime) -> Counts:
    found = (
        rows.filter(cell__isnull=False)
        .values_list("cell__code")
        .annotate(open=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=at)))
    )
    return {code: {"open": number, "overdue": late} for code, number, late in found}


def _by_place(rows: CaseQuerySet, at: datetime) -> Counts:
    placed = list(
        rows.filter(lon__isnull=False, lat__isnull=False).values_list("lon", "lat", "due_at")
    )
    codes = cell_codes([(lon, lat) for lon, lat, _due in placed], at=at)
    found: Counts = defaultdict(lambda: {"open": 0, "overdue": 0})
    for code, (_lon, _lat, due) in zip(codes, placed, strict=True):
        if code:
            found[code]["open"] += 1
            found[code]["overdue"] += bool(due and due < at)
    return dict(found)


@require_safe
def cell_recent(request: HttpRequest, code: str) -> HttpResponse:
    """What the last days brought to a cell, as a line of its panel."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not access.can(Capability.CASE_VIEW):
        raise Forbidden
    cell = get_object_or_404(Cell.objects.visible_to(access), code=code)
    rows = Case.objects.visible_to(access)
    numbers = numbers_by_cell(rows, at, cell_ids=[cell.pk]).get(cell.pk, CellNumbers())
    filed = rows.counted().filter(cell=cell, filed_at__gte=first_day(at))
    rebounds = filed.filter(rebound_count__gt=0).count()
    return render(request, "cases/_cell_recent.html", {"numbers": numbers, "rebounds": rebounds})
