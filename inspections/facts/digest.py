"""Everything a digest says about a period."""

from datetime import datetime, timedelta

from django.db.models import Count

from cases.cell_ways import counted_by_cell
from cases.choices import CHANNELS_OF_FINDER, CellWay
from cases.models import Case
from grids.borders import whole_health
from grids.models import Cell
from inspections.choices import DigestKind
from inspections.facts.behind import Behind, behind_of
from inspections.facts.bulletins import effect_of, points_of, spots_of, units_of
from inspections.facts.digest_rooms import accountability_of, campaigns_of, ledgers_of
from inspections.facts.happened import Happened, Standing, happened_in, standing_at_end
from inspections.facts.hot_spots import hot_spots_of
from inspections.facts.outings import outings_of
from inspections.facts.period import Json, Period, campaign_start, running_campaign
from inspections.facts.rows import Seen, lookbacks_of, problems_of, seen_in
from inspections.facts.sums import quantities_of, teams_of
from inspections.facts.totals import filed_in, totals_of
from inspections.models import Campaign

WEEK = timedelta(days=7)
BUSIEST = 3


def figures(period: Period) -> Json:
    """Everything a daily digest says about a period, as JSON values fit to be frozen.

    Moments are ISO texts in UTC, quantities decimal texts, photos ids.
    """
    return composed(DigestKind.DAILY, period)[0]


def composed(kind: str, period: Period) -> tuple[Json, Behind]:
    """What a document of a kind says about a period, and the cases behind each of its figures."""
    happened = happened_in(period)
    standing = standing_at_end(period)
    seen = seen_in(period)
    behind = behind_of(period, happened, standing, seen)
    said = _common(period, happened, standing, seen, behind)
    if kind == DigestKind.WEEKLY:
        said["effect"] = effect_of(period, behind)
        said["points"] = points_of(period)
    elif kind == DigestKind.MONTHLY:
        said["units"] = units_of(happened, standing, seen)
    elif kind == DigestKind.QUARTERLY:
        said["spots"] = spots_of(period)
    elif kind == DigestKind.YEARLY:
        said["units"] = units_of(happened, standing, seen)
        said["spots"] = spots_of(period)
    return said, behind


def _common(
    period: Period, happened: Happened, standing: list[Standing], seen: Seen, behind: Behind
) -> Json:
    campaign = running_campaign(period.last_day)
    return {
        "form": 1,
        "scope": {"team": period.team.pk, "name": period.team.name} if period.team else None,
        "campaign": _campaign(period, campaign) if campaign else None,
        "totals": totals_of(period, happened, behind),
        "found": _found(period),
        "quantities": quantities_of(period, campaign),
        "teams": teams_of(happened, standing),
        "problems": problems_of(period, happened),
        "lookbacks": lookbacks_of(seen),
        "grid": _grid(period),
        "outings": outings_of(period),
        "hot_spots": hot_spots_of(period),
        "campaigns": campaigns_of(period),
        "ledgers": ledgers_of(period),
        "accountability": accountability_of(period),
    }


def _found(period: Period) -> Json:
    """What was filed, by who found it."""
    filed = filed_in(period).order_by()
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
