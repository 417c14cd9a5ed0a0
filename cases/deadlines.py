"""When an order falls due, and how much of its limit is used. Pure: time is an argument.

A limit runs on its own clock: urgent and natural limits on the wall clock, day and night;
work limits only within the work periods of working days. Every length of time here (spent,
left, granted, remaining) is measured on that clock; every moment is an aware datetime.

The clock of an order is a list of closed intervals in which it ran: it starts at dispatch and
stops at submission, rework opens the next interval, and a pause is simply a gap between two.
`spent` is the sum over them (`used_over`), and what an order may use in all is `granted`: the
limit itself, or after a rework what was spent plus what `after_rework` leaves. Because the
moments of due and of warning are worked out once and stored with the order, a list page tells
its traffic lights by comparing two columns with now.

Not supported here: extensions beyond passing a larger `granted`, limits that mix units, and
clocks of several calendars in one interval (split it where the calendar changes).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from citymgmt.calendars import Deadline, WorkCalendar

Light = Literal["green", "yellow", "red"]
Interval = tuple[datetime, datetime]

WORK_DAY = timedelta(hours=8)
# Yellow begins at four fifths of what was granted; rework leaves at least a quarter.
WARN_NUMERATOR, WARN_DENOMINATOR = 4, 5
REWORK_FLOOR = 4
MAX_VALUE = 3660


class LimitKind(StrEnum):
    """The units in which a filing standard sets its limit."""

    URGENT_MINUTE = "urgent_minute"
    URGENT_HOUR = "urgent_hour"
    URGENT_DAY = "urgent_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NATURAL_DAY = "natural_day"


_UNIT_LENGTH = {
    LimitKind.URGENT_MINUTE: timedelta(minutes=1),
    LimitKind.URGENT_HOUR: timedelta(hours=1),
    LimitKind.URGENT_DAY: timedelta(days=1),
    LimitKind.WORK_HOUR: timedelta(hours=1),
    LimitKind.WORK_DAY: WORK_DAY,
    LimitKind.NATURAL_DAY: timedelta(days=1),
}
_ON_WORK_CLOCK = frozenset({LimitKind.WORK_HOUR, LimitKind.WORK_DAY})

# The words stand in the source language; who shows another language renders `parts` itself.
_LIMIT_WORDS = {
    LimitKind.URGENT_MINUTE: "分钟",
    LimitKind.URGENT_HOUR: "紧急工作时",
    LimitKind.URGENT_DAY: "紧急工作日",
    LimitKind.WORK_HOUR: "工作时",
    LimitKind.WORK_DAY: "工作日",
    LimitKind.NATURAL_DAY: "自然日",
}
_WALL_UNITS = (("天", timedelta(days=1)), ("小时", timedelta(hours=1)))
_CLOCK_UNITS = {
    LimitKind.URGENT_MINUTE: (("小时", timedelta(hours=1)),),
    LimitKind.URGENT_HOUR: (("小时", timedelta(hours=1)),),
    LimitKind.URGENT_DAY: _WALL_UNITS,
    LimitKind.WORK_HOUR: (("工作时", timedelta(hours=1)),),
    LimitKind.WORK_DAY: (("工作日", WORK_DAY), ("工作时", timedelta(hours=1))),
    LimitKind.NATURAL_DAY: _WALL_UNITS,
}
_MINUTE = ("分", timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: a kind and a whole number of its units, 1 to 3660. ValueError otherwise."""

    kind: LimitKind
    value: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", LimitKind(self.kind))
        if not 1 <= self.value <= MAX_VALUE:
            raise ValueError(f"a limit is 1 to {MAX_VALUE} units, not {self.value}")

    @property
    def on_work_clock(self) -> bool:
        """Whether only working time counts."""
        return self.kind in _ON_WORK_CLOCK


class ClockText(NamedTuple):
    """What a clock says: overdue or not, and at most two (number, unit) parts, largest first.

    No parts means less than a minute. `str()` gives it as shown: 剩 3 工作时 20 分, 超 12 分.
    """

    overdue: bool
    parts: tuple[tuple[int, str], ...]

    def __str__(self) -> str:
        head = "超" if self.overdue else "剩"
        if not self.parts:
            return "已超时" if self.overdue else "剩不足 1 分"
        return " ".join([head, *(f"{number} {unit}" for number, unit in self.parts)])


def total(limit: Limit) -> timedelta:
    """The limit's length on its own clock; a work day is 8 work hours, other days 24 hours."""
    return limit.value * _UNIT_LENGTH[limit.kind]


def due_at(
    limit: Limit,
    start: datetime,
    calendar: WorkCalendar,
    *,
    spent: timedelta = timedelta(),
    granted: timedelta | None = None,
) -> Deadline:
    """When a clock that (again) starts at `start` has used up what is granted.

    `spent` is what earlier intervals used, `granted` what may be used in all (default: the
    limit). Nothing left gives `start` itself. The moment itself is still in time.
    """
    left = (total(limit) if granted is None else granted) - spent
    return _after(limit, start, calendar, left)


def warn_at(
    limit: Limit,
    start: datetime,
    calendar: WorkCalendar,
    *,
    spent: timedelta = timedelta(),
    granted: timedelta | None = None,
) -> Deadline:
    """When the same clock has used 80 % of what is granted and its light turns yellow."""
    whole = total(limit) if granted is None else granted
    return _after(limit, start, calendar, whole * WARN_NUMERATOR / WARN_DENOMINATOR - spent)


def _after(limit: Limit, start: datetime, calendar: WorkCalendar, left: timedelta) -> Deadline:
    left = max(left, timedelta())
    if limit.on_work_clock:
        return calendar.add_work(start, left)
    return Deadline(start.astimezone(UTC) + left, provisional=False)


def used(limit: Limit, since: datetime, until: datetime, calendar: WorkCalendar) -> timedelta:
    """What the limit's clock counts in [since, until); zero where until is not after since."""
    if limit.on_work_clock:
        return calendar.work_between(since, until)
    return max(until - since, timedelta())


def used_over(limit: Limit, intervals: Iterable[Interval], calendar: WorkCalendar) -> timedelta:
    """What the clock counts over the intervals in which it ran; an overlap counts once."""
    spent = timedelta()
    counted_to: datetime | None = None
    for since, until in sorted(intervals):
        begin = since if counted_to is None else max(since, counted_to)
        spent += used(limit, begin, until, calendar)
        counted_to = until if counted_to is None else max(until, counted_to)
    return spent


def remaining(limit: Limit, now: datetime, due: datetime, calendar: WorkCalendar) -> timedelta:
    """What is left until `due` on the limit's own clock, negative once it has passed.

    Zero after `due` as long as no work time has passed since: ask `is_overdue`, not the sign.
    """
    if now <= due:
        return used(limit, now, due, calendar)
    return -used(limit, due, now, calendar)


def is_overdue(now: datetime, due: datetime) -> bool:
    """Whether the moment of due has passed; on the wall clock for every kind of limit."""
    return now > due


def after_rework(limit: Limit, spent: timedelta, *, granted: timedelta | None = None) -> timedelta:
    """What a team gets when its work is sent back: what was left, at least a quarter of the
    limit."""
    whole = total(limit)
    return max((whole if granted is None else granted) - spent, whole / REWORK_FLOOR)


def light(
    limit: Limit,
    spent: timedelta,
    *,
    granted: timedelta | None = None,
    overdue: bool = False,
) -> Light:
    """Green below 80 % of what is granted, yellow from there to 100 %, red above or overdue."""
    whole = total(limit) if granted is None else granted
    if overdue or spent > whole:
        return "red"
    return "yellow" if spent * WARN_DENOMINATOR >= whole * WARN_NUMERATOR else "green"


def light_at(now: datetime, warn: datetime, due: datetime) -> Light:
    """The same light from the two stored moments of a running clock."""
    if is_overdue(now, due):
        return "red"
    return "yellow" if now >= warn else "green"


def describe(limit: Limit, left: timedelta, *, overdue: bool | None = None) -> ClockText:
    """The clock's words for `remaining`, in the limit's own unit, whole minutes rounded down.

    Pass `overdue` where the moment of due is known (see `remaining`); else the sign decides.
    """
    late = left < timedelta() if overdue is None else overdue
    rest = abs(left)
    counts: list[tuple[int, str]] = []
    for unit, length in (*_CLOCK_UNITS[limit.kind], _MINUTE):
        number, rest = divmod(rest, length)
        counts.append((number, unit))
    leading = next((i for i, (number, _unit) in enumerate(counts) if number), len(counts))
    parts = tuple(part for part in counts[leading : leading + 2] if part[0])
    return ClockText(late, parts)


def clock_text(limit: Limit, now: datetime, due: datetime, calendar: WorkCalendar) -> ClockText:
    """What the clock of an order that is due at `due` says now."""
    left = remaining(limit, now, due, calendar)
    return describe(limit, left, overdue=is_overdue(now, due))


def limit_text(limit: Limit) -> str:
    """The limit as written in a standard: "2 紧急工作时"."""
    return f"{limit.value} {_LIMIT_WORDS[limit.kind]}"
