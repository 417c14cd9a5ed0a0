"""The cases that name a shop, for its card; the card fetches them by this address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from cases.models import Case
from cases.presenters import chip_of, moment_text, short_number
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.models import Shop

LISTED = 10


@require_safe
@vary_on_headers("HX-Request")
def shop_cases(request: HttpRequest, code: str) -> HttpResponse:
    """The newest cases in the person's scope that name the shop; 404 for a shop out of it."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not access.can(Capability.GRID_VIEW):
        raise Forbidden
    shop = get_object_or_404(Shop.objects.visible_to(access), code=code)
    rows = Case.objects.visible_to(access).filter(shop=shop).select_related("category")
    found = list(rows.order_by("-last_event_at", "-id")[: LISTED + 1])
    context = {
        "shop": shop,
        "rows": [
            {
                "case": case,
                "number": short_number(case.number, at),
                "chip": chip_of(case),
                "moment": moment_text(case.last_event_at, at),
            }
            for case in found[:LISTED]
        ],
        "more": len(found) > LISTED,
    }
    fragment = bool(request.htmx)  # type: ignore[attr-defined]
    name = "cases/_shop_cases.html" if fragment else "cases/shop_cases.html"
    return render(request, name, context)
