"""The load of the cells, beside the health of the grid: how many cases a week each has."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases.cell_loads import loads_of
from cases.cellfacts import DAYS, first_day
from cases.models import Case
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.facts import standing_cells
from grids.models import Cell

LISTED = 15


@require_safe
def cell_load(request: HttpRequest) -> HttpResponse:
    """The cells with most cases a week in the last DAYS days, within the person's scope."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not (access.can(Capability.GRID_VIEW) and access.can(Capability.CASE_VIEW)):
        raise Forbidden
    cells = Cell.objects.visible_to(access).filter(standing_cells(at))
    loads = loads_of(cells, Case.objects.visible_to(access), at)
    since = first_day(at).astimezone(clock.LOCAL).date().isoformat()
    page = reverse("cases:list")
    context = {
        "rows": [
            (one, f"{page}?{urlencode({'tab': 'all', 'cell_now': one.code, 'filed_from': since})}")
            for one in loads.rows[:LISTED]
        ],
        "days": DAYS,
        "mean": loads.mean,
        "idle": loads.idle,
    }
    return render(request, "cases/_cell_load.html", context)
