"""What somebody is to walk today: his shift, the cells and streets of his duty, its points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from citymgmt import clock
from grids.choices import Shift
from grids.models import Assignment, Cell, CellGeneration, Leave, RoadSegment, RosterShift, Site
from grids.shifts import hours_words

EARLY = timedelta(hours=1)
"""So long before a shift one may go on it."""
MOST_PLACES = 200
MOST_SITES = 60
STEP = timedelta(minutes=5)
"""Planned times are told on whole steps."""
_DAY = 1440


@dataclass(frozen=True, slots=True)
class Duty:
    """What is to be walked; `shift` is the rostered one, if there is one."""

    shift: RosterShift | None
    cells: Sequence[Cell]
    segments: Sequence[RoadSegment]

    @property
    def words(self) -> str:
        """What the shift is called, with its hours."""
        return shift_words(self.shift)


def shift_words(shift: RosterShift | None) -> str:
    """What a shift is called, with its hours; empty without one."""
    if shift is None:
        return ""
    hours = hours_words(_minutes(shift))
    return f"{shift.get_shift_display()} {hours}"


def shift_at(person_id: int, at: datetime) -> RosterShift | None:
    """The shift that somebody is on at a moment, or that begins soon after it."""
    rows = RosterShift.objects.filter(
        person=person_id, starts_at__lte=at + EARLY, ends_at__gt=at
    ).select_related("team", "cell")
    return rows.order_by("starts_at").first()


def duty_of(person_id: int, at: datetime) -> Duty:
    """The cells and streets that somebody is to walk in his shift at a moment, at most so many.

    A shift for a cell is about that cell, and about the streets that he answers for; without it
    it is all that he answers for in those hours, also for whom he stands in. Three statements.
    """
    shift = shift_at(person_id, at)
    day = at.astimezone(clock.LOCAL).date()
    away = Leave.objects.on(day).filter(substitute=person_id).values("person")
    rows = Assignment.objects.in_force(at).filter(Q(person=person_id) | Q(person__in=away))
    cells: dict[int, Cell] = {}
    segments: dict[int, RoadSegment] = {}
    if shift is not None and shift.cell is not None:
        cells[shift.cell.pk] = shift.cell
    for row in rows.select_related("cell", "segment").order_by("pk"):
        if not _meets(row, shift):
            continue
        if row.segment is not None:
            segments[row.segment.pk] = row.segment
        elif row.cell is not None and (shift is None or shift.cell_id is None):
            cells[row.cell.pk] = row.cell
    by_code = sorted(cells.values(), key=lambda cell: cell.code)
    streets = sorted(segments.values(), key=lambda segment: segment.code)
    return Duty(shift, by_code[:MOST_PLACES], streets[:MOST_PLACES])


def _minutes(shift: RosterShift) -> tuple[int, int]:
    starts, ends = (each.astimezone(clock.LOCAL) for each in (shift.starts_at, shift.ends_at))
    return starts.hour * 60 + starts.minute, ends.hour * 60 + ends.minute


def _meets(row: Assignment, shift: RosterShift | None) -> bool:
    """Whether an assignment's hours and a shift have a minute in common."""
    if shift is None or row.shift == Shift.ALL_DAY:
        return True
    (starts, ends) = _minutes(shift)
    length = (ends - starts) % _DAY or _DAY
    own = (row.ends_minute - row.starts_minute) % _DAY or _DAY
    return (row.starts_minute - starts) % _DAY < length or (starts - row.starts_minute) % _DAY < own


def shapes_of(cell_ids: Sequence[int], at: datetime) -> dict[int, dict[str, Any]]:
    """The outline of each cell at a moment; of one that had none then, its newest."""
    rows = CellGeneration.objects.filter(cell__in=cell_ids).order_by("valid_from")
    found: dict[int, dict[str, Any]] = {}
    in_force: set[int] = set()
    for cell, since, until, polygon in rows.values_list(
        "cell_id", "valid_from", "valid_to", "polygon"
    ):
        if cell in in_force:
            continue
        found[cell] = polygon
        if since <= at and (until is None or at < until):
            in_force.add(cell)
    return found


def sites_of(cell_ids: Sequence[int], at: datetime) -> list[Site]:
    """Where to check in: the points that are looked after in some cells, at most so many."""
    rows = Site.objects.in_force(at).filter(cell__in=cell_ids, lon__isnull=False)
    return list(rows.defer("search_grams", "polygon").order_by("code")[:MOST_SITES])


def planned_times(count: int, starts: datetime, ends: datetime) -> list[datetime]:
    """When to check in at each of so many places in a shift: one in the middle of each of as many
    equal parts of it, down to a whole step.

    A plan to go by, not a duty: nobody is late by it.
    """
    part = (ends - starts) / count if count else timedelta()
    planned = [starts + part * number + part / 2 for number in range(count)]
    return [at - (at - starts) % STEP for at in planned]
