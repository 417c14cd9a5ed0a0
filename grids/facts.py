"""Who answers for what, read at once for a whole grid: cover by part of the day, and holes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.db.models import Q, QuerySet

from citymgmt import clock
from citymgmt.models import User
from grids.choices import Duty
from grids.hours import PART_MINUTES, PARTS, minutes
from grids.models import Assignment, CellGeneration, Team

REQUIRED: tuple[str, ...] = (Duty.CELL_CHIEF, Duty.ENFORCEMENT, Duty.CLEANING)
"""Duties without which a cell has a hole."""

CELL_DUTIES: tuple[str, ...] = tuple(duty for duty in Duty.values if duty != Duty.STREET_CHIEF)
"""Duties that a cell can have; a street chief has a road segment."""


def part_of(at: datetime) -> str:
    """The part of the day in which a moment lies."""
    local = at.astimezone(clock.LOCAL)
    bit = 1 << (local.hour * 60 + local.minute)
    return next(part for part in PARTS if PART_MINUTES[part] & bit)


@dataclass(frozen=True, slots=True)
class Hole:
    """A duty that nobody answers for, in which parts of the day."""

    duty: str
    parts: tuple[str, ...]

    @property
    def whole_day(self) -> bool:
        """Whether nobody answers at any hour."""
        return len(self.parts) == len(PARTS)


@dataclass(slots=True)
class Cover:
    """The assignments of one cell in force, by duty."""

    by_duty: dict[str, list[Assignment]] = field(default_factory=dict)

    def during(self, duty: str, part: str) -> list[Assignment]:
        """Assignments whose hours touch the part of the day, the earlier first."""
        wanted = PART_MINUTES[part]
        return [row for row in self.by_duty.get(duty, ()) if hours_of(row) & wanted]

    def at(self, duty: str, moment: datetime) -> Assignment | None:
        """Who answers at the moment."""
        local = moment.astimezone(clock.LOCAL)
        bit = 1 << (local.hour * 60 + local.minute)
        return next((row for row in self.by_duty.get(duty, ()) if hours_of(row) & bit), None)

    def holes(self) -> list[Hole]:
        """Required duties that are not answered for around the clock."""
        found = []
        for duty in REQUIRED:
            covered = 0
            for row in self.by_duty.get(duty, ()):
                covered |= hours_of(row) if _answers(row) else 0
            parts = tuple(part for part in PARTS if PART_MINUTES[part] & ~covered)
            if parts:
                found.append(Hole(duty, parts))
        return found


def hours_of(row: Assignment) -> int:
    """The hours of an assignment as minutes of the day."""
    return minutes(row.starts_minute, row.ends_minute)


def _answers(row: Assignment) -> bool:
    """A chief is a person; for other duties the team answers. Who is switched off does not."""
    if row.duty == Duty.CELL_CHIEF:
        return row.person is not None and row.person.is_active
    return row.team.is_active


def covers(at: datetime, cell_ids: Iterable[int] | None = None) -> Mapping[int, Cover]:
    """The cover of each cell that has an assignment in force. One statement."""
    rows = Assignment.objects.in_force(at).filter(cell__isnull=False)
    if cell_ids is not None:
        rows = rows.filter(cell_id__in=list(cell_ids))
    found: dict[int, Cover] = {}
    for row in with_holders(rows.order_by("starts_minute", "pk")):
        cover = found.setdefault(row.cell_id or 0, Cover())
        cover.by_duty.setdefault(row.duty, []).append(row)
    return found


def chiefs_at(at: datetime) -> dict[int, str]:
    """The name of each cell's chief at a moment, by the cell's id; cells without one, or whose
    chief is switched off, are left out. One statement, of the chiefs alone: a grid has as many
    again of each other duty."""
    local = at.astimezone(clock.LOCAL)
    bit = 1 << (local.hour * 60 + local.minute)
    rows = Assignment.objects.in_force(at).filter(cell__isnull=False, duty=Duty.CELL_CHIEF)
    told: dict[int, str] = {}
    for cell_id, starts, ends, name, active in rows.order_by("starts_minute", "pk").values_list(
        "cell_id", "starts_minute", "ends_minute", "person__name", "person__is_active"
    ):
        if cell_id is not None and cell_id not in told and minutes(starts, ends) & bit:
            told[cell_id] = (name or "") if active else ""
    return {cell_id: name for cell_id, name in told.items() if name}


_HOLDERS: tuple[tuple[type[models.Model], str, frozenset[str]], ...] = (
    (Team, "team", frozenset({"id", "code", "name", "kind", "duty_phone", "is_active"})),
    (User, "person", frozenset({"id", "username", "name", "phone", "is_active"})),
)


def with_holders(rows: QuerySet[Assignment]) -> list[Assignment]:
    """Assignments with team and person, of whom there is one object each, with what is shown of
    them: a grid has thousands of assignments and a hundred holders. One statement.
    """
    own = [column.attname for column in Assignment._meta.concrete_fields]
    # `from_db` takes the columns in the order of the model.
    holders = [
        (model, role, [f.attname for f in model._meta.concrete_fields if f.attname in shown])
        for model, role, shown in _HOLDERS
    ]
    names = [f"{role}__{name}" for _model, role, columns in holders for name in columns]
    known: dict[tuple[str, int], models.Model] = {}
    found = []
    for values in rows.values_list(*own, *names):
        row = Assignment.from_db("default", own, values[: len(own)])
        first = len(own)
        for model, role, columns in holders:
            held = values[first : first + len(columns)]
            first += len(columns)
            pk = held[columns.index("id")]
            if pk is not None and (role, pk) not in known:
                known[role, pk] = model.from_db("default", columns, held)
            setattr(row, role, known.get((role, pk)))
        found.append(row)
    return found


def in_force(at: datetime) -> QuerySet[Assignment]:
    """Assignments in force, with team and person."""
    return Assignment.objects.in_force(at).select_related("team", "person")


def standing_cells(at: datetime) -> Q:
    """The condition that a cell has a shape in force at the moment."""
    return Q(pk__in=CellGeneration.objects.in_force(at).values("cell_id"))
