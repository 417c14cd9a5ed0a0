"""Everything a dashboard shows, from the roll-ups and the newest events.

`read` makes a whole `Board`, `at_a_glance` its figures alone: each in three statements. What
happened is summed up to the minute; a stock of an earlier moment is the stock of now without
what came and went since. What is overdue now is read from the rows, so that the list opened from
it shows exactly as many.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from citymgmt import clock
from inspections.facts.charts import (
    ageing_of,
    hours_of,
    pareto_of,
    sources_of,
    teams_of,
    time_to_close_of,
    trend_of,
)
from inspections.facts.running import Running, running_in
from inspections.facts.shapes import (
    HOURS,
    Board,
    Figure,
    Rate,
    RateFigure,
    Scope,
)
from inspections.facts.windows import (
    DAY,
    HOUR,
    Sums,
    Window,
    after,
    happened,
    local_midnight,
    summed,
)
from inspections.measures import EPOCH, Kind, day_of, week_of

FLOWS = ("reported", "filed", "dispatched", "closed", "rebound", "looked")
STOCKS = (
    "open",
    "to_dispatch",
    "rectifying",
    "to_check",
    "suspended",
    "overdue",
    "soon",
    "lookbacks_due",
    "pending",
)
RATED = ("done", "done_on_time", "submitted", "submitted_on_time", "rework", "looked", "rebound")
AGES = (0, 1, 3, 7, 15)
RATE_DAYS = 7
TREND_DAYS = 28
WEEKS = 4
WEEK = timedelta(days=7)


def at_a_glance(at: datetime, scope: Scope) -> dict[str, Figure]:
    """The figures of the first line by name, see `Board`; three statements."""
    return _figures(summed(scope, _glance(at)), running_in(scope, at, AGES))


def read(
    at: datetime, scope: Scope, *, days: int = RATE_DAYS, trend_days: int = TREND_DAYS
) -> Board:
    """Everything of a scope at a moment (now); three statements.

    Rates, classes and teams are of the last `days` local days, the running one included; trend,
    hours and sources of the last `trend_days`, at most 60: hours are not kept for longer.
    """
    # First, with the version of the scope: what comes between is told of, not lost.
    running = running_in(scope, at, AGES)
    asked = [*_glance(at), *_rated(at, days), *_of_teams(at, days)]
    sums = summed(scope, [*asked, *_charted(at, days, trend_days)])
    today = at.astimezone(clock.LOCAL).date()
    figures = _figures(sums, running)
    rates = _rates(sums, figures["overdue"])
    by_hour = sums.by_time("hours", "filed")
    monday = week_of(at, clock.LOCAL) - WEEKS * WEEK
    return Board(
        at=at,
        scope=scope,
        figures=figures,
        rates=rates,
        rate_days=days,
        trend=trend_of(sums, today, trend_days),
        pareto=pareto_of(sums, running.classes),
        teams=teams_of(sums, running, rates),
        hours=hours_of(by_hour),
        sources=sources_of(sums),
        ageing=ageing_of(sums, running, AGES, today),
        time_to_close=time_to_close_of(sums, running.classes, monday),
        today_by_hour=_hours_of_day(by_hour, local_midnight(at)),
        yesterday_by_hour=_hours_of_day(by_hour, local_midnight(at) - DAY),
        is_whole=sums.is_whole,
        version=running.version,
    )


def _moments(at: datetime) -> tuple[datetime, ...]:
    """Now, yesterday and the same weekday before, at this minute."""
    return at, at - DAY, at - WEEK


def _glance(at: datetime) -> Iterator[Window]:
    for number, moment in enumerate(_moments(at)):
        yield from happened(f"day{number}", FLOWS, local_midnight(moment), moment)
        yield from after(f"after{number}", STOCKS, moment)
    yield Window("all", STOCKS, Kind.TOTAL, EPOCH)


def _rated(at: datetime, days: int) -> Iterator[Window]:
    for number, moment in enumerate(_moments(at)):
        since = local_midnight(moment - (days - 1) * DAY)
        yield from happened(f"span{number}", RATED, since, moment)


def _of_teams(at: datetime, days: int) -> Iterator[Window]:
    today = day_of(at, clock.LOCAL)
    lately = today - (days - 1) * DAY
    yield Window("teams", ("done", "done_on_time", "rework"), Kind.DAY_TEAM, lately)
    yield Window("teams today", ("dispatched", "done"), Kind.DAY_TEAM, today)
    yield Window("teams open", ("open",), Kind.TOTAL_TEAM, EPOCH)


def _charted(at: datetime, days: int, trend_days: int) -> Iterator[Window]:
    today = day_of(at, clock.LOCAL)
    lately, long = today - (days - 1) * DAY, today - (trend_days - 1) * DAY
    # The mean of the first day shown looks six days further back.
    yield Window("trend", ("filed", "closed"), Kind.DAY, long - 6 * DAY, dated=True)
    yield Window("classes", ("filed",), Kind.DAY_CLASS, lately)
    yield Window("sources", ("filed",), Kind.DAY_SOURCE, long)
    yield Window("hours", ("filed",), Kind.HOUR, long, dated=True)
    monday = week_of(at, clock.LOCAL) - WEEKS * WEEK
    yield Window("took", ("took",), Kind.WEEK_CLASS_STEP, monday)
    for number, age in enumerate(AGES):
        older = AGES[number + 1] if number + 1 < len(AGES) else None
        since = EPOCH if older is None else today - (older - 1) * DAY
        yield Window(
            f"age{age}", ("aged", "aged_suspended"), Kind.DAY, since, today - (age - 1) * DAY
        )


def _figures(sums: Sums, running: Running) -> dict[str, Figure]:
    figures = {name: Figure(*(sums.of(f"day{n}", name) for n in range(3))) for name in FLOWS}
    for name in STOCKS:
        now, *before = (sums.of("all", name) - sums.of(f"after{n}", name) for n in range(3))
        figures[name] = Figure(now, *before)
    for name, count in (("overdue", running.overdue), ("soon", running.soon)):
        known = figures[name]
        figures[name] = Figure(count, known.yesterday, known.week_before)
    return figures


def _rates(sums: Sums, overdue: Figure) -> dict[str, RateFigure]:
    """Domain facts, section 9. What should be closed (or submitted) by the end of a period is
    what was, and what stood overdue at its end."""
    late = overdue.now, overdue.yesterday, overdue.week_before
    spans = [{name: sums.of(f"span{n}", name) for name in RATED} for n in range(3)]
    found = [_rates_of(span, late[number]) for number, span in enumerate(spans)]
    return {name: RateFigure(*(rates[name] for rates in found)) for name in found[0]}


def _rates_of(span: Mapping[str, int], late: int) -> dict[str, Rate]:
    to_close, to_submit = span["done"] + late, span["submitted"] + late
    return {
        "closing": Rate(span["done"], to_close),
        "on_time": Rate(span["done_on_time"], to_close),
        "handling": Rate(span["submitted"], to_submit),
        "handling_on_time": Rate(span["submitted_on_time"], to_submit),
        "rework": Rate(span["rework"], to_close),
        "rebound": Rate(span["rebound"], span["looked"]),
    }


def _hours_of_day(by_hour: Mapping[datetime, int], midnight: datetime) -> tuple[int, ...]:
    return tuple(by_hour.get(midnight + hour * HOUR, 0) for hour in range(HOURS))
