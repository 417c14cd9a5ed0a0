"""What the pages of the grid show of a cell: who answers by part of the day, and its history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from grids.choices import SHIFT_MINUTES, Duty, LineageKind, Shift
from grids.facts import CELL_DUTIES, PARTS, REQUIRED, Cover, Hole, part_of
from grids.mapping import hole_words
from grids.models import Assignment, Cell, CellGeneration, CellLineage

_HOUR = 60


@dataclass(frozen=True, slots=True)
class CellRow:
    """A cell in the list: who answers now, and what is missing."""

    cell: Cell
    chief: Assignment | None
    enforcement: Assignment | None
    cleaning: Assignment | None
    holes: tuple[str, ...]
    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Part:
    """A column of the table of duties."""

    value: str
    label: str
    hours: str
    current: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """One duty in one part of the day. `empty` where somebody should answer and nobody does."""

    rows: tuple[Assignment, ...]
    current: bool
    empty: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A dated line of a cell's history."""

    at: datetime
    text: str


def row_of(cell: Cell, cover: Cover, at: datetime) -> CellRow:
    """A cell as the list shows it."""
    holes = cover.holes()
    return CellRow(
        cell=cell,
        chief=cover.at(Duty.CELL_CHIEF, at),
        enforcement=cover.at(Duty.ENFORCEMENT, at),
        cleaning=cover.at(Duty.CLEANING, at),
        holes=tuple(map(hole_words, holes)),
        missing=frozenset(hole.duty for hole in holes),
    )


def parts_of(at: datetime) -> list[Part]:
    """The parts of the day as columns."""
    running = part_of(at)
    return [
        Part(part, str(Shift(part).label), hours_of_part(part), part == running) for part in PARTS
    ]


def hours_of_part(part: str) -> str:
    """The hours of a part of the day as 6–14."""
    starts, ends = SHIFT_MINUTES[part]
    return f"{starts // _HOUR}–{ends // _HOUR}"


def seats(cover: Cover, at: datetime) -> list[dict[str, Any]]:
    """The table of duties: required ones always, the others where somebody has them."""
    running = part_of(at)
    missing = {hole.duty: hole for hole in cover.holes()}
    lines = []
    for duty in CELL_DUTIES:
        if duty not in REQUIRED and duty not in cover.by_duty:
            continue
        hole = missing.get(duty)
        lines.append(
            {
                "label": Duty(duty).label,
                "seats": [_seat(cover, duty, part, running, hole) for part in PARTS],
            }
        )
    return lines


def _seat(cover: Cover, duty: str, part: str, running: str, hole: Hole | None) -> Seat:
    rows = tuple(cover.during(duty, part))
    return Seat(rows, part == running, hole is not None and part in hole.parts)


def history(
    assignments: Iterable[Assignment],
    generations: Iterable[CellGeneration],
    limit: int,
    lineage: Iterable[CellLineage] = (),
    cell_id: int | None = None,
) -> list[Line]:
    """What changed in a cell, the newest first. An end that is a hand-over is told once.

    `lineage` are the rows in which the cell `cell_id` is child or parent; a first generation that
    came out of another cell is told by its origin alone.
    """
    rows = sorted(assignments, key=lambda row: row.valid_from)
    lineage = list(lineage)
    born = {one.at for one in lineage if one.child_id == cell_id}
    lines = [_lineage_line(one, cell_id) for one in lineage]
    lines += [_generation_line(row) for row in generations if row.valid_from not in born]
    ended: dict[tuple[str, str, datetime], Assignment] = {
        (row.duty, row.shift, row.valid_to): row for row in rows if row.valid_to
    }
    for row in rows:
        before = ended.pop((row.duty, row.shift, row.valid_from), None)
        lines.append(Line(row.valid_from, _begin_words(row, before)))
    lines += [Line(row.valid_to, _end_words(row)) for row in ended.values() if row.valid_to]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:limit]


def _generation_line(row: CellGeneration) -> Line:
    if row.number == 1:
        return Line(row.valid_from, _("划定网格"))
    return Line(row.valid_from, _("边界改为第 %(number)s 版") % {"number": row.number})


def _lineage_line(row: CellLineage, cell_id: int | None) -> Line:
    if row.child_id == cell_id:
        words = {
            LineageKind.SPLIT: _("由 %(code)s 拆出"),
            LineageKind.MERGED: _("%(code)s 并入"),
            LineageKind.RENUMBERED: _("由 %(code)s 改号"),
        }[LineageKind(row.kind)]
        return Line(row.at, words % {"code": row.parent.code})
    words = {
        LineageKind.SPLIT: _("拆出 %(code)s"),
        LineageKind.MERGED: _("并入 %(code)s"),
        LineageKind.RENUMBERED: _("改号为 %(code)s"),
    }[LineageKind(row.kind)]
    return Line(row.at, words % {"code": row.child.code})


def _begin_words(row: Assignment, before: Assignment | None) -> str:
    words: Mapping[str, object] = {"duty": _duty(row), "who": _who(row)}
    if before is None:
        return _("%(duty)s由 %(who)s 负责") % words
    return _("%(duty)s %(before)s 换成 %(who)s") % {**words, "before": _who(before)}


def _end_words(row: Assignment) -> str:
    return _("%(duty)s %(who)s 不再负责") % {"duty": _duty(row), "who": _who(row)}


def _duty(row: Assignment) -> str:
    shift = "" if row.shift == Shift.ALL_DAY else row.get_shift_display()
    return f"{row.get_duty_display()}{shift}"


def _who(row: Assignment) -> str:
    return f"{row.team.name} {row.person.name}" if row.person else row.team.name
