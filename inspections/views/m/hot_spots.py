"""Hot spots on the phone: what is near, how often to look, at what hours."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from inspections.models import HotSpot
from inspections.panels.hot_spots import view_of
from inspections.phone_work import MOST
from inspections.services.hot_spots import least_warmth, rule
from inspections.views.m.pages import access_at, frame


@require_safe
def phone_hot_spots(request: HttpRequest) -> HttpResponse:
    """The hot spots that the person sees, the warmest first; the phone itself sorts them by how
    far they are. 403 for whoever may see no case."""
    at = clock.now()
    access = access_at(request, at)
    if not access.can(Capability.CASE_VIEW):
        raise Forbidden
    held = rule()
    rows = HotSpot.objects.visible_to(access).warm(least_warmth(at, held))
    taken = rows.select_related("category", "cell")[:MOST]
    views = [view_of(row, at, held) for row in taken]
    return render(request, "m/hot_spots.html", frame(request, "hot", at) | {"views": views})
