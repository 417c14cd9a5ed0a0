"""One person: where he is and was, what he may do, his certificates and leave; and the acts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Tone
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_id, form_version
from grids import people_facts
from grids.forms_people import CertificateForm, LeaveForm, PersonForm, TransferForm
from grids.models import Leave, Membership, PeopleRecord, Qualification, Team
from grids.services.leaves import end_leave, may_plan, name_substitute, register_leave
from grids.services.staff import (
    PersonFacts,
    certify,
    edit_person,
    may_keep,
    switch_person,
    transfer_person,
    uncertify,
    version_of,
)
from grids.views.teams import LINES, access_to


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one person."""
    access_to(request)
    return _page(request, get_object_or_404(User, pk=pk))


def _page(request: HttpRequest, found: User, status: int = 200, **given: Any) -> HttpResponse:
    at = clock.now()
    actor: User = request.user  # type: ignore[assignment]
    keeps, plans = may_keep(actor, found, at), may_plan(actor, found, at)
    today = at.astimezone(clock.LOCAL).date()
    sees = keeps or plans or actor.pk == found.pk
    context: dict[str, Any] = {
        "at": at,
        "person": found,
        "version": version_of(found),
        "phone": found.phone if sees else people_facts.masked(found.phone),
        "memberships": _memberships(found, at),
        "papers": people_facts.papers_of([found.pk], today),
        "grants": people_facts.grants_of([found.pk], at).get(found.pk, []),
        "leaves": [_leave(row, today) for row in _leaves(found)[:LINES]],
        "sees": sees,
        "may_keep": keeps,
        "may_plan": plans,
    }
    if keeps:
        initial = {"name": found.name, "phone": found.phone or ""}
        context |= {
            "edit_form": PersonForm(initial=initial, auto_id="edit_%s"),
            "transfer_form": TransferForm(at=at, auto_id="transfer_%s"),
            "certify_form": CertificateForm(auto_id="certify_%s"),
            "records": _records(found)[:LINES],
        }
    if plans:
        context["leave_form"] = LeaveForm(person=found, at=at, auto_id="leave_%s")
    response = render(request, "grids/person.html", context | given, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _memberships(found: User, at: datetime) -> list[dict[str, Any]]:
    rows = Membership.objects.filter(user=found).select_related("team")
    told = []
    for row in rows.order_by("-valid_from", "-pk")[: LINES * 2]:
        if row.valid_from > at:
            word, tone = _("已排定"), Tone.HOLD
        elif row.valid_to is None or row.valid_to > at:
            word, tone = _("在任"), Tone.OK
        else:
            word, tone = _("已离任"), Tone.MUTED
        told.append({"row": row, "word": word, "tone": tone, "open": row.valid_to is None})
    return told


def _leaves(found: User) -> QuerySet[Leave]:
    rows = Leave.objects.filter(person=found).select_related("substitute", "deputy")
    return rows.order_by("-first_day", "-pk")


def _leave(row: Leave, today: Any) -> dict[str, Any]:
    if row.cancelled_at is not None:
        word, tone = _("已取消"), Tone.MUTED
    elif row.last_day < today:
        word, tone = _("已结束"), Tone.MUTED
    elif row.first_day > today:
        word, tone = _("还没开始"), Tone.HOLD
    else:
        word, tone = _("请假中"), Tone.DOING
    may_end = row.cancelled_at is None and row.last_day >= today
    covered = row.substitute is not None and row.substitute.is_active
    open_ended = may_end and not covered
    return {"row": row, "word": word, "tone": tone, "may_end": may_end, "bare": open_ended}


def _records(found: User) -> QuerySet[PeopleRecord]:
    return PeopleRecord.objects.filter(person=found).select_related("actor", "team")


# --- Acts -------------------------------------------------------------------------------------


@require_POST
def person_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Do something to a person; what is wrong with a form is said beside its fields."""
    access_to(request)
    found = get_object_or_404(User, pk=pk)
    actor: User = request.user  # type: ignore[assignment]
    at = clock.now()
    allowed = may_plan if act in _PLANNING else may_keep
    if act not in _ACTS:
        raise Http404
    if not allowed(actor, found, at):
        raise Forbidden
    name, form = _form(request, act, found, at)
    if form is not None and not form.is_valid():
        return _page(request, found, 422, **{name: form})
    given = form.cleaned_data if form is not None else {}
    try:
        return act_once(request, lambda: _done(found, _ACTS[act](request, found, given, at)))
    except DomainError as error:
        if error.status != 400 or form is None:
            raise
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return _page(request, found, 422, **{name: form})


def _done(found: User, said: str) -> Done:
    return Done(reverse("grids:person", args=[found.pk]), said)


def _form(
    request: HttpRequest, act: str, found: User, at: datetime
) -> tuple[str, forms.Form | None]:
    data = request.POST
    if act == "edit":
        return "edit_form", PersonForm(data, auto_id="edit_%s")
    if act == "transfer":
        return "transfer_form", TransferForm(data, at=at, auto_id="transfer_%s")
    if act == "certify":
        return "certify_form", CertificateForm(data, auto_id="certify_%s")
    if act == "leave":
        return "leave_form", LeaveForm(data, person=found, at=at, auto_id="leave_%s")
    return "", None


def _edit(request: HttpRequest, found: User, given: dict[str, Any], at: datetime) -> str:
    edit_person(
        user_id=found.pk,
        version=form_version(request),
        told=PersonFacts(given["name"], given["phone"]),
        actor=request.user,  # type: ignore[arg-type]
        at=at,
    )
    return _("资料已改好。")


def _switch(request: HttpRequest, found: User, given: dict[str, Any], at: datetime) -> str:
    on = request.POST.get("active") == "1"
    switch_person(
        user_id=found.pk,
        version=form_version(request),
        active=on,
        actor=request.user,  # type: ignore[arg-type]
        at=at,
    )
    words = _("%(name)s的账号已启用。") if on else _("%(name)s的账号已停用，经过里他的名字不变。")
    return words % {"name": found.name}


def _transfer(request: HttpRequest, found: User, given: dict[str, Any], at: datetime) -> str:
    row_id = form_id(request, "membership") or 0
    row = get_object_or_404(Membership, pk=row_id, user=found)
    team = Team.objects.get(pk=given["team"])
    fresh = transfer_person(
        membership_id=row.pk,
        team=team,
        post=given["post"],
        since=given["since"],
        actor=request.user,  # type: ignore[arg-type]
        at=at,
    )
    words = {"day": f"{fresh.valid_from.astimezone(clock.LOCAL):%Y-%m-%d}", "team": team.name}
    return _("自 %(day)s 起在%(team)s。新单位的授权要另外给。") % words


def _certify(request: HttpRequest, found: User, given: dict[str, Any], at: datetime) -> str:
    actor: User = request.user  # type: ignore[assignment]
    certify(user=found, actor=actor, at=at, **given)
    return _("证书已登记。")


def _uncertify(request: HttpRequest, found: User, given: dict[str, Any], at: datetime) -> str:
    row_id = form_id(request, "qualification") or 0
    row = get_object_or_404(Qualification, pk=row_id, person=found)
    uncertify(qualification_id=row.pk, actor=request.user, at=at)  # type: ignore[arg-type]
    return _("证书已作废。")


def _register(request: HttpRequest, found: User, given: dict[str, Any], at: datetime) -> str:
    substitute = User.objects.filter(pk=given["substitute"]).first()
    row = register_leave(
        person=found,
        kind=given["kind"],
        first=given["first"],
        last=given["last"],
        reason=given["reason"],
        substitute=substitute,
        actor=request.user,  # type: ignore[arg-type]
        at=at,
    )
    words = {"days": f"{row.first_day:%m-%d} – {row.last_day:%m-%d}", "who": str(substitute)}
    if substitute is None:
        return _("已登记 %(days)s 请假，没有安排顶岗的人。") % words
    if row.deputy_id:
        return _("已登记 %(days)s 请假，由 %(who)s 顶岗，班也交给了他。") % words
    return _("已登记 %(days)s 请假，由 %(who)s 顶岗。") % words


def _end(request: HttpRequest, found: User, given: dict[str, Any], at: datetime) -> str:
    row_id = form_id(request, "leave") or 0
    row = get_object_or_404(Leave, pk=row_id, person=found)
    end_leave(leave_id=row.pk, actor=request.user, at=at)  # type: ignore[arg-type]
    return _("已销假，从今天起照常上班。")


def _cover(request: HttpRequest, found: User, given: dict[str, Any], at: datetime) -> str:
    row = get_object_or_404(Leave, pk=form_id(request, "leave") or 0, person=found)
    stands_in = get_object_or_404(User, pk=form_id(request, "substitute") or 0)
    name_substitute(leave_id=row.pk, substitute=stands_in, actor=request.user, at=at)  # type: ignore[arg-type]
    return _("由 %(who)s 顶岗，期间他的网格找 %(who)s。") % {"who": stands_in.name}


_ACTS: dict[str, Callable[[HttpRequest, User, dict[str, Any], datetime], str]] = {
    "edit": _edit,
    "switch": _switch,
    "transfer": _transfer,
    "certify": _certify,
    "uncertify": _uncertify,
    "leave": _register,
    "end-leave": _end,
    "cover": _cover,
}
_PLANNING = frozenset({"leave", "end-leave", "cover"})
