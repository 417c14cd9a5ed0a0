"""Working time as immutable values: which minutes of which days count. Pure, no framework.

A *shift day* is a local calendar day that is worked; its periods may run past midnight into
the next one and still belong to the day on which they began. Where yesterday's shift reaches
into today's, a minute still counts once. Reckoning is done on the wall clock of one zone whose
offset is constant (Asia/Shanghai since 1991), so a local day always has 1440 minutes. Results
are aware UTC datetimes.

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
_MINUTE = timedelta(minutes=1)
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


Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Override:
    """Days from `first` to `last` (both included) on which the bureau works differently.

    `weekends` and `holidays` say which of the days of rest are worked (5+2); `periods`, if
    given, take the place of the schedule's own on every day worked (白加黑). A day of rest is a
    holiday where the notice names it, else a weekend.
    """

    first: date
    last: date
    weekends: bool = True
    holidays: bool = True
    periods: WorkPeriods | None = None

    def works(self, day: date, *, holiday: bool) -> bool:
        """Whether it turns that day of rest into a working day."""
        return self.covers(day) and (self.holidays if holiday else self.weekends)

    def covers(self, day: date) -> bool:
        """Whether the day lies within it."""
        return self.first <= day <= self.last

    @property
    def rank(self) -> tuple[object, ...]:
        """Order of precedence: of two with periods, the one that begins later wins."""
        spans = self.periods.spans if self.periods else ()
        return (self.first, -self.last.toordinal(), self.weekends, self.holidays, spans)


class _Year(NamedTuple):
    days: list[date]  # the shift days of the year, in order
    spans: list[Spans]  # their working minutes, from their own midnight
    done: list[int]  # working minutes before each of them, and of the whole year
    before: list[int]  # for each day of the year, how many shift days lie before it


@dataclass(frozen=True)
class WorkCalendar:
    """Which time counts as working time for one team: periods, notice, overrides.

    `days` holds the days that the notice names (True works, False rests); other days follow
    the week, Monday to Friday. `overrides` turn days of rest into working days or give days
    other periods; they win. `known_years` are the years whose notice is loaded: outside of them
    the plain week is used and a Deadline is provisional. `revision` says from which state of
    the data it was built; it does not tell calendars apart.

    Immutable and hashable, so it can be cached by the revision of its data; what it works out
    about a year is kept in it.
    """

    periods: WorkPeriods = DEFAULT_PERIODS
    days: tuple[tuple[date, bool], ...] = ()
    known_years: frozenset[int] = frozenset()
    overrides: tuple[Override, ...] = ()
    tz: tzinfo = SHANGHAI
    revision: int = field(default=0, compare=False)
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        periods: WorkPeriods = DEFAULT_PERIODS,
        *,
        days: Mapping[date, bool] | None = None,
        known_years: Iterable[int] = (),
        overrides: Iterable[Override] = (),
        revision: int = 0,
    ) -> "WorkCalendar":
        """A calendar from plain collections, in one canonical order so that equals are equal."""
        return cls(
            periods=periods,
            days=tuple(sorted((days or {}).items())),
            known_years=frozenset(known_years),
            overrides=tuple(sorted(overrides, key=lambda one: one.rank)),
            revision=revision,
        )

    def is_working_day(self, day: date) -> bool:
        """Whether a shift begins on that local day."""
        plan = self._year(day.year)
        index = bisect_left(plan.days, day)
        return index < len(plan.days) and plan.days[index] == day

    def is_work_time(self, moment: datetime) -> bool:
        """Whether work is going on at that moment; a period's end no longer counts."""
        return self.work_between(moment, moment + _TICK) > timedelta()

    def unknown_years(self, a: datetime, b: datetime) -> list[int]:
        """The local years from `a` to `b` whose notice is not loaded, in order."""
        years = range(self._local(a).year, self._local(b).year + 1)
        return [year for year in years if year not in self.known_years]

    def work_between(self, a: datetime, b: datetime) -> timedelta:
        """Working time in [a, b), exact; zero where b is not after a. Both must be aware."""
        start, end = self._local(a), self._local(b)
        if end <= start:
            return timedelta()
        origin = start.year - 1
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
        origin = local.year - 1
        day, spans, worked = self._shift_of(origin, self._elapsed(origin, local) + amount)
        # Yesterday's shift may still be running.
        first = local.date() - _ONE_DAY if self._past_midnight else local.date()
        walked = range(first.year, day.year + 1)
        at = (_midnight(day) + _offset_of(spans, worked)).replace(tzinfo=self.tz).astimezone(UTC)
        return Deadline(at, provisional=any(year not in self.known_years for year in walked))

    def _shift_of(self, origin: int, worked: timedelta) -> tuple[date, Spans, timedelta]:
        """The shift day in which `worked` since the beginning of the year `origin` is reached,
        its spans, and how much of it falls into that day (more than nothing)."""
        for year in range(origin, origin + FARTHEST_YEARS + 2):
            plan = self._year(year)
            whole = plan.done[-1] * _MINUTE
            if worked <= whole:
                minutes = -(-worked // _MINUTE)
                index = bisect_left(plan.done, minutes) - 1
                return plan.days[index], plan.spans[index], worked - plan.done[index] * _MINUTE
            worked -= whole
        raise CalendarError("too_far", f"the limit ends more than {FARTHEST_YEARS} years away")

    def _elapsed(self, origin: int, until: datetime) -> timedelta:
        """Working time from the beginning of the year `origin` to the local moment."""
        whole = sum(self._year(year).done[-1] for year in range(origin, until.year))
        day = until.date()
        yesterday = day - _ONE_DAY
        plan = self._year(day.year)
        first = plan.before[day.timetuple().tm_yday - 1]
        done = (whole + plan.done[first]) * _MINUTE
        if first < len(plan.days) and plan.days[first] == day:
            done += _done_of(plan.spans[first], until - _midnight(day))
        # What yesterday's shift still has to do is not behind yet.
        spans = self._spans_on(yesterday) if yesterday.year >= origin else ()
        return done - (_length(spans) - _done_of(spans, until - _midnight(yesterday)))

    def _spans_on(self, day: date) -> Spans:
        plan = self._year(day.year)
        index = bisect_left(plan.days, day)
        there = index < len(plan.days) and plan.days[index] == day
        return plan.spans[index] if there else ()

    def _year(self, year: int) -> _Year:
        plan = self._years.get(year)
        if plan is None:
            plan = self._years[year] = self._plan(year)
        return plan

    def _plan(self, year: int) -> _Year:
        named = {day: works for day, works in self.days if year - 1 <= day.year <= year}
        plan = _Year([], [], [0], [])
        reach = self._reach(date(year - 1, 12, 31), named) if year > 1 else 0
        for day in _days_of(year):
            plan.before.append(len(plan.days))
            spans = _after(reach, self._spans(day, named))
            reach = self._reach(day, named)
            if spans:
                plan.days.append(day)
                plan.spans.append(spans)
                plan.done.append(plan.done[-1] + sum(end - start for start, end in spans))
        return plan

    def _reach(self, day: date, named: Mapping[date, bool]) -> int:
        """Up to which minute of the next day the shift of `day` is worked; 0 where it is not."""
        spans = self._spans(day, named)
        return max(0, spans[-1][1] - DAY_MINUTES) if spans else 0

    def _spans(self, day: date, named: Mapping[date, bool]) -> Spans:
        """The working minutes of a day as they are written, empty where it rests."""
        works = named.get(day, day.weekday() < 5)
        covering = [one for one in self.overrides if one.covers(day)]
        if not works:
            works = any(one.works(day, holiday=day in named) for one in covering)
        if not works:
            return ()
        own = next((one.periods for one in reversed(covering) if one.periods), self.periods)
        return own.spans

    @property
    def _past_midnight(self) -> bool:
        return self.periods.past_midnight or any(
            one.periods is not None and one.periods.past_midnight for one in self.overrides
        )

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise CalendarError("naive", "a moment needs its time zone")
        return moment.astimezone(self.tz).replace(tzinfo=None)


def _after(reach: int, spans: Spans) -> Spans:
    """What of the spans lies after the minute `reach`, up to which yesterday's shift runs."""
    return tuple((max(start, reach), end) for start, end in spans if end > reach)


def _length(spans: Spans) -> timedelta:
    return sum(end - start for start, end in spans) * _MINUTE


def _done_of(spans: Spans, into: timedelta) -> timedelta:
    """How much of the spans lies before the moment `into` after their midnight."""
    done = timedelta()
    for start, end in spans:
        done += max(min(into, end * _MINUTE) - start * _MINUTE, timedelta())
    return done


def _offset_of(spans: Spans, worked: timedelta) -> timedelta:
    """Where in the spans `worked` of them is done, as early as possible."""
    for start, end in spans:
        span = (end - start) * _MINUTE
        if worked <= span:
            return start * _MINUTE + worked
        worked -= span
    raise AssertionError("more work than a shift day holds")


def _midnight(day: date) -> datetime:
    # Naive on purpose: the reckoning is on the wall clock of one constant zone.
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += _ONE_DAY
