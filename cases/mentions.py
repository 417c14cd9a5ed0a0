"""Whom a remark on a case may mention: those who work on it, and those who have touched it."""

from datetime import datetime

from django.db.models import Q

from cases.choices import LIVE_ORDER_STATES
from cases.models import Case, CaseEvent, Order
from citymgmt.models import User
from grids.access import access_of
from grids.models import Membership

MOST = 40


def mentionable(case: Case, at: datetime, *, but: int) -> list[User]:
    """Active people who may see the case, by name: members of the teams of its live orders, who
    reported or filed it, and whoever acted on it. `but` is left out. Two statements, and two for
    each of them, of whom at most `MOST` are looked at."""
    live = Order.objects.filter(case=case, state__in=LIVE_ORDER_STATES).values("team")
    members = Membership.objects.in_force(at).filter(team__in=live).values("user")
    acted = CaseEvent.objects.filter(case=case, actor__isnull=False).values("actor")
    people = User.objects.filter(
        Q(pk__in=members) | Q(pk__in=acted) | Q(pk__in=[case.reporter_id, case.filed_by_id]),
        is_active=True,
    ).exclude(pk=but)
    return [user for user in people.order_by("name", "pk")[:MOST] if _sees(user, case, at)]


def _sees(user: User, case: Case, at: datetime) -> bool:
    return Case.objects.visible_to(access_of(user, at)).filter(pk=case.pk).exists()
