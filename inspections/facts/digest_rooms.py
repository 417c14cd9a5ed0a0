"""What a digest says of campaigns, problem ledgers and accountability.

The counts are those of their own pages: the same conditions, cut at the end of the period.
"""

from collections import Counter

from inspections.choices import AccountabilityLevel, SignAct
from inspections.facts.campaigns import came_back_of, cases_of
from inspections.facts.period import Json, Period
from inspections.facts.problem_ledgers import Standing, Tally, standings_of
from inspections.models import (
    Accountability,
    Campaign,
    CampaignTask,
    LedgerSignature,
    ProblemLedger,
)

MOST = 5
"""So many campaigns and ledgers have a line of their own."""


def campaigns_of(period: Period) -> list[Json]:
    """Each campaign that runs on the last day: what was filed of it, in the period and in all,
    what became of that, and which of its tasks are late."""
    day = period.last_day
    rows = Campaign.objects.filter(starts_on__lte=day, ends_on__gte=day)
    return [_campaign(period, row) for row in rows.order_by("-starts_on", "code")[:MOST]]


def _campaign(period: Period, campaign: Campaign) -> Json:
    day = period.last_day
    cases = period.of(cases_of(campaign).filter(filed_at__lt=period.until))
    back = came_back_of(campaign).filter(period.within("recorded_at"))
    late = CampaignTask.objects.filter(campaign=campaign, done_on__isnull=True, ends_on__lt=day)
    return {
        "code": campaign.code,
        "name": campaign.name,
        "day": campaign.day_of(day),
        "left": campaign.days_left(day),
        "fresh": cases.filter(filed_at__gte=period.since).count(),
        "filed": cases.count(),
        "closed": cases.filter(closed_at__lt=period.until).count(),
        "came_back": period.of(back, "team__path").count(),
        "late": period.of(late, "lead_team__path").count(),
    }


def ledgers_of(period: Period) -> list[Json]:
    """How each problem ledger stands that is not over, as its page says, and what was struck off
    in the period; a team's has the items for which the team answers."""
    rows = ProblemLedger.objects.exclude(inspection_on__lt=period.last_day)
    ledgers = list(rows.order_by("pk")[: 2 * MOST])
    items = [each for each in standings_of(ledgers) if period.covers(each.path)]
    signed = LedgerSignature.objects.filter(
        period.within("at"), act=SignAct.SIGNED, item__in=[each.pk for each in items]
    )
    fresh = set(signed.values_list("item", flat=True))
    found = [
        _ledger(row, [each for each in items if each.ledger_id == row.pk], fresh) for row in ledgers
    ]
    return [line for line in found if line["total"]][:MOST]


def _ledger(ledger: ProblemLedger, items: list[Standing], fresh: set[int]) -> Json:
    tally = Tally()
    for each in items:
        tally.add(each.state)
    return {
        "code": ledger.code,
        "name": ledger.name,
        "total": tally.total,
        "signed": tally.signed,
        "ready": tally.ready,
        "back": tally.back,
        "fresh": sum(each.pk in fresh for each in items),
    }


def accountability_of(period: Period) -> Json:
    """What was decided in the period, by level, and of which teams; never of whom, nor what is
    only proposed."""
    rows = Accountability.objects.filter(period.within("decided_at")).exclude(level="")
    decided = list(
        period.of(rows).order_by("decided_at", "pk").values_list("number", "level", "team__name")
    )
    levels = Counter(level for _number, level, _team in decided)
    return {
        "decided": len(decided),
        "levels": {level: levels[level] for level in AccountabilityLevel.values if levels[level]},
        "numbers": [number for number, _level, _team in decided],
        "teams": sorted({team for _number, _level, team in decided if team}),
    }
