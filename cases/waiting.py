"""How many things wait at each desk of a person."""

from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Q, QuerySet

from cases.choices import STANDING_CASE_STATES, InstructionState, RequestState
from cases.models import Case, Instruction, Order, Report, Request
from cases.querysets import CaseQuerySet, OrderQuerySet, among
from citymgmt.choices import Capability
from citymgmt.counting import Asked
from citymgmt.models import User
from citymgmt.waiting import waiting
from grids.access import access_of
from grids.policies import Access

CAP = 999
# Those who watch over cases, or have them watched over.
OVERSEERS = (Capability.CASE_SUPERVISE, Capability.CASE_INSTRUCT)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Numbers of the desks, each at most CAP + 1; 0 where the person has no such desk."""

    cases: int = 0
    reports: int = 0
    to_dispatch: int = 0
    orders: int = 0
    checks: int = 0
    requests: int = 0
    instructions: int = 0
    supervised: int = 0


def waiting_for(user: User) -> Waiting:
    """What waits for the person; counted once a request."""
    counts = waiting(user)
    names = (field.name for field in fields(Waiting))
    return Waiting(**{name: counts.get(name, 0) for name in names})


def asked_of(user: User, at: datetime) -> Asked:
    """What is to be counted for the person."""
    access = access_of(user)
    asked: dict[str, tuple[QuerySet, int]] = {
        "cases": (Case.objects.visible_to(access).open(), CAP)
    }
    if access.can(Capability.REPORT_FILE):
        asked["reports"] = (Report.objects.visible_to(access).pending(), CAP)
    if access.can(Capability.CASE_DISPATCH):
        asked["to_dispatch"] = (Case.objects.visible_to(access).to_dispatch(), CAP)
    if works_on_orders(access):
        asked["orders"] = (own_orders(access), CAP)
    if access.can(Capability.ORDER_CHECK):
        asked["checks"] = (Order.objects.visible_to(access).to_check(), CAP)
    if access.can(Capability.REQUEST_DECIDE):
        asked["requests"] = (open_requests(access), CAP)
    if works_on_orders(access) and access.can(Capability.INSTRUCTION_ANSWER):
        asked["instructions"] = (open_instructions(access), CAP)
    if any(access.can(each) for each in OVERSEERS):
        asked["supervised"] = (supervised_cases(access), CAP)
    return asked


def supervised_cases(access: Access) -> CaseQuerySet:
    """The cases that are watched over, the first to fall due first."""
    rows = Case.objects.visible_to(access).filter(supervised_due_at__isnull=False)
    return rows.order_by("supervised_due_at", "id")


def open_requests(access: Access) -> QuerySet[Request]:
    """What teams asked for and nobody has decided, the oldest first."""
    rows = Request.objects.visible_to(access).filter(state=RequestState.ASKED)
    return rows.order_by("asked_at", "id")


def open_instructions(access: Access) -> QuerySet[Instruction]:
    """Instructions that nobody has answered, the oldest first."""
    rows = Instruction.objects.visible_to(access).filter(state=InstructionState.OPEN)
    return rows.order_by("given_at", "id")


def works_on_orders(access: Access) -> bool:
    """Whether the person, or the team that he leads, puts things right."""
    return access.can(Capability.ORDER_ASSIGN) or access.can(Capability.ORDER_RECTIFY)


def own_orders(access: Access) -> OrderQuerySet:
    """The open orders that are the person's to see to.

    For whoever hands out orders all of his teams, for everybody else those on himself and
    those of his cells that nobody has taken yet.
    """
    rows = Order.objects.visible_to(access).open()
    if access.can(Capability.ORDER_ASSIGN):
        return rows
    mine = Q(person_id=access.user_id)
    if access.cell_ids:
        # By way of his cells, which are few: what nobody has taken yet lies all over the city.
        here = Case.objects.filter(state__in=STANDING_CASE_STATES, cell_id__in=access.cell_ids)
        mine |= Q(person__isnull=True) & among(here.values("pk"), "case_id")
    return rows.filter(mine)
