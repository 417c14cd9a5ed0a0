"""Making a move from a page: once, with what was typed kept where it is refused."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.forms import MoveForm
from cases.models import Case, Instruction, Order, Request, Supervision
from cases.policies import Reason
from cases.services import (
    checking,
    comments,
    corrections,
    dispatch,
    ending,
    labelling,
    merging,
    naming,
    rectification,
    requests,
    supervision,
    suspension,
)
from cases.services.corrections import Correction
from cases.services.dispatch import Task
from cases.services.offers import MOVE_LABELS, Row
from cases.services.rectification import Result
from cases.services.verdicts import verdict_over, why_not
from cases.views.asking import desk
from cases.views.desks import in_lane, lane_after
from cases.views.detail import page_context, visible_case
from cases.views.dialogs import PICTURED, Refused
from cases.views.landing import landing
from cases.views.lane import CASES
from cases.workflow import Move, Need, Subject, move
from citymgmt import clock
from citymgmt.choices import PhotoKind, PhotoSubject
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import Photo, User
from citymgmt.photo_urls import PhotoView, photo_view
from citymgmt.posting import Done, act_once, form_photos, form_uuids, form_version
from citymgmt.services.photos import MAX_PHOTOS
from grids.access import access_of

Act = tuple[Callable[..., Any], Callable[[dict[str, Any]], dict[str, Any]]]


def _as_typed(typed: dict[str, Any]) -> dict[str, Any]:
    return typed


def _task(typed: dict[str, Any]) -> dict[str, Any]:
    words = {name: typed[name] for name in ("note",) if name in typed}
    assisting = typed.get("assisting", ())
    return words | {"task": Task(typed["team"], typed["person"], typed["instruction"], assisting)}


def _person(typed: dict[str, Any]) -> dict[str, Any]:
    return {"person_id": typed["person"]}


def _label(typed: dict[str, Any]) -> dict[str, Any]:
    return {"label_id": typed["label"]}


def _named(typed: dict[str, Any]) -> dict[str, Any]:
    return {"shop_code": typed["shop"], "party": typed["party"]}


def _result(typed: dict[str, Any]) -> dict[str, Any]:
    return {"result": Result(typed["quantity"], typed["note"], typed["photos"])}


def _corrected(typed: dict[str, Any]) -> dict[str, Any]:
    correction = Correction(typed["text"], typed["address"], typed["standard"])
    return {"note": typed["note"], "correction": correction}


def _said(typed: dict[str, Any]) -> dict[str, Any]:
    return {
        "note": typed["note"],
        "photo_ids": typed["photos"],
        "mention_ids": typed["mentions"],
    }


ACTS: dict[Subject, dict[str, Act]] = {
    Subject.CASE: {
        "dispatch": (dispatch.dispatch_case, _task),
        "assist": (dispatch.assist_case, _task),
        "merge": (merging.merge_case, _as_typed),
        "suspend": (suspension.suspend_case, _as_typed),
        "resume": (suspension.resume_case, _as_typed),
        "force-close": (ending.force_close_case, _as_typed),
        "void": (ending.void_case, _as_typed),
        "supervise": (supervision.supervise_case, _as_typed),
        "instruct": (supervision.instruct_case, _as_typed),
        "urge": (supervision.urge_case, _as_typed),
        "correct": (corrections.correct_case, _corrected),
        "comment": (comments.comment_case, _said),
        "label": (labelling.label_case, _label),
        "name": (naming.name_case, _named),
        "unlabel": (labelling.unlabel_case, _label),
    },
    Subject.ORDER: {
        "assign": (rectification.assign_order, _person),
        "unassign": (rectification.unassign_order, _as_typed),
        "receive": (rectification.receive_order, _as_typed),
        "submit": (rectification.submit_order, _result),
        "return": (rectification.return_order, _as_typed),
        "ask-extension": (requests.ask_extension, _as_typed),
        "ask-suspension": (requests.ask_suspension, _as_typed),
        "appeal": (requests.appeal, _as_typed),
        "transfer": (dispatch.transfer_order, _task),
        "cancel": (dispatch.cancel_order, _as_typed),
        "pass": (checking.pass_order, _as_typed),
        "rework": (checking.rework_order, _as_typed),
    },
    Subject.REQUEST: {
        "approve": (requests.approve_request, _as_typed),
        "refuse": (requests.refuse_request, _as_typed),
        "withdraw": (requests.withdraw_request, _as_typed),
    },
    Subject.SUPERVISION: {"lift": (supervision.lift_supervision, _as_typed)},
    Subject.INSTRUCTION: {"answer": (supervision.answer_instruction, _as_typed)},
}
"""The service of each move on the case page, and what it takes of the form."""

_PHOTO_KINDS = {"submit": PhotoKind.AFTER, "comment": PhotoKind.NEAR}
_RELATED: dict[type, tuple[str, ...]] = {
    Order: ("case", "team"),
    Request: ("case", "order__case", "order__team"),
    Supervision: ("case",),
    Instruction: ("case",),
}


@require_POST
def case_move(request: HttpRequest, number: str, move_name: str) -> HttpResponse:
    """Make a move of a case; 404 out of scope or for an unknown move, 403 without the right.

    Leads to the case, or to the local address in `next`. Where the form is refused the case
    page is shown again with what was typed (422, or 409 where somebody else was quicker).
    """
    at = clock.now()
    known = _known(Subject.CASE, move_name)
    answer = _made(request, known, visible_case(request, number, at), at)
    return lane_after(request, CASES, number, at) if in_lane(request) else answer


@require_POST
def order_move(request: HttpRequest, number: str, move_name: str) -> HttpResponse:
    """Make a move of an order; answers as `case_move` does."""
    return _made_beside(request, _known(Subject.ORDER, move_name), Order, number)


@require_POST
def request_move(request: HttpRequest, number: str, move_name: str) -> HttpResponse:
    """Decide or take back what a team asked for; answers as `case_move` does."""
    return _made_beside(request, _known(Subject.REQUEST, move_name), Request, number)


@require_POST
def supervision_move(request: HttpRequest, number: str, move_name: str) -> HttpResponse:
    """End a supervision; answers as `case_move` does."""
    return _made_beside(request, _known(Subject.SUPERVISION, move_name), Supervision, number)


@require_POST
def instruction_move(request: HttpRequest, number: str, move_name: str) -> HttpResponse:
    """Answer an instruction; answers as `case_move` does."""
    return _made_beside(request, _known(Subject.INSTRUCTION, move_name), Instruction, number)


@require_POST
def case_watch(request: HttpRequest, number: str) -> HttpResponse:
    """Watch a case in scope, or with `off` in the form no longer; a repeat changes nothing."""
    at = clock.now()
    case = visible_case(request, number, at)
    actor: User = request.user  # type: ignore[assignment]

    def once() -> Done:
        if request.POST.get("off"):
            comments.unwatch_case(case=case, actor=actor)
            words = _("不再关注。")
        else:
            comments.watch_case(case=case, actor=actor, at=at)
            words = _("已关注，有动静会通知您。")
        return Done(landing(request, reverse("cases:detail", args=[case.number])), words)

    return act_once(request, once)


def _known(subject: Subject, name: str) -> Move:
    """The move of that name; Http404 for one that this subject does not know."""
    if name not in ACTS[subject]:
        raise Http404
    return move(subject, name)


def _made_beside(request: HttpRequest, known: Move, model: type[Any], number: str) -> HttpResponse:
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    rows = model.objects.visible_to(access).select_related(*_RELATED[model])
    return _made(request, known, get_object_or_404(rows, number=number), at)


def _made(request: HttpRequest, known: Move, row: Row, at: datetime) -> HttpResponse:
    actor: User = request.user  # type: ignore[assignment]
    _refuse_stranger(request, known, row, at)
    case = row if isinstance(row, Case) else row.case
    form = MoveForm(known, request.POST, at=at)
    if not form.is_valid():
        if in_lane(request):
            field, words = next(iter(form.errors.items()))
            raise DomainError(field, words[0], field=field)
        return _again(request, case, Refused(row, form), at, status=422)

    def once() -> Done:
        _act(request, known, row, dict(form.cleaned_data), at)
        label = MOVE_LABELS[(known.subject, known.name)]
        words = _("%(move)s：%(address)s") % {"move": label, "address": case.address}
        return Done(landing(request, _onward(case, actor)), words)

    try:
        return act_once(request, once)
    except DomainError as error:
        if error.status == 403 or (request.POST.get("next") and not _from_desk(request, row)):
            raise
        form.refuse(error.field, error.message)
        status = 422 if error.status == 400 else error.status
        return _again(request, case, Refused(row, form), at, status=status)


def _act(request: HttpRequest, known: Move, row: Row, typed: dict[str, Any], at: datetime) -> None:
    service, taken = ACTS[known.subject][known.name]
    if known.name in PICTURED:
        typed["photos"] = form_photos(request, kind=_PHOTO_KINDS[known.name], at=at)
    # A remark is not refused because somebody else acted meanwhile.
    version = None if known.remark else form_version(request)
    whose = {f"{known.subject}_id": row.pk}
    service(**whose, actor=request.user, at=at, version=version, **taken(typed))


def _refuse_stranger(request: HttpRequest, known: Move, row: Row, at: datetime) -> None:
    """Raise Forbidden for somebody who may not; the state is asked by the service, under lock."""
    access = access_of(request.user, at)  # type: ignore[arg-type]
    verdict = verdict_over(known, row, access, at)
    if verdict.reason in (Reason.RIGHT, Reason.OWN_TEAM):
        raise Forbidden(why_not(verdict))


def _onward(case: Case, actor: User) -> str:
    """The case page, or the list where the move took the case out of the person's sight."""
    seen = Case.objects.visible_to(access_of(actor)).filter(pk=case.pk)
    return reverse("cases:detail", args=[case.number]) if seen.exists() else reverse("cases:list")


def _again(
    request: HttpRequest, case: Case, refused: Refused, at: datetime, *, status: int
) -> HttpResponse:
    """The case page, or the desk of requests, as it stands now with the refused form in it."""
    if _from_desk(request, refused.row):
        return desk(request, at, refused, status=status)
    fresh = visible_case(request, case.number, at)
    if refused.form.move.name in PICTURED:
        refused = Refused(refused.row, refused.form, _photos_up(request, at))
        _say_missing_photo(refused)
    context = page_context(request, fresh, at, refused)
    return render(request, "cases/case_detail.html", context, status=status)


def _from_desk(request: HttpRequest, row: Row) -> bool:
    """Whether a request that still waits was decided on the desk, where it is shown again."""
    asked = isinstance(row, Request) and Request.objects.filter(pk=row.pk, state="asked").exists()
    return asked and request.POST.get("next") == reverse("cases:requests")


def _say_missing_photo(refused: Refused) -> None:
    """A submission refused for something else says at once that its photo is missing too."""
    form = refused.form
    wanted = Need.AFTER_PHOTO in form.move.needs
    if wanted and not refused.photos and not form.non_field_errors():
        form.refuse("photos", _("请拍整改后的照片。"))


def _photos_up(request: HttpRequest, at: datetime) -> Sequence[PhotoView]:
    """The photos of a refused form that still wait for their owner."""
    actor: User = request.user  # type: ignore[assignment]
    try:
        ids = form_uuids(request, "photos")[:MAX_PHOTOS]
    except DomainError:
        return ()
    free = Photo.objects.filter(pk__in=ids, uploader=actor, subject_kind=PhotoSubject.UNCLAIMED)
    rows = free.select_related("blob", "uploader").order_by("received_at")
    return [photo_view(row, user_id=actor.pk, at=at, originals=False) for row in rows]
