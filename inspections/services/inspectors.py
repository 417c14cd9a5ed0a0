"""Who looks back: somebody with the right to it who had no part in the order's work."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from cases.models import Case, Order
from cases.services.lookbacks import rectified_with
from citymgmt.choices import Capability
from grids.access import services_of
from grids.models import Grant
from grids.policies import Service, is_own_team


def candidates_for(*, case: Case, order: Order, at: datetime) -> list[int]:
    """User ids of those who may look back on an order's work, by id.

    Their grant covers the case; they were not of the order's team while it worked and did not
    submit it.
    """
    holders = _holders(case, at)
    services = services_of(holders, at)
    judged = rectified_with(order)
    return [
        user_id
        for user_id in holders
        if not any(
            row.submitted_by_id == user_id or _worked_on(row, services.get(user_id, ()), at)
            for row in judged
        )
    ]


def _worked_on(order: Order, services: Sequence[Service], at: datetime) -> bool:
    until = order.submitted_at or at
    return is_own_team(services, tuple(order.team_ids), order.issued_at, until)


def _holders(case: Case, at: datetime) -> list[int]:
    covers_team = Q(team__isnull=True) | Q(team_id__in=case.team_ids)
    grants = (
        Grant.objects.in_force(at)
        .filter(
            covers_team,
            role__capabilities__contains=[Capability.LOOKBACK_RECORD],
            role__own_only=False,
            user__is_active=True,
        )
        .values_list("user_id", "area__code")
    )
    return sorted({user_id for user_id, area in grants if case.area_code.startswith(area or "")})
