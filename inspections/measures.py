"""What is counted, and under which keys a count is kept. Pure.

A fact is one thing that counts: a measure, a moment, plus or minus one. It is kept under every
scope that it belongs to (all, each team, each street, each team in each street) and every kind
of row that its measure is read by, so that a page reads rows of one scope only, and as many of
them however many cases there are.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

STREET_DIGITS = 9
SOON = timedelta(hours=2)
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Kind(StrEnum):
    """Which stretch of time a row covers, and what it is told apart by."""

    MINUTE = "m"
    HOUR = "h"
    DAY = "d"
    TOTAL = "t"
    DAY_CLASS = "c"
    DAY_SOURCE = "s"
    DAY_TEAM = "u"
    TOTAL_TEAM = "v"
    WEEK_CLASS_STEP = "k"


KEPT: Mapping[str, timedelta] = {Kind.MINUTE: timedelta(days=9), Kind.HOUR: timedelta(days=62)}
"""How long fine rows are kept; days, weeks and totals stay. Minutes are for comparing with the
same minute of a week before, hours for charts of a month and what is cut off within a day."""


class Holds(StrEnum):
    """When a fact of a case counts, by what became of the case."""

    COUNTED = "counted"
    NOT_VOID = "not_void"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure counts, in words for the docs.

    A `stock` says how many there are at a moment: its facts are +1 and -1. `by_work` belongs to
    the team that worked, with all above it; else to every team that could see the case.
    """

    words: str
    kinds: str
    holds: Holds = Holds.COUNTED
    stock: bool = False
    by_work: bool = False


_FLOW, _STOCK = "hdm", "hmt"
MEASURES: Mapping[str, Measure] = {
    "reported": Measure("上报的报件", _FLOW, Holds.ALWAYS),
    "rejected": Measure("不予立案的报件", _FLOW, Holds.ALWAYS),
    "pending": Measure("待受理的报件", _STOCK, Holds.ALWAYS, stock=True),
    "filed": Measure("立案", _FLOW + "cs"),
    "dispatched": Measure("派出（一案一轮计一次，算在最后的主办单位）", _FLOW + "u", by_work=True),
    "submitted": Measure("主办单提交整改", _FLOW, by_work=True),
    "submitted_on_time": Measure("主办单按期提交整改", _FLOW, by_work=True),
    "rework": Measure("返工", _FLOW + "u", by_work=True),
    "returned": Measure("退回派遣", _FLOW, by_work=True),
    "extended": Measure("同意延期", _FLOW, by_work=True),
    "closed": Measure("结案（随主案结案的不另计）", _FLOW, Holds.NOT_VOID),
    "done": Measure("结案，算在办结的单位", _FLOW + "u", Holds.NOT_VOID, by_work=True),
    "done_on_time": Measure(
        "按期结案（含不计超时），算在办结的单位", _FLOW + "u", Holds.NOT_VOID, by_work=True
    ),
    "took": Measure("从立案（或反弹）到结案的时长", "k", Holds.NOT_VOID),
    "looked": Measure("做了的回头看", _FLOW, Holds.ALWAYS, by_work=True),
    "rebound": Measure("回头看见反弹或虚假整改", _FLOW, Holds.ALWAYS, by_work=True),
    "lookbacks_due": Measure("到了日子、还没做的回头看", _STOCK, Holds.ALWAYS, stock=True),
    "open": Measure("在办（含挂账）", _STOCK + "v", stock=True),
    "to_dispatch": Measure("待派遣", _STOCK, stock=True),
    "rectifying": Measure("整改中", _STOCK, stock=True),
    "to_check": Measure("待核查", _STOCK, stock=True),
    "suspended": Measure("挂账", _STOCK, stock=True),
    "overdue": Measure("整改已超时", _STOCK, stock=True),
    "soon": Measure("两小时内到期", _STOCK, stock=True),
    "aged": Measure("还在办的，记在立案那天", "d", stock=True),
    "aged_suspended": Measure("还挂着账的，记在立案那天", "d", stock=True),
}


class Fact(NamedTuple):
    """One thing that counts: `change` is +1, or -1 of a stock. `team` is the one that answered
    (0: none), `step` of a duration."""

    measure: str
    at: datetime
    change: int
    reach: frozenset[int]
    street: str
    team: int
    category: int
    channel: str
    step: int = 0


class Key(NamedTuple):
    """Where counts are summed: `team` 0 is everybody, `street` empty everywhere.

    `at` is the beginning of the minute, hour, local day or local week; of a total the epoch.
    """

    team: int
    street: str
    kind: str
    measure: str
    at: datetime
    axis: str


class Cell(NamedTuple):
    """A fact in one stretch of time, before it is spread over its scopes."""

    kind: str
    measure: str
    at: datetime
    axis: str
    reach: frozenset[int]
    street: str


def cells_of(fact: Fact, local: tzinfo, at: datetime | None = None) -> Iterator[Cell]:
    """Where a fact is counted; with `at`, only what is kept at that moment."""
    for kind in MEASURES[fact.measure].kinds:
        begin, axis = _cell(kind, fact, local)
        if at is None or kind not in KEPT or begin >= at - KEPT[kind]:
            yield Cell(kind, fact.measure, begin, axis, fact.reach, fact.street)


def keys_of(cell: Cell) -> Iterator[Key]:
    """The keys of every scope that a cell belongs to."""
    streets = ("", cell.street) if cell.street else ("",)
    for team in (0, *cell.reach):
        for street in streets:
            yield Key(team, street, cell.kind, cell.measure, cell.at, cell.axis)


def _cell(kind: str, fact: Fact, local: tzinfo) -> tuple[datetime, str]:
    """The beginning of the stretch and what the row is told apart by."""
    if kind in (Kind.TOTAL, Kind.TOTAL_TEAM):
        return EPOCH, str(fact.team) if kind == Kind.TOTAL_TEAM else ""
    if kind == Kind.MINUTE:
        return fact.at.replace(second=0, microsecond=0), ""
    hour = hour_of(fact.at)
    if kind == Kind.HOUR:
        return hour, ""
    if kind == Kind.WEEK_CLASS_STEP:
        return week_of(hour, local), f"{fact.category}:{fact.step}"
    axis = {
        Kind.DAY: "",
        Kind.DAY_CLASS: str(fact.category),
        Kind.DAY_SOURCE: fact.channel,
        Kind.DAY_TEAM: str(fact.team),
    }
    return day_of(hour, local), axis[Kind(kind)]


def hour_of(at: datetime) -> datetime:
    """The beginning of the hour."""
    return at.replace(minute=0, second=0, microsecond=0)


@lru_cache(maxsize=4096)
def day_of(at: datetime, local: tzinfo) -> datetime:
    """The local midnight with which the day of a moment begins, in UTC."""
    day = at.astimezone(local).date()
    return datetime.combine(day, time(), tzinfo=local).astimezone(EPOCH.tzinfo)


@lru_cache(maxsize=4096)
def week_of(at: datetime, local: tzinfo) -> datetime:
    """The local midnight of the Monday of a moment's week, in UTC."""
    day = at.astimezone(local).date()
    monday = day - timedelta(days=day.weekday())
    return datetime.combine(monday, time(), tzinfo=local).astimezone(EPOCH.tzinfo)


# --- Durations ------------------------------------------------------------------------------


def _bounds() -> tuple[int, ...]:
    """Upper ends of the steps in seconds: five minutes, then 1.25-fold up to over two years."""
    ends = [300]
    while ends[-1] < 2 * 366 * 86400:
        ends.append(ends[-1] * 5 // 4)
    return tuple(ends)


BOUNDS = _bounds()


def step_of(span: timedelta) -> int:
    """The step of the histogram that a duration falls into."""
    return min(bisect_right(BOUNDS, max(0, int(span.total_seconds()))), len(BOUNDS))


def quantile(steps: Mapping[int, int], share: float) -> int:
    """The duration in seconds under which that share of a histogram lies; 0 of an empty one.

    Inside a step the durations are taken to lie evenly.
    """
    total = sum(steps.values())
    wanted, below = share * total, 0
    for step, count in sorted(steps.items()):
        if count and below + count >= wanted:
            low = BOUNDS[step - 1] if step else 0
            high = BOUNDS[min(step, len(BOUNDS) - 1)]
            return round(low + (high - low) * max(0.0, wanted - below) / count)
        below += count
    return 0
