"""Problem ledgers (问题台帐): list, one by clause and unit, its import, its items."""

import base64
import zlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django import forms
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import Case
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_id, form_version
from citymgmt.spreadsheets import TableError
from grids.access import access_of
from grids.policies import Access
from grids.services.rights import EVERYWHERE
from inspections.facts.problem_ledgers import (
    ItemLine,
    by_unit,
    clause_lines,
    linked_cases,
    states_of,
    whole,
    wholes,
)
from inspections.forms_ledgers import LedgerForm, LedgerSheetForm, LinkForm, SignForm
from inspections.ledger_sheet import COLUMNS, HOW, example_sheet
from inspections.models import LedgerItem, ProblemLedger
from inspections.services.ledger_import import MOST_ROWS, import_ledger, preview_ledger
from inspections.services.problem_ledgers import (
    create_ledger,
    link_cases,
    refusal_to_sign,
    sign_item,
    take_back,
    unlink_case,
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTED = 100
_SALT = "inspections.problem_ledgers"
_HELD_SECONDS = 3600
_MOST_HELD = 1024 * 1024


def _access(request: HttpRequest) -> Access:
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.CASE_VIEW):
        raise Forbidden
    return access


def _edits(access: Access) -> bool:
    return access.can_at(Capability.LEDGER_EDIT, EVERYWHERE)


def editing(request: HttpRequest) -> Access:
    """What the person may do, who keeps ledgers; raises Forbidden."""
    access = _access(request)
    if not _edits(access):
        raise Forbidden
    return access


def actor_of(request: HttpRequest) -> User:
    """Who asks."""
    return request.user  # type: ignore[return-value]


def find_ledger(code: str) -> ProblemLedger:
    """The ledger of this code, or 404."""
    return get_object_or_404(ProblemLedger.objects.select_related("campaign"), code=code)


def _note(form: forms.Form, error: DomainError) -> None:
    if error.status != 400:
        raise error
    form.add_error(error.field if error.field in form.fields else None, str(error.message))


@require_safe
def problem_ledgers(request: HttpRequest) -> HttpResponse:
    """All ledgers, the newest first, each with how much is struck off."""
    access = _access(request)
    rows = list(ProblemLedger.objects.select_related("campaign")[:LISTED])
    tallies = wholes(rows[:20])
    context = {
        "rows": [(row, tallies.get(row.pk)) for row in rows],
        "may_edit": _edits(access),
    }
    return render(request, "inspections/problem_ledgers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def problem_ledger_new(request: HttpRequest) -> HttpResponse:
    """Beginning a ledger; 403 without the right."""
    editing(request)
    form = LedgerForm(request.POST if request.method == "POST" else None)

    def act() -> Done:
        row = create_ledger(actor=actor_of(request), **form.cleaned_data)
        said = _("已建立 %(name)s，接着导入清单。") % {"name": row.name}
        return Done(reverse("inspections:problem_ledger_import", args=[row.code]), said)

    if request.method == "POST" and form.is_valid():
        try:
            return act_once(request, act)
        except DomainError as error:
            _note(form, error)
    status = 422 if form.errors else 200
    return render(request, "inspections/problem_ledger_new.html", {"form": form}, status=status)


@require_safe
def problem_ledger(request: HttpRequest, code: str) -> HttpResponse:
    """One ledger: clauses with their items, progress by clause and by unit."""
    access = _access(request)
    row = find_ledger(code)
    lines = clause_lines(row)
    context = {
        "ledger": row,
        "lines": lines,
        "units": by_unit(lines),
        "whole": whole(lines),
        "may_edit": _edits(access),
        "left": (row.inspection_on - clock.today()).days if row.inspection_on else None,
    }
    return render(request, "inspections/problem_ledger.html", context)


@require_safe
def problem_ledger_example(request: HttpRequest) -> StreamingHttpResponse:
    """The sheet to be written over, with the headings of the national standard."""
    _access(request)
    response = StreamingHttpResponse(example_sheet(), content_type=XLSX)
    name = quote(_("问题台帐示例.xlsx"))
    response["Content-Disposition"] = (
        f"attachment; filename=\"problem-ledger.xlsx\"; filename*=UTF-8''{name}"
    )
    response["Cache-Control"] = "private, no-store"
    return response


# --- The import ---------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def problem_ledger_import(request: HttpRequest, code: str) -> HttpResponse:
    """A sheet looked at: what it would change, or every error by row and column."""
    editing(request)
    row = find_ledger(code)
    posted = request.method == "POST"
    form = LedgerSheetForm(request.POST, request.FILES) if posted else LedgerSheetForm()
    context: dict[str, Any] = {"ledger": row, "form": form, "columns": COLUMNS, "how": HOW}
    context |= {"most": MOST_ROWS, "errors": [], "preview": None}
    if posted and form.is_valid():
        data = form.cleaned_data["file"].read()
        try:
            context["preview"] = preview_ledger(
                ledger_id=row.pk, data=data, actor=actor_of(request)
            )
            context["token"] = held_sheet(data)
        except TableError as error:
            context |= _refused(error)
        except DomainError as error:
            _note(form, error)
    wrong = form.errors or context["errors"]
    return render(
        request, "inspections/problem_ledger_import.html", context, status=422 if wrong else 200
    )


def _refused(error: TableError) -> dict[str, Any]:
    return {
        "errors": error.errors,
        "wrong_lines": len({each.line for each in error.errors}),
        "more": error.total - len(error.errors),
    }


def held_sheet(data: bytes) -> str:
    """The sheet that was looked at, signed: what is taken in is what was shown."""
    packed = base64.b64encode(zlib.compress(data)).decode()
    if len(packed) > _MOST_HELD:
        raise DomainError("file", _("文件太大，请删去图片和格式，或分几次导。"), field="file")
    return signing.dumps(packed, salt=_SALT)


@require_POST
def problem_ledger_apply(request: HttpRequest, code: str) -> HttpResponse:
    """Take in what was looked at; 403 without the right."""
    editing(request)
    row = find_ledger(code)
    try:
        packed = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=_HELD_SECONDS)
    except signing.BadSignature as error:
        raise DomainError("token", _("页面已过期，请重新选文件。")) from error
    data = zlib.decompress(base64.b64decode(packed))

    def act() -> Done:
        try:
            done = import_ledger(ledger_id=row.pk, data=data, actor=actor_of(request))
        except TableError as error:
            raise DomainError("sheet", str(error)) from error
        words = {"clauses": done.clauses.created, "items": done.items.created}
        said = _("导入好了：新增条款 %(clauses)s，问题 %(items)s。") % words
        return Done(reverse("inspections:problem_ledger", args=[row.code]), said)

    return act_once(request, act)


# --- Items --------------------------------------------------------------------------------------


def find_item(ledger: ProblemLedger, pk: int) -> LedgerItem:
    """An item of a ledger with what its page shows, or 404."""
    rows = LedgerItem.objects.select_related("clause__team", "team", "signed_by")
    return get_object_or_404(rows, clause__ledger=ledger, pk=pk)


@require_safe
def ledger_item(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One item: its cases, whether they are right, its signatures."""
    access = _access(request)
    row = find_ledger(code)
    return render(
        request, "inspections/ledger_item.html", _item_context(row, find_item(row, pk), access, {})
    )


def _item_context(
    ledger: ProblemLedger, item: LedgerItem, access: Access, tried: dict[str, forms.Form]
) -> dict[str, Any]:
    refused = refusal_to_sign(item, access, clock.now())
    one = LedgerItem.objects.filter(pk=item.pk)
    links = list(linked_cases(one).select_related("case__category").order_by("pk"))
    seen = Case.objects.visible_to(access).filter(pk__in=[link.case_id for link in links])
    signs = access.can_at(Capability.LEDGER_SIGN, EVERYWHERE)
    return {
        "ledger": ledger,
        "item": item,
        "line": ItemLine(item, states_of(one)[item.pk]),
        "links": links,
        # A case out of one's reach is named by its number alone.
        "seen": set(seen.values_list("pk", flat=True)),
        "signatures": item.signatures.select_related("by"),
        "may_edit": _edits(access) and item.signed_at is None,
        "may_sign": refused is None,
        "why_not": str(refused.message) if refused is not None and signs else "",
        "link_form": tried.get("link") or LinkForm(),
        "sign_form": tried.get("sign") or SignForm(auto_id="sign-%s"),
    }


@require_POST
def ledger_item_act(request: HttpRequest, code: str, pk: int, act: str) -> HttpResponse:
    """Tie a case, untie one, sign, take back; 404 for anything else."""
    access = _access(request)
    row = find_ledger(code)
    item = find_item(row, pk)
    makers: dict[str, tuple[forms.Form, Callable[[forms.Form], str]]] = {
        "link": (LinkForm(request.POST), lambda form: _link(request, item, form)),
        "unlink": (forms.Form(request.POST), lambda form: _unlink(request, item)),
        "sign": (_sign_form(request), lambda form: _sign(request, item, form)),
        "take-back": (_sign_form(request), lambda form: _take_back(request, item, form)),
    }
    if act not in makers:
        raise Http404
    form, make = makers[act]
    _refuse(act, item, access)
    address = reverse("inspections:ledger_item", args=[row.code, item.pk])
    status = 422
    if form.is_valid():
        try:
            return act_once(request, lambda: Done(address, make(form)))
        except DomainError as error:
            if act == "unlink":  # a button: there is no form of it to say so in
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
            status = 422 if error.status == 400 else error.status
    tried = {"link" if act == "link" else "sign": form}
    context = _item_context(row, find_item(row, pk), access, tried)
    return render(request, "inspections/ledger_item.html", context, status=status)


def _refuse(act: str, item: LedgerItem, access: Access) -> None:
    """Raise Forbidden for who may not: to tie by the right, to sign also for the own team."""
    if act in ("link", "unlink"):
        if not _edits(access):
            raise Forbidden
        return
    refused = refusal_to_sign(item, access, clock.now())
    if refused is not None:
        raise refused


def _sign_form(request: HttpRequest) -> SignForm:
    return SignForm(request.POST, auto_id="sign-%s")


def _link(request: HttpRequest, item: LedgerItem, form: forms.Form) -> str:
    link_cases(
        item_id=item.pk,
        actor=actor_of(request),
        at=clock.now(),
        version=form_version(request),
        numbers=form.cleaned_data["cases"],
    )
    return _("案件已挂上。")


def _unlink(request: HttpRequest, item: LedgerItem) -> str:
    unlink_case(
        item_id=item.pk,
        actor=actor_of(request),
        version=form_version(request),
        case_id=form_id(request, "case") or 0,
    )
    return _("案件已取下。")


def _sign(request: HttpRequest, item: LedgerItem, form: forms.Form) -> str:
    sign_item(
        item_id=item.pk,
        actor=actor_of(request),
        at=clock.now(),
        version=form_version(request),
        note=form.cleaned_data["note"],
    )
    return _("已销号。")


def _take_back(request: HttpRequest, item: LedgerItem, form: forms.Form) -> str:
    take_back(
        item_id=item.pk,
        actor=actor_of(request),
        at=clock.now(),
        version=form_version(request),
        note=form.cleaned_data["note"],
    )
    return _("销号已撤回。")
