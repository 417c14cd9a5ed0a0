"""Links to the wall view: made with a name, told once, taken back."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_key
from citymgmt.services.idempotency import once
from grids.access import may
from inspections.forms import WallLinkForm
from inspections.models import WallLink
from inspections.services.walls import make_wall_link, revoke_wall_link

LISTED = 50


@require_http_methods(["GET", "HEAD", "POST"])
def wall_links(request: HttpRequest) -> HttpResponse:
    """The links that were made; a POST makes one and shows its address, this once."""
    at = clock.now()
    _require_right(request)
    form = WallLinkForm(request.POST or None)
    told: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        try:
            told = _made(request, form, at)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    status = 422 if request.method == "POST" and not told else 200
    rows = WallLink.objects.select_related("created_by", "revoked_by")[:LISTED]
    context = {"form": WallLinkForm() if told else form, "at": at, **told}
    context["rows"] = [(row, *_state(row, at)) for row in rows]
    response = render(request, "inspections/wall_links.html", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _made(request: HttpRequest, form: WallLinkForm, at: datetime) -> dict[str, Any]:
    """The new link with its address. A repeated form is told that the address is not kept."""
    actor: User = request.user  # type: ignore[assignment]
    secret = WallLink.new_secret()
    asked = {"name": form.cleaned_data["name"], "until": str(form.cleaned_data["last_day"])}

    def act() -> dict[str, Any]:
        link = make_wall_link(
            name=asked["name"], secret=secret, actor=actor, at=at, expires_at=form.expires_at
        )
        return {"link": link.pk}

    answer, repeated = once(user=actor, key=form_key(request), request={"wall": asked}, act=act)
    address = request.build_absolute_uri(reverse("inspections:wall", args=[secret]))
    return {"made": answer["link"], "address": "" if repeated else address}


@require_POST
def wall_link_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a link back; 403 without the right, 404 for one that never was."""
    _require_right(request)
    link = get_object_or_404(WallLink, pk=pk)

    def act() -> Done:
        done = revoke_wall_link(link_id=link.pk, actor=request.user, at=clock.now())  # type: ignore[arg-type]
        said = _("已收回“%(name)s”的链接，那块屏马上就看不到了。") % {"name": done.name}
        return Done(reverse("inspections:wall_links"), said)

    return act_once(request, act)


def _require_right(request: HttpRequest) -> None:
    if not may(request.user, Capability.WALL_SHARE, everywhere=True):  # type: ignore[arg-type]
        raise Forbidden(_("开、收大屏链接要有“开大屏链接”的权限，请找管理员。"))


def _state(row: WallLink, at: datetime) -> tuple[str, str]:
    """How a link stands, in tone and word."""
    if row.revoked_at is not None:
        return "muted", _("已收回")
    if row.expires_at is not None and row.expires_at <= at:
        return "muted", _("已到期")
    return "ok", _("在用")
