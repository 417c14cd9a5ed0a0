"""Ending a case out of turn: closed by force, or made void. With the right to it, and a reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import CaseState, Closing
from cases.models import Case
from cases.services._advance import (
    opened_case,
    record,
    required,
    settle,
)
from cases.services._endings import (
    closed_with,
    end_supervision,
    lapse_requests,
    release_joined,
    tell_reporters,
)
from cases.services._orders import ended_facts
from cases.services.dispatch import cancel_live_orders
from cases.workflow import Move, Subject, move
from citymgmt.models import User

FORCE_CLOSE = move(Subject.CASE, "force-close")
VOID = move(Subject.CASE, "void")


def force_close_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Case:
    """Close a case that nobody can put right. It never counts as closed in time."""
    with transaction.atomic():
        message = _("请写明强制结案的理由，会记入经过。")
        case = _stopped(FORCE_CLOSE, case_id, actor, at, version, note, message)
        changes = closed_with(case, at, closing=Closing.FORCED, on_time=False, actor=actor)
        settle(
            case,
            sources=FORCE_CLOSE.sources,
            at=at,
            state=CaseState.CLOSED,
            due_at=None,
            warn_at=None,
            **changes,
        )
        return case


def void_case(*, case_id: int, actor: User, at: datetime, version: int | None, note: str) -> Case:
    """Say that there never was a case: it leaves the statistics, its number and chain stay."""
    with transaction.atomic():
        message = _("请写明作废的理由，会记入经过。")
        case = _stopped(VOID, case_id, actor, at, version, note, message)
        end_supervision(case, at)
        release_joined(case, at)
        settle(
            case,
            sources=VOID.sources,
            at=at,
            state=CaseState.VOIDED,
            due_at=None,
            warn_at=None,
            suspended_until=None,
            supervised_due_at=None,
        )
        tell_reporters(case, at, _("%(number)s 已作废：%(address)s"), "report-voided")
        return case


def _stopped(
    move: Move,
    case_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    note: str,
    message: object,
) -> Case:
    """The locked case after policy was asked, its orders stopped, the event written.

    `message` is what is said where the reason is missing.
    """
    case = opened_case(move, case_id, actor, version)
    reason = required(note, message)
    cancelled = cancel_live_orders(case, at, reason)
    record(
        case,
        move.event,
        actor=actor,
        at=at,
        payload=ended_facts(cancelled),
        private={"note": reason},
    )
    lapse_requests(case, at)
    return case
