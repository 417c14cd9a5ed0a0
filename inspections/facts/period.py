"""A period of the bureau or of a team: what happened in it, how things stood at its end."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from cases.choices import (
    LIVE_ORDER_STATES,
    CaseState,
    Closing,
    OrderState,
    RequestKind,
    RequestState,
)
from cases.models import Case, CaseEvent, Order, Request
from cases.querysets import uncounted
from citymgmt import clock
from grids.models import Team
from inspections.models import Campaign

COUNTED = {
    "order.submitted": "submitted",
    "order.reworked": "rework",
    "order.returned": "returned",
}
"""Events of orders that a period counts one by one, and under which name."""
HANDED_OUT = ("case.dispatched", "order.transferred")
"""Events with which a problem is given to the team that answers for it."""
OF_PROBLEMS = frozenset({"submitted"})
"""What is counted by problem: of a problem that several put right, by its lead order."""

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


@dataclass(frozen=True, slots=True)
class Closed:
    """A closing that counts: the order that led to it (None where it was forced), its team."""

    case: Case
    order: Order | None
    team: Team | None
    on_time: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A problem that is being put right: its lead order, and whether any of its orders is late."""

    order: Order
    late: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """What was done in a period.

    `handed_out` are the lead orders of the problems that were given to a team, one a problem
    and round: of one that was transferred, the newest. `events` are (name, order), one an event.
    """

    handed_out: tuple[Order, ...]
    events: tuple[tuple[str, Order], ...]
    closed: tuple[Closed, ...]

    def count(self, name: str) -> int:
        """How often it happened."""
        return sum(1 for kind, _order in self.events if kind == name)


def happened_in(period: Period) -> Happened:
    names = (*COUNTED, *HANDED_OUT)
    rows = CaseEvent.objects.filter(period.within("at"), name__in=names).order_by("at", "id")
    said = [(name, facts["order"]) for name, facts in rows.values_list("name", "payload")]
    found = Order.objects.filter(number__in={number for _name, number in said})
    orders = {
        row.number: row
        for row in found.exclude(uncounted("case__")).select_related("case__category", "team")
    }
    known = [(name, orders[number]) for name, number in said if number in orders]
    return Happened(
        handed_out=_handed_out(period, [row for name, row in known if name in HANDED_OUT]),
        events=tuple(
            (COUNTED[name], order)
            for name, order in known
            if name in COUNTED and period.covers(order.team_ids) and _counts(name, order)
        ),
        closed=tuple(closings_in(period)),
    )


def _counts(name: str, order: Order) -> bool:
    return order.is_lead or COUNTED[name] not in OF_PROBLEMS


def _handed_out(period: Period, orders: list[Order]) -> tuple[Order, ...]:
    wanted = {(order.case_id, order.round) for order in orders if order.is_lead}
    latest = _leads({case_id for case_id, _round in wanted}, period.until)
    chosen = (latest.get(key) for key in sorted(wanted))
    return tuple(row for row in chosen if row is not None and period.covers(row.team_ids))


def _leads(case_ids: Collection[int], until: datetime) -> dict[tuple[int, int], Order]:
    """The newest lead order before a moment of each case and round."""
    rows = Order.objects.filter(case_id__in=case_ids, is_lead=True, issued_at__lt=until)
    ordered = rows.select_related("case__category", "team").order_by("position")
    return {(row.case_id, row.round): row for row in ordered}


def closings_in(period: Period) -> Iterator[Closed]:
    """The closings of a period. What closed with another case is counted there."""
    rows = (
        CaseEvent.objects.filter(period.within("at"), name="case.closed")
        .exclude(payload__closing=Closing.JOINED)
        .exclude(case__state=CaseState.VOIDED)
        .select_related("case__lead_team")
        .order_by("at", "id")
    )
    events = [(event.payload, event.case) for event in rows if event.case is not None]
    orders = {
        row.number: row
        for row in Order.objects.filter(
            number__in=[facts["order"] for facts, _case in events if facts.get("order")]
        ).select_related("case__category", "team")
    }
    waived = waived_rounds([case.pk for _facts, case in events])
    for facts, case in events:
        order = orders.get(facts.get("order"))
        team = order.team if order else case.lead_team
        in_time = bool(facts.get("on_time"))
        if order is not None and (case.pk, order.round) in waived:
            in_time = True
        if period.covers(team.path if team else ()):
            yield Closed(case, order, team, in_time)


def waived_rounds(case_ids: Collection[int]) -> set[tuple[int, int]]:
    """The rounds (case, round) whose overtime an upheld appeal waived."""
    upheld = Request.objects.filter(
        case_id__in=case_ids, kind=RequestKind.APPEAL, state=RequestState.APPROVED
    )
    return set(upheld.values_list("case_id", "order__round"))


def standing_at_end(period: Period) -> list[Standing]:
    """Problems that were being put right or checked at the end of the period.

    One whose lead order was given back waits for a new one and is not among them.
    """
    alive = Q(state__in=LIVE_ORDER_STATES) | Q(ended_at__gte=period.until)
    rows = Order.objects.filter(alive, issued_at__lt=period.until).exclude(uncounted("case__"))
    late: dict[tuple[int, int], bool] = {}
    for order in rows:
        key = (order.case_id, order.round)
        late[key] = late.get(key, False) or is_overdue(order, period.until)
    leads = _leads({case_id for case_id, _round in late}, period.until)
    return [
        Standing(lead, is_late)
        for key, is_late in sorted(late.items())
        if (lead := leads.get(key)) is not None
        and not _was_given_back(lead, period.until)
        and period.covers(lead.team_ids)
    ]


def _was_given_back(order: Order, until: datetime) -> bool:
    ended = order.ended_at is not None and order.ended_at < until
    return ended and order.state in (OrderState.RETURNED, OrderState.CANCELLED)


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
