"""班次日历: the address of one's own shifts, and the file to which it leads."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citymgmt import clock
from citymgmt.errors import Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_key
from citymgmt.services.idempotency import once
from grids.access import has_team
from grids.models import ShiftFeed
from grids.services.shift_feeds import end_feed, make_feed
from grids.shift_calendar import calendar_of, feed_of, stints_of
from grids.views.addresses import outer_address

PAGE_SECONDS = 300


@require_http_methods(["GET", "HEAD", "POST"])
def shift_feed(request: HttpRequest) -> HttpResponse:
    """Whether one's shifts have an address; a POST makes a new one and shows it, this once."""
    person: User = request.user  # type: ignore[assignment]
    if not has_team(person):
        raise Forbidden(_("您不在任何单位里，没有班次可看。"))
    told = _made(request, person) if request.method == "POST" else {}
    feed = ShiftFeed.objects.filter(person=person, revoked_at__isnull=True).first()
    response = render(request, "grids/shift_feed.html", {"feed": feed, **told})
    response["Cache-Control"] = "private, no-store"
    return response


def _made(request: HttpRequest, person: User) -> dict[str, Any]:
    """The new address. A repeated form is told that it is not kept."""
    secret, at = ShiftFeed.new_secret(), clock.now()

    def act() -> dict[str, Any]:
        return {"feed": make_feed(actor=person, secret=secret, at=at).pk}

    asked = {"feed": "new"}
    _answer, repeated = once(user=person, key=form_key(request), request=asked, act=act)
    address = outer_address(request, reverse("grids:shift_calendar", args=[secret]))
    return {"made": True, "address": "" if repeated else address}


@require_POST
def shift_feed_end(request: HttpRequest) -> HttpResponse:
    """Take one's address back."""

    def act() -> Done:
        end_feed(actor=request.user, at=clock.now())  # type: ignore[arg-type]
        return Done(reverse("grids:shift_feed"), _("已收回，旧地址马上就看不到班次了。"))

    return act_once(request, act)


@require_safe
@login_not_required
def shift_calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The shifts of whoever the address belongs to; 404 for no address in use."""
    feed = feed_of(secret)
    if feed is None:
        raise Http404
    content = calendar_of(stints_of(feed.person_id, clock.now()))
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = f"private, max-age={PAGE_SECONDS}"
    response["X-Robots-Tag"] = "noindex"
    return response
