"""Everything a digest says about a period."""

from datetime import datetime, timedelta

from django.db.models import Count

from cases.cell_ways import counted_by_cell
from cases.choices import CHANNELS_OF_FINDER, CaseState, CellWay
from cases.models import Case, Report
from grids.borders import whole_health
from grids.models import Cell
from inspections.facts.digest_rooms import accountability_of, campaigns_of, ledgers_of
from inspections.facts.hot_spots import hot_spots_of
from inspections.facts.outings import outings_of
from inspections.facts.period import (
    COUNTED,
    Happened,
    Json,
    Period,
    Standing,
    campaign_start,
    happened_in,
    running_campaign,
    standing_at_end,
)
from inspections.facts.rows import lookbacks_of, problems_of
from inspections.facts.sums import quantities_of, teams_of
from inspections.models import Campaign

WEEK = timedelta(days=7)
BUSIEST = 3


def figures(period: Period) -> Json:
    """Everything a digest says about a period, as JSON values fit to be frozen.

    Moments are ISO texts in UTC, quantities decimal texts, photos ids.
    """
    campaign = running_campaign(period.last_day)
    happened = happened_in(period)
    standing = standing_at_end(period)
    looked = lookbacks_of(period)
    return {
        "form": 1,
        "scope": {"team": period.team.pk, "name": period.team.name} if period.team else None,
        "campaign": _campaign(period, campaign) if campaign else None,
        "totals": _totals(period, happened, standing, looked),
        "found": _found(period),
        "quantities": quantities_of(period, campaign),
        "teams": teams_of(happened, standing),
        "problems": problems_of(period, happened),
        "lookbacks": looked,
        "grid": _grid(period),
        "outings": outings_of(period),
        "hot_spots": hot_spots_of(period),
        "campaigns": campaigns_of(period),
        "ledgers": ledgers_of(period),
        "accountability": accountability_of(period),
    }


def _found(period: Period) -> Json:
    """What was filed, by who found it."""
    filed = period.of(Case.objects.counted().filter(period.within("filed_at"))).order_by()
    counts = dict(filed.values_list("channel").annotate(count=Count("pk")))
    return {
        str(finder): sum(counts.get(channel, 0) for channel in channels)
        for finder, channels in CHANNELS_OF_FINDER.items()
    }


def _grid(period: Period) -> Json | None:
    """What was wrong with the grid at the end of the period, by kind, and which cells had most
    cases in the week before; the bureau's alone."""
    if period.team is not None:
        return None
    found = whole_health(period.until)
    return {"cells": found.cells, "wrong": found.counts, "load": _load(period.until)}


def _load(until: datetime) -> Json:
    """The cells with most cases filed in a week, by the cells of that moment."""
    filed = Case.objects.counted().filter(filed_at__gte=until - WEEK, filed_at__lt=until)
    found = counted_by_cell(filed, until, CellWay.NOW, {"filed": Count("pk")})
    codes = dict(Cell.objects.filter(pk__in=found).values_list("pk", "code"))
    busiest = sorted(((codes[pk], one["filed"]) for pk, one in found.items()), key=_most_first)
    return {"filed": sum(one["filed"] for one in found.values()), "busiest": busiest[:BUSIEST]}


def _most_first(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def totals(period: Period) -> Json:
    """Only the totals of a period, for comparison."""
    return _totals(period, happened_in(period), standing_at_end(period), lookbacks_of(period))


def _totals(period: Period, happened: Happened, standing: list[Standing], looked: Json) -> Json:
    filed = period.of(Case.objects.counted().filter(period.within("filed_at")))
    waiting = period.of(Case.objects.filter(state=CaseState.TO_DISPATCH))
    return {
        "reported": period.of(Report.objects.filter(period.within("created_at"))).count(),
        "filed": filed.count(),
        "dispatched": len(happened.handed_out),
        **{name: happened.count(name) for name in COUNTED.values()},
        "closed": len(happened.closed),
        "closed_on_time": sum(1 for closing in happened.closed if closing.on_time),
        "open": len(standing),
        "overdue": sum(1 for problem in standing if problem.late),
        "waiting": waiting.filter(filed_at__lt=period.until).count(),
        "lookbacks_due": looked["due"],
        "lookbacks_done": looked["done"],
        "rebounds": looked["rebound"] + looked["false"],
    }


def _campaign(period: Period, campaign: Campaign) -> Json:
    filed = period.of(
        Case.objects.counted().filter(
            filed_at__gte=campaign_start(campaign), filed_at__lt=period.until
        )
    )
    return {
        "name": campaign.name,
        "day": campaign.day_of(period.last_day),
        "left": campaign.days_left(period.last_day),
        "filed": filed.count(),
    }
