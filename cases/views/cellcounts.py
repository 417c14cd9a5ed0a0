"""Numbers of cases in cells for the pages of the grid, which fetches them by address."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from cases.cellfacts import STANDING, CellNumbers, first_day, numbers_by_cell
from cases.choices import CellWay
from cases.models import Case
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.models import Cell


@require_safe
def cell_counts(request: HttpRequest) -> HttpResponse:
    """Open and overdue cases by cell code, within the person's scope: shades for the map.

    A case counts in the cell in which it was filed; with `by=now` in the one in which its place
    lies now.
    """
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    way = asked_way(request)
    numbers = numbers_by_cell(Case.objects.visible_to(access), at, wanted=(STANDING,), way=way)
    codes = dict(Cell.objects.filter(pk__in=numbers).order_by().values_list("pk", "code"))
    cells = {codes[pk]: {"open": one.open, "overdue": one.overdue} for pk, one in numbers.items()}
    return JsonResponse({"cells": cells})


def asked_way(request: HttpRequest, name: str = "by") -> str:
    """In which cells cases are to be counted; those of the filing unless those of now are asked."""
    return CellWay.NOW if request.GET.get(name) == CellWay.NOW else CellWay.FILED


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
