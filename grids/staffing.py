"""Who answers in every cell by duty and part of the day, light enough for a map of 10 000 cells.

The same answers as `facts.covers`, without a row object for each assignment.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from citymgmt import clock
from citymgmt.services.revisions import GRID, Kept
from grids.choices import SHIFT_MINUTES, Duty
from grids.facts import PARTS, REQUIRED, Hole, minutes
from grids.models import Assignment
from grids.periods import Period, Periods, period_at

MAPPED: tuple[str, ...] = (
    Duty.ENFORCEMENT,
    Duty.CLEANING,
    Duty.PATROL,
    Duty.MUNICIPAL,
    Duty.GREENING,
)
"""Duties by whose team the map can be coloured, in the order of its buttons."""

_PART_BITS = {part: minutes(*SHIFT_MINUTES[part]) for part in PARTS}
_bits = lru_cache(maxsize=512)(minutes)


class Seat(NamedTuple):
    """Who has a duty in a part of the day."""

    team_id: int
    team: str
    person_id: int | None
    person: str


@dataclass(frozen=True, slots=True)
class Staff:
    """A cell's people: its chief's name, seats by duty and part, and what nobody answers for."""

    chief: str
    seats: Mapping[tuple[str, str], Seat]
    holes: tuple[Hole, ...]


_WHOLE_DAY = tuple(PARTS)
NOBODY = Staff("", {}, tuple(Hole(duty, _WHOLE_DAY) for duty in REQUIRED))


def _build(at: datetime) -> tuple[Period, dict[int, Staff]]:
    period = period_at(at, Assignment.objects.filter(cell__isnull=False))
    rows = Assignment.objects.in_force(at).filter(cell__isnull=False)
    raw: dict[int, list[tuple]] = {}
    for row in rows.order_by("starts_minute", "pk").values_list(
        "cell_id",
        "duty",
        "starts_minute",
        "ends_minute",
        "team_id",
        "team__name",
        "team__is_active",
        "person_id",
        "person__name",
        "person__is_active",
    ):
        raw.setdefault(row[0], []).append(row)
    return period, {cell_id: _staff(found) for cell_id, found in raw.items()}


def _staff(rows: Iterable[tuple]) -> Staff:
    covered = dict.fromkeys(REQUIRED, 0)
    seats: dict[tuple[str, str], Seat] = {}
    chief = ""
    for _cell, duty, starts, ends, team_id, team, team_on, person_id, person, person_on in rows:
        bits = _bits(starts, ends)
        answers = bool(person_on) if duty == Duty.CELL_CHIEF else team_on
        if duty in covered and answers:
            covered[duty] |= bits
        if duty == Duty.CELL_CHIEF and person_on and not chief:
            chief = person
        seat = Seat(team_id, team, person_id, person or "")
        for part, wanted in _PART_BITS.items():
            if bits & wanted:
                seats.setdefault((duty, part), seat)
    holes = []
    for duty in REQUIRED:
        parts = tuple(part for part in PARTS if _PART_BITS[part] & ~covered[duty])
        if parts:
            holes.append(Hole(duty, parts))
    return Staff(chief, seats, tuple(holes))


class _Hourly:
    """What is kept is built anew every hour: people are switched off without a new grid."""

    def __init__(self) -> None:
        self.hour: datetime | None = None
        self.periods: Periods[dict[int, Staff]] = Periods(_build)

    def at(self, at: datetime) -> dict[int, Staff]:
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        if hour != self.hour:
            self.hour, self.periods = hour, Periods(_build)
        return self.periods.at(at)


_kept: Kept[_Hourly] = Kept(GRID, _Hourly)


def staffing(at: datetime, since: int = 0) -> Mapping[int, Staff]:
    """The people of each cell that has any at a moment, read no earlier than at revision `since`;
    no statement while that is fresh."""
    return _kept.get(since).at(at)


def usual_seat(staffs: Iterable[Staff], duty: str, part: str) -> tuple[Seat, int] | None:
    """Whom most of some cells have for a duty then, and how many have him."""
    found = Counter(staff.seats[duty, part] for staff in staffs if (duty, part) in staff.seats)
    return found.most_common(1)[0] if found else None
