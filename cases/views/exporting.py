"""Taking a view of the case list out as a table or with its photos."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.caselist import ListView
from cases.cells import Reader
from cases.choices import ExportKind
from cases.exports import Taking, photos_of, table_of
from cases.models import Case
from cases.options import area_options
from cases.querysets import CaseQuerySet
from cases.services.exporting import MOST_CASES, note_export
from citymgmt import clock
from citymgmt.counting import count_capped
from citymgmt.errors import DomainError
from citymgmt.models import User

MOST_SELECTED = 5000
_TYPES = {
    ExportKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportKind.CSV: "text/csv; charset=utf-8",
    ExportKind.PHOTOS: "application/zip",
}
TABLES = (ExportKind.XLSX, ExportKind.CSV)
"""The files that are a table."""
_ENDINGS = {ExportKind.XLSX: "xlsx", ExportKind.CSV: "csv", ExportKind.PHOTOS: "zip"}


@require_POST
def case_export(request: HttpRequest) -> StreamingHttpResponse:
    """The view whose query is in the form as a file: `format` xlsx, csv or photos.

    `ids` (case ids with commas between) takes only those of it, `contacts` adds how to reach the
    reporters, `originals` takes photos as received. Who took out what is noted first.
    """
    at = clock.now()
    user: User = request.user  # type: ignore[assignment]
    kind = request.POST.get("format", "")
    if kind not in ExportKind.values:
        raise DomainError("format", _("请选择导出成什么文件。"), field="format")
    view = ListView.of(request.POST.get("query", ""), user=user, at=at)
    ids = _selected(request.POST.get("ids", ""))
    rows = _rows(view, ids)
    contacts = bool(request.POST.get("contacts")) and kind != ExportKind.PHOTOS
    # What is refused after all was not taken out, and is not noted.
    with transaction.atomic():
        note_export(
            actor=user,
            at=at,
            kind=kind,
            query=view.bare_query,
            cases=count_capped({"rows": (rows, MOST_CASES)})["rows"],
            selected=bool(ids),
            with_contacts=contacts,
        )
        if kind == ExportKind.PHOTOS:
            cases = list(_ordered(rows, view))
            originals = bool(request.POST.get("originals"))
            return file_response(photos_of(cases, view.access, originals=originals), kind, at)
    return file_response(table_of(_taking(view, rows, contacts), kind, _("案件")), kind, at)


def _taking(view: ListView, rows: CaseQuerySet, contacts: bool) -> Taking:
    areas = {option.value: option.label for option in area_options()}
    reader = Reader(view.at, user_id=view.user.pk, areas=areas)
    shown = _ordered(view.unjoined(rows), view)
    return Taking(shown, view.columns, reader, view.access, contacts)


def _selected(text: str) -> list[int]:
    """The ids of a selection; raises DomainError for anything else."""
    parts = [part for part in text.split(",") if part]
    if len(parts) > MOST_SELECTED:
        words = _("一次最多选 %(most)s 件。") % {"most": MOST_SELECTED}
        raise DomainError("ids", words, field="ids")
    if not all(part.isascii() and part.isdigit() and len(part) < 18 for part in parts):
        raise DomainError("ids", _("选中的案件不对，请回列表重新选。"), field="ids")
    return [int(part) for part in parts]


def _rows(view: ListView, ids: list[int]) -> CaseQuerySet:
    """The rows of the view; of a selection those that the person may see, whatever the view."""
    if not ids:
        return view.rows()
    return Case.objects.visible_to(view.access).filter(pk__in=ids)


def _ordered(rows: CaseQuerySet, view: ListView) -> CaseQuerySet:
    sign = "-" if view.order.descending else ""
    return rows.order_by(f"{sign}{view.order.column}", f"{sign}id")


def file_response(content: Iterator[bytes], kind: str, at: datetime) -> StreamingHttpResponse:
    """A file of cases to be kept, sent while it is made."""
    day = at.astimezone(clock.LOCAL).strftime("%Y%m%d-%H%M")
    name = f"{_('案件')}-{day}.{_ENDINGS[ExportKind(kind)]}"
    response = StreamingHttpResponse(content, content_type=_TYPES[ExportKind(kind)])
    response["Content-Disposition"] = (
        f'attachment; filename="cases-{day}.{_ENDINGS[ExportKind(kind)]}"; '
        f"filename*=UTF-8''{quote(name)}"
    )
    response["Cache-Control"] = "private, no-store"
    return response
