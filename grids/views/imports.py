"""导入导出: a file of cells is sent, looked at on the map, and imported as a whole."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from grids.choices import CHANGE_TONES, IMPORT_TONES, CellChange, GridImportState
from grids.formats.base import MAX_BYTES
from grids.formats.systems import CHOICES, name_of
from grids.forms_import import ExportForm, MappingForm, StartForm, UploadForm
from grids.models import GridImport
from grids.services import grid_imports as services
from grids.services.grid_import_preview import Row, unpacked_drawing, unpacked_rows
from grids.services.grid_import_runs import RUNNING, UNFINISHED, may_import, progress_of

LISTED = 30
ROWS = 100
# What a list of imports shows is not in these.
_HEAVY = ("content", "findings", "rows", "drawn", "samples", "names", "mapping", "options")


@require_http_methods(["GET", "HEAD", "POST"])
def grid_imports(request: HttpRequest) -> HttpResponse:
    """The forms for a file in and a file out, and what was imported before; 403 without the
    right."""
    person: User = request.user  # type: ignore[assignment]
    may_import(person)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            return act_once(request, lambda: _upload(person, form))
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    return listed(request, form, ExportForm(at=clock.now()))


def listed(request: HttpRequest, form: UploadForm, export: ExportForm) -> HttpResponse:
    """The page with both forms; 422 where one says what is wrong."""
    rows = _rows().defer(*_HEAVY).order_by("-uploaded_at", "-pk")[:LISTED]
    context = {
        "upload": form,
        "export": export,
        "rows": [{"row": row, "tone": IMPORT_TONES[row.state]} for row in rows],
    }
    status = 422 if form.errors or export.errors else 200
    return render(request, "grids/imports.html", context, status=status)


def _upload(person: User, form: UploadForm) -> Done:
    file = form.cleaned_data["file"]
    # One byte more than is ever taken tells that it is too much.
    row = services.upload_grid_import(
        actor=person,
        at=clock.now(),
        name=file.name,
        data=file.read(MAX_BYTES + 1),
        system=form.cleaned_data["system"],
    )
    return Done(_page(row), _said(row))


def _said(row: GridImport) -> str:
    """What became of a file that was just read."""
    return {
        GridImportState.MAPPING: _("文件收到了。请选各项是什么。"),
        GridImportState.READY: _("查过了，没有错；看看地图上对不对，再导入。"),
        GridImportState.WRONG: _("查完了，有错要改。"),
        GridImportState.DONE: _("已导入。"),
    }.get(GridImportState(row.state), _("文件收到了，后台正在处理。"))


@require_safe
def grid_import(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: what it would do on the map and as a list, its errors, how far it is."""
    row = _row(request, pk)
    return _shown(request, row)


def _shown(
    request: HttpRequest,
    row: GridImport,
    form: MappingForm | None = None,
    start: StartForm | None = None,
) -> HttpResponse:
    open_ended = row.state in UNFINISHED
    form = form or (MappingForm(row=row) if open_ended else None)
    ready = row.state == GridImportState.READY
    if start is None and ready:
        start = StartForm(at=clock.now(), gone=row.counts.get(CellChange.GONE, 0))
    errors = row.findings.get("errors", [])
    context = {
        "row": row,
        "tone": IMPORT_TONES[row.state],
        "running": row.state in RUNNING,
        "stored": progress_of(row) if row.state == GridImportState.IMPORTING else 0,
        "form": form,
        "upload": UploadForm() if row.state == GridImportState.WRONG else None,
        "start": start,
        "touched": sum(row.counts.get(key, 0) for key in (CellChange.NEW, CellChange.CHANGED)),
        "errors": errors,
        "more_errors": row.findings.get("total", 0) - len(errors),
        "system": _system(row) if row.kind else "",
        **_listed_rows(request, row),
    }
    wrong = any(one is not None and one.errors for one in (form, start))
    return render(request, "grids/grid_import.html", context, status=422 if wrong else 200)


def _system(row: GridImport) -> str:
    """By which system the file is read, in words."""
    chosen = row.options.get("system", "")
    if chosen:
        return str(CHOICES[chosen])
    if row.declared:
        return _("%(name)s，文件里写的") % {"name": name_of(row.declared)}
    return _("%(name)s，文件没写，按它读") % {"name": CHOICES["wgs84"]}


def _listed_rows(request: HttpRequest, row: GridImport) -> dict[str, Any]:
    """A page of the list twin, and the tabs above it."""
    rows = unpacked_rows(bytes(row.rows)) if row.rows else []
    wanted = request.GET.get("change", "")
    if wanted not in CellChange.values:
        wanted = _first_of(rows)
    shown = [one for one in rows if one.change == wanted]
    start = _start(request, len(shown))
    end = start + ROWS
    page_of = f"?change={wanted}&after="
    return {
        "changes": [
            {
                "value": change,
                "label": CellChange(change).label,
                "tone": CHANGE_TONES[change],
                "count": row.counts.get(change, 0),
                "current": change == wanted,
            }
            for change in CellChange.values
        ],
        "rows": shown[start:end],
        "older": f"{page_of}{end}#cells" if end < len(shown) else "",
        "newer": f"{page_of}{max(start - ROWS, 0)}#cells" if start else "",
        "shown": len(shown),
        "has_rows": bool(rows),
    }


def _first_of(rows: list[Row]) -> str:
    """The kind of the first row: what is wrong, else what changes."""
    return rows[0].change if rows else CellChange.NEW.value


def _start(request: HttpRequest, count: int) -> int:
    """Where the page of the list begins: it never changes, so that its places are its keys."""
    text = request.GET.get("after", "")
    asked = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    return asked if asked < count else 0


@require_safe
def import_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file would do, as GeoJSON for the map."""
    row = _row(request, pk)
    response = HttpResponse(unpacked_drawing(bytes(row.drawn)), content_type="application/geo+json")
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a running import is; once it is over, the page is to be loaded anew."""
    row = _row(request, pk)
    if row.state not in RUNNING:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    stored = progress_of(row) if row.state == GridImportState.IMPORTING else 0
    return render(request, "grids/_import_progress.html", {"row": row, "stored": stored})


@require_POST
def import_map(request: HttpRequest, pk: int) -> HttpResponse:
    """What the properties mean; every feature is checked then."""
    row = _row(request, pk)
    form = MappingForm(request.POST, row=row)
    if row.state not in UNFINISHED or not form.is_valid():
        return _shown(request, row, form if row.state in UNFINISHED else None)

    def act() -> Done:
        done = services.map_grid_import(
            import_id=pk,
            actor=request.user,  # type: ignore[arg-type]
            at=clock.now(),
            version=form_version(request),
            told=form.told,
        )
        return Done(_page(done), _said(done))

    try:
        return act_once(request, act)
    except DomainError as refused:
        if refused.status != 400:
            raise
        form.refuse(refused)
        return _shown(request, row, form)


@require_POST
def import_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Import all of it."""
    row = _row(request, pk)
    form = StartForm(request.POST, at=clock.now(), gone=row.counts.get(CellChange.GONE, 0))
    if row.state == GridImportState.READY and not form.is_valid():
        return _shown(request, row, start=form)
    form.full_clean()

    def act() -> Done:
        done = services.start_grid_import(
            import_id=pk,
            actor=request.user,  # type: ignore[arg-type]
            at=clock.now(),
            version=form_version(request),
            since=form.cleaned_data.get("since"),
            close_gone=form.cleaned_data.get("close_gone", False),
        )
        return Done(_page(done), _said(done))

    try:
        return act_once(request, act)
    except DomainError as refused:
        if refused.status != 400 or refused.field not in form.fields:
            raise
        form.add_error(refused.field, str(refused.message))
        return _shown(request, row, start=form)


@require_POST
def import_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the file up."""
    _row(request, pk)

    def act() -> Done:
        services.drop_grid_import(
            import_id=pk,
            actor=request.user,  # type: ignore[arg-type]
            version=form_version(request),
        )
        return Done(reverse("grids:imports"), _("已放弃，文件没有留下。"))

    return act_once(request, act)


def _rows() -> QuerySet[GridImport]:
    return GridImport.objects.select_related("actor")


def _row(request: HttpRequest, pk: int) -> GridImport:
    """The import; 403 without the right, 404 where there is none."""
    may_import(request.user)  # type: ignore[arg-type]
    return get_object_or_404(_rows().defer("content"), pk=pk)


def _page(row: GridImport) -> str:
    return reverse("grids:grid_import", args=[row.pk])
