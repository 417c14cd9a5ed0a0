"""Who of a team could take an order, and how much each has in hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Aggregate, Count, F, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from cases.models import Order
from cases.querysets import among
from citymgmt.models import User
from grids.models import Membership, Team

# An order's work is reckoned from the newest of the bureau, within bounds: what lay overnight was
# not worked on all the time.
_SAMPLE = 1000
_SAMPLE_DAYS = timedelta(days=60)
_MINUTE = timedelta(minutes=1)
ENOUGH = 5
LEAST_MINUTES, MOST_MINUTES = 10, 120


@dataclass(frozen=True, slots=True)
class Hand:
    """A member of a team (or of one below it) with the number of his open orders."""

    person: User
    post: str
    post_label: str
    orders: int


def hands_of(team_id: int | None, at: datetime) -> list[Hand]:
    """The active members at a moment, leaders last, else the least loaded first; one statement."""
    if team_id is None:
        return []
    open_orders = (
        Order.objects.open()
        .filter(person_id=OuterRef("user_id"))
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(number=Count("pk"))
        .values("number")
    )
    rows = (
        Membership.objects.in_force(at)
        .filter(team__path__contains=[team_id], user__is_active=True)
        .select_related("user")
        .annotate(orders=Coalesce(Subquery(open_orders, output_field=IntegerField()), 0))
        .order_by("user__name", "pk")
    )
    seen: dict[int, Hand] = {}
    for row in rows:
        hand = Hand(row.user, row.post, row.get_post_display(), row.orders)
        seen.setdefault(row.user_id, hand)
    return sorted(seen.values(), key=lambda hand: (hand.post != "member", hand.orders))


def teams_for_orders() -> list[Team]:
    """The teams that can be told to do something, by kind and code; one statement."""
    return list(Team.objects.filter(is_active=True, parent__isnull=False).order_by("kind", "code"))


def usual_minutes(at: datetime) -> dict[int, int]:
    """How long work of a class usually takes, in minutes, by the class's id; one statement.

    The median from receipt to first submission of the newest thousand orders of the last 60 days,
    at least 10 minutes and at most 2 hours; classes with fewer than five of them are left out:
    for those `settings.ORDER_USUAL_MINUTES` holds.
    """
    newest = Order.objects.filter(
        submitted_at__gt=at - _SAMPLE_DAYS, submitted_at__lte=at, rework_count=0
    ).order_by("-submitted_at")
    spans = (
        Order.objects.filter(among(newest.values("pk")[:_SAMPLE]), received_at__isnull=False)
        .order_by()
        .values_list("case__category_id")
        .annotate(spent=_Median(F("submitted_at") - F("received_at")), number=Count("pk"))
        .filter(number__gte=ENOUGH)
    )
    return {
        pk: round(min(MOST_MINUTES, max(LEAST_MINUTES, spent / _MINUTE)))
        for pk, spent, _number in spans
    }


class _Median(Aggregate):
    """The value in the middle, or half way between the two that are."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def minutes_of(order: Order, usual: dict[int, int]) -> int:
    """What an order is reckoned at, in minutes; needs its case loaded."""
    return usual.get(order.case.category_id, settings.ORDER_USUAL_MINUTES)
