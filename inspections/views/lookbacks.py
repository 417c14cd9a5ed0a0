"""The look-back desk: what is to be looked at, the old photo beside the new one, the result."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.choices import LookBackResult
from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Photo, User
from citymgmt.photo_urls import PhotoView, photo_view
from citymgmt.posting import Done, act_once, form_photos, form_uuids, form_version
from citymgmt.services.photos import MAX_PHOTOS
from grids.access import access_of
from grids.policies import Access
from inspections.forms import RecordForm
from inspections.models import LookBack
from inspections.panels.sameness import words_for
from inspections.services.lookback_results import closing_photo, sameness_of, terms
from inspections.services.lookbacks import RESULTS, record_lookback
from inspections.views.lookback_panel import ALL, DUE, OWN, TEAM, Desk, read_desk, read_panel
from inspections.views.lookback_rows import lists_of

_TEAM, _STREET = re.compile("[0-9]{1,17}"), re.compile("[0-9]{6,12}")
NAMES = frozenset(move.name for move in RESULTS)


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits to be looked at, the most urgent opened beside the list; 403 without the right."""
    at = clock.now()
    access = _access(request, at)
    if not access.can(Capability.LOOKBACK_RECORD):
        raise Forbidden
    listed = _read_desk(request, access, at)
    opened = listed.first.pk if listed.first else None
    context = {"desk": listed, "lists": lists_of(listed, opened), "on_desk": True}
    if listed.first is not None:
        context |= read_panel(visible_lookback(access, listed.first.pk), access, at)
    return render(request, "inspections/lookbacks.html", context)


@require_safe
def lookback(request: HttpRequest, pk: int) -> HttpResponse:
    """One look-back with the list beside it; 404 out of scope. Who may not record reads it."""
    at = clock.now()
    access = _access(request, at)
    row = visible_lookback(access, pk)
    return _page(request, row, access, at)


@require_POST
def lookback_move(request: HttpRequest, pk: int, move_name: str) -> HttpResponse:
    """Record a result and go on to the desk; 404 out of scope or for an unknown result.

    Where the form is refused the page is shown again with what was typed and sent up.
    """
    if move_name not in NAMES:
        raise Http404
    at = clock.now()
    access = _access(request, at)
    row = visible_lookback(access, pk)
    actor: User = request.user  # type: ignore[assignment]
    form = RecordForm(request.POST)
    if not form.is_valid():
        return _again(request, pk, move_name, form, at, status=422)

    def act() -> Done:
        done = record_lookback(
            lookback_id=row.pk,
            actor=actor,
            at=at,
            version=form_version(request),
            move=move_name,
            note=form.cleaned_data["note"],
            photo_ids=form_photos(request, kind=PhotoKind.RECHECK, at=at),
        )
        return Done(_desk_of(request), _said(done))

    try:
        return act_once(request, act)
    except DomainError as error:
        if error.status == 403:
            raise
        form.add_error("note" if error.field == "note" else None, str(error.message))
        status = 422 if error.status == 400 else error.status
        return _again(request, pk, move_name, form, at, status=status)


@require_safe
def lookback_same(request: HttpRequest, pk: int) -> JsonResponse:
    """How a photo that the person sent up stands to the closing photo: `tone` and `text`.

    404 out of scope, and for a photo that is not his.
    """
    at = clock.now()
    row = visible_lookback(_access(request, at), pk)
    try:
        photo_id = UUID(request.GET.get("photo", ""))
    except ValueError as error:
        raise Http404 from error
    mine = Photo.objects.filter(uploader_id=request.user.pk).select_related("blob")
    photo = get_object_or_404(mine, pk=photo_id)
    said = words_for(sameness_of(closing_photo(row.order_id), photo, terms()))
    return JsonResponse(
        {"tone": said.tone, "text": said.text}, json_dumps_params={"ensure_ascii": False}
    )


def _read_desk(request: HttpRequest, access: Access, at: datetime) -> Desk:
    """The desk as the address asks for it; what no team or street can be narrows nothing."""
    team, street = request.GET.get("team", ""), request.GET.get("area", "")
    return read_desk(
        access,
        at,
        scope=request.GET.get("scope", ""),
        team_id=int(team) if _TEAM.fullmatch(team) else None,
        street=street if _STREET.fullmatch(street) else "",
        by_route=request.GET.get("order") == "route",
    )


def _desk_of(request: HttpRequest) -> str:
    """The desk that the person came from."""
    scope = request.GET.get("scope", "")
    address = reverse("inspections:lookbacks")
    return f"{address}?scope={scope}" if scope in (OWN, TEAM, ALL, DUE) else address


def _said(done: LookBack) -> str:
    words = _("%(address)s：已记%(result)s。") % {
        "address": done.case.address,
        "result": LookBackResult(done.result).label,
    }
    if done.new_order is not None:
        words += _("新单 %(number)s 已派给%(team)s。") % {
            "number": done.new_order.number,
            "team": done.new_order.team.name,
        }
    return words


def _access(request: HttpRequest, at: datetime) -> Access:
    return access_of(request.user, at)  # type: ignore[arg-type]


def visible_lookback(access: Access, pk: int) -> LookBack:
    """The look-back with what its page shows; 404 out of scope."""
    rows = LookBack.objects.visible_to(access).select_related(
        "case__category",
        "case__cell",
        "order__person",
        "order__team",
        "team",
        "inspector",
        "recorded_by",
        "new_order",
    )
    return get_object_or_404(rows, pk=pk)


def _page(
    request: HttpRequest,
    row: LookBack,
    access: Access,
    at: datetime,
    *,
    status: int = 200,
    **panel: object,
) -> HttpResponse:
    context = read_panel(row, access, at, **panel)  # type: ignore[arg-type]
    if access.can(Capability.LOOKBACK_RECORD):
        listed = _read_desk(request, access, at)
        context |= {"desk": listed, "lists": lists_of(listed, row.pk)}
    return render(request, "inspections/lookbacks.html", context, status=status)


def _again(
    request: HttpRequest, pk: int, chosen: str, form: RecordForm, at: datetime, *, status: int
) -> HttpResponse:
    access = _access(request, at)
    return _page(
        request,
        visible_lookback(access, pk),
        access,
        at,
        status=status,
        form=form,
        chosen=chosen,
        uploaded=_photos_up(request, at),
    )


def _photos_up(request: HttpRequest, at: datetime) -> Sequence[PhotoView]:
    """The photos of a refused form that still wait for their look-back."""
    actor: User = request.user  # type: ignore[assignment]
    try:
        ids = form_uuids(request, "photos")[:MAX_PHOTOS]
    except DomainError:
        return ()
    free = Photo.objects.filter(pk__in=ids, uploader=actor, subject_kind=PhotoSubject.UNCLAIMED)
    rows = free.select_related("blob", "uploader").order_by("received_at")
    return [photo_view(row, user_id=actor.pk, at=at, originals=False) for row in rows]
