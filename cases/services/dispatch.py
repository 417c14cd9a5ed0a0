"""Dispatch: who should do it is proposed from cell, class and hour; a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import CaseState, OrderState
from cases.deadlines import Limit, LimitKind, due_at, warn_at
from cases.escalation import next_chase
from cases.models import Case, Category, Order
from cases.services._advance import case_standing, guard, lock_case, record, seen, settle
from cases.workflow import Subject, move
from citymgmt import clock
from citymgmt.calendars import Deadline
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.calendars import calendar_for
from citymgmt.services.notices import notify
from grids.choices import DUTY_OF_TEAM_KIND, Duty
from grids.locate import answering, locate
from grids.models import Assignment, Membership, Team
from grids.services.assign import person_in

DISPATCH = move(Subject.CASE, "dispatch")
MAX_INSTRUCTION = 500


@dataclass(frozen=True, slots=True)
class Task:
    """What is ordered: of which team, of whom in it, and in what words."""

    team_id: int
    person_id: int | None = None
    instruction: str = ""


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
    return Proposal(team=row.team, person=row.person, reason=reason)


def dispatch_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, task: Task
) -> Order:
    """Issue an order on a case that waits for dispatch; its clock starts now."""
    with transaction.atomic():
        case = lock_case(case_id)
        seen(case, version)
        return issue_order(case=case, actor=actor, at=at, task=task)


def issue_order(*, case: Case, actor: User, at: datetime, task: Task) -> Order:
    """Issue an order on a locked case that waits for dispatch."""
    guard(DISPATCH, actor, case_standing(case))
    return place_order(case=case, actor=actor, at=at, task=task, sources=DISPATCH.sources)


def place_order(
    *,
    case: Case,
    actor: User,
    at: datetime,
    task: Task,
    sources: frozenset[str],
    is_rebound: bool = False,
) -> Order:
    """Make the order of a case, start its clock, tell the team. The caller has asked policy.

    `is_rebound` halves the limit's value (at least 1): what was right once is put right soon.
    """
    team, person = _chosen(task, at)
    instruction = task.instruction.strip()[:MAX_INSTRUCTION]
    value = max(1, case.limit_value // 2) if is_rebound else case.limit_value
    limit = Limit(LimitKind(case.limit_kind), value)
    warn, due = clock_from(limit, team.schedule_id, at)
    position = case.order_count + 1
    order = Order.objects.create(
        number=f"{case.number}-{position}",
        case=case,
        position=position,
        state=OrderState.ISSUED,
        team=team,
        team_ids=team.path,
        area_code=case.area_code,
        person=person,
        is_rebound=is_rebound,
        instruction=instruction,
        limit_kind=limit.kind,
        limit_value=limit.value,
        issued_by=actor,
        issued_at=at,
        clock_started_at=at,
        warn_at=warn.at,
        due_at=due.at,
        due_is_provisional=due.provisional,
        next_chase_at=next_chase(due.at, 0),
        unit=case.category.unit,
    )
    record(
        case,
        DISPATCH.event,
        actor=actor,
        at=at,
        payload={
            "order": order.number,
            "team": team.pk,
            "team_name": team.name,
            "person": person.pk if person else None,
            "limit": [str(limit.kind), limit.value],
            "due": due.at.isoformat(),
            "provisional": due.provisional,
            "rebound": is_rebound,
        },
        private={"note": instruction, "person": person.name if person else ""},
    )
    settle(
        case,
        sources=sources,
        state=CaseState.RECTIFYING,
        closed_at=None,
        on_time=None,
        lead_team=team,
        lead_person=person,
        team_ids=sorted({*case.team_ids, *team.path}),
        order_count=position,
        warn_at=warn.at,
        due_at=due.at,
    )
    _tell(order, case, at)
    return order


def clock_from(limit: Limit, schedule_id: int | None, at: datetime) -> tuple[Deadline, Deadline]:
    """When a clock that starts now turns yellow, and when it falls due, by a work schedule."""
    calendar = calendar_for(schedule_id)
    return warn_at(limit, at, calendar), due_at(limit, at, calendar)


def leaders_of(team: Team, at: datetime) -> list[int]:
    """User ids of those who lead the team itself."""
    rows = Membership.objects.in_force(at).filter(team=team, user__is_active=True)
    return list(rows.exclude(post="member").values_list("user_id", flat=True))


def _chosen(task: Task, at: datetime) -> tuple[Team, User | None]:
    team = Team.objects.filter(pk=task.team_id, is_active=True, parent__isnull=False).first()
    if team is None:
        raise DomainError("team", _("请选择责任单位。"), field="team")
    return team, person_in(task.person_id, team, at) if task.person_id else None


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
    )
