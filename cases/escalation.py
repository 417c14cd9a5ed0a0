"""The ladder of an overdue order or look-back: who hears of it, and when. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Audience(StrEnum):
    """Who is told at a step."""

    PERSON = "person"
    LEADER = "leader"
    DISPATCHER = "dispatcher"
    BUREAU = "bureau"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the ladder: so long after falling due (wall clock), these are told."""

    after: timedelta
    audience: frozenset[Audience]


LADDER: tuple[Step, ...] = (
    Step(timedelta(0), frozenset({Audience.PERSON, Audience.LEADER})),
    Step(timedelta(hours=4), frozenset({Audience.LEADER, Audience.DISPATCHER})),
    Step(timedelta(hours=24), frozenset({Audience.LEADER, Audience.BUREAU})),
)


def next_chase(due: datetime, step: int) -> datetime | None:
    """When step number `step` (from 0) falls due; None where the ladder ends."""
    return due + LADDER[step].after if step < len(LADDER) else None


def reached(due: datetime, step: int, at: datetime) -> int:
    """The number of steps that are behind at a moment, at least `step` + 1.

    After an outage several steps may be behind: only the last of them is said.
    """
    behind = sum(1 for item in LADDER if due + item.after <= at)
    return max(behind, step + 1)
