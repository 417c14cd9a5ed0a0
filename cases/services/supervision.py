"""What superiors say about a case: supervision (督办), instructions (批示), urging (催办)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Instruction, Order, Supervision
from cases.services._advance import (
    beside_standing,
    guard,
    lock_case,
    opened_case,
    record,
    required,
    seen,
    settle,
    settle_events,
    words_of,
)
from cases.services._orders import live_orders
from cases.services.chasing import holders_of
from cases.services.dispatch import leaders_of
from cases.workflow import Subject, move
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.notices import notify
from grids.access import access_of
from grids.services.team_channels import channels_of

SUPERVISE = move(Subject.CASE, "supervise")
LIFT = move(Subject.SUPERVISION, "lift")
INSTRUCT = move(Subject.CASE, "instruct")
ANSWER = move(Subject.INSTRUCTION, "answer")
URGE = move(Subject.CASE, "urge")
LONGEST = timedelta(days=365)
URGE_PAUSE = timedelta(minutes=30)


def supervise_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, until: datetime, note: str
) -> Case:
    """Watch over a case until a moment: its clock is shown to everybody, it is listed until
    closed. One supervision at a time."""
    with transaction.atomic():
        case = opened_case(SUPERVISE, case_id, actor)
        reason = required(note, _("请写明督办的要求。"))
        if case.supervised_due_at is not None:
            raise DomainError("supervised", _("这一案已在督办，先解除再重新督办。"))
        if not at < until <= at + LONGEST:
            words = _("督办期限要在现在以后，一年以内。")
            raise DomainError("until", words, field="until")
        _supervised(case, actor, at, until, reason, {})
        return case


def supervise_by_rule(
    *, case: Case, actor: User, at: datetime, until: datetime, note: str
) -> Supervision | None:
    """Watch over a locked case since a rule asks for it; None where somebody does already.

    `actor` did what the rule answers to; he needs no right to supervise, and the event says
    that it was the rule.
    """
    if case.supervised_due_at is not None:
        return None
    return _supervised(case, actor, at, until, note, {"rule": True})


def _supervised(
    case: Case, actor: User, at: datetime, until: datetime, reason: str, said: dict[str, Any]
) -> Supervision:
    supervision = Supervision.objects.create(
        number=f"{case.number}-D{case.supervision_count + 1}",
        case=case,
        reason=reason,
        by=actor,
        started_at=at,
        due_at=until,
    )
    record(
        case,
        SUPERVISE.event,
        actor=actor,
        at=at,
        payload={"supervision": supervision.number, "due": until.isoformat(), **said},
        private={"note": reason},
    )
    settle_events(
        case,
        supervised_due_at=until,
        supervision_count=case.supervision_count + 1,
    )
    text = _("督办：%(address)s，%(note)s") % {"address": case.address, "note": reason}
    _tell_workers(case, at, text, f"supervised:{supervision.number}", urgent=True)
    return supervision


def lift_supervision(
    *, supervision_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Supervision:
    """End a supervision before its case is closed, with the reason."""
    with transaction.atomic():
        rows = Supervision.objects.values_list("case_id", flat=True)
        case = lock_case(rows.get(pk=supervision_id))
        supervision = Supervision.objects.get(pk=supervision_id)
        supervision.case = case
        seen(supervision, version)
        guard(LIFT, actor, beside_standing(supervision, case, access_of(actor), at))
        reason = required(note, _("请写明解除督办的理由。"))
        record(
            case,
            LIFT.event,
            actor=actor,
            at=at,
            payload={"supervision": supervision.number},
            private={"note": reason},
        )
        settle(supervision, sources=LIFT.sources, state=LIFT.target, ended_at=at)
        settle_events(case, supervised_due_at=None)
        return supervision


def instruct_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Case:
    """Give an instruction on a case; those who work on it and the dispatchers hear it, and one
    of them must answer."""
    with transaction.atomic():
        case = opened_case(INSTRUCT, case_id, actor)
        words = required(note, _("请写批示的内容。"))
        instruction = Instruction.objects.create(
            number=f"{case.number}-P{case.instruction_count + 1}",
            case=case,
            text=words,
            by=actor,
            given_at=at,
        )
        record(
            case,
            INSTRUCT.event,
            actor=actor,
            at=at,
            payload={"instruction": instruction.number},
            private={"note": words},
        )
        settle_events(
            case,
            instruction_count=case.instruction_count + 1,
            open_instructions=case.open_instructions + 1,
        )
        text = _("领导批示：%(address)s，%(note)s") % {"address": case.address, "note": words}
        _tell_workers(case, at, text, f"instructed:{instruction.number}", urgent=True)
        return case


def answer_instruction(
    *, instruction_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Instruction:
    """Answer an instruction; who gave it hears the answer."""
    with transaction.atomic():
        rows = Instruction.objects.values_list("case_id", flat=True)
        case = lock_case(rows.get(pk=instruction_id))
        instruction = Instruction.objects.get(pk=instruction_id)
        instruction.case = case
        seen(instruction, version)
        guard(ANSWER, actor, beside_standing(instruction, case, access_of(actor), at))
        words = required(note, _("请写答复，批示的领导会看到。"))
        record(
            case,
            ANSWER.event,
            actor=actor,
            at=at,
            payload={"instruction": instruction.number},
            private={"note": words},
        )
        settle(
            instruction,
            sources=ANSWER.sources,
            state=ANSWER.target,
            answer=words,
            answered_by=actor,
            answered_at=at,
        )
        settle_events(case, open_instructions=case.open_instructions - 1)
        notify(
            users=[instruction.by_id],
            kind="instruction.answered",
            text=_("批示已答复：%(address)s，%(note)s") % {"address": case.address, "note": words},
            path=f"/cases/{case.number}/",
            dedupe_key=f"instruction-answered:{instruction.number}",
            at=at,
        )
        return instruction


def urge_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, note: str = ""
) -> Case:
    """Ask those whose turn it is to hurry; at most every half hour a case."""
    with transaction.atomic():
        case = opened_case(URGE, case_id, actor)
        last = case.events.filter(name=URGE.event).order_by("-seq").first()
        if last is not None and at - last.at < URGE_PAUSE:
            raise DomainError("urged", _("半小时内刚催过，过一会儿再催。"))
        words = words_of(note)
        record(case, URGE.event, actor=actor, at=at, private={"note": words})
        settle_events(case, urge_count=case.urge_count + 1)
        text = _("催办：%(address)s %(note)s") % {"address": case.address, "note": words}
        key = f"urged:{case.number}:{case.urge_count}"
        _tell_workers(case, at, text.strip(), key, kind="case.urged")
        return case


def workers_of(case: Case, at: datetime) -> set[int]:
    """Ids of those whose turn it is: persons and leaders of its live orders, else dispatchers."""
    told: set[int] = set()
    for order in live_orders(case):
        told |= _hands_of(order, at)
    return told or set(holders_of(Capability.CASE_DISPATCH, at))


def _hands_of(order: Order, at: datetime) -> set[int]:
    person = [order.person_id] if order.person_id else []
    return {*person, *leaders_of(order.team, at)}


def _tell_workers(
    case: Case, at: datetime, text: str, key: str, *, kind: str = "case.said", urgent: bool = False
) -> None:
    notify(
        users=workers_of(case, at),
        kind=kind,
        text=text,
        path=f"/cases/{case.number}/",
        dedupe_key=key,
        at=at,
        urgent=urgent,
        channels=channels_of([order.team for order in live_orders(case)]),
    )
