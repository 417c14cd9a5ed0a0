"""The inbox."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from citymgmt import clock
from citymgmt.keyset import Order, page_of
from citymgmt.models import Notice
from citymgmt.notice_texts import Item, merged
from citymgmt.posting import Done, act_once, form_id, form_key
from citymgmt.services.idempotency import once
from citymgmt.services.notices import read_notices

PAGE = 30
LATEST = Order("created_at")


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """Own notices, the newest first; POST marks one as read and opens it, or marks all."""
    if request.method == "POST":
        return _mark(request)
    rows = Notice.objects.inbox_of(request.user.pk)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = page_of(rows, LATEST, after=after, before=before, size=PAGE)
    context = {
        "page": page,
        "older": f"?{urlencode(page.older)}" if page.older else "",
        "newer": f"?{urlencode(page.newer)}" if page.newer else "",
        "copy_text": _copy_text(page.rows),
    }
    return render(request, "citymgmt/notices.html", context)


def _copy_text(rows: list[Notice]) -> str:
    """The page as words for a group: what is unread, or all where everything is read."""
    unread = [row for row in rows if row.read_at is None] or rows
    text, _count = (
        merged(
            [Item(row.text, urgent=row.urgent) for row in reversed(unread)],
            heading=settings.BUREAU_NAME,
            most_bytes=PAGE * 2000,
            most_items=PAGE,
        )
        if unread
        else ("", 0)
    )
    return text


def _mark(request: HttpRequest) -> HttpResponse:
    notice_id = form_id(request, "notice")
    if notice_id is None:
        return act_once(request, lambda: _mark_all(request))
    answer, _repeated = once(
        user=request.user,  # type: ignore[arg-type]
        key=form_key(request),
        request={"path": request.path, "notice": notice_id},
        act=lambda: _open(request, notice_id),
    )
    return HttpResponseRedirect(answer["location"])


def _mark_all(request: HttpRequest) -> Done:
    count = read_notices(user=request.user, ids=None, at=clock.now())  # type: ignore[arg-type]
    return Done(reverse("notices"), _("%(count)s 条通知已标为已读。") % {"count": count})


def _open(request: HttpRequest, notice_id: int) -> dict[str, Any]:
    read_notices(user=request.user, ids=[notice_id], at=clock.now())  # type: ignore[arg-type]
    notice = Notice.objects.inbox_of(request.user.pk).filter(pk=notice_id).first()
    # Paths are written by the house itself, never by people.
    return {"location": (notice and notice.path) or reverse("notices")}
