"""Which move is allowed: the one table of the house.

It feeds the guard, the buttons, the forms, the API, the picture in the docs and the tests.
Pure: no Django, no models. Rules: domain facts, sections 2, 6 and 7.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cases.choices import (
    LIVE_ORDER_STATES,
    OPEN_CASE_STATES,
    OPEN_ORDER_STATES,
    STANDING_CASE_STATES,
    CaseState,
    InstructionState,
    LookBackState,
    OrderState,
    ReportState,
    RequestState,
    SupervisionState,
)
from citymgmt.choices import Capability as Can


class Subject(StrEnum):
    """What a move acts on."""

    REPORT = "report"
    CASE = "case"
    ORDER = "order"
    REQUEST = "request"
    SUPERVISION = "supervision"
    INSTRUCTION = "instruction"
    LOOKBACK = "lookback"


class Need(StrEnum):
    """What must come with a move."""

    NOTE = "note"
    STANDARD = "standard"
    TEAM = "team"
    PERSON = "person"
    QUANTITY = "quantity"
    CASE = "case"
    UNTIL = "until"
    LABEL = "label"
    PARTY = "party"
    PHOTO = "photo"
    BEFORE_PHOTO = "before_photo"
    AFTER_PHOTO = "after_photo"


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed step. `target` empty leaves the subject's state as it is.

    `case_sources` and `case_target` say where the case behind a row stands before and after;
    empty means untouched. With `by_orders` the case then stands where its orders put it (see
    `case_state_of`): the target is where that is with this one order. `impartial` keeps the
    person's own team out. A `remark` stands beside what others do: it may be made over an older
    version of the case and leaves the version as it is.
    """

    name: str
    subject: Subject
    sources: frozenset[str]
    target: str
    capability: str
    event: str
    needs: frozenset[Need] = frozenset()
    case_sources: frozenset[str] = frozenset()
    case_target: str = ""
    by_orders: bool = False
    impartial: bool = False
    remark: bool = False
    primary: bool = False
    key: str = ""


def _in(*states: str) -> frozenset[str]:
    return frozenset(str(state) for state in states)


def _with(*needs: Need) -> frozenset[Need]:
    return frozenset(needs)


_PENDING = _in(ReportState.PENDING)
_RECTIFYING = _in(CaseState.RECTIFYING)
_OPEN_CASE = _in(*OPEN_CASE_STATES)
_STANDING = _in(*STANDING_CASE_STATES)
_CLOSED = _in(CaseState.CLOSED)
_OPEN = _in(*OPEN_ORDER_STATES)
_SUBMITTED = _in(OrderState.SUBMITTED)
_ENDED = _in(OrderState.PASSED, OrderState.RETURNED, OrderState.CANCELLED)
_ASKED = _in(RequestState.ASKED)
_PLANNED = _in(LookBackState.PLANNED)
_NOTE = _with(Need.NOTE)

# fmt: off
MOVES: tuple[Move, ...] = (
    # A report becomes a case, joins one, is seen to on the spot, or is refused.
    Move("file", Subject.REPORT, _PENDING, ReportState.FILED, Can.REPORT_FILE,
         "report.filed", _with(Need.STANDARD), primary=True, key="f"),
    Move("merge", Subject.REPORT, _PENDING, ReportState.MERGED, Can.REPORT_FILE,
         "report.merged", _with(Need.CASE), key="m"),
    Move("self-handle", Subject.REPORT, _PENDING, ReportState.FILED, Can.CASE_SELF_HANDLE,
         "report.self_handled",
         _with(Need.STANDARD, Need.QUANTITY, Need.BEFORE_PHOTO, Need.AFTER_PHOTO), key="z"),
    Move("reject", Subject.REPORT, _PENDING, ReportState.REJECTED, Can.REPORT_REJECT,
         "report.rejected", _NOTE, key="x"),
    # A case gets its orders, rests, joins another, or is ended out of turn.
    Move("dispatch", Subject.CASE, _in(CaseState.TO_DISPATCH), CaseState.RECTIFYING,
         Can.CASE_DISPATCH, "case.dispatched", _with(Need.TEAM), primary=True, key="d"),
    Move("assist", Subject.CASE, _RECTIFYING, "", Can.CASE_DISPATCH,
         "case.assisted", _with(Need.TEAM)),
    Move("merge", Subject.CASE, _in(CaseState.TO_DISPATCH, CaseState.RECTIFYING),
         CaseState.MERGED, Can.CASE_MERGE, "case.merged", _with(Need.CASE, Need.NOTE)),
    Move("suspend", Subject.CASE, _in(CaseState.TO_DISPATCH, CaseState.RECTIFYING),
         CaseState.SUSPENDED, Can.CASE_SUSPEND, "case.suspended", _with(Need.NOTE, Need.UNTIL)),
    Move("resume", Subject.CASE, _in(CaseState.SUSPENDED), CaseState.RECTIFYING,
         Can.CASE_SUSPEND, "case.resumed", by_orders=True, primary=True),
    Move("force-close", Subject.CASE, _STANDING, CaseState.CLOSED, Can.CASE_FORCE_CLOSE,
         "case.force_closed", _NOTE),
    Move("void", Subject.CASE, _STANDING, CaseState.VOIDED, Can.CASE_VOID, "case.voided", _NOTE),
    # What is said about a case leaves it where it stands.
    Move("supervise", Subject.CASE, _STANDING, "", Can.CASE_SUPERVISE,
         "case.supervised", _with(Need.NOTE, Need.UNTIL), remark=True),
    Move("instruct", Subject.CASE, _STANDING | _CLOSED, "", Can.CASE_INSTRUCT,
         "case.instructed", _NOTE, remark=True),
    Move("urge", Subject.CASE, _OPEN_CASE, "", Can.CASE_URGE, "case.urged", remark=True),
    Move("label", Subject.CASE, _in(*CaseState), "", Can.CASE_LABEL,
         "case.labelled", _with(Need.LABEL), remark=True),
    Move("unlabel", Subject.CASE, _in(*CaseState), "", Can.CASE_LABEL,
         "case.unlabelled", _with(Need.LABEL), remark=True),
    Move("name", Subject.CASE, _STANDING | _CLOSED, "", Can.CASE_NAME,
         "case.named", _with(Need.PARTY), remark=True),
    Move("correct", Subject.CASE, _STANDING | _CLOSED, "", Can.CASE_CORRECT,
         "case.corrected", _NOTE),
    Move("comment", Subject.CASE, _in(*CaseState), "", Can.CASE_COMMENT,
         "case.commented", _NOTE, remark=True, key="c"),
    # A team works on its order, gives it back, or asks for something.
    Move("assign", Subject.ORDER, _OPEN, "", Can.ORDER_ASSIGN,
         "order.assigned", _with(Need.PERSON), _OPEN_CASE, key="a"),
    Move("unassign", Subject.ORDER, _OPEN, "", Can.ORDER_ASSIGN,
         "order.unassigned", case_sources=_OPEN_CASE),
    Move("receive", Subject.ORDER, _in(OrderState.ISSUED), OrderState.RECEIVED,
         Can.ORDER_RECTIFY, "order.received", case_sources=_OPEN_CASE, primary=True, key="s"),
    Move("submit", Subject.ORDER, _in(OrderState.RECEIVED), OrderState.SUBMITTED,
         Can.ORDER_RECTIFY, "order.submitted",
         _with(Need.BEFORE_PHOTO, Need.AFTER_PHOTO, Need.QUANTITY),
         _OPEN_CASE, CaseState.TO_CHECK, by_orders=True, primary=True, key="s"),
    Move("return", Subject.ORDER, _OPEN, OrderState.RETURNED, Can.ORDER_RETURN,
         "order.returned", _NOTE, _OPEN_CASE, CaseState.TO_DISPATCH, by_orders=True, key="b"),
    Move("ask-extension", Subject.ORDER, _OPEN, "", Can.REQUEST_ASK,
         "order.extension_asked", _NOTE, _OPEN_CASE),
    Move("ask-suspension", Subject.ORDER, _OPEN, "", Can.REQUEST_ASK,
         "order.suspension_asked", _with(Need.NOTE, Need.UNTIL), _RECTIFYING),
    Move("appeal", Subject.ORDER, _ENDED, "", Can.REQUEST_ASK,
         "order.appealed", _NOTE, _CLOSED),
    # The dispatcher gives an order to another team, or takes back what assistance is not needed.
    Move("transfer", Subject.ORDER, _OPEN, OrderState.CANCELLED, Can.CASE_DISPATCH,
         "order.transferred", _with(Need.TEAM, Need.NOTE), _OPEN_CASE, CaseState.RECTIFYING,
         by_orders=True),
    Move("cancel", Subject.ORDER, _OPEN, OrderState.CANCELLED, Can.CASE_DISPATCH,
         "order.cancelled", _NOTE, _OPEN_CASE, CaseState.TO_DISPATCH, by_orders=True),
    # Somebody of another team checks it.
    Move("pass", Subject.ORDER, _SUBMITTED, OrderState.PASSED, Can.ORDER_CHECK,
         "order.passed", frozenset(), _OPEN_CASE, CaseState.CLOSED, by_orders=True,
         impartial=True, primary=True, key="y"),
    Move("rework", Subject.ORDER, _SUBMITTED, OrderState.RECEIVED, Can.ORDER_CHECK,
         "order.reworked", _NOTE, _OPEN_CASE, CaseState.RECTIFYING, by_orders=True,
         impartial=True, key="r"),
    # What a team asked for is decided, or taken back.
    Move("approve", Subject.REQUEST, _ASKED, RequestState.APPROVED, Can.REQUEST_DECIDE,
         "request.approved", impartial=True, primary=True),
    Move("refuse", Subject.REQUEST, _ASKED, RequestState.REFUSED, Can.REQUEST_DECIDE,
         "request.refused", _NOTE, impartial=True),
    Move("withdraw", Subject.REQUEST, _ASKED, RequestState.WITHDRAWN, Can.REQUEST_ASK,
         "request.withdrawn"),
    Move("lift", Subject.SUPERVISION, _in(SupervisionState.RUNNING), SupervisionState.LIFTED,
         Can.CASE_SUPERVISE, "supervision.lifted", _NOTE),
    Move("answer", Subject.INSTRUCTION, _in(InstructionState.OPEN), InstructionState.ANSWERED,
         Can.INSTRUCTION_ANSWER, "instruction.answered", _NOTE, primary=True),
    # Later somebody looks whether it stayed right. While a case is being rectified again, a
    # second rebound is refused: its look-backs rest until it is closed.
    Move("held", Subject.LOOKBACK, _PLANNED, LookBackState.DONE, Can.LOOKBACK_RECORD,
         "lookback.held", _with(Need.PHOTO), impartial=True, primary=True, key="1"),
    Move("rebound", Subject.LOOKBACK, _PLANNED, LookBackState.DONE, Can.LOOKBACK_RECORD,
         "lookback.rebound", _with(Need.PHOTO, Need.NOTE), _CLOSED, CaseState.RECTIFYING,
         impartial=True, key="2"),
    Move("false", Subject.LOOKBACK, _PLANNED, LookBackState.DONE, Can.LOOKBACK_RECORD,
         "lookback.false", _with(Need.PHOTO, Need.NOTE), _CLOSED, CaseState.RECTIFYING,
         impartial=True, key="3"),
    Move("unverified", Subject.LOOKBACK, _PLANNED, LookBackState.DONE, Can.LOOKBACK_RECORD,
         "lookback.unverified", _NOTE, impartial=True, key="4"),
)
# fmt: on

_BY_KEY = {(move.subject, move.name): move for move in MOVES}


def move(subject: Subject, name: str) -> Move:
    """The move of that name; raises KeyError for a name that is not in the table."""
    return _BY_KEY[(subject, name)]


def moves_of(subject: Subject) -> tuple[Move, ...]:
    """All moves of a subject in the order of the table."""
    return tuple(item for item in MOVES if item.subject == subject)


def case_state_of(lead: str | None, assisting: Iterable[str]) -> CaseState:
    """Where the orders of a round put their case: the state of its lead order and of the others.

    `lead` is the newest lead order of the round, None where there is none. A case whose lead was
    returned or cancelled needs a new one, whatever the others do. One order that is being worked
    on keeps the case in rectification; it closes when the lead has passed and no other is alive.
    """
    if lead is None or lead in (OrderState.RETURNED, OrderState.CANCELLED):
        return CaseState.TO_DISPATCH
    states = {lead, *assisting}
    if not states.isdisjoint(OPEN_ORDER_STATES):
        return CaseState.RECTIFYING
    return CaseState.CLOSED if states.isdisjoint(LIVE_ORDER_STATES) else CaseState.TO_CHECK
