"""Dispatch: who should do it is proposed from cell, class and hour; a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import LIVE_ORDER_STATES, OrderState
from cases.deadlines import Limit, LimitKind, total
from cases.models import Case, CaseEvent, Category, Order
from cases.services._advance import (
    case_standing,
    guard,
    lock_case,
    opened_case,
    record,
    required,
    seen,
    settle,
    words_of,
)
from cases.services._orders import follow, live_orders, opened, replaced_facts, running, stopped
from cases.services._reckoning import check_known, limit_of
from cases.services.standing_rules import ruling_for
from cases.standing_rules import Ruling
from cases.workflow import Subject, move, moves_of
from citymgmt import clock
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.notices import notify
from grids.choices import DUTY_OF_TEAM_KIND, Duty
from grids.locate import answering, locate
from grids.models import Assignment, Membership, Team
from grids.services.assign import person_in
from grids.services.deputies import with_deputies
from grids.services.team_channels import channels_of

DISPATCH = move(Subject.CASE, "dispatch")
ASSIST = move(Subject.CASE, "assist")
TRANSFER = move(Subject.ORDER, "transfer")
CANCEL = move(Subject.ORDER, "cancel")
MAX_INSTRUCTION = 500
SHARE = "limit_share"
"""Under this name the event of a rebound says what percentage of the limit it left."""
_CAME_BACK = [each.event for each in moves_of(Subject.LOOKBACK) if each.case_target]
MAX_ASSISTING = 6
SMALLER: dict[LimitKind, tuple[LimitKind, int]] = {
    LimitKind.WORK_DAY: (LimitKind.WORK_HOUR, 8),
    LimitKind.NATURAL_DAY: (LimitKind.URGENT_HOUR, 24),
    LimitKind.URGENT_DAY: (LimitKind.URGENT_HOUR, 24),
    LimitKind.URGENT_HOUR: (LimitKind.URGENT_MINUTE, 60),
}
"""The next smaller unit of a limit on the same clock, and how many of it make one; a work day is
eight work hours (`cases.deadlines.WORK_DAY`)."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is ordered: of which team, of whom in it, in what words; who is to assist (协办)."""

    team_id: int
    person_id: int | None = None
    instruction: str = ""
    assisting: Sequence[int] = field(default=())


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who should get it, and why; all empty where nobody answers there."""

    team: Team | None = None
    person: User | None = None
    reason: str = ""


def propose(
    *, category: Category, cell_id: int | None, lon: float | None, lat: float | None, at: datetime
) -> Proposal:
    """The team and person that answer for this class at this place and hour."""
    here = locate(lon, lat, at=at)
    rows = answering(cell_id=cell_id or here.cell_id, segment_id=here.segment_id, at=at)
    return choose(category=category, rows=rows, place=here.cell_code)


def choose(*, category: Category, rows: Sequence[Assignment], place: str) -> Proposal:
    """The proposal from those who answer for a place (a cell's code).

    The class's kind of team names the duty; where nobody holds it, enforcement is asked.
    """
    by_duty = {row.duty: row for row in rows}
    wanted = DUTY_OF_TEAM_KIND.get(category.team_kind, Duty.ENFORCEMENT)
    row = by_duty.get(wanted) or by_duty.get(Duty.ENFORCEMENT)
    if row is None:
        return Proposal()
    if row.segment_id and row.segment:
        place = row.segment.name
    reason = f"{place} {row.get_duty_display()} {row.get_shift_display()}".strip()
    person = row.person
    if row.stood_in_for is not None:
        words = _("%(reason)s（%(who)s请假，由他顶岗）")
        reason = words % {"reason": reason, "who": str(row.stood_in_for)}
    elif row.away is not None:
        words = _("%(reason)s（%(who)s请假，没有顶岗的人）")
        reason, person = words % {"reason": reason, "who": str(row.person)}, None
    return Proposal(team=row.team, person=person, reason=str(reason))


def dispatch_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, task: Task
) -> Order:
    """Issue an order on a case that waits for dispatch; its clock starts now."""
    with transaction.atomic():
        case = lock_case(case_id)
        seen(case, version)
        return issue_order(case=case, actor=actor, at=at, task=task)


def issue_order(*, case: Case, actor: User, at: datetime, task: Task) -> Order:
    """Issue an order on a locked case that waits for dispatch, and those of who assists."""
    guard(DISPATCH, actor, case_standing(case))
    there = live_orders(case)
    _check_free(there, task.team_id)
    assisting_ids = _assisting(task, there)
    order = place_order(case=case, actor=actor, at=at, task=task)
    for team_id in assisting_ids:
        assisting = Task(team_id, instruction=task.instruction)
        _place(case, actor, at, assisting, event=ASSIST.event, is_lead=False)
    if assisting_ids:
        follow(case, at, actor=actor, **_shown(case))
    return order


def assist_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, task: Task
) -> Order:
    """Give one more team an order on a case that is being rectified (协办); the lead stays.

    The case closes when all of its orders have passed.
    """
    with transaction.atomic():
        case = opened_case(ASSIST, case_id, actor, version)
        there = live_orders(case)
        _check_free(there, task.team_id)
        _check_crowd([*_helpers(there), task.team_id], "team")
        order = _place(case, actor, at, task, event=ASSIST.event, is_lead=False)
        follow(case, at, actor=actor, **_shown(case))
        return order


def transfer_order(
    *, order_id: int, actor: User, at: datetime, version: int | None, task: Task, note: str
) -> Order:
    """Give an order to another team with the reason (改派): a new order, its clock starts anew.

    Returns the new order. What was recorded on the old one stays; it is cancelled.
    """
    with transaction.atomic():
        case, order = opened(TRANSFER, order_id, actor, at, version)
        reason = required(note, _("请写明改派的理由，两边单位都会看到。"))
        if task.team_id == order.team_id:
            words = _("已经在这个单位手上。只换经办人的，请由该单位分派。")
            raise DomainError("team", words, field="team")
        _check_free(live_orders(case), task.team_id)
        _end(order, at, reason)
        new_order = _place(
            case,
            actor,
            at,
            task,
            event=TRANSFER.event,
            is_lead=order.is_lead,
            is_rebound=order.is_rebound,
            note=reason,
            replaces=order,
            # What rebounded keeps its shorter limit with whomever it goes to.
            limit=limit_of(order) if order.is_rebound else None,
        )
        _tell_ended(order, case, at, _("已改派别的单位：%(address)s，%(note)s"), reason)
        follow(case, at, actor=actor, **_shown(case))
        return new_order


def cancel_order(
    *, order_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Order:
    """Take an order back from its team with the reason; the case goes where its others put it."""
    with transaction.atomic():
        case, order = opened(CANCEL, order_id, actor, at, version)
        reason = required(note, _("请写明撤销的理由，责任单位会看到。"))
        said = {"order": order.number, "team": order.team_id} | stopped(order, at).said
        record(
            case,
            CANCEL.event,
            actor=actor,
            at=at,
            payload=said,
            private={"note": reason},
        )
        _end(order, at, reason)
        _tell_ended(order, case, at, _("整改单已撤销：%(address)s，%(note)s"), reason)
        changes = {"lead_person": None} if order.is_lead else {}
        follow(case, at, actor=actor, **changes)
        return order


def cancel_live_orders(case: Case, at: datetime, reason: str) -> list[Order]:
    """Stop every order of a locked case that is still alive, without an event of its own.

    The caller records why and settles the case.
    """
    ended = live_orders(case)
    for order in ended:
        order.case = case
        _end(order, at, reason)
        _tell_ended(order, case, at, _("整改单已撤销：%(address)s，%(note)s"), reason)
    return ended


def place_order(
    *, case: Case, actor: User, at: datetime, task: Task, rebound_share: int | None = None
) -> Order:
    """Make the lead order of a locked case, start its clock, tell the team. The caller has
    asked policy.

    `rebound_share` is given for what rebounded: the percentage of the limit that is left for it
    (see `rebound_limit`), since what was right once is put right soon. Where it is not given and
    the case came back, its chain says it: sending an order back does not make it longer.
    """
    if rebound_share is None and case.rebound_count:
        rebound_share = _share_said(case)
    limit = None if rebound_share is None else rebound_limit(case, rebound_share)
    order = _place(
        case, actor, at, task, event=DISPATCH.event, is_rebound=limit is not None, limit=limit
    )
    follow(
        case,
        at,
        actor=actor,
        closed_at=None,
        closing="",
        merged_into=None,
        on_time=None,
        overtime_waived=False,
        rebound_count=case.rebound_count,
        photo_count=case.photo_count,
        **_shown(case),
    )
    return order


def _share_said(case: Case) -> int | None:
    """The share that the newest rebound of a case left; chains of before do not say it."""
    said = CaseEvent.objects.filter(case=case, name__in=_CAME_BACK).order_by("-seq")
    payload = said.values_list("payload", flat=True).first()
    return (payload or {}).get(SHARE)


def rebound_limit(case: Case, share: int) -> Limit:
    """The limit of an order on what rebounded: a percentage of the case's, at least 1. Where
    that is not shorter it is a percentage in the next smaller unit, if there is one."""
    kind, whole = LimitKind(case.limit_kind), case.limit_value
    value = max(1, whole * share // 100)
    if value < whole or share >= 100 or kind not in SMALLER:
        return Limit(kind, value)
    smaller, parts = SMALLER[kind]
    return Limit(smaller, max(1, whole * parts * share // 100))


def _place(
    case: Case,
    actor: User,
    at: datetime,
    task: Task,
    *,
    event: str,
    is_lead: bool = True,
    is_rebound: bool = False,
    note: str = "",
    replaces: Order | None = None,
    limit: Limit | None = None,
) -> Order:
    """Write an order and its event; the caller settles the case with `follow`.

    The limit is that of the case where no other is given.
    """
    team, person = chosen(task, at)
    instruction = words_of(task.instruction, "instruction")
    limit = limit or Limit(LimitKind(case.limit_kind), case.limit_value)
    ruling = ruling_for(category=case.category, area_code=case.area_code, team=team, at=at)
    case.order_count += 1
    order = Order(
        number=f"{case.number}-{case.order_count}",
        case=case,
        position=case.order_count,
        state=OrderState.ISSUED,
        team=team,
        team_ids=team.path,
        area_code=case.area_code,
        person=person,
        round=case.rebound_count,
        is_lead=is_lead,
        is_rebound=is_rebound,
        instruction=instruction,
        limit_kind=limit.kind,
        limit_value=limit.value,
        issued_by=actor,
        issued_at=at,
        schedule_id=ruling.schedule_id,
        rule_label=ruling.label,
        unit=case.category.unit,
    )
    for name, value_ in running(order, at, spent=timedelta(), granted=total(limit)).items():
        setattr(order, name, value_)
    if not is_rebound:
        check_known(order, at)
    order.save()
    record(
        case,
        event,
        actor=actor,
        at=at,
        payload={
            **issue_facts(order, ruling),
            **(replaced_facts(replaces) if replaces else {}),
        },
        private={
            "note": note or instruction,
            "person": person.name if person else "",
        },
    )
    case.team_ids = sorted({*case.team_ids, *order.team_ids})
    if is_lead:
        case.lead_team, case.lead_person = team, person
    _tell(order, case, at)
    return order


def issue_facts(order: Order, ruling: Ruling) -> dict[str, Any]:
    """What the event of an order's issue says of it."""
    return {
        "order": order.number,
        "team": order.team_id,
        "team_name": order.team.name,
        "person": order.person_id,
        "limit": [str(order.limit_kind), order.limit_value],
        "due": order.due_at.isoformat(),
        "provisional": order.due_is_provisional,
        "schedule": order.schedule_id,
        "rules": [rule.pk for rule in ruling.rules],
        "rebound": order.is_rebound,
        "lead": order.is_lead,
    }


def _shown(case: Case) -> dict[str, Any]:
    """What new orders changed of that which a list shows of their case."""
    names = ("order_count", "team_ids", "lead_team", "lead_person")
    return {name: getattr(case, name) for name in names}


def _end(order: Order, at: datetime, reason: str) -> None:
    clock = stopped(order, at)
    settle(
        order,
        sources=set(LIVE_ORDER_STATES),
        at=at,
        state=OrderState.CANCELLED,
        ended_at=at,
        result_note=reason,
        on_time=clock.on_time,
        **clock.columns,
    )


def _assisting(task: Task, there: Sequence[Order]) -> list[int]:
    """The teams that are to assist, each once; without the lead's own and who assists already."""
    busy = {task.team_id, *(order.team_id for order in there)}
    wanted = [pk for pk in dict.fromkeys(task.assisting) if pk not in busy]
    _check_crowd([*_helpers(there), *wanted], "assisting")
    return wanted


def _helpers(there: Sequence[Order]) -> list[int]:
    return [order.team_id for order in there if not order.is_lead]


def _check_free(there: Sequence[Order], team_id: int) -> None:
    """A team has one order of a case in hand at a time."""
    if any(order.team_id == team_id for order in there):
        words = _("这个单位手上已有这一案的整改单，要换它的活请先撤销那一张。")
        raise DomainError("team", words, field="team")


def _check_crowd(team_ids: Sequence[int], field_name: str) -> None:
    if len(team_ids) > MAX_ASSISTING:
        words = _("一案最多 %(most)s 个协办单位。") % {"most": MAX_ASSISTING}
        raise DomainError(field_name, words, field=field_name)


def leaders_of(team: Team, at: datetime) -> list[int]:
    """User ids of those who lead the team itself, and of who sits at their desks now."""
    rows = Membership.objects.in_force(at).filter(team=team, user__is_active=True)
    return with_deputies(rows.exclude(post="member").values_list("user_id", flat=True), at)


def chosen(task: Task, at: datetime) -> tuple[Team, User | None]:
    """The team of a task and the person of it, if one is named; raises DomainError by field."""
    team = Team.objects.filter(pk=task.team_id, is_active=True, parent__isnull=False).first()
    if team is None:
        raise DomainError("team", _("请选择责任单位。"), field="team")
    return team, person_in(task.person_id, team, at) if task.person_id else None


def _tell_ended(order: Order, case: Case, at: datetime, words: object, reason: str) -> None:
    """The team of an order that is taken away hears it."""
    notify(
        users={*leaders_of(order.team, at), *([order.person_id] if order.person_id else [])},
        kind="order.cancelled",
        text=str(words) % {"address": case.address, "note": reason},
        path=f"/cases/{case.number}/",
        dedupe_key=f"order-cancelled:{order.number}",
        at=at,
        channels=channels_of([order.team]),
    )


def _tell(order: Order, case: Case, at: datetime) -> None:
    told = [order.person_id] if order.person_id else leaders_of(order.team, at)
    due = order.due_at.astimezone(clock.LOCAL)
    notify(
        users=told,
        kind="order.issued",
        text=_("新整改单：%(category)s，%(address)s，%(due)s 前整改")
        % {
            "category": case.category.name,
            "address": case.address,
            "due": due.strftime("%m-%d %H:%M"),
        },
        path=f"/cases/{case.number}/",
        dedupe_key=f"order-issued:{order.number}",
        at=at,
        channels=channels_of([order.team]),
    )
