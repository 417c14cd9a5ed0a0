"""The desks: triage and dispatch, a team's board, the check desk; and counts for the map."""

from datetime import datetime
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.choices import Stage
from cases.models import Order, Report
from cases.photo_checks import check_lines
from cases.presenters import ClockReader, moment_text, short_number
from cases.rail import BOARD_READERS
from cases.services.checking import PASS
from cases.services.verdicts import order_verdict, why_not
from cases.views.board_cards import CardWriter
from cases.views.boarding import board_of
from cases.views.evidence import checked_photos, cover, first_of
from cases.views.lane import CASES, REPORTS, case_lane, lane_address, report_lane
from cases.views.refusals import RefusedReport
from cases.waiting import CAP, Waiting, waiting_for, works_on_orders
from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.policies import Access

CHECKS_SHOWN = 20


@require_safe
@vary_on_headers("HX-Request")
def triage(request: HttpRequest) -> HttpResponse:
    """Reports to file, or cases to dispatch: one at a time, with the proposal beside it."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    tab = _tab(request.GET.get("tab", ""), access)
    lane = case_lane if tab == CASES else report_lane
    context = {"tab": tab, **lane(request.GET, access, at)}
    if request.htmx and context["subject"] and not in_lane(request):  # type: ignore[attr-defined]
        return render(request, "cases/_lane_answer.html", context)
    context["tabs"] = _tabs(tab, access, waiting_for(request.user))  # type: ignore[arg-type]
    return render(request, "cases/_lane.html" if in_lane(request) else "cases/triage.html", context)


def in_lane(request: HttpRequest) -> bool:
    """Whether the whole lane is asked for without its frame, to stand in the place of this one."""
    return request.htmx and request.htmx.target == "lane"  # type: ignore[attr-defined]


def lane_after(request: HttpRequest, tab: str, done: str, at: datetime) -> HttpResponse:
    """The lane that follows a report or case that was just seen to; `done` is its case's number.

    `beyond` in the form names the one that stands in the lane already: then it is the one after.
    """
    access = access_of(request.user, at)  # type: ignore[arg-type]
    tab = _tab(tab, access)
    asked = QueryDict(mutable=True)
    asked["beyond"] = request.POST.get("beyond", "")
    lane = case_lane if tab == CASES else report_lane
    context = {"tab": tab, **lane(asked, access, at)}
    context["tabs"] = _tabs(tab, access, waiting_for(request.user))  # type: ignore[arg-type]
    context["done"] = done
    context["said"] = " ".join(str(each) for each in get_messages(request))
    return render(request, "cases/_lane.html", context)


def triage_again(
    request: HttpRequest, report: Report, at: datetime, refused: RefusedReport
) -> HttpResponse:
    """The lane as it stands now, with the refused form as typed; 403 without the desk.

    A report that somebody else has settled meanwhile is not there any more: the next one is,
    and the refusal stands above it.
    """
    access = access_of(request.user, at)  # type: ignore[arg-type]
    tab = _tab(REPORTS, access)
    typed = refused.typed
    asked = QueryDict(mutable=True)
    asked["report"] = report.number
    asked["category"] = typed.get("category", "")
    asked["team"] = typed.get("team", "")
    context: dict[str, Any] = {"tab": tab, **report_lane(asked, access, at)}
    stands = context["subject"] == report
    context["refused"] = refused if stands else None
    context["loose"] = None if stands and refused.move in ("merge", "reject") else refused
    if stands:
        context["standard_id"] = typed.get("standard", "")
        context["instruction"] = typed.get("instruction", "")
    context["tabs"] = _tabs(tab, access, waiting_for(request.user))  # type: ignore[arg-type]
    return render(request, "cases/triage.html", context, status=refused.status)


def _tab(asked: str, access: Access) -> str:
    may_file = access.can(Capability.REPORT_FILE)
    may_dispatch = access.can(Capability.CASE_DISPATCH)
    if not (may_file or may_dispatch):
        raise Forbidden
    return CASES if may_dispatch and (asked == CASES or not may_file) else REPORTS


def _tabs(tab: str, access: Access, waiting: Waiting) -> list[dict[str, Any]]:
    tabs: list[tuple[str, int]] = []
    if access.can(Capability.REPORT_FILE):
        tabs.append((REPORTS, waiting.reports))
    if access.can(Capability.CASE_DISPATCH):
        tabs.append((CASES, waiting.to_dispatch))
    return [
        {"key": key, "count": n, "url": lane_address(key), "current": key == tab, "cap": CAP}
        for key, n in tabs
    ]


@require_safe
@vary_on_headers("HX-Request")
def board(request: HttpRequest) -> HttpResponse:
    """The orders of a team by person; a person's own where he leads no team."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not works_on_orders(access) and not any(access.can(each) for each in BOARD_READERS):
        raise Forbidden
    context = board_of(access, request.GET, at)
    writer = CardWriter(request)
    for card in (card for column in context["columns"] for card in column.cards):
        card.markup = writer.written(card)
    fresh = request.htmx  # type: ignore[attr-defined]
    return render(request, "cases/_board.html" if fresh else "cases/board.html", context)


@require_safe
def checks(request: HttpRequest) -> HttpResponse:
    """Submitted orders, the oldest first, with what was before and what is after."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not access.can(Capability.ORDER_CHECK):
        raise Forbidden
    rows = Order.objects.visible_to(access).to_check().for_list()
    rows = rows.select_related("case__standard", "submitted_by")
    orders = list(rows[: CHECKS_SHOWN + 1])
    more = len(orders) > CHECKS_SHOWN
    context = {"items": _to_check(orders[:CHECKS_SHOWN], access, at), "more": more}
    return render(request, "cases/checks.html", context)


def _to_check(orders: list[Order], access: Access, at: datetime) -> list[dict[str, Any]]:
    clocks = ClockReader(at)
    photos = checked_photos(orders, access=access, at=at)
    items: list[dict[str, Any]] = []
    for order in orders:
        own = photos[order.pk]
        verdict = order_verdict(PASS, order, access, at)
        before = first_of(own, PhotoKind.BEFORE)
        items.append(
            {
                "order": order,
                "case": order.case,
                "number": short_number(order.case.number, at),
                "before": before or cover(order.case.cover_id, access=access, at=at),
                "after": [photo for photo in own if photo.kind == PhotoKind.AFTER],
                "checks": check_lines(own),
                "submitted": moment_text(order.submitted_at or at, at),
                "clock": clocks.of_order(order),
                "check_clock": clocks.of_stage(
                    Stage.CHECK, order.check_warn_at, order.check_due_at
                ),
                "may_check": verdict.allowed,
                "why_not": why_not(verdict),
                "keys": verdict.allowed and not any(item["keys"] for item in items),
            }
        )
    return items
