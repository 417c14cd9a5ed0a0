"""Sums of a period: quantities by class and unit, the work of each team."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Sum

from cases.choices import OrderState
from cases.models import Order
from inspections.facts.period import Happened, Json, Period, campaign_start, is_overdue, plain
from inspections.models import Campaign


def quantities_of(period: Period, happened: Happened, campaign: Campaign | None) -> Json:
    """What was put right, by class and unit: in the period and since the campaign began."""
    now: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for order in happened.of("closed"):
        now[order.case.category.name, order.unit] += order.quantity or 0
    since = _quantities_since(period, campaign) if campaign else {}
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


def _quantities_since(period: Period, campaign: Campaign) -> dict[tuple[str, str], Decimal]:
    rows = period.of(
        Order.objects.filter(
            state=OrderState.PASSED,
            ended_at__gte=campaign_start(campaign),
            ended_at__lt=period.until,
        )
    )
    sums = rows.order_by().values_list("case__category__name", "unit").annotate(Sum("quantity"))
    return {(category, unit): amount or Decimal() for category, unit, amount in sums}


def teams_of(period: Period, happened: Happened, standing: Iterable[Order]) -> list[Json]:
    """Each team that had something to do; the most overdue first.

    `should` is what ought to be closed: what was closed in the period, and what stood
    overdue at its end. `on_time` of it was closed in time.
    """
    rows: dict[int, Json] = {}

    def row(order: Order) -> Json:
        empty = dict.fromkeys(("found", "closed", "open", "overdue", "on_time", "should"), 0)
        return rows.setdefault(
            order.team_id, {"team": order.team_id, "name": order.team.name, **empty}
        )

    for order in happened.of("dispatched"):
        row(order)["found"] += 1
    for order in happened.of("closed"):
        line = row(order)
        line["closed"] += 1
        line["should"] += 1
        line["on_time"] += int(bool(order.on_time))
    for order in standing:
        line = row(order)
        late = int(is_overdue(order, period.until))
        line["open"] += 1
        line["overdue"] += late
        line["should"] += late
    return sorted(rows.values(), key=lambda line: (-line["overdue"], -line["found"], line["name"]))
