"""What stands against a planned shift: pure arithmetic over hours, leave, teams, certificates.

Hours are real moments, so that a night shift counts where it ends. China has no summer time:
a local day is always 24 hours.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
REST = timedelta(hours=11)
"""What must lie between two shifts of one person."""


class Against(StrEnum):
    """What stands against a shift."""

    OVERLAP = "overlap"
    LEAVE = "leave"
    NOT_OF_TEAM = "not_of_team"
    REST = "rest"
    UNCERTIFIED = "uncertified"


HARD = frozenset({Against.OVERLAP, Against.LEAVE, Against.NOT_OF_TEAM})
"""What no reason makes good."""


@dataclass(frozen=True, slots=True)
class Stint:
    """A planned shift with its real hours; `key` is whatever tells it from others."""

    key: object
    person_id: int
    team_id: int
    day: date
    shift: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing against a shift; `other` is the shift that it collides with, `rest` what lies
    between the two."""

    against: Against
    other: Stint | None = None
    rest: timedelta = timedelta()

    @property
    def hard(self) -> bool:
        """Whether no reason makes it good."""
        return self.against in HARD


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the people: days of leave (both ends included), spans in the team, and
    last days of certificates (None: without end). `needs_certificate` as the team asks."""

    leaves: Mapping[int, Sequence[tuple[date, date]]] = field(default_factory=dict)
    services: Mapping[int, Sequence[tuple[datetime, datetime | None]]] = field(default_factory=dict)
    certified: Mapping[int, Sequence[date | None]] = field(default_factory=dict)
    needs_certificate: bool = False


def span_of(day: date, starts_minute: int, ends_minute: int) -> tuple[datetime, datetime]:
    """The real hours of a shift that begins on a day; an end not after its start is tomorrow's."""
    midnight = datetime.combine(day, time(), LOCAL)
    length = ends_minute - starts_minute
    length += 0 if length > 0 else 24 * 60
    starts = midnight + timedelta(minutes=starts_minute)
    return starts, starts + timedelta(minutes=length)


def days_span(first: date, last: date) -> tuple[datetime, datetime]:
    """The moments of whole local days, both included."""
    after = datetime.combine(last, time(), LOCAL) + timedelta(days=1)
    return datetime.combine(first, time(), LOCAL), after


def against(stint: Stint, others: Iterable[Stint], facts: Facts) -> list[Conflict]:
    """What stands against a shift, what is hard first; `others` may hold the shift itself."""
    found = [
        conflict
        for other in others
        if other.key != stint.key and other.person_id == stint.person_id
        if (conflict := _between(stint, other)) is not None
    ]
    if _on_leave(stint, facts):
        found.append(Conflict(Against.LEAVE))
    if not _of_team(stint, facts):
        found.append(Conflict(Against.NOT_OF_TEAM))
    if facts.needs_certificate and not _certified(stint, facts):
        found.append(Conflict(Against.UNCERTIFIED))
    order = list(Against)
    return sorted(found, key=lambda one: (order.index(one.against), one.rest))


def conflicts(
    stints: Iterable[Stint], facts: Facts, around: Iterable[Stint] = ()
) -> dict[object, list[Conflict]]:
    """What stands against each of the shifts, by key; those `around` only collide."""
    mine = list(stints)
    by_person: dict[int, list[Stint]] = defaultdict(list)
    for stint in {each.key: each for each in (*mine, *around)}.values():
        by_person[stint.person_id].append(stint)
    found = {each.key: against(each, by_person[each.person_id], facts) for each in mine}
    return {key: told for key, told in found.items() if told}


def _between(stint: Stint, other: Stint) -> Conflict | None:
    rest = max(other.starts_at - stint.ends_at, stint.starts_at - other.ends_at)
    if rest < timedelta():
        return Conflict(Against.OVERLAP, other)
    return Conflict(Against.REST, other, rest) if rest < REST else None


def _on_leave(stint: Stint, facts: Facts) -> bool:
    spans = (days_span(first, last) for first, last in facts.leaves.get(stint.person_id, ()))
    return any(since < stint.ends_at and stint.starts_at < until for since, until in spans)


def _of_team(stint: Stint, facts: Facts) -> bool:
    return any(
        since <= stint.starts_at and (until is None or stint.starts_at < until)
        for since, until in facts.services.get(stint.person_id, ())
    )


def _certified(stint: Stint, facts: Facts) -> bool:
    last_days = facts.certified.get(stint.person_id, ())
    return any(last is None or last >= stint.day for last in last_days)
