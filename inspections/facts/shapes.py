"""What the read side answers with: frozen shapes, all numbers plain, no words but names.

`read(at, scope)` of `inspections.facts.dashboard` gives a whole `Board` in three statements,
`board_of(scope, at)` of `inspections.facts.held` one for all who ask in the same second;
`version(scope, at)` is a number that changes when something in the scope may show another figure.
`scope_for(access, team_id=, street=)` turns what a person may see and what he asked for into a
`Scope`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

WEEKDAYS = 7
HOURS = 24


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: everything, a team with all below it, a street, or both at once.

    `street` is the nine-digit code of a street (六位县码 + 三位街道码), empty for all.
    A case is of a team's scope where `visible_to` would show it: while and after a team of it
    answered for the case. Orders and look-backs count for the team that worked.
    """

    team_id: int | None = None
    street: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A count now, yesterday at this minute, and the same weekday before at this minute."""

    now: int
    yesterday: int
    week_before: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A part of a whole, both counted in the same period."""

    numerator: int
    denominator: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1 (rework may exceed it); None where the denominator is 0: "—"."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class RateFigure:
    """A rate of the last days, of those that ended yesterday at this minute, and a week ago."""

    now: Rate
    yesterday: Rate
    week_before: Rate


@dataclass(frozen=True, slots=True)
class Day:
    """One local day of the trend.

    The means are those of the seven days that end with it; None for the running day.
    """

    day: date
    filed: int
    closed: int
    filed_mean: float | None
    closed_mean: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """The last days, oldest first, the running one last and not over yet."""

    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class ClassCount:
    """A class and how many cases of it were filed; `cumulative` is the share of it and all
    before it, between 0 and 1."""

    category_id: int
    name: str
    count: int
    cumulative: float


@dataclass(frozen=True, slots=True)
class Pareto:
    """All classes of which something was filed, the most frequent first; `total` of them."""

    rows: tuple[ClassCount, ...]
    total: int


@dataclass(frozen=True, slots=True)
class TeamLine:
    """One team that answered for something. Teams are told apart, not summed up the tree.

    `rank` is None where the sample is small. `given_today` are the problems handed to it on the
    local day; `open` and `overdue` are as of now.
    """

    team_id: int
    name: str
    rank: int | None
    on_time: Rate
    rework: Rate
    given_today: int
    closed_today: int
    open: int
    overdue: int

    @property
    def is_small(self) -> bool:
        """Whether too little should have been closed to rank the team."""
        return self.rank is None


@dataclass(frozen=True, slots=True)
class Teams:
    """The teams by rank, small samples behind; `total` is the whole scope's line."""

    rows: tuple[TeamLine, ...]
    on_time: Rate
    rework: Rate
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Hours:
    """When cases are filed: `cells[weekday][hour]`, Monday first, local hours."""

    cells: tuple[tuple[int, ...], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Source:
    """A channel (see cases.choices.Channel) and how many cases came by it."""

    channel: str
    count: int


@dataclass(frozen=True, slots=True)
class Finder:
    """Who found (see cases.choices.FoundBy), and how many of all."""

    found_by: str
    share: Rate


@dataclass(frozen=True, slots=True)
class Sources:
    """The channels, the most frequent first, who found in three parts, the share of the
    sensors."""

    rows: tuple[Source, ...]
    finders: tuple[Finder, ...]
    sensors: Rate


@dataclass(frozen=True, slots=True)
class Age:
    """Cases that are not at their end, by the local days since they were filed.

    Filed on the days `filed_from` to `filed_to`, both included; `filed_from` None is open.
    `count` holds the suspended ones too.
    """

    since_days: int
    filed_from: date | None
    filed_to: date
    count: int
    overdue: int
    suspended: int


@dataclass(frozen=True, slots=True)
class Took:
    """How long a class took from filing (or rebound) to closing, in seconds.

    Read from a histogram whose steps are 1.25-fold: good to about a tenth.
    """

    category_id: int
    name: str
    count: int
    median: int
    ninetieth: int
    is_small: bool


@dataclass(frozen=True, slots=True)
class TimeToClose:
    """The classes with the most closings first; counted from the local Monday `since`."""

    rows: tuple[Took, ...]
    since: date


@dataclass(frozen=True, slots=True)
class Board:
    """Everything a dashboard shows, read at one moment.

    `figures` by name: flows of the local day `reported, filed, dispatched, closed, rebound,
    looked` (look-backs done) and stocks `open` (not at its end, suspended too), `to_dispatch,
    rectifying, to_check, suspended, overdue, soon` (falls due within two hours) and
    `lookbacks_due`. `rates` by name: `closing` (结案率), `on_time` (按期结案率), `handling`
    (处置率), `handling_on_time` (按期处置率), `rework` (返工率), `rebound` (反弹率), of
    `rate_days` local days with the running one. `today_by_hour` and `yesterday_by_hour` are the
    cases filed in each local hour. `is_whole` is False while the roll-ups are so far behind that
    the newest events are not in the figures yet. `version` is that of the scope as it was read.
    """

    at: datetime
    scope: Scope
    figures: Mapping[str, Figure]
    rates: Mapping[str, RateFigure]
    rate_days: int
    trend: Trend
    pareto: Pareto
    teams: Teams
    hours: Hours
    sources: Sources
    ageing: Sequence[Age]
    time_to_close: TimeToClose
    today_by_hour: tuple[int, ...]
    yesterday_by_hour: tuple[int, ...]
    is_whole: bool
    version: int
