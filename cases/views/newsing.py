"""The list says by itself that something changed; it is shown to whoever asks for it."""

import re
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import news
from cases.caselist import ListView
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.waiting import unread

_SHOWN = re.compile(r"([0-9]{1,17}\.[0-9]{1,9}(,|\Z)){0,60}")
_LONGEST = 2000


@require_safe
@login_not_required
def list_live(request: HttpRequest, ticket: str) -> HttpResponse:
    """304 while nothing at all happened, else an empty answer with a new ETag.

    404 for a ticket that is forged or too old: the page then asks to be loaded anew.
    """
    if not news.knows(ticket):
        raise Http404
    etag = news.tag()
    response = get_conditional_response(request, etag=etag) or HttpResponse(status=200)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def list_news(request: HttpRequest) -> HttpResponse:
    """How many cases of the view changed since `since`; `shown` are those of the page with the
    versions seen, `id.version,…`. Also how many notices the person has not read. DomainError for
    what no page of ours asks.
    """
    user: User = request.user  # type: ignore[assignment]
    view = ListView(request.GET, user=user, at=clock.now())
    if not view.access.can(Capability.CASE_VIEW):
        raise Forbidden
    since, shown = _moment(request.GET.get("since", "")), request.GET.get("shown", "")
    if since is None or len(shown) > _LONGEST or not _SHOWN.fullmatch(shown):
        raise DomainError("since", _("这一页太旧了，请刷新页面。"))
    seen = [pair.split(".") for pair in shown.split(",") if pair]
    versions = {int(pk): int(version) for pk, version in seen}
    count = news.changed_since(view, since, versions)
    response = JsonResponse({"count": count, "unread": unread(user)})
    response["Cache-Control"] = "private, no-store"
    return response


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text[:40])
    except ValueError:
        return None
    return moment if moment is not None and is_aware(moment) else None
