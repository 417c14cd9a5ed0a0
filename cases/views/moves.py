"""Making a move from a page: once, with what was typed kept where it is refused."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.forms import FORMS, MoveForm
from cases.models import Case, Order
from cases.policies import Reason, Verdict
from cases.services import checking, rectification
from cases.services.dispatch import Task, dispatch_case
from cases.services.offers import MOVE_LABELS
from cases.services.rectification import Result
from cases.services.verdicts import case_verdict, order_verdict, why_not
from cases.views.detail import Refused, page_context, visible_case
from cases.views.landing import landing
from cases.workflow import Subject, move, moves_of
from citymgmt import clock
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Photo, User
from citymgmt.photo_urls import PhotoView, photo_view
from citymgmt.posting import Done, act_once, form_photos, form_uuids, form_version
from citymgmt.services.photos import MAX_PHOTOS
from grids.access import access_of

Act = Callable[..., Any]
ACTS: dict[str, tuple[Act, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "assign": (rectification.assign_order, lambda typed: {"person_id": typed["person"]}),
    "receive": (rectification.receive_order, lambda typed: {}),
    "submit": (
        rectification.submit_order,
        lambda typed: {"result": Result(typed["quantity"], typed["note"], typed["photos"])},
    ),
    "return": (rectification.return_order, lambda typed: {"note": typed["note"]}),
    "pass": (checking.pass_order, lambda typed: {"note": typed["note"]}),
    "rework": (checking.rework_order, lambda typed: {"note": typed["note"]}),
}
"""The service of each move of an order, and what it takes of the form."""

ORDER_MOVES = frozenset(item.name for item in moves_of(Subject.ORDER))


@require_POST
def order_move(request: HttpRequest, number: str, move_name: str) -> HttpResponse:
    """Make a move of the order; 404 out of scope or for an unknown move, 403 without the right.

    Leads to the case, or to the local address in `next`. Where the form is refused the case
    page is shown again with what was typed (422, or 409 where somebody else was quicker).
    """
    if move_name not in ORDER_MOVES:
        raise Http404
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    orders = Order.objects.visible_to(access).select_related("case", "team")
    order = get_object_or_404(orders, number=number)
    _refuse_stranger(order_verdict(move(Subject.ORDER, move_name), order, access, at))
    service, taken = ACTS[move_name]

    def act(typed: dict[str, Any], actor: User) -> None:
        if move_name == "submit":
            typed["photos"] = form_photos(request, kind=PhotoKind.AFTER, at=at)
        version = form_version(request)
        service(order_id=order.pk, actor=actor, at=at, version=version, **taken(typed))

    label = MOVE_LABELS[(Subject.ORDER, move_name)]
    return _made(request, order.case, move_name, act, said=label, at=at)


@require_POST
def case_dispatch(request: HttpRequest, number: str) -> HttpResponse:
    """Give a case to a team; answers as `order_move` does."""
    at = clock.now()
    case = visible_case(request, number, at)
    access = access_of(request.user, at)  # type: ignore[arg-type]
    _refuse_stranger(case_verdict(move(Subject.CASE, "dispatch"), case, access))

    def act(typed: dict[str, Any], actor: User) -> None:
        task = Task(typed["team"], typed["person"], typed["instruction"])
        version = form_version(request)
        dispatch_case(case_id=case.pk, actor=actor, at=at, version=version, task=task)

    label = MOVE_LABELS[(Subject.CASE, "dispatch")]
    return _made(request, case, "dispatch", act, said=label, at=at)


def _refuse_stranger(verdict: Verdict) -> None:
    """Raise Forbidden for somebody who may not; the state is asked by the service, under lock."""
    if verdict.reason in (Reason.RIGHT, Reason.OWN_TEAM):
        raise Forbidden(why_not(verdict))


def _made(
    request: HttpRequest,
    case: Case,
    name: str,
    act: Callable[[dict[str, Any], User], None],
    *,
    said: object,
    at: datetime,
) -> HttpResponse:
    actor: User = request.user  # type: ignore[assignment]
    form = FORMS[name](request.POST, move_name=name)
    if not form.is_valid():
        return _again(request, case, name, form, at, status=422)

    def once() -> Done:
        act(form.cleaned_data, actor)
        words = _("%(move)s：%(address)s") % {"move": said, "address": case.address}
        return Done(landing(request, _onward(case, actor)), words)

    try:
        return act_once(request, once)
    except DomainError as error:
        if error.status == 403 or request.POST.get("next"):
            raise
        form.refuse(error.field, error.message)
        status = 422 if error.status == 400 else error.status
        return _again(request, case, name, form, at, status=status)


def _onward(case: Case, actor: User) -> str:
    """The case page, or the list where the move took the case out of the person's sight."""
    seen = Case.objects.visible_to(access_of(actor)).filter(pk=case.pk)
    return reverse("cases:detail", args=[case.number]) if seen.exists() else reverse("cases:list")


def _again(
    request: HttpRequest, case: Case, name: str, form: MoveForm, at: datetime, *, status: int
) -> HttpResponse:
    """The case page as it stands now, with the refused form open in it."""
    fresh = visible_case(request, case.number, at)
    photos = _photos_up(request, at) if name == "submit" else ()
    if name == "submit" and not photos and not form.non_field_errors():
        form.refuse("photos", _("请拍整改后的照片。"))
    context = page_context(request, fresh, at, Refused(name, form, photos))
    return render(request, "cases/case_detail.html", context, status=status)


def _photos_up(request: HttpRequest, at: datetime) -> Sequence[PhotoView]:
    """The photos of a refused form that still wait for their order."""
    actor: User = request.user  # type: ignore[assignment]
    try:
        ids = form_uuids(request, "photos")[:MAX_PHOTOS]
    except DomainError:
        return ()
    free = Photo.objects.filter(pk__in=ids, uploader=actor, subject_kind=PhotoSubject.UNCLAIMED)
    rows = free.select_related("blob", "uploader").order_by("received_at")
    return [photo_view(row, user_id=actor.pk, at=at, originals=False) for row in rows]
