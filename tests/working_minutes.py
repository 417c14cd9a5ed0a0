"""The slow, obviously right reference for working time: a bitmap with one byte a minute.

It is made day by day from what was said in plain numbers, without asking the code under test.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from citymgmt.calendars import Override, WorkCalendar, WorkPeriods

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
DAY_MINUTES = 1440

# From the week before National Day until well after New Year's.
FIRST = date(2026, 9, 21)
DAYS = 150
# Moments and lengths are drawn so that what is asked lies within the bitmap.
LAST_MOMENT = 60 * DAY_MINUTES

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Unusual:
    """An override in plain words; `periods` empty leaves the schedule's own."""

    first: date
    last: date
    weekends: bool
    holidays: bool
    periods: Pairs = ()


@dataclass(frozen=True)
class Rhythm:
    """What somebody could type into the administration: periods, named days, overrides."""

    periods: Pairs
    named: dict[date, bool] = field(default_factory=dict)
    unusual: tuple[Unusual, ...] = ()

    def calendar(self) -> WorkCalendar:
        """The code under test."""
        overrides = [
            Override(
                one.first,
                one.last,
                weekends=one.weekends,
                holidays=one.holidays,
                periods=WorkPeriods(one.periods) if one.periods else None,
            )
            for one in self.unusual
        ]
        periods = WorkPeriods(self.periods)
        return WorkCalendar.of(periods, days=self.named, known_years={2026}, overrides=overrides)

    def minutes(self) -> "Minutes":
        """The reference: every minute from the day before FIRST on, worked or not."""
        bits = bytearray((DAYS + 2) * DAY_MINUTES)
        for number in range(DAYS + 1):
            day = FIRST + (number - 1) * DAY
            for start, end in self._periods_of(day) if self._works(day) else ():
                midnight = number * DAY_MINUTES
                bits[midnight + start : midnight + end] = b"\1" * (end - start)
        return Minutes(bytes(bits))

    def _works(self, day: date) -> bool:
        if self.named.get(day, day.weekday() < 5):
            return True
        covering = [one for one in self.unusual if one.first <= day <= one.last]
        is_holiday = self.named.get(day) is False
        return any(one.holidays if is_holiday else one.weekends for one in covering)

    def _periods_of(self, day: date) -> Pairs:
        own = [one for one in self.unusual if one.periods and one.first <= day <= one.last]
        return max(own, key=lambda one: one.first).periods if own else self.periods


@dataclass(frozen=True)
class Minutes:
    """A bitmap of minutes, asked by moments on whole minutes."""

    bits: bytes

    def between(self, a: datetime, b: datetime) -> timedelta:
        """Working time in [a, b)."""
        return self.bits.count(1, index_of(a), max(index_of(a), index_of(b))) * MINUTE

    def left(self, start: datetime) -> int:
        """How many working minutes the bitmap holds from `start` on."""
        return self.bits.count(1, index_of(start))

    def walk(self, start: datetime, minutes: int) -> datetime:
        """Where a walk from `start` has passed so many working minutes."""
        at = index_of(start) - 1
        for _ in range(minutes):
            at = self.bits.index(1, at + 1)
        return start if not minutes else moment_of(at + 1)


def index_of(moment: datetime) -> int:
    """The byte of a moment."""
    return int((moment - moment_of(0)) / MINUTE)


def moment_of(index: int) -> datetime:
    """The moment of a byte."""
    midnight = datetime.combine(FIRST - DAY, datetime.min.time(), tzinfo=SHANGHAI)
    return midnight + index * MINUTE


# --- What is drawn --------------------------------------------------------------------------


def _fits(pairs: Pairs) -> bool:
    ends = [*(start for start, _end in pairs[1:]), pairs[0][0] + DAY_MINUTES]
    return all(end <= following for (_start, end), following in zip(pairs, ends, strict=True))


@st.composite
def _periods(draw: st.DrawFn) -> Pairs:
    """One to four periods; the last may run past midnight."""
    edges = draw(st.lists(st.integers(0, 2 * DAY_MINUTES - 1), min_size=2, max_size=8, unique=True))
    edges = sorted(edges)[: len(edges) // 2 * 2]
    pairs = tuple(zip(edges[::2], edges[1::2], strict=True))
    pairs = tuple(pair for pair in pairs if pair[0] < DAY_MINUTES)
    if not pairs:
        return ((8 * 60, 12 * 60), (14 * 60, 18 * 60))
    start, end = pairs[-1]
    return (*pairs[:-1], (start, max(start + 1, min(end, pairs[0][0] + DAY_MINUTES))))


OFFICE: Pairs = ((8 * 60, 12 * 60), (14 * 60, 18 * 60))
FAMILIAR = st.sampled_from(
    [
        OFFICE,
        ((8 * 60, 22 * 60),),
        ((0, 24 * 60),),
        ((20 * 60, 26 * 60),),
        ((6 * 60 + 30, 9 * 60), (22 * 60, 30 * 60)),
        (*OFFICE, (20 * 60, 26 * 60)),
        ((12 * 60, 35 * 60),),
    ]
)
periods = st.one_of(FAMILIAR, _periods().filter(_fits))
days = st.integers(0, DAYS - 1).map(lambda number: FIRST + number * DAY)
NOTICE = {
    **{date(2026, 9, d): False for d in (25, 26, 27)},
    **{date(2026, 10, d): False for d in range(1, 8)},
    date(2026, 9, 20): True,
    date(2026, 10, 10): True,
    **{date(2027, 1, d): False for d in (1, 2, 3)},
}
notices = st.one_of(st.just(NOTICE), st.dictionaries(days, st.booleans(), max_size=12))


@st.composite
def _unusual(draw: st.DrawFn) -> tuple[Unusual, ...]:
    """Up to three overrides; no two begin on one day, so that it is clear which one wins."""
    made = []
    for first in draw(st.lists(days, max_size=3, unique=True)):
        last = first + draw(st.integers(0, 40)) * DAY
        own = draw(st.one_of(periods, st.just(())))
        weekends, holidays = draw(st.tuples(st.booleans(), st.booleans()))
        made.append(Unusual(first, last, weekends, holidays, own))
    return tuple(made)


rhythms = st.builds(Rhythm, periods, notices, _unusual())
moments = st.one_of(
    st.integers(DAY_MINUTES, LAST_MOMENT),
    # Around midnight, where shifts that run past it are easily lost.
    st.tuples(st.integers(1, 59), st.integers(-90, 90)).map(lambda p: p[0] * DAY_MINUTES + p[1]),
).map(lambda minutes: moment_of(max(DAY_MINUTES, minutes)))
lengths = st.integers(0, 30 * DAY_MINUTES).map(lambda minutes: minutes * MINUTE)
