"""Who of a team could take an order, and how much each has in hand."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from cases.models import Order
from citymgmt.models import User
from grids.models import Membership, Team


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
