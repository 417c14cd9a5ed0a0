"""A period of the bureau or of a team, and how what is said of it is written."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from cases.models import Order
from citymgmt import clock
from grids.models import Team
from inspections.models import Campaign

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

    def covers(self, path: Collection[int]) -> bool:
        """Whether a team, by its path, is of this scope."""
        return self.team is None or self.team.pk in path

    def within(self, column: str) -> Q:
        """The condition that a moment lies in the period."""
        return Q(**{f"{column}__gte": self.since, f"{column}__lt": self.until})


def is_overdue(order: Order, until: datetime) -> bool:
    """Whether an order was past its limit at a moment: not yet submitted or ended, not resting."""
    stopped = [order.submitted_at, order.ended_at]
    if order.is_paused or any(moment is not None and moment < until for moment in stopped):
        return False
    return order.due_at < until


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
