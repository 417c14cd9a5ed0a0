"""What can be done to many cases at once: each act is a move, made through its own service."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.choices import (
    LIVE_ORDER_STATES,
    OPEN_CASE_STATES,
    OPEN_ORDER_STATES,
    BulkAct,
    CaseState,
    RequestKind,
    RequestState,
)
from cases.models import Case, Label, Order, Request
from cases.services._advance import order_standing, required
from cases.services.dispatch import (
    DISPATCH,
    TRANSFER,
    Task,
    chosen,
    dispatch_case,
    propose,
    transfer_order,
)
from cases.services.labelling import LABEL, UNLABEL, known_label, label_case, unlabel_case
from cases.services.rectification import ASSIGN, assign_order
from cases.services.requests import APPROVE, ASK_EXTENSION, approve_request, ask_extension
from cases.services.supervision import URGE, urge_case
from cases.workflow import Move
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from grids.access import access_of


@dataclass(frozen=True, slots=True)
class Given:
    """What an act needs beside its cases. A dispatch without a team goes to whoever answers; an
    export has the columns of the view `query`, and `contacts` where they are asked for."""

    team: int | None = None
    person: int | None = None
    instruction: str = ""
    note: str = ""
    label: int | None = None
    query: str = ""
    contacts: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """What is given, as JSON values."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


_EXTENSIONS_ASKED = Request.objects.filter(kind=RequestKind.EXTENSION, state=RequestState.ASKED)
_NOT_ASKED = _("没有等着审批的延期申请")

Make = Callable[[Case, User, datetime, Given], object]
Check = Callable[[Given, datetime], None]


@dataclass(frozen=True, slots=True)
class Act:
    """An act over many cases: its move, in which states of a case it can be made, how one case is
    done, and what is wrong with what is given (raises DomainError by field).

    `make` gets a case that is locked; it raises DomainError. `asked` is what else must hold of a
    case, and `not_asked` how one stands of which it does not. One without a move changes nothing:
    what it makes of a case is a line, kept for a file; who takes that out is noted by `note`,
    which gets how many cases there are.
    """

    key: BulkAct
    move: Move | None
    states: frozenset[str]
    make: Make
    check: Check
    asked: Q | None = None
    not_asked: object = ""
    note: Callable[[User, datetime, Given, int], object] | None = None

    @property
    def capability(self) -> str:
        """The right to it."""
        return self.move.capability if self.move else Capability.CASE_VIEW

    @property
    def over_changes(self) -> bool:
        """Whether it is done with a case that changed since it was chosen."""
        return self.move is None or self.move.remark

    @property
    def takes_lines(self) -> bool:
        """Whether it takes cases out as a file."""
        return self.move is None

    @property
    def done_label(self) -> str:
        """What is said of a case with which it was done: 已改派."""
        return str(_("已%(act)s") % {"act": self.key.label})

    @property
    def refused_label(self) -> str:
        """What is said of a case with which it was not done: 未改派."""
        return str(_("未%(act)s") % {"act": self.key.label})


def _lead(case: Case) -> Order:
    """The lead order of the case, which is being worked on; raises DomainError otherwise."""
    rows = Order.objects.filter(case=case, is_lead=True, state__in=LIVE_ORDER_STATES)
    order = rows.order_by("-position").first()
    if order is None or order.state not in OPEN_ORDER_STATES:
        stands = (order or case).get_state_display()
        raise DomainError("state", how_it_stands(stands))
    return order


def how_it_stands(state: str) -> str:
    """Why a state is in the way, in words."""
    return str(_("现在是“%(state)s”") % {"state": state})


def _own_open(case: Case, actor: User, move: Move, at: datetime) -> Order:
    """The open order of the case that is the actor's to act on: the lead one before others."""
    rows = Order.objects.filter(case=case, state__in=OPEN_ORDER_STATES)
    orders = list(rows.select_related("team").order_by("-is_lead", "position"))
    if not orders:
        return _lead(case)
    access = access_of(actor)
    for order in orders:
        order.case = case
        place = order_standing(order, case, access, at).place
        if access.can_at(move.capability, place):
            return order
    return orders[0]


def _assign(case: Case, actor: User, at: datetime, given: Given) -> object:
    order = _own_open(case, actor, ASSIGN, at)
    return assign_order(
        order_id=order.pk, actor=actor, at=at, version=None, person_id=given.person or 0
    )


def _dispatch(case: Case, actor: User, at: datetime, given: Given) -> object:
    task = Task(given.team, given.person, given.instruction) if given.team else None
    if task is None:
        task = _proposed(case, at, given.instruction)
    return dispatch_case(case_id=case.pk, actor=actor, at=at, version=None, task=task)


def _proposed(case: Case, at: datetime, instruction: str) -> Task:
    found = propose(category=case.category, cell_id=case.cell_id, lon=case.lon, lat=case.lat, at=at)
    if found.team is None:
        raise DomainError("no_team", _("那里眼下没有人负责这一类，请单独派"))
    return Task(found.team.pk, found.person.pk if found.person else None, instruction)


def _transfer(case: Case, actor: User, at: datetime, given: Given) -> object:
    task = Task(given.team or 0, given.person, given.instruction)
    order = _lead(case)
    return transfer_order(
        order_id=order.pk, actor=actor, at=at, version=None, task=task, note=given.note
    )


def _urge(case: Case, actor: User, at: datetime, given: Given) -> object:
    return urge_case(case_id=case.pk, actor=actor, at=at, version=None, note=given.note)


def _ask_extension(case: Case, actor: User, at: datetime, given: Given) -> object:
    order = _own_open(case, actor, ASK_EXTENSION, at)
    return ask_extension(order_id=order.pk, actor=actor, at=at, version=None, note=given.note)


def _approve_extension(case: Case, actor: User, at: datetime, given: Given) -> object:
    first = _EXTENSIONS_ASKED.filter(case=case).order_by("asked_at", "pk").first()
    if first is None:
        raise DomainError("not_asked", _NOT_ASKED)
    return approve_request(request_id=first.pk, actor=actor, at=at, version=None, note=given.note)


def _label(case: Case, actor: User, at: datetime, given: Given) -> object:
    label = given.label or 0
    return label_case(case_id=case.pk, actor=actor, at=at, version=None, label_id=label)


def _unlabel(case: Case, actor: User, at: datetime, given: Given) -> object:
    label = given.label or 0
    return unlabel_case(case_id=case.pk, actor=actor, at=at, version=None, label_id=label)


# --- What is wrong with what is given, before anything is begun -------------------------------


def _nothing(given: Given, at: datetime) -> None:
    return None


def _person_named(given: Given, at: datetime) -> None:
    if given.person is None:
        raise DomainError("person", _("请选择派给谁。"), field="person")


def _team_if_named(given: Given, at: datetime) -> None:
    if given.team is not None:
        chosen(Task(given.team, given.person), at)
    elif given.person is not None:
        raise DomainError("team", _("请先选责任单位，再选经办人。"), field="team")


def _team_and_reason(given: Given, at: datetime) -> None:
    chosen(Task(given.team or 0, given.person), at)
    required(given.note, _("请写明改派的理由，两边单位都会看到。"))


def _reason(given: Given, at: datetime) -> None:
    required(given.note, _("请写明理由，审批的人会看到。"))


def _label_in_use(given: Given, at: datetime) -> None:
    known_label(given.label or 0)


def _label_named(given: Given, at: datetime) -> None:
    if not Label.objects.filter(pk=given.label or 0).exists():
        raise DomainError("label", _("请选择标签。"), field="label")


ANY = frozenset(str(state) for state in CaseState)
_OPEN = frozenset(str(state) for state in OPEN_CASE_STATES)
_RECTIFYING = frozenset({str(CaseState.RECTIFYING)})
_TO_DISPATCH = frozenset({str(CaseState.TO_DISPATCH)})

ACTS: dict[str, Act] = {
    str(act.key): act
    for act in (
        Act(BulkAct.URGE, URGE, _OPEN, _urge, _nothing),
        Act(BulkAct.DISPATCH, DISPATCH, _TO_DISPATCH, _dispatch, _team_if_named),
        Act(BulkAct.TRANSFER, TRANSFER, _RECTIFYING, _transfer, _team_and_reason),
        Act(BulkAct.ASSIGN, ASSIGN, _RECTIFYING, _assign, _person_named),
        Act(BulkAct.ASK_EXTENSION, ASK_EXTENSION, _RECTIFYING, _ask_extension, _reason),
        Act(
            BulkAct.APPROVE_EXTENSION,
            APPROVE,
            _RECTIFYING,
            _approve_extension,
            _nothing,
            Q(Exists(_EXTENSIONS_ASKED.filter(case=OuterRef("pk")))),
            _NOT_ASKED,
        ),
        Act(BulkAct.LABEL, LABEL, ANY, _label, _label_in_use),
        Act(BulkAct.UNLABEL, UNLABEL, ANY, _unlabel, _label_named),
    )
}
"""The acts in the order in which they are offered; `cases.exports_bulk` adds the last one."""
