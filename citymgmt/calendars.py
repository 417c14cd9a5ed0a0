"""Working time as immutable values: which minutes of which days count. Pure, no framework.

A *shift day* is a local calendar day that is worked; its periods may run past midnight into
the next one and still belong to the day on which they began. Reckoning is done on the wall
clock of one zone whose offset is constant (Asia/Shanghai since 1991), so a local day always
has 1440 minutes. Results are aware UTC datetimes.

Not supported: zones with summer time, and periods that differ from weekday to weekday.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY_MINUTES = 24 * 60
# Nobody is given a limit that ends later; a longer walk is a mistake in the data.
FARTHEST_YEARS = 50

_ONE_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_CLOCK = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")


class CalendarError(ValueError):
    """Periods or an amount that make no sense.

    `code` is one of `malformed`, `empty`, `overlap`, `too_many`, `negative`, `naive`, `too_far`;
    the caller that speaks to people has the words for it.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Deadline(NamedTuple):
    """A moment (aware, UTC), and whether it was reckoned over a year without a known notice."""

    at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkPeriods:
    """Work periods of one shift day as (start, end) minutes from its local midnight.

    0 <= start < 1440 and start < end; sorted; no overlap, also not with the next day's first
    period where the last one runs past midnight. Raises CalendarError otherwise.
    """

    spans: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not self.spans:
            raise CalendarError("empty", "a work day needs at least one period")
        if len(self.spans) > 12:
            raise CalendarError("too_many", "a work day has at most 12 periods")
        for start, end in self.spans:
            if not (0 <= start < DAY_MINUTES and start < end):
                raise CalendarError("malformed", f"period {start}-{end} is not within a day")
        next_day_starts = self.spans[0][0] + DAY_MINUTES
        starts = [*(start for start, _end in self.spans[1:]), next_day_starts]
        for (_start, end), following in zip(self.spans, starts, strict=True):
            if end > following:
                raise CalendarError("overlap", "periods overlap or are out of order")

    @classmethod
    def parse(cls, pairs: object) -> "WorkPeriods":
        """Periods from `[["08:00", "12:00"], …]`, the form in which they are stored.

        "24:00" may end a period; an end at or before its start is past midnight. Raises
        CalendarError for anything else.
        """
        if not isinstance(pairs, Sequence) or isinstance(pairs, str | bytes):
            raise CalendarError("malformed", "periods are a list of pairs")
        return cls(tuple(_parse_pair(pair) for pair in pairs))

    @property
    def total(self) -> timedelta:
        """Working time of one shift day."""
        return timedelta(minutes=sum(end - start for start, end in self.spans))

    @property
    def past_midnight(self) -> bool:
        """Whether a shift day reaches into the next calendar day."""
        return self.spans[-1][1] > DAY_MINUTES


def _parse_pair(pair: object) -> tuple[int, int]:
    if not isinstance(pair, Sequence) or isinstance(pair, str | bytes) or len(pair) != 2:
        raise CalendarError("malformed", "a period is a pair of times")
    start, end = (_parse_clock(text) for text in pair)
    if start == end:
        raise CalendarError("malformed", "a period has a length")
    return (start, end) if end > start else (start, end + DAY_MINUTES)


def _parse_clock(text: object) -> int:
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    minutes = int(match[1]) * 60 + int(match[2]) if match else DAY_MINUTES + 1
    if minutes > DAY_MINUTES:
        raise CalendarError("malformed", "a time is written HH:MM, 00:00 to 24:00")
    return minutes


DEFAULT_PERIODS = WorkPeriods(((8 * 60, 12 * 60), (14 * 60, 18 * 60)))


class _Year(NamedTuple):
    days: list[date]  # the shift days of the year, in order
    before: list[int]  # for each day of the year, how many shift days lie before it


@dataclass(frozen=True)
class WorkCalendar:
    """Which time counts as working time for one team: periods, notice, overrides.

    `days` holds the days that differ from the week (True works, False rests); other days
    follow it, Monday to Friday. `overrides` are closed intervals of days (from, to) on which
    every day is worked, also holidays (白加黑 5+2); they win. `known_years` are the years whose
    notice is loaded: outside of them the plain week is used and a Deadline is provisional.

    Immutable and hashable, so it can be cached by the revision of its data; what it works out
    about a year is kept in it.
    """

    periods: WorkPeriods = DEFAULT_PERIODS
    days: tuple[tuple[date, bool], ...] = ()
    known_years: frozenset[int] = frozenset()
    overrides: tuple[tuple[date, date], ...] = ()
    tz: tzinfo = SHANGHAI
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        periods: WorkPeriods = DEFAULT_PERIODS,
        *,
        days: Mapping[date, bool] | None = None,
        known_years: Iterable[int] = (),
        overrides: Iterable[tuple[date, date]] = (),
    ) -> "WorkCalendar":
        """A calendar from plain collections, in one canonical order so that equals are equal."""
        return cls(
            periods=periods,
            days=tuple(sorted((days or {}).items())),
            known_years=frozenset(known_years),
            overrides=tuple(sorted(overrides)),
        )

    def is_working_day(self, day: date) -> bool:
        """Whether a shift begins on that local day."""
        plan = self._year(day.year)
        index = bisect_left(plan.days, day)
        return index < len(plan.days) and plan.days[index] == day

    def is_work_time(self, moment: datetime) -> bool:
        """Whether work is going on at that moment; a period's end no longer counts."""
        return self.work_between(moment, moment + _TICK) > timedelta()

    def work_between(self, a: datetime, b: datetime) -> timedelta:
        """Working time in [a, b), exact; zero where b is not after a. Both must be aware."""
        start, end = self._local(a), self._local(b)
        if end <= start:
            return timedelta()
        origin = start.date()
        return self._elapsed(origin, end) - self._elapsed(origin, start)

    def add_work(self, start: datetime, amount: timedelta) -> Deadline:
        """The earliest moment at which `amount` of working time has passed since `start`.

        So a limit that is used up with the end of a period falls due at that end, not at the
        next beginning, and amount zero is `start` itself. Raises CalendarError for a negative
        amount, a naive start, or an end more than 50 years away.
        """
        if amount < timedelta():
            raise CalendarError("negative", "an amount of work is not negative")
        local = self._local(start)
        if not amount:
            return Deadline(start.astimezone(UTC), provisional=False)
        day = local.date() - _ONE_DAY if self.periods.past_midnight else local.date()
        first_year = day.year
        # 1. What is left of the shift days that are already running.
        left = amount
        while day <= local.date():
            rest = self._rest_of_shift(day, local)
            if left <= rest:
                return self._deadline(day, self.periods.total - rest + left, first_year)
            left -= rest
            day += _ONE_DAY
        # 2. Whole shift days at once; the tick keeps a full last day as that day's end.
        whole = (left - _TICK) // self.periods.total
        last = self._nth_shift_day(day, whole)
        # 3. Within the last one.
        return self._deadline(last, left - whole * self.periods.total, first_year)

    def _deadline(self, day: date, worked: timedelta, first_year: int) -> Deadline:
        walked = range(first_year, day.year + 1)
        at = (_midnight(day) + self._offset_of(worked)).replace(tzinfo=self.tz).astimezone(UTC)
        return Deadline(at, provisional=any(year not in self.known_years for year in walked))

    def _offset_of(self, worked: timedelta) -> timedelta:
        """Where in a shift day `worked` of it is done, as early as possible."""
        for start, end in self.periods.spans:
            span = timedelta(minutes=end - start)
            if worked <= span:
                return timedelta(minutes=start) + worked
            worked -= span
        raise AssertionError("more work than a shift day holds")

    def _rest_of_shift(self, day: date, since: datetime) -> timedelta:
        """Working time of the shift day after the local moment `since`; zero if it rests."""
        if not self.is_working_day(day):
            return timedelta()
        return self.periods.total - self._done_of_shift(day, since)

    def _done_of_shift(self, day: date, until: datetime) -> timedelta:
        """How much of the periods of `day` lies before the local moment, if it were worked."""
        into = until - _midnight(day)
        done = timedelta()
        for start, end in self.periods.spans:
            begun = min(into, timedelta(minutes=end)) - timedelta(minutes=start)
            done += max(begun, timedelta())
        return done

    def _elapsed(self, origin: date, until: datetime) -> timedelta:
        """Working time before the local moment, counted from the shift day before `origin`."""
        day = until.date()
        running = [day - _ONE_DAY, day] if self.periods.past_midnight else [day]
        first = origin - _ONE_DAY
        whole = self._shift_days_between(first, running[0]) * self.periods.total
        worked = (d for d in running if self.is_working_day(d))
        return whole + sum((self._done_of_shift(d, until) for d in worked), timedelta())

    def _shift_days_between(self, a: date, b: date) -> int:
        """How many shift days d with a <= d < b there are."""
        count = self._before(b) - self._before(a)
        return count + sum(len(self._year(year).days) for year in range(a.year, b.year))

    def _before(self, day: date) -> int:
        return self._year(day.year).before[day.timetuple().tm_yday - 1]

    def _nth_shift_day(self, day: date, skip: int) -> date:
        """The shift day that follows after `skip` shift days, looking from `day` on."""
        index = self._before(day) + skip
        for year in range(day.year, day.year + FARTHEST_YEARS):
            days = self._year(year).days
            if index < len(days):
                return days[index]
            index -= len(days)
        raise CalendarError("too_far", f"the limit ends more than {FARTHEST_YEARS} years away")

    def _year(self, year: int) -> _Year:
        plan = self._years.get(year)
        if plan is None:
            plan = self._years[year] = self._plan(year)
        return plan

    def _plan(self, year: int) -> _Year:
        named = {day: works for day, works in self.days if day.year == year}
        worked: list[date] = []
        before: list[int] = []
        for day in _days_of(year):
            before.append(len(worked))
            if self._overridden(day) or named.get(day, day.weekday() < 5):
                worked.append(day)
        return _Year(worked, before)

    def _overridden(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.overrides)

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise CalendarError("naive", "a moment needs its time zone")
        return moment.astimezone(self.tz).replace(tzinfo=None)


def _midnight(day: date) -> datetime:
    # Naive on purpose: the reckoning is on the wall clock of one constant zone.
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += _ONE_DAY
