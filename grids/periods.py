"""What holds from a moment to a moment, built once for each period in which nothing changes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Max, Min, Q, QuerySet

T = TypeVar("T")

# The present, and one more for a request that was on its way when the period turned.
_PERIODS = 2


@dataclass(frozen=True, slots=True)
class Period:
    """From inclusive, to exclusive; an empty end is open."""

    since: datetime | None
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies in it."""
        begun = self.since is None or self.since <= at
        return begun and (self.until is None or at < self.until)


def period_at(at: datetime, *tables: QuerySet[Any]) -> Period:
    """The longest period around a moment in which no row of the tables begins or ends.

    The tables have `valid_from` and `valid_to`; one statement a table.
    """
    before: list[datetime] = []
    after: list[datetime] = []
    for table in tables:
        found = table.aggregate(
            began=Max("valid_from", filter=Q(valid_from__lte=at)),
            ended=Max("valid_to", filter=Q(valid_to__lte=at)),
            begins=Min("valid_from", filter=Q(valid_from__gt=at)),
            ends=Min("valid_to", filter=Q(valid_to__gt=at)),
        )
        before += [found[name] for name in ("began", "ended") if found[name]]
        after += [found[name] for name in ("begins", "ends") if found[name]]
    return Period(max(before, default=None), min(after, default=None))


class Periods(Generic[T]):
    """Values by moment. `build` makes the value for a moment and says for which period it is."""

    def __init__(self, build: Callable[[datetime], tuple[Period, T]]) -> None:
        self._build = build
        self._built: list[tuple[Period, T]] = []

    def at(self, at: datetime) -> T:
        """The value of a moment; no statement where its period was among the last asked for."""
        for period, value in self._built:
            if period.holds(at):
                return value
        period, value = self._build(at)
        self._built = [(period, value), *self._built][:_PERIODS]
        return value
