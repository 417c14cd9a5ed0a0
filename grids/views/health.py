"""体检: what is wrong with borders and with who answers, each with the link that mends it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from grids.drafting import Board
from grids.edition import edition_at
from grids.facts import standing_cells
from grids.health import health
from grids.health_words import borders_of, groups_of
from grids.models import Cell
from grids.policies import Access
from grids.problems import Problem, seam_problems, unbounded_words
from grids.views.assignments import access_to_look
from grids.views.drawing import allowed_areas

LISTED = 50


@require_safe
def grid_health(request: HttpRequest) -> HttpResponse:
    """All that is wrong in the cells that the person may see."""
    access, at = access_to_look(request), clock.now()
    cells = Cell.objects.visible_to(access).filter(standing_cells(at)).order_by("code")
    found = health(at, cells)
    board = Board(None, edition_at(at))
    seams = _seams(board, access)
    borders = [borders_of(seams, LISTED)] if seams else []
    context = {
        "at": at,
        "total": found.cells,
        "groups": [*borders, *groups_of(found, at, LISTED)],
        "count": len(found.items) + len(seams),
        "unbounded": unbounded_words(board.edition),
        "may_edit": access.can(Capability.GRID_EDIT),
        "load_url": _load_url(),
    }
    return render(request, "grids/health.html", context)


def _seams(board: Board, access: Access) -> list[Problem]:
    """What is wrong with the boundaries in force, in the areas that the person may look at."""
    starts = tuple(allowed_areas(access))
    seams = seam_problems(board)
    return [one for one in seams if not one.key or board[one.key].area_code.startswith(starts)]


def _load_url() -> str:
    """Where the load of the cells comes from, if the room above has it."""
    try:
        return reverse("cases:cell_load")
    except NoReverseMatch:
        return ""
