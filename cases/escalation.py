"""The ladder of a clock that runs out: who hears of it before, at and after, and when. Pure.

A ladder is data (`cases.models.Ladder`), by stage and class; this is how it is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Audience(StrEnum):
    """Who is told at a step."""

    PERSON = "person"
    LEADER = "leader"
    DISPATCHER = "dispatcher"
    BUREAU = "bureau"


class Base(StrEnum):
    """From when a step is counted: the light turns yellow, or the clock has run out."""

    WARN = "warn"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a ladder: so long after its base (wall clock), these are told.

    A negative time after DUE is before it, but never before the light is yellow; a step after
    WARN is never later than DUE.
    """

    base: Base
    after: timedelta
    audience: frozenset[Audience]

    def moment(self, warn: datetime, due: datetime) -> datetime:
        """When the step falls due for a clock."""
        if self.base is Base.WARN:
            return min(warn + self.after, due)
        return max(due + self.after, min(warn, due))


Ladder = tuple[Step, ...]

_P, _L, _D, _B = Audience.PERSON, Audience.LEADER, Audience.DISPATCHER, Audience.BUREAU

DEFAULT: Ladder = (
    Step(Base.WARN, timedelta(0), frozenset({_P})),
    Step(Base.DUE, timedelta(0), frozenset({_P, _L})),
    Step(Base.DUE, timedelta(hours=4), frozenset({_L, _D})),
    Step(Base.DUE, timedelta(hours=24), frozenset({_L, _B})),
)

# Each hears once of a look-back that was missed: who was to look, then his leader, then the bureau.
LOOKBACK_DEFAULT: Ladder = (
    Step(Base.WARN, timedelta(0), frozenset({_P})),
    Step(Base.DUE, timedelta(0), frozenset({_P})),
    Step(Base.DUE, timedelta(hours=4), frozenset({_L})),
    Step(Base.DUE, timedelta(hours=24), frozenset({_B})),
)

# A desk sees its clocks all day long: nobody is told before one has run out.
STAGE_DEFAULT: Ladder = (
    Step(Base.DUE, timedelta(0), frozenset({_P})),
    Step(Base.DUE, timedelta(hours=4), frozenset({_P, _L})),
    Step(Base.DUE, timedelta(hours=24), frozenset({_L, _B})),
)

MAX_STEPS = 10
_MOST_MINUTES = 60 * 24 * 90


@dataclass(frozen=True, slots=True)
class Due:
    """The step that is due at a moment: who is told, how many steps are behind with it.

    `overdue` counts those of them that fell on or after the clock had run out; 0 is a reminder.
    """

    audience: frozenset[Audience]
    step: int
    overdue: int


def timeline(ladder: Ladder, warn: datetime, due: datetime) -> list[tuple[datetime, Step]]:
    """The steps with their moments, in the order of time."""
    return sorted(((step.moment(warn, due), step) for step in ladder), key=lambda pair: pair[0])


def next_chase(ladder: Ladder, warn: datetime, due: datetime, step: int) -> datetime | None:
    """When step number `step` (from 0, in the order of time) falls due; None after the last."""
    steps = timeline(ladder, warn, due)
    return steps[step][0] if step < len(steps) else None


def reached(ladder: Ladder, warn: datetime, due: datetime, step: int, at: datetime) -> Due | None:
    """What is due at a moment where `step` steps are behind; None where nothing is.

    After an outage several steps may be due: one is said, the last, to all whom those behind it
    would have reached; reminders are over once the clock has run out.
    """
    steps = timeline(ladder, warn, due)
    behind = sum(1 for moment, _step in steps if moment <= at)
    if behind <= step:
        return None
    overdue = sum(1 for moment, _step in steps[:behind] if moment >= due)
    fresh = steps[max(step, behind - overdue) if overdue else step : behind]
    told = frozenset[Audience]().union(*(each.audience for _moment, each in fresh))
    return Due(told, behind, overdue)


def parse(rows: object) -> Ladder:
    """A ladder from its rows [{"base", "minutes", "to": [...]}, ...]; ValueError for others."""
    if not isinstance(rows, Sequence) or isinstance(rows, str) or len(rows) > MAX_STEPS:
        raise ValueError("a ladder is a list of at most ten steps")
    return tuple(_step(row) for row in rows)


def as_rows(ladder: Ladder) -> list[dict[str, object]]:
    """The rows that `parse` reads."""
    return [
        {
            "base": str(step.base),
            "minutes": int(step.after.total_seconds() // 60),
            "to": sorted(str(who) for who in step.audience),
        }
        for step in ladder
    ]


def _step(row: object) -> Step:
    if not isinstance(row, Mapping) or set(row) != {"base", "minutes", "to"}:
        raise ValueError("a step has base, minutes and to")
    minutes, told = row["minutes"], row["to"]
    if type(minutes) is not int or not -_MOST_MINUTES <= minutes <= _MOST_MINUTES:
        raise ValueError("minutes are a whole number of at most 90 days")
    if not isinstance(told, Sequence) or isinstance(told, str) or not told:
        raise ValueError("a step says who is told")
    base = Base(row["base"])
    if base is Base.WARN and minutes < 0:
        raise ValueError("nobody is told before the light is yellow")
    return Step(base, timedelta(minutes=minutes), frozenset(Audience(who) for who in told))
