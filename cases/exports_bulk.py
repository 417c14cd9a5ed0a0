"""Taking chosen cases out as a job: each case becomes a line, kept until the file was fetched."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from cases.caselist import ListView, uncut
from cases.cells import Reader
from cases.choices import BulkAct, BulkItemState, ExportKind
from cases.exports import Taking, heads_of, lines_of, written
from cases.models import BulkJob, Case
from cases.options import area_options
from cases.services.bulk_acts import ACTS, ANY, Act, Given
from cases.services.exporting import note_export
from citymgmt.models import User
from citymgmt.streams import Cell
from grids.access import access_of

_AT, _ON = "at", "on"


def register() -> None:
    """Add the export to what can be done to many cases; called once when the app is ready."""
    ACTS[BulkAct.EXPORT] = Act(BulkAct.EXPORT, None, ANY, _line, _check, note=_note)


def file_of(job: BulkJob, actor: User, kind: str, name: str, at: datetime) -> Iterator[bytes]:
    """The lines of a job as a table of that kind, piece by piece, as they were read; without
    cases that the person may see no more."""
    given = Given(**job.given)
    seen = Case.objects.visible_to(access_of(actor, at))
    done = job.items.filter(state=BulkItemState.DONE, line__isnull=False, case__in=seen)
    rows = done.order_by("position").values_list("line", flat=True)
    lines = ([_read(value) for value in line or ()] for line in rows.iterator(chunk_size=500))
    titles, widths = heads_of(_taking(given, Case.objects.none(), actor, at))
    return written(kind, titles, lines, widths=widths, name=name)


def _line(case: Case, actor: User, at: datetime, given: Given) -> list[Any]:
    taking = _taking(given, Case.objects.filter(pk=case.pk), actor, at)
    return [_kept(value) for line in lines_of(taking) for value in line]


def _taking(given: Given, rows: Any, actor: User, at: datetime) -> Taking:
    view = ListView.of(given.query, user=actor, at=at)
    areas = {option.value: option.label for option in area_options()}
    reader = Reader(at, user_id=actor.pk, areas=areas)
    return Taking(view.unjoined(rows), view.columns, reader, view.access, bool(given.contacts))


def _check(given: Given, at: datetime) -> None:
    """Whatever the query says: columns that are not known are left out."""
    uncut(given.query)


def _note(actor: User, at: datetime, given: Given, cases: int) -> object:
    return note_export(
        actor=actor,
        at=at,
        kind=ExportKind.XLSX,
        query=given.query,
        cases=cases,
        selected=True,
        with_contacts=bool(given.contacts),
    )


def _kept(value: Cell) -> Any:
    """A cell as JSON; moments and days are told apart from words."""
    if isinstance(value, datetime):
        return {_AT: value.isoformat()}
    return {_ON: value.isoformat()} if isinstance(value, date) else value


def _read(value: Any) -> Cell:
    if not isinstance(value, dict):
        found: Cell = value
        return found
    if _AT in value:
        return datetime.fromisoformat(value[_AT])
    return date.fromisoformat(value[_ON])
