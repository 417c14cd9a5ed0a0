"""What the imports of streets, places and shops have in common: reading, matching, storing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.services.numbering import numbers_in
from citymgmt.spreadsheets import Findings, read_xlsx
from grids.choices import PlaceAct
from grids.models import Cell, PlaceEdit, RoadSegment, Shop, Site
from grids.place_sheets import COLUMNS, Reader
from grids.services.place_edits import differences, edit_of, told
from grids.services.placing import Spot, Standing, stand
from grids.services.sites import Problem

BATCH = 1000
NO_CELL = _("没有编码为 %(code)s 的网格，请核对或空着。")
NO_SEGMENT = _("没有编码为 %(code)s 的在用路段，请核对或空着。")
Key = tuple[str, ...]
R = TypeVar("R", RoadSegment, Site, Shop)


@dataclass
class Wanted(Generic[R]):
    """A row of the file: the columns that it asks for, and the row that stands, if there is one."""

    reader: Reader
    columns: dict[str, Any]
    row: R | None = None

    @property
    def code(self) -> str:
        """The code that the file gives; may be empty."""
        return self.reader.text("code")


def known_cells() -> dict[str, tuple[int, str]]:
    """Id and division of every cell by its code."""
    rows = Cell.objects.values_list("code", "pk", "area__code")
    return {code: (pk, area) for code, pk, area in rows}


def readers(data: bytes, kind: str, findings: Findings) -> list[Reader]:
    """The rows of a sheet, each with what reads its cells; raises TableError."""
    rows = read_xlsx(data, COLUMNS[kind], findings=findings)
    return [Reader(kind, row, findings) for row in rows]


def note_problems(reader: Reader, problems: Iterable[Problem]) -> None:
    """Note what is wrong with a draft at its columns; an empty cell was noted before."""
    for name, words in problems:
        if name == "name" and not reader.text("name"):
            continue
        if name == "address" and not reader.text("address"):
            continue
        reader.add(name, words)


def read_standing(
    reader: Reader,
    cells: Mapping[str, tuple[int, str]],
    at: datetime,
    segment_id: int | None = None,
) -> Standing | None:
    """Where a row stands; None where that is wrong, which is noted.

    `cells` gives id and division by code.
    """
    named = reader.text("cell")
    if named and named not in cells:
        reader.add("cell", str(NO_CELL) % {"code": named})
    lon, lat = reader.degrees("lon"), reader.degrees("lat")
    if any(reader.text(key) and value is None for key, value in (("lon", lon), ("lat", lat))):
        return None
    spot = Spot(lon, lat, segment_id=segment_id)
    try:
        standing = stand(spot, at=at)
    except DomainError as error:
        reader.add(error.field, error.message)
        return None
    if named not in cells:
        return standing
    cell_id, area_code = cells[named]
    return Standing(
        standing.lon, standing.lat, standing.morton, cell_id, area_code, standing.segment_id
    )


def check_once(wanted: Sequence[Wanted[R]], keys: Sequence[Key]) -> None:
    """Note rows that say the same thing twice: by code, or by the key of those without one."""
    lines: dict[Key, int] = {}
    for each, key in zip(wanted, keys, strict=True):
        line = each.reader.row.line
        if key in lines:
            words = _("与第 %(line)s 行重复，请删去一行。") % {"line": lines[key]}
            each.reader.add("code" if each.code else "name", words)
        lines.setdefault(key, line)


def refuse_ended(wanted: Iterable[Wanted[R]], ended: set[str]) -> None:
    """Note codes of rows that have ended."""
    for each in wanted:
        if each.code in ended:
            each.reader.add("code", _("这个编码已停用，请换一个。"))


def store(
    wanted: Sequence[Wanted[R]],
    model: type[R],
    *,
    at: datetime,
    actor: User | None,
    numbering: tuple[str, str] | None = None,
    touched: Mapping[int, Mapping[str, Any]] | None = None,
) -> Outcome:
    """Write new and changed rows with their records, and give every `Wanted` its row.

    `numbering` (prefix, series) gives codes to those without one. `touched` says by the position
    of a row what else of it changed.
    """
    new = [each for each in wanted if each.row is None]
    codes = iter(_codes(new, model, numbering))
    made: list[R] = []
    for each in new:
        each.row = model(code=each.code or next(codes), valid_from=at, **each.columns)
        made.append(each.row)
    model._default_manager.bulk_create(made, batch_size=BATCH)
    fresh = {id(each) for each in new}
    edits: list[PlaceEdit] = []
    changed: list[R] = []
    for position, each in enumerate(wanted):
        row: Any = each.row
        if id(each) in fresh:
            edits.append(edit_of(row, PlaceAct.IMPORTED, actor=actor, at=at, changes={}))
            continue
        different = differences(row, each.columns)
        more = (touched or {}).get(position, {})
        if different or more:
            changes = told(row, different) | dict(more)
            edits.append(edit_of(row, PlaceAct.IMPORTED, actor=actor, at=at, changes=changes))
            for name, value in different.items():
                setattr(row, name, value)
            changed.append(row)
    _update(model, changed, wanted)
    PlaceEdit.objects.bulk_create(edits, batch_size=BATCH)
    return Outcome(len(new), len(changed), len(wanted) - len(new) - len(changed))


def _update(model: type[R], changed: Sequence[R], wanted: Sequence[Wanted[R]]) -> None:
    if not changed:
        return
    model._default_manager.bulk_update(changed, list(wanted[0].columns), batch_size=BATCH)
    ids = [row.pk for row in changed]
    model._default_manager.filter(pk__in=ids).update(version=F("version") + 1)


def _codes(
    new: Sequence[Wanted[R]], model: type[R], numbering: tuple[str, str] | None
) -> list[str]:
    """As many free numbers as there are new rows without a code."""
    count = sum(1 for each in new if not each.code)
    found: list[str] = []
    while numbering and len(found) < count:
        prefix, series = numbering
        tried = [f"{prefix}{n:05d}" for n in numbers_in(series, count - len(found))]
        given = {each.code for each in new}
        taken = set(model._default_manager.filter(code__in=tried).values_list("code", flat=True))
        found += [code for code in tried if code not in taken and code not in given]
    return found
