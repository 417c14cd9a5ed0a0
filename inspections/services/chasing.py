"""Chasing look-backs up the ladder, from the day they open: each step once, whatever is restarted
when."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import PUT_RIGHT_CLOSINGS, LookBackState, Stage
from cases.escalation import Audience, Due, next_chase, reached
from cases.services import lookbacks as chain
from cases.services.chasing import audience, holders_of
from cases.services.rules import ladder_of
from citymgmt.choices import Capability
from citymgmt.services.notices import notify
from grids.models import Membership, Team
from grids.services.team_channels import channels_of
from inspections.models import LookBack
from inspections.services.lookbacks import locked

_OVERDUE = _("回头看超时：%(address)s，%(category)s（第 %(round)s 次）")
_OPENS = _("该回头看了：%(address)s，%(category)s（第 %(round)s 次）")


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
        planned = lookback.state == LookBackState.PLANNED and case.closing in PUT_RIGHT_CLOSINGS
        if not (waiting and planned):
            return False
        steps = ladder_of(Stage.LOOKBACK, case.category_id)
        due = reached(steps, lookback.opens_at, lookback.due_at, lookback.chase_step, at)
        step = due.step if due else lookback.chase_step
        if due is not None:
            _say(lookback, due, at)
        LookBack.objects.filter(pk=lookback.pk).update(
            chase_step=step,
            next_chase_at=next_chase(steps, lookback.opens_at, lookback.due_at, step),
        )
        return due is not None


def _say(lookback: LookBack, due: Due, at: datetime) -> None:
    """A reminder only reaches the inspector; what is overdue also stands in the case's chain."""
    case = lookback.case
    if due.overdue:
        chain.enter_overdue(
            case=case,
            at=at,
            payload={
                "lookback": lookback.pk,
                "round": lookback.round,
                "step": due.overdue,
                "due": lookback.due_at.isoformat(),
            },
        )
    words = _OVERDUE if due.overdue else _OPENS
    kind = "lookback.overdue" if due.overdue else "lookback.opens"
    teams = _teams_of(lookback.inspector_id, at)
    notify(
        users=_told(due.audience, lookback.inspector_id, teams, at),
        kind=kind,
        text=words
        % {"address": case.address, "category": case.category.name, "round": lookback.round},
        path=f"/lookbacks/{lookback.pk}/",
        dedupe_key=_once(kind, lookback, due),
        at=at,
        urgent=due.overdue > 1,
        channels=channels_of(teams) if due.overdue else [],
    )


def _once(kind: str, lookback: LookBack, due: Due) -> str:
    """What is said once: a step for an order, and for an end that a changed calendar moved."""
    key = f"{kind}:{lookback.pk}:{lookback.order_id}:{due.step}"
    return f"{key}:{lookback.due_at:%Y%m%d%H%M}" if due.overdue else key


def _teams_of(inspector_id: int | None, at: datetime) -> list[Team]:
    members = Membership.objects.in_force(at).filter(user_id=inspector_id)
    return list(Team.objects.filter(pk__in=members.values("team_id")))


def _told(
    kinds: Iterable[Audience], inspector_id: int | None, teams: Sequence[Team], at: datetime
) -> set[int]:
    """Who hears of it: the inspector, the leaders of his teams, then the bureau.

    Dispatchers have no part in a look-back; where nobody else is left the bureau hears of it.
    """
    wanted = frozenset(kinds) - {Audience.DISPATCHER}
    told: set[int] = set()
    for team in teams:
        told |= audience(wanted, inspector_id, team, at)
    # He may hold the right without being of a team.
    if not teams and inspector_id is not None and Audience.PERSON in wanted:
        told.add(inspector_id)
    return told or set(holders_of(Capability.DIGEST_SIGN, at))
