"""What a look-back says enters the case's chain here; a rebound opens a new order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cases.choices import CaseState, OrderState, Stage
from cases.models import Case, Order
from cases.services._advance import (
    lock_case,
    name_checkers,
    record,
    refusal,
    required,
    settle,
    settle_events,
    worked_on,
)
from cases.services.dispatch import SHARE, Task, place_order
from cases.services.supervision import supervise_by_rule
from cases.workflow import Move
from citymgmt.models import User
from grids.models import Membership, Team


def enter_plan(*, case: Case, at: datetime, rounds: Sequence[dict[str, Any]]) -> None:
    """Note on a locked case that look-backs were planned; `inspector` of a round is a user id."""
    record(case, "lookback.planned", actor=None, at=at, payload={"rounds": list(rounds)})
    settle_events(case)
    name_checkers(case, [row["inspector"] for row in rounds if row["inspector"]])


def enter_overdue(*, case: Case, at: datetime, payload: dict[str, Any]) -> None:
    """Note on a locked case that a look-back is overdue."""
    record(case, "lookback.overdue", actor=None, at=at, payload=payload)
    settle_events(case)


def enter_recomputed(*, case: Case, at: datetime, payload: dict[str, Any]) -> None:
    """Note on a locked case that a changed calendar moved the end of a look-back: `old` and `new`
    moments, whether the new one is `provisional`, by which `revision`, of which `round`."""
    record(
        case,
        "stage.recomputed",
        actor=None,
        at=at,
        payload=payload | {"stage": Stage.LOOKBACK},
    )
    settle_events(case)


def enter_result(
    *,
    case: Case,
    move: Move,
    order: Order,
    actor: User,
    at: datetime,
    payload: dict[str, Any],
    note: str,
    photo_count: int,
    rebound_share: int,
) -> Order | None:
    """Note the result on a locked case; a rebound opens a new order for the same team.

    Returns the new order, None where the move leaves the case closed. The caller has asked
    policy. The person who rectified gets it again if he is still of the team. Where the team
    is no longer in use the case goes back to the dispatcher, and None is returned. The new
    order has `rebound_share` percent of the case's limit; the event says so, for whoever
    dispatches the case again.
    """
    if move.case_target:
        payload = payload | {SHARE: rebound_share}
    record(case, move.event, actor=actor, at=at, payload=payload, private={"note": note})
    name_checkers(case, [actor.pk])
    if not move.case_target:
        settle(case, sources={case.state}, photo_count=case.photo_count + photo_count)
        return None
    if not Team.objects.filter(pk=order.team_id, is_active=True).exists():
        _give_to_dispatcher(case, move, at, photo_count)
        return None
    person_id = _still_there(order, at)
    task = Task(team_id=order.team_id, person_id=person_id, instruction=note)
    case.rebound_count += 1
    case.photo_count += photo_count
    return place_order(case=case, actor=actor, at=at, task=task, rebound_share=rebound_share)


def raise_to_supervision(
    *, case: Case, actor: User, at: datetime, until: datetime, note: str
) -> bool:
    """Put a locked case that came back again under supervision (督办); False where it is already.

    Nobody's right is asked: the rule raises it, in the name of who found it.
    """
    return supervise_by_rule(case=case, actor=actor, at=at, until=until, note=note) is not None


def rectified_with(order: Order) -> list[Order]:
    """All orders by which the case was put right in the round of this one, itself among them.

    Where others assisted, a look-back judges their work as well.
    """
    beside = Order.objects.filter(case_id=order.case_id, round=order.round)
    return [order, *beside.filter(state=OrderState.PASSED).exclude(pk=order.pk)]


def _give_to_dispatcher(case: Case, move: Move, at: datetime, photo_count: int) -> None:
    settle(
        case,
        sources=move.case_sources,
        at=at,
        state=CaseState.TO_DISPATCH,
        closed_at=None,
        closing="",
        merged_into=None,
        on_time=None,
        overtime_waived=False,
        lead_person=None,
        rebound_count=case.rebound_count + 1,
        photo_count=case.photo_count + photo_count,
    )


def _still_there(order: Order, at: datetime) -> int | None:
    if order.person_id is None:
        return None
    rows = Membership.objects.in_force(at).filter(
        user_id=order.person_id, user__is_active=True, team__path__contains=[order.team_id]
    )
    return order.person_id if rows.exists() else None


__all__ = [
    "enter_overdue",
    "enter_plan",
    "enter_recomputed",
    "enter_result",
    "lock_case",
    "raise_to_supervision",
    "rectified_with",
    "refusal",
    "required",
    "worked_on",
]
