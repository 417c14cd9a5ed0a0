"""Charts that rank: classes, teams, sources."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from cases.choices import CHANNELS_OF_FINDER, Channel, FoundBy
from inspections import charts
from inspections.facts.shapes import Pareto, Rate, Sources, TeamLine, Teams
from inspections.panels.addresses import Addresses
from inspections.panels.figures import SMALL, fraction, percent
from inspections.panels.sheets import Sheet

SHOWN = 9
BAR = 100
# Of a whole, so much is what most of it is made of.
MOST = 0.8
GOAL = 0.9
# The scale of the teams' rates begins here; what is less stands at its beginning.
LEAST = 0.7


@dataclass(frozen=True, slots=True)
class ClassBar:
    """A class of the Pareto: bar 0–100; `is_main` where it is of the few that make up most."""

    name: str
    count: int
    cumulative: str
    bar: int
    is_main: bool
    url: str


@dataclass(frozen=True, slots=True)
class ParetoPanel:
    """The most frequent classes, the others in one line."""

    rows: tuple[ClassBar, ...]
    headline: str
    total: int
    sheet: Sheet


def pareto_panel(pareto: Pareto, addresses: Addresses, days: int) -> ParetoPanel:
    """The classes of what was filed in the last days."""
    since = addresses.today - timedelta(days=days - 1)
    greatest = pareto.rows[0].count if pareto.rows else 0
    main = sum(1 for row in pareto.rows if row.cumulative - row.count / pareto.total < MOST)
    bars = [
        ClassBar(
            row.name,
            row.count,
            f"{row.cumulative:.1%}",
            charts.share(row.count, greatest, BAR),
            place < main,
            addresses.cases(
                ("category", row.category_id),
                ("happened", "filed"),
                ("happened_from", since),
                ("happened_to", addresses.today),
            ),
        )
        for place, row in enumerate(pareto.rows[:SHOWN])
    ]
    rest = pareto.rows[SHOWN:]
    if rest:
        name = _("其余 %(count)s 类") % {"count": len(rest)}
        count = sum(row.count for row in rest)
        bars.append(ClassBar(name, count, "100.0%", charts.share(count, greatest, BAR), False, ""))
    return ParetoPanel(
        tuple(bars),
        _headline(pareto, main),
        pareto.total,
        Sheet(
            _("案由排行"),
            (_("案由"), _("件"), _("累计占比")),
            tuple((row.name, row.count, round(row.cumulative, 4)) for row in pareto.rows),
            frozenset({1, 2}),
        ),
    )


def _headline(pareto: Pareto, main: int) -> str:
    if not pareto.rows:
        return _("案由排行")
    share = pareto.rows[main - 1].cumulative
    return _("前 %(count)s 类占 %(share)s") % {"count": main, "share": f"{share:.1%}"}


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team: `place` 0–100 on the scale of the rate, `is_low` below the goal."""

    line: TeamLine
    rank: str
    on_time: str
    fraction: str
    rework: str
    place: int | None
    is_low: bool
    bar: int
    late: int
    url: str
    late_url: str


@dataclass(frozen=True, slots=True)
class TeamsPanel:
    """The teams by rank, small samples unranked behind them, and their sum."""

    rows: tuple[TeamRow, ...]
    on_time: str
    fraction: str
    rework: str
    open: int
    overdue: int
    goal: str
    goal_place: int
    least: str
    small: int
    sheet: Sheet


def teams_panel(teams: Teams, addresses: Addresses) -> TeamsPanel:
    """How the teams keep their limits."""
    greatest = max((line.open for line in teams.rows), default=0)
    return TeamsPanel(
        rows=tuple(_team(line, greatest, addresses) for line in teams.rows),
        on_time=percent(teams.on_time),
        fraction=fraction(teams.on_time),
        rework=percent(teams.rework),
        open=teams.open,
        overdue=teams.overdue,
        goal=f"{GOAL:.0%}",
        goal_place=_place(GOAL),
        least=f"{LEAST:.0%}",
        small=SMALL,
        sheet=Sheet(
            _("各单位按期结案率"),
            (
                _("名次"),
                _("责任单位"),
                _("按期结案率"),
                _("按期"),
                _("应结"),
                _("在办"),
                _("超时"),
                _("返工率"),
                _("样本小"),
            ),
            tuple(map(_team_values, teams.rows)),
            frozenset({2, 3, 4, 5, 6, 7}),
        ),
    )


def _team(line: TeamLine, greatest: int, addresses: Addresses) -> TeamRow:
    share = line.on_time.share
    return TeamRow(
        line=line,
        rank=str(line.rank) if line.rank is not None else "—",
        on_time=percent(line.on_time),
        fraction=fraction(line.on_time),
        rework=percent(line.rework),
        place=None if share is None else _place(share),
        is_low=share is not None and share < GOAL,
        bar=charts.share(line.open, greatest, BAR),
        late=charts.share(line.overdue, greatest, BAR),
        url=addresses.open_cases(("team_alone", line.team_id)),
        late_url=addresses.cases(("tab", "overdue"), ("team_alone", line.team_id)),
    )


def _team_values(line: TeamLine) -> tuple[str | int | float | None, ...]:
    return (
        line.rank,
        line.name,
        _rounded(line.on_time),
        line.on_time.numerator,
        line.on_time.denominator,
        line.open,
        line.overdue,
        _rounded(line.rework),
        _("是") if line.is_small else "",
    )


def _rounded(rate: Rate) -> float | None:
    return None if rate.share is None else round(rate.share, 4)


def _place(share: float) -> int:
    return round(BAR * max(0.0, min(1.0, (share - LEAST) / (1 - LEAST))))


@dataclass(frozen=True, slots=True)
class SourceBar:
    """A channel: bar 0–100."""

    label: str
    count: int
    share: str
    bar: int
    is_sensor: bool


@dataclass(frozen=True, slots=True)
class FinderFigure:
    """Who found: how many, of how many; `url` lists exactly these."""

    label: str
    count: int
    share: str
    is_self: bool
    url: str


@dataclass(frozen=True, slots=True)
class SourcesPanel:
    """Where cases come from, who found them, and the share of the sensors."""

    rows: tuple[SourceBar, ...]
    finders: tuple[FinderFigure, ...]
    sensors: str
    sensors_fraction: str
    total: int
    sheet: Sheet


def sources_panel(sources: Sources, addresses: Addresses, days: int) -> SourcesPanel:
    """The channels of what was filed, and who found it: what a squadron finds on itself stands
    apart, since it speaks for it."""
    total = sources.sensors.denominator
    greatest = max((row.count for row in sources.rows), default=0)
    rows = tuple(
        SourceBar(
            str(Channel(row.channel).label),
            row.count,
            percent(Rate(row.count, total)),
            charts.share(row.count, greatest, BAR),
            row.channel == Channel.SENSOR,
        )
        for row in sources.rows
    )
    finders = tuple(
        FinderFigure(
            str(FoundBy(each.found_by).label),
            each.share.numerator,
            percent(each.share),
            each.found_by == FoundBy.SELF,
            addresses.cases(
                *(("channel", channel) for channel in CHANNELS_OF_FINDER[each.found_by]),
                ("happened", "filed"),
                ("happened_from", addresses.today - timedelta(days=days - 1)),
                ("happened_to", addresses.today),
            ),
        )
        for each in sources.finders
    )
    return SourcesPanel(
        rows,
        finders,
        percent(sources.sensors),
        fraction(sources.sensors),
        total,
        Sheet(
            _("来源"),
            (_("来源"), _("件"), _("占比")),
            tuple(
                (shown.label, row.count, round(row.count / total, 4) if total else None)
                for shown, row in zip(rows, sources.rows, strict=True)
            ),
            frozenset({1, 2}),
        ),
    )
