"""Hot spots (反复点): their list, one of them, a layer for the map, a card for other pages."""

import re
from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.models import Case
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from citymgmt.keyset import Order, page_of
from grids.access import access_of
from grids.policies import Access
from inspections.models import HotSpot
from inspections.panels.hot_spots import features_of, hours_bars, view_of
from inspections.querysets import HotSpotQuerySet
from inspections.services.hot_spots import least_warmth, rule

PAGE = 50
ON_A_CARD = 6
ON_THE_MAP = 300
HAPPENINGS = 30
_TEAM, _STREET = re.compile("[0-9]{1,17}"), re.compile("[0-9]{6,12}")


@require_safe
@vary_on_headers("HX-Request")
def hot_spots(request: HttpRequest) -> HttpResponse:
    """The hot spots that the person sees, the warmest first; with `state=cooled` those that
    cooled. htmx gets a card of the warmest. 403 for whoever may see no case."""
    at = clock.now()
    rows = _visible(request, _access(request, at))
    held = rule()
    least = least_warmth(at, held)
    if request.htmx:  # type: ignore[attr-defined]
        taken = list(rows.warm(least)[: ON_A_CARD + 1])
        context = {
            "views": [view_of(row, at, held) for row in taken[:ON_A_CARD]],
            "more": len(taken) > ON_A_CARD,
        }
        return render(request, "inspections/_hot_spots_card.html", context)
    cooled = request.GET.get("state") == "cooled"
    chosen = rows.cooled(least) if cooled else rows.warm(least)
    page = page_of(
        chosen.order_by(),
        Order("warmth"),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE,
    )
    context = {
        "views": [view_of(row, at, held) for row in page.rows],
        "page": page,
        "cooled": cooled,
        "rule": held,
    }
    return render(request, "inspections/hot_spots.html", context)


@require_safe
def hot_spot(request: HttpRequest, number: str) -> HttpResponse:
    """One hot spot with what happened there; where it was merged, the one that goes on. 404 out
    of scope."""
    at = clock.now()
    access = _access(request, at)
    spot = get_object_or_404(
        HotSpot.objects.visible_to(access).select_related("category", "cell", "merged_into"),
        number=number,
    )
    if spot.merged_into is not None:
        return redirect("inspections:hot_spot", number=spot.merged_into.number)
    rows = spot.happened.select_related("case__category", "case__lead_team", "lookback")
    happened = list(rows.order_by("-at", "-id")[: HAPPENINGS + 1])
    seen = set(
        Case.objects.visible_to(access)
        .filter(pk__in={row.case_id for row in happened})
        .values_list("pk", flat=True)
    )
    context = {
        "view": view_of(spot, at, rule()),
        "happened": [(row, row.case_id in seen) for row in happened[:HAPPENINGS]],
        "more": len(happened) > HAPPENINGS,
        "hours": hours_bars(spot.by_hour),
        "rule": rule(),
    }
    return render(request, "inspections/hot_spot.html", context)


@require_safe
def hot_spot_layer(request: HttpRequest) -> JsonResponse:
    """The warmest hot spots as GeoJSON, those within `box` (west,south,east,north) if there is
    one; with `code` one alone."""
    at = clock.now()
    rows = _visible(request, _access(request, at))
    held = rule()
    code = request.GET.get("code", "")
    warm = rows.filter(number=code[:20]) if code else rows.warm(least_warmth(at, held))
    box = _box(request.GET.get("box", ""))
    if box is not None and not code:
        west, south, east, north = box
        warm = warm.filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
    taken = list(warm[: ON_THE_MAP + 1])
    body = features_of(
        [view_of(row, at, held) for row in taken[:ON_THE_MAP]], more=len(taken) > ON_THE_MAP
    )
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def _visible(request: HttpRequest, access: Access) -> HotSpotQuerySet:
    """What the person sees of the team and street that the address asks for."""
    team, street = request.GET.get("team", ""), request.GET.get("area", "")
    return (
        HotSpot.objects.visible_to(access)
        .of_scope(
            int(team) if _TEAM.fullmatch(team) else None,
            street if _STREET.fullmatch(street) else "",
        )
        .select_related("category", "cell")
    )


def _access(request: HttpRequest, at: datetime) -> Access:
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not access.can(Capability.CASE_VIEW):
        raise Forbidden(_("您还没有看案件的权限，请找本单位管理员开通。"))
    return access


def _box(text: str) -> tuple[float, float, float, float] | None:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return west, south, east, north
