"""The bureau at a glance: figures, map, decisions, charts; each part comes and renews itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_headers

from cases.choices import CellWay
from cases.models import Case
from cases.options import street_options, team_options
from citymgmt import clock, registry
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from grids.access import access_of
from grids.drawing import drawing
from grids.facts import chiefs_at
from grids.policies import Access
from inspections import live
from inspections.exports import CSV, XLSX, csv_of, xlsx_of
from inspections.facts.cells import by_cell
from inspections.facts.held import board_of, for_all, polled_version, told_version
from inspections.facts.rooms import rooms_of
from inspections.facts.shapes import Board, Scope
from inspections.panels.addresses import Addresses
from inspections.panels.ages import ageing_panel, took_panel
from inspections.panels.citymap import DEFAULT, map_panel
from inspections.panels.figures import figures_of, rates_of, weekday
from inspections.panels.rankings import pareto_panel, sources_panel, teams_panel
from inspections.panels.rooms import rooms_panel
from inspections.panels.sheets import Sheet
from inspections.panels.trends import hours_panel, trend_panel
from inspections.policies import sees_bureau
from inspections.rail import ACCOUNTING, campaign_on
from inspections.views.decisions import groups_of

CHARTS = ("trend", "pareto", "teams", "hours", "ageing", "took", "sources")
FILES = {"csv": (CSV, csv_of), "xlsx": (XLSX, xlsx_of)}
_LONGEST = 40


@require_safe
@gzip_page
@vary_on_headers("HX-Request")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Figures, rates and charts of the scope, with room for map and decisions; htmx gets the
    figures alone. 403 for whoever does not see the bureau as a whole.
    """
    at, access, scope = _asked(request)
    addresses = Addresses(scope, at)
    looks = access.can(Capability.LOOKBACK_RECORD)
    if request.htmx:  # type: ignore[attr-defined]

        def figures() -> dict[str, Any]:
            return _first(board_of(scope, at), addresses, looks=looks)

        return _shared(request, "figures", (scope, at, str(looks)), figures)
    # Before the board is read: what comes meanwhile is told of, not lost.
    told = told_version(scope, at)
    board = board_of(scope, at)
    context = _first(board, addresses, looks=looks)
    person: User = request.user  # type: ignore[assignment]
    context |= _charts(board, addresses, request) | {
        "weekday": weekday(addresses.today.weekday()),
        "scope": {"area": scope.street, "team": str(scope.team_id or "")},
        "streets": street_options(),
        "teams_offered": team_options(),
        "alarms": registry.warnings(person, at),
        "live_url": reverse("inspections:live", args=[live.ticket_for(scope)]),
        "live_tag": live.tag_of(board.version if told is None else told),
        "may_share": access.can(Capability.WALL_SHARE),
        "may_sign": access.can(Capability.DIGEST_SIGN),
    }
    return render(request, "inspections/dashboard.html", context)


@require_safe
@gzip_page
@vary_on_headers("HX-Request")
@conditional_page
@cache_control(private=True, no_cache=True)
def dashboard_map(request: HttpRequest) -> HttpResponse:
    """The grid shaded as `shade` says, with the cell that `cell` names; with `cells=now` cases
    count in the cells of now."""
    at, access, scope = _asked(request)
    way = CellWay.NOW if request.GET.get("cells") == CellWay.NOW else CellWay.FILED
    shade = request.GET.get("shade", DEFAULT)[:_LONGEST]
    chosen = request.GET.get("cell", "")[:_LONGEST]

    def shaded() -> dict[str, Any]:
        # Who sees the bureau sees all its cases: nobody's rights are in it.
        figures = by_cell(at, scope, Case.objects.visible_to(access), way)
        return {
            "map": map_panel(
                drawing(at), figures, chiefs_at(at), Addresses(scope, at),
                shade=shade, chosen=chosen, way=way,
            )
        }  # fmt: skip

    return _shared(request, "map", (scope, at, f"{shade} {chosen} {way}"), shaded)


@require_safe
@gzip_page
@vary_on_headers("HX-Request")
def decisions(request: HttpRequest) -> HttpResponse:
    """What wants a decision of the person, each with its button."""
    at, access, scope = _asked(request)
    addresses = Addresses(scope, at)
    groups = groups_of(access, addresses)
    context = {
        "groups": groups,
        "total": sum(group.count for group in groups),
        "back": addresses.page("inspections:dashboard"),
    }
    return _part(request, "decisions", context)


@require_safe
@gzip_page
@vary_on_headers("HX-Request")
def dashboard_rooms(request: HttpRequest) -> HttpResponse:
    """What outings, campaigns, problem ledgers and accountability came to, of a team or of all."""
    at, access, scope = _asked(request)
    context = {
        "rooms": rooms_panel(rooms_of(scope.team_id, at), Addresses(scope, at)),
        "narrowed": bool(scope.street),
        "may_account": any(access.can(each) for each in ACCOUNTING),
    }
    return _part(request, "rooms", context)


@require_safe
@gzip_page
@vary_on_headers("HX-Request")
def dashboard_charts(request: HttpRequest) -> HttpResponse:
    """All charts of the scope."""
    at, _access, scope = _asked(request)
    addresses = Addresses(scope, at)

    def drawn() -> dict[str, Any]:
        return _charts(board_of(scope, at), addresses, request)

    return _shared(request, "charts", (scope, at, _query(addresses, request)), drawn)


@require_safe
def chart_file(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    """The table of one chart as a file; 404 for an unknown chart or kind of file."""
    if slug not in CHARTS or suffix not in FILES:
        raise Http404
    at, _access, scope = _asked(request)
    sheet: Sheet = panels_of(board_of(scope, at), Addresses(scope, at))[slug].sheet
    kind, write = FILES[suffix]
    moment = at.astimezone(clock.LOCAL).strftime("%Y-%m-%d-%H%M")
    response = HttpResponse(write(sheet), content_type=kind)
    response["Content-Disposition"] = (
        content_disposition_header(True, f"{sheet.title}-{moment}.{suffix}") or "attachment"
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@login_not_required
def live_version(request: HttpRequest, ticket: str) -> HttpResponse:
    """304 while nothing changed in the ticket's scope, else an empty answer with a new ETag.

    404 for a ticket that is forged or too old: the page then asks to be loaded anew.
    """
    scope = live.scope_of(ticket)
    if scope is None:
        raise Http404
    at = clock.now()
    etag = live.tag_of(polled_version(scope, at))
    response = get_conditional_response(request, etag=etag) or HttpResponse(status=200)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def panels_of(board: Board, addresses: Addresses) -> dict[str, Any]:
    """The charts of a board by their names."""
    return {
        "trend": trend_panel(board.trend, campaign_on(addresses.today), addresses),
        "pareto": pareto_panel(board.pareto, addresses, board.rate_days),
        "teams": teams_panel(board.teams, addresses),
        "hours": hours_panel(board.hours),
        "ageing": ageing_panel(board.ageing, addresses),
        "took": took_panel(board.time_to_close),
        "sources": sources_panel(board.sources, addresses, board.rate_days),
    }


def _first(board: Board, addresses: Addresses, *, looks: bool) -> dict[str, Any]:
    """The figures and rates; `looks` says whether the desk of look-backs is open to the reader."""
    return {
        "figures": figures_of(board.figures, addresses, looks=looks),
        "rates": rates_of(board.rates, addresses.at),
        "days": board.rate_days,
    }


def _charts(board: Board, addresses: Addresses, request: HttpRequest) -> dict[str, Any]:
    """The charts with what their words need."""
    return panels_of(board, addresses) | {
        "at": addresses.at.astimezone(clock.LOCAL),
        "days": board.rate_days,
        "hour_days": len(board.trend.days),
        "query": _query(addresses, request),
    }


def _asked(request: HttpRequest) -> tuple[datetime, Access, Scope]:
    """The moment, the person's access and the scope asked for; raises Forbidden, DomainError."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not sees_bureau(access):
        raise Forbidden(_("总览给看全局的人用，您可以从“今日”开始。"))
    street, team = request.GET.get("area", ""), request.GET.get("team", "")
    known = {option.value for option in (*street_options(), *team_options())}
    if {street, team} - {"", *known}:
        raise DomainError("scope", _("没有这个街道或单位，请从列表里选。"))
    return at, access, Scope(team_id=int(team) if team else None, street=street)


def _query(addresses: Addresses, request: HttpRequest) -> str:
    """The scope, and how the map is looked at, as the query of the parts."""
    kept = [(name, request.GET.get(name, "")[:_LONGEST]) for name in ("shade", "cell", "cells")]
    address = addresses.page("inspections:dashboard", *kept)
    return address.removeprefix(reverse("inspections:dashboard"))


def _shared(
    request: HttpRequest,
    name: str,
    asked: tuple[Scope, datetime, str],
    context: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """A part that is the same for everybody who asks for it of a scope at a moment, in the way
    that the words of `asked` name; made once for all of them where it is a part alone."""
    if not request.htmx:  # type: ignore[attr-defined]
        return _part(request, name, context())
    scope, at, way = asked
    template = f"inspections/dash/_{name}.html"
    return HttpResponse(
        for_all(f"{name} {way}", scope, at, lambda: str(render_to_string(template, context())))
    )


def _part(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """A part for htmx, or as a page of its own where there is no script."""
    context["part"] = f"inspections/dash/_{name}.html"
    whole = not request.htmx  # type: ignore[attr-defined]
    return render(request, "inspections/dash/part.html" if whole else context["part"], context)
