"""The ledgers of streets and places as Excel files: template, import, export."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citymgmt import clock
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once
from citymgmt.spreadsheets import MAX_BYTES, MAX_ROWS, TableError
from grids.choices import PlaceKind
from grids.forms_places import SheetForm
from grids.place_export import table_of, template_of
from grids.place_lists import asked_of, rows_of
from grids.place_sheets import COLUMNS
from grids.services.place_import import import_places
from grids.services.shop_contacts import note_export
from grids.views.places import grid_access, may_edit_all

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _known(kind: str) -> PlaceKind:
    if kind not in PlaceKind.values:
        raise Http404
    return PlaceKind(kind)


@require_http_methods(["GET", "HEAD", "POST"])
def place_import(request: HttpRequest, kind: str) -> HttpResponse:
    """The form for a sheet, or what came of one: all of it, or every error by row and column."""
    access, known = grid_access(request), _known(kind)
    if not may_edit_all(access):
        raise Forbidden
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    refused: TableError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return act_once(request, lambda: _import(request, known, form))
        except TableError as error:
            refused = error
        except DomainError as error:
            if error.status != 400:
                raise
            form.add_error("file" if error.field == "file" else None, str(error.message))
    context = {
        "kind": known,
        "label": known.label,
        "form": form,
        "columns": COLUMNS[known],
        "most": MAX_ROWS,
        "errors": refused.errors if refused else [],
        "lines": len({error.line for error in refused.errors}) if refused else 0,
        "more": refused.total - len(refused.errors) if refused else 0,
        "wrong": refused is not None,
        "back": f"{reverse('grids:places')}?tab={known}",
    }
    status = 422 if form.errors or refused else 200
    return render(request, "grids/place_import.html", context, status=status)


def _import(request: HttpRequest, kind: PlaceKind, form: SheetForm) -> Done:
    file = form.cleaned_data["file"]
    if file.size > MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        words = _("文件超过 %(limit)s MB，请分成几个文件再导入。") % {"limit": limit}
        raise DomainError("file", words, field="file")
    actor: User = request.user  # type: ignore[assignment]
    outcome = import_places(file.read(), kind=kind, at=clock.now(), actor=actor)
    said = {
        "created": outcome.created,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
    }
    words = _("导入好了：新增 %(created)s，更改 %(changed)s，未变 %(unchanged)s。")
    return Done(f"{reverse('grids:places')}?tab={kind}", words % said)


@require_safe
def place_template(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    """The sheet to be filled in, with one row as an example."""
    grid_access(request)
    known = _known(kind)
    name = _("%(kind)s模板.xlsx") % {"kind": known.label}
    return _file(template_of(known), f"{known}-template.xlsx", name)


@require_POST
def place_export(request: HttpRequest, kind: str) -> StreamingHttpResponse:
    """The list as it is narrowed in the address, in the shape in which it can come in again.

    With `contacts` also how to reach the shops, which is noted; 403 without the right.
    """
    access, at = grid_access(request), clock.now()
    known = _known(kind)
    query = request.GET.copy()
    query["tab"] = known
    rows = rows_of(asked_of(query), access, at).order_by("code")
    contacts = known == PlaceKind.SHOPS and request.POST.get("contacts") == "1"
    if contacts:
        actor: User = request.user  # type: ignore[assignment]
        note_export(actor=actor, at=at, shops=rows.order_by().count())
    return _file(table_of(known, _whole(known, rows), contacts=contacts), *_names(known, at))


def _whole(kind: PlaceKind, rows: Any) -> Any:
    """Rows with their lines, which a list leaves unread."""
    return rows.defer(None).defer("search_grams") if kind == PlaceKind.SEGMENTS else rows


def _names(kind: PlaceKind, at: datetime) -> tuple[str, str]:
    day = at.astimezone(clock.LOCAL).strftime("%Y%m%d-%H%M")
    return f"{kind}-{day}.xlsx", f"{kind.label}-{day}.xlsx"


def _file(content: Iterator[bytes], plain: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    )
    response["Cache-Control"] = "private, no-store"
    return response
