"""Importing an old ledger: send it, say what its columns mean, look at the errors, import."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.choices import TONES, LedgerState
from cases.forms_ledger import MappingForm, UploadForm
from cases.ledger_sheet import wrong_rows_sheet
from cases.models import LedgerImport
from cases.services import ledgers
from cases.services.ledger_runs import MAX_BYTES, RUNNING, UNFINISHED, may_import, progress_of
from cases.suggestions import usable_classes
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_id, form_version
from grids.access import access_of
from grids.models import Team

LISTED = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a list of imports shows is not in these.
_HEAVY = ("content", "findings", "preview", "words", "columns", "titles")


@require_http_methods(["GET", "HEAD", "POST"])
def ledger_imports(request: HttpRequest) -> HttpResponse:
    """The form for a file, and what was imported before; 403 without the right."""
    person: User = request.user  # type: ignore[assignment]
    may_import(person)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            return act_once(request, lambda: _upload(person, form))
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error("file" if error.field == "file" else None, str(error.message))
    rows = _rows().defer(*_HEAVY).order_by("-uploaded_at", "-pk")[:LISTED]
    context = {"form": form, "rows": [{"ledger": row, "tone": TONES[row.state]} for row in rows]}
    status = 422 if form.errors else 200
    return render(request, "cases/ledgers.html", context, status=status)


def _upload(person: User, form: UploadForm) -> Done:
    file = form.cleaned_data["file"]
    if file.size > MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        words = _("文件超过 %(limit)s MB，请分成几个文件再导入。") % {"limit": limit}
        raise DomainError("file", words, field="file")
    ledger = ledgers.upload_ledger(actor=person, at=clock.now(), name=file.name, data=file.read())
    words = {
        LedgerState.MAPPING: _("文件收到了。请看看各列选得对不对。"),
        LedgerState.READY: _("列和上次一样，查过了，没有错。"),
        LedgerState.WRONG: _("列和上次一样，查完了。"),
    }.get(LedgerState(ledger.state), _("列和上次一样，正在逐行检查。"))
    return Done(_page(ledger), words)


@require_safe
def ledger_import(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: its columns, its errors, its first rows, how far it is."""
    ledger = _ledger(request, pk)
    return _shown(request, ledger, _form(request, ledger))


def _form(request: HttpRequest, ledger: LedgerImport, data: Any = None) -> MappingForm | None:
    """The form of columns and words; None where there is nothing to say any more."""
    if ledger.state not in UNFINISHED:
        return None
    teams = Team.objects.filter(is_active=True, parent__isnull=False).order_by("code")
    access = access_of(request.user)  # type: ignore[arg-type]
    return MappingForm(
        data,
        ledger=ledger,
        samples=ledgers.samples_of(ledger),
        teams=list(teams) if ledger.findings.get("unknown", {}).get("team") else [],
        may_dispatch=access.can(Capability.CASE_DISPATCH),
    )


def _shown(request: HttpRequest, ledger: LedgerImport, form: MappingForm | None) -> HttpResponse:
    errors = ledger.findings.get("errors", [])
    context = {
        "ledger": ledger,
        "tone": TONES[ledger.state],
        "form": form,
        "upload": UploadForm(),
        "running": ledger.state in RUNNING,
        "stored": progress_of(ledger) if ledger.state == LedgerState.IMPORTING else 0,
        "errors": errors,
        "more_errors": ledger.findings.get("total", 0) - len(errors),
        "becomes": ledger.findings.get("becomes", {}),
        "classes": usable_classes() if form and form.words else [],
        "unsure": form is not None
        and (ledger.state == LedgerState.MAPPING or form.errors or form.words),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "cases/ledger.html", context, status=status)


@require_safe
def ledger_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a running import is; once it is over, the page is to be loaded anew."""
    ledger = _ledger(request, pk)
    if ledger.state not in RUNNING:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    stored = progress_of(ledger) if ledger.state == LedgerState.IMPORTING else 0
    return render(request, "cases/_ledger_progress.html", {"ledger": ledger, "stored": stored})


@require_POST
def ledger_map(request: HttpRequest, pk: int) -> HttpResponse:
    """What the columns and words mean; every row is checked then."""
    ledger = _ledger(request, pk)
    form = _form(request, ledger, request.POST)
    if form is None or not form.is_valid():
        return _shown(request, ledger, form)

    def act() -> Done:
        done = ledgers.map_ledger(
            ledger_id=pk,
            actor=request.user,  # type: ignore[arg-type]
            at=clock.now(),
            version=form_version(request),
            told=form.told,
        )
        words = {
            LedgerState.READY: _("查完了，可以导入。"),
            LedgerState.WRONG: _("查完了。"),
        }.get(LedgerState(done.state), _("正在逐行检查。"))
        return Done(_page(done), words)

    try:
        return act_once(request, act)
    except DomainError as refused:
        if refused.status != 400:
            raise
        form.refuse(refused)
        return _shown(request, ledger, form)


@require_POST
def ledger_head(request: HttpRequest, pk: int) -> HttpResponse:
    """Another line holds the titles."""
    _ledger(request, pk)

    def act() -> Done:
        ledger = ledgers.change_head(
            ledger_id=pk,
            actor=request.user,  # type: ignore[arg-type]
            version=form_version(request),
            head_line=form_id(request, "head_line") or 0,
        )
        words = _("已改用第 %(line)s 行作表头，请看看各列选得对不对。")
        return Done(_page(ledger), words % {"line": ledger.head_line})

    return act_once(request, act)


@require_POST
def ledger_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Import all rows."""
    _ledger(request, pk)

    def act() -> Done:
        ledger = ledgers.start_import(
            ledger_id=pk,
            actor=request.user,  # type: ignore[arg-type]
            at=clock.now(),
            version=form_version(request),
        )
        words = {
            LedgerState.DONE: _("已导入 %(count)s 件。") % {"count": ledger.new_count},
            LedgerState.WRONG: _("刚才又查出错来，一行也没有导入。"),
        }.get(LedgerState(ledger.state), _("开始导入，可以离开这一页。"))
        return Done(_page(ledger), words)

    return act_once(request, act)


@require_POST
def ledger_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the file up."""
    _ledger(request, pk)

    def act() -> Done:
        ledgers.drop_ledger(
            ledger_id=pk,
            actor=request.user,  # type: ignore[arg-type]
            version=form_version(request),
        )
        return Done(reverse("cases:ledger_imports"), _("已放弃，文件没有留下。"))

    return act_once(request, act)


@require_safe
def ledger_wrong_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The wrong rows as .xlsx, each with what is wrong."""
    ledger = _ledger(request, pk)
    content = wrong_rows_sheet(ledger.titles, ledgers.wrong_rows(ledger))
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="wrong-rows-{ledger.pk}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


def _rows() -> QuerySet[LedgerImport]:
    return LedgerImport.objects.select_related("actor")


def _ledger(request: HttpRequest, pk: int) -> LedgerImport:
    """The import; 403 without the right, 404 where there is none."""
    may_import(request.user)  # type: ignore[arg-type]
    return get_object_or_404(_rows(), pk=pk)


def _page(ledger: LedgerImport) -> str:
    return reverse("cases:ledger_import", args=[ledger.pk])
