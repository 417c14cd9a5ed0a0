"""体检: what is wrong with who answers, each with the link that mends it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from grids.facts import standing_cells
from grids.health import health
from grids.health_words import groups_of
from grids.models import Cell
from grids.views.assignments import access_to_look

LISTED = 50


@require_safe
def grid_health(request: HttpRequest) -> HttpResponse:
    """All that is wrong in the cells that the person may see."""
    access, at = access_to_look(request), clock.now()
    cells = Cell.objects.visible_to(access).filter(standing_cells(at)).order_by("code")
    found = health(at, cells)
    context = {
        "at": at,
        "total": found.cells,
        "groups": groups_of(found, at, LISTED),
        "count": len(found.items),
        "may_edit": access.can(Capability.GRID_EDIT),
        "load_url": _load_url(),
    }
    return render(request, "grids/health.html", context)


def _load_url() -> str:
    """Where the load of the cells comes from, if the room above has it."""
    try:
        return reverse("cases:cell_load")
    except NoReverseMatch:
        return ""
