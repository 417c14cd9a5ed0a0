"""Sums of a period: quantities by class and unit, the work of each team."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from cases.choices import CaseState, OrderState
from cases.models import Order
from grids.models import Team
from inspections.facts.happened import Happened, Standing
from inspections.facts.period import Json, Period, campaign_start, plain
from inspections.models import Campaign


def quantities_of(period: Period, campaign: Campaign | None) -> Json:
    """What was put right, by class and unit: in the period and since the campaign began.

    Every team's work counts, that of those who assisted too.
    """
    now = _quantities_since(period, period.since)
    since = _quantities_since(period, campaign_start(campaign)) if campaign else {}
    keys = sorted(
        set(now) | set(since), key=lambda key: (-now.get(key, 0), -since.get(key, 0), key)
    )
    by_unit: dict[str, Decimal] = defaultdict(Decimal)
    for (_category, unit), amount in now.items():
        by_unit[unit] += amount
    return {
        "rows": [
            {
                "category": category,
                "unit": unit,
                "now": plain(now.get((category, unit), Decimal())),
                "since": plain(since.get((category, unit)) or now[category, unit]),
            }
            for category, unit in keys
        ],
        "units": [
            {"unit": unit, "now": plain(amount)}
            for unit, amount in sorted(by_unit.items(), key=lambda item: -item[1])
        ],
    }


def _quantities_since(period: Period, start: datetime) -> dict[tuple[str, str], Decimal]:
    rows = period.of(
        Order.objects.filter(
            state=OrderState.PASSED,
            ended_at__gte=start,
            ended_at__lt=period.until,
        ).exclude(case__state=CaseState.VOIDED)
    )
    sums = rows.order_by().values_list("case__category__name", "unit").annotate(Sum("quantity"))
    return {(category, unit): amount or Decimal() for category, unit, amount in sums}


def teams_of(happened: Happened, standing: Iterable[Standing]) -> list[Json]:
    """Each team that had something to do; the most overdue first.

    `should` is what ought to be closed: what was closed in the period, and what stood
    overdue at its end. `on_time` of it was closed in time.
    """
    empty = ("found", "closed", "open", "overdue", "on_time", "should")
    rows: dict[int, Counter[str]] = defaultdict(lambda: Counter(dict.fromkeys(empty, 0)))
    for given in happened.handed_out:
        rows[given.team_id]["found"] += 1
    for closing in happened.closed:
        if closing.team_id is None:
            continue
        line = rows[closing.team_id]
        line["closed"] += 1
        line["should"] += 1
        line["on_time"] += int(closing.on_time)
    for problem in standing:
        line = rows[problem.team_id]
        line["open"] += 1
        line["overdue"] += int(problem.late)
        line["should"] += int(problem.late)
    names = dict(Team.objects.filter(pk__in=rows).values_list("pk", "name"))
    said = [{"team": pk, "name": names[pk], **line} for pk, line in rows.items()]
    return sorted(said, key=lambda line: (-line["overdue"], -line["found"], line["name"]))
