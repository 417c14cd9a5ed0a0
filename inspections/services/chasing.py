"""Chasing overdue look-backs up the ladder: each step once, whatever is restarted when."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import CaseState, LookBackState
from cases.escalation import LADDER, Audience, next_chase, reached
from cases.services import lookbacks as chain
from cases.services.chasing import audience, holders_of
from citymgmt.choices import Capability
from citymgmt.services.notices import notify
from grids.models import Membership, Team
from inspections.models import LookBack
from inspections.services.lookbacks import locked


def due_chases(*, at: datetime, limit: int) -> list[int]:
    """Ids of planned look-backs with a step of the ladder due, the longest overdue first."""
    return list(LookBack.objects.due_for_chasing(at).values_list("pk", flat=True)[:limit])


def chase_lookback(*, lookback_id: int, at: datetime) -> bool:
    """Take the step that is due: event, notices, next step. Returns whether there was one."""
    with transaction.atomic():
        if not LookBack.objects.filter(pk=lookback_id).exists():
            return False
        lookback = locked(lookback_id)
        case = lookback.case
        waiting = lookback.next_chase_at is not None and lookback.next_chase_at <= at
        planned = lookback.state == LookBackState.PLANNED and case.state == CaseState.CLOSED
        if not (waiting and planned):
            return False
        step = reached(lookback.due_at, lookback.chase_step, at)
        chain.enter_overdue(
            case=case,
            at=at,
            payload={
                "lookback": lookback.pk,
                "round": lookback.round,
                "step": step,
                "due": lookback.due_at.isoformat(),
            },
        )
        LookBack.objects.filter(pk=lookback.pk).update(
            chase_step=step, next_chase_at=next_chase(lookback.due_at, step)
        )
        notify(
            users=_told(LADDER[step - 1].audience, lookback.inspector_id, at),
            kind="lookback.overdue",
            text=_("回头看超时：%(address)s，%(category)s（第 %(round)s 次）")
            % {"address": case.address, "category": case.category.name, "round": lookback.round},
            path=f"/lookbacks/{lookback.pk}/",
            dedupe_key=f"lookback-overdue:{lookback.pk}:{lookback.order_id}:{step}",
            at=at,
            urgent=step > 1,
        )
        return True


def _told(kinds: Iterable[Audience], inspector_id: int | None, at: datetime) -> set[int]:
    """Who hears of it: the inspector, the leaders of his teams, then the bureau.

    Dispatchers have no part in a look-back; where nobody else is left the bureau hears of it.
    """
    wanted = frozenset(kinds) - {Audience.DISPATCHER}
    teams = Team.objects.filter(
        pk__in=Membership.objects.in_force(at).filter(user_id=inspector_id).values("team_id")
    )
    told: set[int] = set()
    for team in teams:
        told |= audience(wanted, inspector_id, team, at)
    return told or set(holders_of(Capability.DIGEST_SIGN, at))
