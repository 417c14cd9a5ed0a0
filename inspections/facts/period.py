"""A period of the bureau or of a team: what happened in it, how things stood at its end."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from cases.choices import LIVE_ORDER_STATES
from cases.models import CaseEvent, Order
from citymgmt import clock
from grids.models import Team
from inspections.models import Campaign

COUNTED = {
    "case.dispatched": "dispatched",
    "order.submitted": "submitted",
    "order.passed": "closed",
    "order.reworked": "rework",
    "order.returned": "returned",
}
"""Events of orders that a period counts, and under which name."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Period:
    """[since, until) of the bureau (`team` None) or of a team with all below it."""

    since: datetime
    until: datetime
    team: Team | None = None

    @property
    def last_day(self) -> date:
        """The local day on which the period ends."""
        return (self.until - timedelta(microseconds=1)).astimezone(clock.LOCAL).date()

    def of(self, rows: QuerySet, column: str = "team_ids") -> QuerySet:
        """The rows of this scope."""
        if self.team is None:
            return rows
        return rows.filter(**{f"{column}__contains": [self.team.pk]})

    def within(self, column: str) -> Q:
        """The condition that a moment lies in the period."""
        return Q(**{f"{column}__gte": self.since, f"{column}__lt": self.until})


@dataclass(frozen=True, slots=True)
class Happened:
    """What was done to orders in a period: orders by what was counted, one entry an event."""

    orders: dict[str, Order]
    events: tuple[tuple[str, str], ...]

    def of(self, name: str) -> list[Order]:
        """The orders to which it happened, as often as it happened."""
        return [self.orders[number] for kind, number in self.events if kind == name]


def happened_in(period: Period) -> Happened:
    rows = CaseEvent.objects.filter(period.within("at"), name__in=COUNTED).order_by("at", "id")
    said = [
        (COUNTED[name], payload["order"]) for name, payload in rows.values_list("name", "payload")
    ]
    found = period.of(Order.objects.filter(number__in={number for _kind, number in said}))
    orders = {row.number: row for row in found.select_related("case__category", "team")}
    return Happened(orders, tuple(event for event in said if event[1] in orders))


def standing_at_end(period: Period) -> list[Order]:
    """Orders that were neither passed nor returned at the end of the period."""
    live = Q(state__in=LIVE_ORDER_STATES) | Q(ended_at__gte=period.until)
    rows = period.of(Order.objects.filter(live, issued_at__lt=period.until))
    return list(rows.select_related("team"))


def is_overdue(order: Order, until: datetime) -> bool:
    """Whether an order that stood open at a moment was past its limit and not yet submitted."""
    submitted = order.submitted_at is not None and order.submitted_at < until
    return order.due_at < until and not submitted


def running_campaign(day: date) -> Campaign | None:
    """The campaign that runs on a local day, the latest begun where there are several."""
    rows = Campaign.objects.filter(starts_on__lte=day, ends_on__gte=day)
    return rows.order_by("-starts_on", "code").first()


def campaign_start(campaign: Campaign) -> datetime:
    """The local midnight on which a campaign began."""
    return datetime.combine(campaign.starts_on, time(), tzinfo=clock.LOCAL)


def plain(amount: Decimal) -> str:
    """A quantity without trailing zeros: 3, 2.5."""
    return f"{amount.normalize():f}" if amount else "0"


def said(moment: datetime) -> str:
    """A moment as it is frozen: ISO text in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
