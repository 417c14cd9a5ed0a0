"""Sums of the roll-ups over stretches of time, the newest events added; two statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from citymgmt import clock
from inspections.facts.shapes import Scope
from inspections.facts.source import READ_AHEAD, SEEN, news
from inspections.measures import EPOCH, Key, Kind, hour_of

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
FOREVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Window:
    """Rows of some measures and one kind from `since` to before `until`, summed under a name.

    `dated` keeps each stretch of time apart.
    """

    name: str
    measures: Sequence[str]
    kind: Kind
    since: datetime
    until: datetime = FOREVER
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """What windows came to: by name, measure, axis and (of those that are dated) moment.

    `is_whole` is False while the roll-ups are too far behind to add everything that came since.
    """

    is_whole: bool
    counts: Mapping[tuple[str, str], Mapping[tuple[str, datetime | None], int]]

    def of(self, name: str, measure: str) -> int:
        """The sum of a measure that is not told apart."""
        return self._found(name, measure).get(("", None), 0)

    def by_axis(self, name: str, measure: str) -> dict[str, int]:
        """What a measure came to, told apart; without what came to nothing."""
        return {axis: n for (axis, _at), n in self._found(name, measure).items() if n}

    def by_time(self, name: str, measure: str) -> dict[datetime, int]:
        """What a measure came to in each stretch of a dated window."""
        found = self._found(name, measure)
        return {at: count for (_axis, at), count in found.items() if at is not None}

    def _found(self, name: str, measure: str) -> Mapping[tuple[str, datetime | None], int]:
        return self.counts.get((name, measure), {})


def happened(
    name: str, measures: Sequence[str], since: datetime, until: datetime
) -> Iterator[Window]:
    """Windows from `since`, a local midnight, to the end of the minute of `until`."""
    midnight, hour = local_midnight(until), hour_of(until)
    minute = until.replace(second=0, microsecond=0)
    if since < midnight:
        yield Window(name, measures, Kind.DAY, since, midnight)
    if midnight < hour:
        yield Window(name, measures, Kind.HOUR, midnight, hour)
    yield Window(name, measures, Kind.MINUTE, hour, minute + MINUTE)


def after(name: str, measures: Sequence[str], at: datetime) -> Iterator[Window]:
    """Windows of everything later than the minute of `at`: what a stock of then lacks."""
    minute = at.replace(second=0, microsecond=0) + MINUTE
    full = hour_of(at) + HOUR
    if minute < full:
        yield Window(name, measures, Kind.MINUTE, minute, full)
    yield Window(name, measures, Kind.HOUR, full)


def local_midnight(at: datetime) -> datetime:
    """The local midnight with which the day of a moment begins."""
    return midnight_of(at.astimezone(clock.LOCAL).date())


def midnight_of(day: date) -> datetime:
    """The moment with which a local day begins, in UTC."""
    return datetime.combine(day, time(), tzinfo=clock.LOCAL).astimezone(EPOCH.tzinfo)


# Each range is summed by itself, so that it is always read along the key.
_SUMS = """
    WITH w(name, measures, kind, since, until, dated) AS (VALUES {windows})
    SELECT w.name, m.measure, s.axis, s.at, s.count
    FROM w CROSS JOIN LATERAL unnest(w.measures) AS m(measure)
    CROSS JOIN LATERAL (
        SELECT f.axis, CASE WHEN w.dated THEN f.at END AS at, SUM(f.count) AS count
        FROM inspections_facthour f
        WHERE f.team_id = %s AND f.street = %s AND f.kind = w.kind AND f.measure = m.measure
            AND f.at >= w.since AND f.at < w.until
        GROUP BY 1, 2
    ) s
"""
_WINDOW = "(%s, %s::text[], %s, %s::timestamptz, %s::timestamptz, %s)"


def summed(scope: Scope, windows: Iterable[Window]) -> Sums:
    """The sums of the windows in a scope, exact to the newest event."""
    asked = list(windows)
    fresh = news(bound=SEEN, limit=READ_AHEAD)
    counts: dict[tuple[str, str], Counter[tuple[str, datetime | None]]] = defaultdict(Counter)
    for name, measure, axis, at, count in _kept(scope, asked):
        counts[name, measure][axis, at] += count
    here = [
        (key, count)
        for key, count in fresh.moved.items()
        if (key.team, key.street) == (scope.team_id or 0, scope.street)
    ]
    for window in asked:
        for key, count in here:
            if _within(key, window):
                counts[window.name, key.measure][key.axis, key.at if window.dated else None] += (
                    count
                )
    return Sums(fresh.count < READ_AHEAD, counts)


def _kept(scope: Scope, windows: Sequence[Window]) -> list[tuple[Any, ...]]:
    values: list[Any] = []
    for row in windows:
        values += [row.name, list(row.measures), row.kind, row.since, row.until, row.dated]
    sql = _SUMS.format(windows=", ".join([_WINDOW] * len(windows)))
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, scope.team_id or 0, scope.street])
        return cursor.fetchall()


def _within(key: Key, window: Window) -> bool:
    return (
        key.kind == window.kind
        and key.measure in window.measures
        and window.since <= key.at < window.until
    )
