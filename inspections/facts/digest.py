"""Everything a digest says about a period."""

from collections import Counter

from cases.choices import CaseState
from cases.models import Case, Order, Report
from inspections.facts.period import (
    COUNTED,
    Happened,
    Json,
    Period,
    campaign_start,
    happened_in,
    is_overdue,
    running_campaign,
    standing_at_end,
)
from inspections.facts.rows import lookbacks_of, problems_of
from inspections.facts.sums import quantities_of, teams_of
from inspections.models import Campaign


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
        "quantities": quantities_of(period, happened, campaign),
        "teams": teams_of(period, happened, standing),
        "problems": problems_of(period, happened),
        "lookbacks": looked,
    }


def totals(period: Period) -> Json:
    """Only the totals of a period, for comparison."""
    return _totals(period, happened_in(period), standing_at_end(period), lookbacks_of(period))


def _totals(period: Period, happened: Happened, standing: list[Order], looked: Json) -> Json:
    counts = Counter(kind for kind, _number in happened.events)
    waiting = period.of(Case.objects.filter(state=CaseState.TO_DISPATCH))
    return {
        "reported": period.of(Report.objects.filter(period.within("created_at"))).count(),
        "filed": period.of(Case.objects.filter(period.within("filed_at"))).count(),
        **{name: counts[name] for name in COUNTED.values()},
        "closed_on_time": sum(1 for order in happened.of("closed") if order.on_time),
        "open": len(standing),
        "overdue": sum(1 for order in standing if is_overdue(order, period.until)),
        "waiting": waiting.filter(filed_at__lt=period.until).count(),
        "lookbacks_due": looked["due"],
        "lookbacks_done": looked["done"],
        "rebounds": looked["rebound"] + looked["false"],
    }


def _campaign(period: Period, campaign: Campaign) -> Json:
    filed = period.of(
        Case.objects.filter(filed_at__gte=campaign_start(campaign), filed_at__lt=period.until)
    )
    return {
        "name": campaign.name,
        "day": campaign.day_of(period.last_day),
        "left": campaign.days_left(period.last_day),
        "filed": filed.count(),
    }
