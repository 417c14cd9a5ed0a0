"""Accountability (问责): the list by what waits, one with its grounds and moves, its paper."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.keyset import Order, page_of
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from grids.access import access_of
from grids.policies import Access
from inspections.accountability_moves import ACCOUNT_MOVES, AccountMove
from inspections.accountability_sheet import accountability_docx, accountability_sheet
from inspections.choices import ACCOUNTABILITY_EVENTS, AccountabilityState
from inspections.forms_accountability import DecideForm, ProposeForm, WordsForm
from inspections.models import Accountability, AccountabilityEvent
from inspections.services.accountability import make_move, propose_by_hand, refusal_of, whom

PAGE = 30
NEWEST = Order("proposed_at")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = (Capability.ACCOUNT_PROPOSE, Capability.ACCOUNT_DECIDE, Capability.ACCOUNT_REPLY)
TABS = {
    "settle": (_("待决定"), (AccountabilityState.PROPOSED, AccountabilityState.APPEALED)),
    "reply": (_("待答复"), (AccountabilityState.DECIDED,)),
    "answered": (_("已答复"), (AccountabilityState.REPLIED, AccountabilityState.UPHELD)),
    "ended": (_("不问责、已撤回"), (AccountabilityState.DISMISSED, AccountabilityState.WITHDRAWN)),
    "all": (_("全部"), tuple(AccountabilityState.values)),
}
BUTTONS = {
    "decide": _("决定问责"),
    "dismiss": _("不予问责"),
    "reply": _("提交答复"),
    "appeal": _("提出申诉"),
    "uphold": _("维持原决定"),
    "grant": _("申诉成立，撤回"),
    "withdraw": _("撤回问责"),
}


@require_safe
def accountabilities(request: HttpRequest) -> HttpResponse:
    """What may be seen, by what waits; 403 for who has no part in it."""
    access = _access(request)
    if not any(access.can(each) for each in KINDS):
        raise Forbidden
    visible = Accountability.objects.visible_to(access)
    decides = access.can(Capability.ACCOUNT_DECIDE) or access.can(Capability.ACCOUNT_PROPOSE)
    tab = request.GET.get("tab", "") or ("settle" if decides else "reply")
    if tab not in TABS:
        raise Http404
    rows = visible.filter(state__in=TABS[tab][1]).for_list()
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = page_of(rows, NEWEST, after=after, before=before, size=PAGE)
    context = {
        "rows": page.rows,
        "at": clock.now(),
        "tabs": _tabs(visible, tab, decides),
        "may_propose": access.can(Capability.ACCOUNT_PROPOSE),
        "older": _address(page.older, tab),
        "newer": _address(page.newer, tab),
    }
    return render(request, "inspections/accountabilities.html", context)


def _tabs(rows: QuerySet, current: str, decides: bool) -> list[dict[str, Any]]:
    counts = dict(rows.order_by().values_list("state").annotate(count=Count("pk")))
    shown = TABS if decides else {key: TABS[key] for key in ("reply", "answered", "all")}
    return [
        {
            "label": label,
            "url": f"?tab={key}",
            "count": sum(counts.get(state, 0) for state in states),
            "current": key == current,
        }
        for key, (label, states) in shown.items()
    ]


def _address(cursor: dict[str, str], tab: str) -> str:
    return f"?{urlencode({**cursor, 'tab': tab})}" if cursor else ""


@require_http_methods(["GET", "HEAD", "POST"])
def accountability_new(request: HttpRequest) -> HttpResponse:
    """Proposing by hand; 403 without the right."""
    if not _access(request).can(Capability.ACCOUNT_PROPOSE):
        raise Forbidden
    data = request.POST if request.method == "POST" else None
    form = ProposeForm(data, initial={"cases": request.GET.get("case", "")[:40]})
    actor: User = request.user  # type: ignore[assignment]

    def act() -> Done:
        row = propose_by_hand(
            actor=actor,
            at=clock.now(),
            proposal=form.proposal(),
            case_numbers=form.cleaned_data["cases"],
        )
        said = say("已提出 %(number)s，等有权的人决定。") % {"number": row.number}
        return Done(reverse("inspections:accountability", args=[row.number]), said)

    if data is not None and form.is_valid():
        try:
            return act_once(request, act)
        except DomainError as error:
            _note(form, error)
    status = 422 if form.errors else 200
    return render(request, "inspections/accountability_new.html", {"form": form}, status=status)


@require_safe
def accountability(request: HttpRequest, number: str) -> HttpResponse:
    """One with its grounds, what may be done, and what happened; 404 out of scope."""
    row = _visible(request, number)
    return render(request, "inspections/accountability.html", _context(request, row, {}))


@require_POST
def accountability_move(request: HttpRequest, number: str, move_name: str) -> HttpResponse:
    """Make a move; 404 out of scope or for an unknown move, 403 without the right."""
    row = _visible(request, number)
    if move_name not in BUTTONS:
        raise Http404
    form = _form(move_name, request.POST)
    actor: User = request.user  # type: ignore[assignment]
    at = clock.now()
    move = next(each for each in ACCOUNT_MOVES if each.name == move_name)
    refused = refusal_of(row, move, _access(request), at)
    if isinstance(refused, Forbidden):
        raise refused

    def act() -> Done:
        done = make_move(
            row_id=row.pk,
            actor=actor,
            at=at,
            version=form_version(request),
            name=move_name,
            said=form.said(),
        )
        address = reverse("inspections:accountability", args=[row.number])
        return Done(address, say("已记下：%(state)s。") % {"state": done.get_state_display()})

    status = 422
    if form.is_valid():
        try:
            return act_once(request, act)
        except DomainError as error:
            _note(form, error)
            status = 422 if error.status == 400 else error.status
    context = _context(request, _visible(request, number), {move_name: form})
    return render(request, "inspections/accountability.html", context, status=status)


@require_safe
def accountability_paper(request: HttpRequest, number: str) -> HttpResponse:
    """The paper as it will be; 404 out of scope."""
    row = _visible(request, number)
    context = {"row": row, "sheet": accountability_sheet(row)}
    return render(request, "inspections/accountability_sheet.html", context)


@require_safe
def accountability_word(request: HttpRequest, number: str) -> HttpResponse:
    """The paper as a Word file; 404 out of scope."""
    row = _visible(request, number)
    response = HttpResponse(accountability_docx(row), content_type=WORD)
    name = f"{accountability_sheet(row).title}-{row.number}.docx"
    header = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = header or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def _access(request: HttpRequest) -> Access:
    return access_of(request.user)  # type: ignore[arg-type]


def _visible(request: HttpRequest, number: str) -> Accountability:
    rows = Accountability.objects.visible_to(_access(request)).for_list()
    return get_object_or_404(rows, number=number)


def _form(name: str, data: Any = None, row: Accountability | None = None) -> Any:
    if name == "decide":
        initial = {"level": row.proposed_level} if row else None
        return DecideForm(data, auto_id=f"{name}-%s", initial=initial)
    return WordsForm(data, auto_id=f"{name}-%s")


def _note(form: forms.Form, error: DomainError) -> None:
    form.add_error(error.field if error.field in form.fields else None, str(error.message))


def _context(request: HttpRequest, row: Accountability, tried: dict[str, Any]) -> dict[str, Any]:
    at = clock.now()
    access = _access(request)
    offered, refused = _offers(row, access, at, tried)
    events = row.events.select_related("private")
    return {
        "row": row,
        "whom": whom(row),
        "grounds": row.grounds.select_related("case"),
        "offers": offered,
        "why_not": refused,
        "late": bool(
            row.state == AccountabilityState.DECIDED and row.reply_due_at and row.reply_due_at < at
        ),
        "events": [_told(event) for event in events],
    }


def _offers(
    row: Accountability, access: Access, at: datetime, tried: dict[str, Any]
) -> tuple[Sequence[dict[str, Any]], str]:
    """The moves that may be made, each with its form; else why the person may not, once."""
    offers, why = [], ""
    for move in ACCOUNT_MOVES:
        if row.state not in move.sources:
            continue
        refused = refusal_of(row, move, access, at)
        if refused is None:
            offers.append(_offer(row, move, tried))
        elif isinstance(refused, Forbidden) and access.can_at(move.capability, row.place):
            why = str(refused.message)
    return offers, why


def _offer(row: Accountability, move: AccountMove, tried: dict[str, Any]) -> dict[str, Any]:
    form = tried.get(move.name)
    return {
        "name": move.name,
        "button": BUTTONS[move.name],
        "form": form or _form(move.name, row=row),
        "open": form is not None,
        "url": reverse("inspections:accountability_move", args=[row.number, move.name]),
    }


def _told(event: AccountabilityEvent) -> dict[str, Any]:
    body = event.private.body if hasattr(event, "private") else {}
    return {
        "at": event.at,
        "who": event.actor_label,
        "label": ACCOUNTABILITY_EVENTS[event.name],
        "words": body.get("note") or body.get("ground", ""),
        "machine": event.actor_id is None,
    }
