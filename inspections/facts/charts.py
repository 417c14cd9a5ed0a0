"""The charts of a dashboard from its sums."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from cases.choices import CHANNELS_OF_FINDER, Channel
from citymgmt import clock
from inspections.facts.running import Running
from inspections.facts.shapes import (
    HOURS,
    WEEKDAYS,
    Age,
    ClassCount,
    Day,
    Finder,
    Hours,
    Pareto,
    Rate,
    RateFigure,
    Source,
    Sources,
    TeamLine,
    Teams,
    TimeToClose,
    Took,
    Trend,
)
from inspections.facts.windows import Sums
from inspections.measures import quantile

SMALL = 20
"""With fewer than so many that should be closed a team is not ranked, a class not compared."""
MEAN_OF = 7


def trend_of(sums: Sums, today: date, days: int) -> Trend:
    """Filed and closed by local day, with the means of the seven days before."""
    filed, closed = (_by_day(sums, name) for name in ("filed", "closed"))

    def line(day: date) -> Day:
        whole = [day - timedelta(days=back) for back in range(MEAN_OF)]
        means = [
            None if day == today else sum(counts[one] for one in whole) / MEAN_OF
            for counts in (filed, closed)
        ]
        return Day(day, filed[day], closed[day], *means)

    return Trend(tuple(line(today - timedelta(days=back)) for back in range(days - 1, -1, -1)))


def _by_day(sums: Sums, measure: str) -> dict[date, int]:
    found: dict[date, int] = defaultdict(int)
    for at, count in sums.by_time("trend", measure).items():
        found[at.astimezone(clock.LOCAL).date()] += count
    return found


def pareto_of(sums: Sums, names: Mapping[int, str]) -> Pareto:
    """Classes by how many cases were filed of them."""
    counts = {int(axis): count for axis, count in sums.by_axis("classes", "filed").items()}
    total, behind = sum(counts.values()), 0
    rows = []
    for pk, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        behind += count
        rows.append(ClassCount(pk, names.get(pk, ""), count, behind / total))
    return Pareto(tuple(rows), total)


def teams_of(sums: Sums, running: Running, rates: Mapping[str, RateFigure]) -> Teams:
    """Each team that had something to do, by the share it closed in time."""
    lines = [_team(pk, sums, running) for pk in _teams_in(sums, running)]
    lines.sort(key=lambda row: (-(row.on_time.share or 0), -row.on_time.denominator, row.name))
    big = [row for row in lines if row.on_time.denominator >= SMALL]
    small = [row for row in lines if row.on_time.denominator < SMALL]
    ranked = [replace(row, rank=place) for place, row in enumerate(big, 1)]
    return Teams(
        rows=(*ranked, *small),
        on_time=rates["on_time"].now,
        rework=rates["rework"].now,
        open=sums.of("all", "open"),
        overdue=running.overdue,
    )


def _teams_in(sums: Sums, running: Running) -> set[int]:
    told = [
        *(sums.by_axis("teams", name) for name in ("done", "rework")),
        *(sums.by_axis("teams today", name) for name in ("dispatched", "done")),
        sums.by_axis("teams open", "open"),
    ]
    return ({int(axis) for found in told for axis in found} | set(running.by_team)) - {0}


def _team(pk: int, sums: Sums, running: Running) -> TeamLine:
    def count(window: str, measure: str) -> int:
        return sums.by_axis(window, measure).get(str(pk), 0)

    late = running.by_team.get(pk, 0)
    should = count("teams", "done") + late
    return TeamLine(
        team_id=pk,
        name=running.teams.get(pk, ""),
        rank=None,
        on_time=Rate(count("teams", "done_on_time"), should),
        rework=Rate(count("teams", "rework"), should),
        given_today=count("teams today", "dispatched"),
        closed_today=count("teams today", "done"),
        open=count("teams open", "open"),
        overdue=late,
    )


def hours_of(by_hour: Mapping[datetime, int]) -> Hours:
    """Filings by local weekday and hour."""
    cells = [[0] * HOURS for _day in range(WEEKDAYS)]
    for at, count in by_hour.items():
        local = at.astimezone(clock.LOCAL)
        cells[local.weekday()][local.hour] += count
    return Hours(tuple(tuple(row) for row in cells), sum(by_hour.values()))


def sources_of(sums: Sums) -> Sources:
    """Filings by channel."""
    counts = sums.by_axis("sources", "filed")
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    total = sum(counts.values())
    sensors = Rate(counts.get(Channel.SENSOR, 0), total)
    finders = tuple(
        Finder(finder, Rate(sum(counts.get(channel, 0) for channel in channels), total))
        for finder, channels in CHANNELS_OF_FINDER.items()
    )
    return Sources(tuple(Source(channel, count) for channel, count in ordered), finders, sensors)


def ageing_of(sums: Sums, running: Running, ages: Sequence[int], today: date) -> tuple[Age, ...]:
    """What is not at its end, by the local days since it was filed."""
    rows = []
    for number, age in enumerate(ages):
        older = ages[number + 1] if number + 1 < len(ages) else None
        rows.append(
            Age(
                since_days=age,
                filed_from=None if older is None else today - timedelta(days=older - 1),
                filed_to=today - timedelta(days=age),
                count=sums.of(f"age{age}", "aged"),
                overdue=running.by_age.get(age, 0),
                suspended=sums.of(f"age{age}", "aged_suspended"),
            )
        )
    return tuple(rows)


def time_to_close_of(sums: Sums, names: Mapping[int, str], since: datetime) -> TimeToClose:
    """Median and 90th percentile of each class of which something was closed."""
    steps: dict[int, dict[int, int]] = defaultdict(dict)
    for axis, count in sums.by_axis("took", "took").items():
        category, step = axis.split(":")
        steps[int(category)][int(step)] = count
    rows = [
        Took(
            category_id=pk,
            name=names.get(pk, ""),
            count=sum(found.values()),
            median=quantile(found, 0.5),
            ninetieth=quantile(found, 0.9),
            is_small=sum(found.values()) < SMALL,
        )
        for pk, found in steps.items()
    ]
    rows.sort(key=lambda row: (-row.count, row.category_id))
    return TimeToClose(tuple(rows), since.astimezone(clock.LOCAL).date())
