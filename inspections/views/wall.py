"""The wall view of the command centre: figures without names, by a link that can be taken back."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.models import Case
from cases.presenters import ClockReader
from citymgmt import clock
from citymgmt.choices import Capability
from grids.drawing import drawing
from grids.facts import chiefs_at
from grids.policies import Access, Reach
from inspections import live
from inspections.facts.cells import standing_by_cell
from inspections.facts.held import board_of, for_all, polled_version, told_version
from inspections.facts.shapes import Board, Scope
from inspections.models import WallLink
from inspections.panels.addresses import Addresses
from inspections.panels.citymap import map_panel
from inspections.panels.figures import figures_of, rates_of, weekday
from inspections.panels.rankings import teams_panel
from inspections.panels.trends import by_hour
from inspections.rail import campaign_on

FIRST = 8
TEAMS = 8
BUREAU = Scope()
# What a link sees: the cases of the bureau. It is nobody, so nothing that is somebody's own.
SEES = Access(user_id=0, reaches=(Reach(frozenset({Capability.CASE_VIEW})),))
FIGURES = ("filed", "closed", "open", "soon", "overdue", "rebound")


@require_safe
@login_not_required
@gzip_page
@vary_on_headers("HX-Request")
def wall(request: HttpRequest, token: str) -> HttpResponse:
    """The wall; htmx's header gets what stands on it alone. 404 for no usable link."""
    at = clock.now()
    link = _link(token, at)
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse(for_all("wall", BUREAU, at, lambda: _standing(at)))
    else:
        told = told_version(BUREAU, at)
        shown = board_of(BUREAU, at)
        tag = live.tag_of(shown.version if told is None else told, link.pk)
        address = reverse("inspections:wall_version", args=[token])
        context = _context(at, shown) | {"live_url": address, "live_tag": tag, "link": link}
        response = render(request, "inspections/wall.html", context)
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@login_not_required
def wall_version(request: HttpRequest, token: str) -> HttpResponse:
    """304 while the wall would show the same; 404 once the link is of no use. Two statements."""
    at = clock.now()
    link = _link(token, at)
    etag = live.tag_of(polled_version(BUREAU, at), link.pk)
    response = get_conditional_response(request, etag=etag) or HttpResponse(status=200)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def _standing(at: datetime) -> str:
    """What stands on every wall."""
    return str(render_to_string("inspections/dash/_wall.html", _context(at, board_of(BUREAU, at))))


def _link(token: str, at: datetime) -> WallLink:
    link = WallLink.objects.opened_by(token, at)
    if link is None:
        raise Http404
    return link


def _context(at: datetime, shown: Board) -> dict[str, Any]:
    addresses = Addresses(BUREAU, at)
    local = at.astimezone(clock.LOCAL)
    visible = Case.objects.visible_to(SEES)
    cells = standing_by_cell(at, BUREAU, visible)
    campaign = campaign_on(addresses.today)
    return {
        "bureau": settings.BUREAU_NAME,
        "at": local,
        "weekday": weekday(addresses.today.weekday()),
        "campaign": campaign,
        "day": campaign.day_of(addresses.today) if campaign else None,
        "left": campaign.days_left(addresses.today) if campaign else None,
        "figures": figures_of(shown.figures, addresses, looks=False, keys=FIGURES),
        "counts": {name: shown.figures[name].now for name in ("overdue", "soon")},
        "looked": shown.figures["looked"].now,
        "rate": next(rate for rate in rates_of(shown.rates, at) if rate.key == "on_time"),
        "rate_days": shown.rate_days,
        "map": map_panel(drawing(at), cells, chiefs_at(at), addresses, still=True),
        "hours": by_hour(shown.today_by_hour, shown.yesterday_by_hour, local.hour),
        "first": _first(visible, at),
        "teams": _teams(shown.teams, addresses),
    }


def _first(visible: Any, at: datetime) -> list[dict[str, Any]]:
    """What to see to first: the longest overdue, then what falls due next. No names."""
    clocks = ClockReader(at)
    rows = visible.counted().filter(due_at__isnull=False).order_by("due_at", "id")
    return [
        {
            "what": case.category.name,
            "where": case.address,
            "team": case.lead_team.name if case.lead_team else _("还没派单"),
            "clock": clocks.of_case(case),
        }
        for case in rows.for_list()[:FIRST]
    ]


def _teams(teams: Any, addresses: Addresses) -> list[Any]:
    """The teams with the most that is overdue, then with the most that is open."""
    rows = teams_panel(teams, addresses).rows
    ordered = sorted(rows, key=lambda row: (-row.line.overdue, -row.line.open, row.line.name))
    return ordered[:TEAMS]
