"""The phone's pages: home, the report, what waits to be sent, oneself."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cases.views.reports import DIRECT
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.photos import check_point
from grids.access import access_of, office_of
from grids.patrol_duty import shift_at, shift_words
from grids.policies import Access
from grids.services.patrols import may_patrol
from inspections.phone_book import cell_book, class_book, surroundings
from inspections.phone_work import next_guard, waiting_work
from inspections.services.phone_reports import may_self_check


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The camera in reach of the thumb, and what waits for the person, the most urgent first."""
    at = clock.now()
    access = access_at(request, at)
    context = frame(request, "home", at) | {
        "work": waiting_work(access, at),
        "shift": shift_words(shift_at(access.user_id, at)),
        "may_handle": access.can(Capability.CASE_SELF_HANDLE),
        "may_look": access.can(Capability.LOOKBACK_RECORD),
        "guard": next_guard(access, at),
        "may_visit_shops": access.can(Capability.SHOP_CHECK),
        "may_self_check": may_self_check(access),
    }
    return render(request, "m/home.html", context)


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The form of a problem; what was entered stands on the phone, never here."""
    at = clock.now()
    access = access_at(request, at)
    if not access.can(Capability.REPORT_CREATE):
        raise Forbidden
    context = frame(request, "report", at) | {
        "may_handle": access.can(Capability.CASE_SELF_HANDLE),
        "may_direct": all(access.can(each) for each in DIRECT),
        "may_self_check": may_self_check(access),
    }
    return render(request, "m/report.html", context)


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """What waits on this phone and what has arrived today; the phone knows it, not we."""
    return render(request, "m/outbox.html", frame(request, "outbox", clock.now()))


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Who is signed in, how the pages look, the way out."""
    return render(request, "m/me.html", frame(request, "me", clock.now()))


@require_safe
def classes(request: HttpRequest) -> HttpResponse:
    """The classes with the words people say, how often the person used each, and where."""
    at = clock.now()
    access = access_at(request, at)
    if not access.can(Capability.REPORT_CREATE):
        raise Forbidden
    book = class_book(
        access,
        standards=access.can(Capability.CASE_SELF_HANDLE)
        or all(access.can(each) for each in DIRECT),
        teams=all(access.can(each) for each in DIRECT),
    )
    return JsonResponse(book)


@require_safe
def cells(request: HttpRequest) -> HttpResponse:
    """The cells of the person's area, to name a place by without a signal."""
    at = clock.now()
    access = access_at(request, at)
    if not access.can(Capability.REPORT_CREATE):
        raise Forbidden
    return JsonResponse(cell_book(access, at))


@require_safe
def place(request: HttpRequest) -> HttpResponse:
    """What a point is called, and what lies around it, for the small map."""
    at = clock.now()
    if not access_at(request, at).can(Capability.REPORT_CREATE):
        raise Forbidden
    lon, lat = _degrees(request, "lon"), _degrees(request, "lat")
    check_point(lon, lat)
    return JsonResponse(surroundings(lon, lat, at=at))


def access_at(request: HttpRequest, at: datetime) -> Access:
    """What the person may do at a moment."""
    return access_of(request.user, at)  # type: ignore[arg-type]


def frame(request: HttpRequest, tab: str, at: datetime) -> dict[str, Any]:
    """The context of m/base.html."""
    user: User = request.user  # type: ignore[assignment]
    access = access_at(request, at)
    return {
        "tab": tab,
        "today": at.astimezone(clock.LOCAL),
        "office": office_of(user),
        "may_report": access.can(Capability.REPORT_CREATE),
        "may_patrol": may_patrol(access, at),
    }


def _degrees(request: HttpRequest, name: str) -> float:
    try:
        text = request.GET.get(name, "")
        if len(text) > 30:
            raise ValueError(name)
        return float(text)
    except ValueError as error:
        raise DomainError(name, _("坐标不对，请再定位一次。"), field=name) from error
