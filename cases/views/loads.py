"""The load of the cells, beside the health of the grid: how many cases a week each has."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases.cellfacts import DAYS, FILED, STANDING, first_day, numbers_by_cell
from cases.models import Case
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.facts import standing_cells
from grids.models import Cell

LISTED = 15
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Load:
    """A cell with the cases it had a week, and those that stand open."""

    code: str
    name: str
    weekly: float
    open: int
    url: str


@require_safe
def cell_load(request: HttpRequest) -> HttpResponse:
    """The cells with most cases a week in the last DAYS days, within the person's scope."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not (access.can(Capability.GRID_VIEW) and access.can(Capability.CASE_VIEW)):
        raise Forbidden
    cells = Cell.objects.visible_to(access).filter(standing_cells(at)).only("code", "name")
    by_id = {cell.pk: cell for cell in cells}
    found = numbers_by_cell(Case.objects.visible_to(access), at, wanted=(STANDING, FILED))
    since = first_day(at).astimezone(clock.LOCAL).date().isoformat()
    page = reverse("cases:list")
    rows = [
        Load(
            by_id[pk].code,
            by_id[pk].name,
            round(one.filed * _WEEK / DAYS, 1),
            one.open,
            f"{page}?{urlencode({'tab': 'all', 'cell': by_id[pk].code, 'filed_from': since})}",
        )
        for pk, one in found.items()
        if pk in by_id and one.filed
    ]
    rows.sort(key=lambda one: (-one.weekly, one.code))
    filed = sum(one.filed for pk, one in found.items() if pk in by_id)
    context = {
        "rows": rows[:LISTED],
        "days": DAYS,
        "mean": round(filed * _WEEK / DAYS / len(by_id), 1) if by_id else 0,
        "idle": len(by_id) - len(rows),
    }
    return render(request, "cases/_cell_load.html", context)
