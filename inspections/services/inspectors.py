"""Who looks back: somebody with the right to it who had no part in the order's work."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Q

from cases.choices import LookBackState
from cases.models import Case, Order
from cases.services.lookbacks import rectified_with
from citymgmt.choices import Capability
from grids.access import services_of
from grids.models import Grant
from grids.policies import Service, is_own_team
from inspections.models import LookBack
from inspections.sampling import draw


def choose_inspectors(*, case: Case, order: Order, count: int, at: datetime) -> list[int | None]:
    """User ids for so many look-backs of an order, drawn among those with the fewest open.

    The same rows always give the same people. None stands where nobody may look.
    """
    loads = _open_loads(_impartial(case, order, at))
    chosen: list[int | None] = []
    for _round in range(count):
        inspector = draw(loads, order.number)
        if inspector is not None:
            loads[inspector] += 1
        chosen.append(inspector)
    return chosen


def _impartial(case: Case, order: Order, at: datetime) -> list[int]:
    """Those whose grant covers the case, who were not of the order's team while it worked and
    did not submit it."""
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


def _open_loads(user_ids: list[int]) -> dict[int, int]:
    loads = dict.fromkeys(user_ids, 0)
    rows = (
        LookBack.objects.filter(state=LookBackState.PLANNED, inspector_id__in=user_ids)
        .order_by()
        .values("inspector_id")
        .annotate(open=Count("pk"))
    )
    loads.update({row["inspector_id"]: row["open"] for row in rows})
    return loads
