"""When documents are cut off: by day, week, month, quarter, year; what lies between two ends. Pure.
The report of a campaign has no period of its own: it is due so long after the campaign's last day.

An *end* is a local moment that recurs. A document covers [the end before, its end). An end on a
day of rest may be left out: its stretch then belongs to the next document. Months, quarters and
years are never left out, so that they stay what their names say.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

DAILY, WEEKLY, MONTHLY, QUARTERLY = "daily", "weekly", "monthly", "quarterly"
YEARLY, CAMPAIGN = "yearly", "campaign"
QUARTERS = (1, 4, 7, 10)
SKIPPING = frozenset({DAILY, WEEKLY})
CATCH_UP: Mapping[str, int] = {DAILY: 7, WEEKLY: 2, MONTHLY: 2, QUARTERLY: 1, YEARLY: 1}
"""So many ends back are made up for after an outage."""
# From any day on, so many days back there is an end, even over long holidays.
_FARTHEST = 400
_DAY = timedelta(days=1)
_LAST_YEAR_WEEKS = timedelta(weeks=52)

Works = Callable[[date], bool]


class Span(NamedTuple):
    """[since, until)."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Timing:
    """When the documents of a kind end. `weekday` is 1 (Monday) to 7, `day` 1 to 28; of the report
    of a campaign `day` is how many days after the last one it is due."""

    kind: str
    hour: int
    weekday: int = 1
    day: int = 1
    skips_rest: bool = False
    is_active: bool = True
    for_teams: bool = False
    applies_from: datetime | None = None

    @property
    def recurs(self) -> bool:
        """Whether it has periods, one after the other."""
        return self.kind in CATCH_UP

    def due_after(self, last_day: date, local: tzinfo) -> datetime:
        """When the report of what ended with a local day is due."""
        return datetime.combine(last_day + self.day * _DAY, time(self.hour), tzinfo=local)

    def ends_on(self, day: date, works: Works) -> bool:
        """Whether a document ends on a local day."""
        if self.skips_rest and self.kind in SKIPPING and not works(day):
            return False
        if self.kind == WEEKLY:
            return day.isoweekday() == self.weekday
        if self.kind == MONTHLY:
            return day.day == self.day
        if self.kind == QUARTERLY:
            return day.day == self.day and day.month in QUARTERS
        if self.kind == YEARLY:
            return (day.month, day.day) == (1, self.day)
        return True

    def ends(self, at: datetime, works: Works, local: tzinfo) -> list[datetime]:
        """The last CATCH_UP ends that are not after a moment and count, the oldest first."""
        found: list[datetime] = []
        for end in self._backwards(at.astimezone(local).date(), time(self.hour), works, local):
            if len(found) == CATCH_UP[self.kind] or not self.counts(end):
                break
            if end <= at:
                found.append(end)
        return found[::-1]

    def span(self, until: datetime, works: Works, local: tzinfo) -> Span:
        """The stretch of a document that ends at a moment; the end before has its hour."""
        here = until.astimezone(local)
        before = next(self._backwards(here.date() - _DAY, here.time(), works, local))
        return Span(before, until)

    def is_first(self, span: Span) -> bool:
        """Whether it is the first after the times were changed."""
        return self.applies_from is not None and span.since < self.applies_from

    def counts(self, end: datetime) -> bool:
        """Whether an end is not from before these times were set."""
        return self.applies_from is None or end > self.applies_from

    def _backwards(self, day: date, hour: time, works: Works, local: tzinfo) -> Iterator[datetime]:
        for back in range(_FARTHEST):
            that = day - back * _DAY
            if self.ends_on(that, works):
                yield datetime.combine(that, hour, tzinfo=local).astimezone(UTC)


def year_before(kind: str, span: Span, local: tzinfo) -> Span:
    """The same stretch of the year before: of a week 52 weeks back, else by the calendar."""
    if kind == WEEKLY:
        return Span(span.since - _LAST_YEAR_WEEKS, span.until - _LAST_YEAR_WEEKS)
    return Span(_back_a_year(span.since, local), _back_a_year(span.until, local))


def _back_a_year(moment: datetime, local: tzinfo) -> datetime:
    there = moment.astimezone(local)
    leap = (there.month, there.day) == (2, 29)
    return there.replace(year=there.year - 1, day=28 if leap else there.day).astimezone(UTC)


DEFAULTS: Mapping[tuple[str, bool], Timing] = {
    (DAILY, False): Timing(DAILY, 18),
    (DAILY, True): Timing(DAILY, 18, for_teams=True),
    (WEEKLY, False): Timing(WEEKLY, 0),
    (WEEKLY, True): Timing(WEEKLY, 0, is_active=False, for_teams=True),
    (MONTHLY, False): Timing(MONTHLY, 0),
    (MONTHLY, True): Timing(MONTHLY, 0, is_active=False, for_teams=True),
    (QUARTERLY, False): Timing(QUARTERLY, 0),
    (QUARTERLY, True): Timing(QUARTERLY, 0, is_active=False, for_teams=True),
    (YEARLY, False): Timing(YEARLY, 0),
    (YEARLY, True): Timing(YEARLY, 0, is_active=False, for_teams=True),
    # Three days in which what is still missing can be entered.
    (CAMPAIGN, False): Timing(CAMPAIGN, 18, day=3),
}
"""What holds where an administrator has set nothing: kind and whether it is each team's."""
