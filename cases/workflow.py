"""Which move is allowed: the one table of the house.

It feeds the guard, the buttons, the forms, the API and the tests. Pure: no Django, no models.
Rules: domain facts, sections 2, 6 and 7.
"""

from dataclasses import dataclass
from enum import StrEnum

from cases.choices import CaseState, LookBackState, OrderState, ReportState
from citymgmt.choices import Capability


class Subject(StrEnum):
    """What a move acts on."""

    REPORT = "report"
    CASE = "case"
    ORDER = "order"
    LOOKBACK = "lookback"


class Need(StrEnum):
    """What must come with a move."""

    NOTE = "note"
    STANDARD = "standard"
    TEAM = "team"
    PERSON = "person"
    QUANTITY = "quantity"
    PHOTO = "photo"
    BEFORE_PHOTO = "before_photo"
    AFTER_PHOTO = "after_photo"


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed step. `target` empty leaves the subject's state as it is.

    `case_sources` and `case_target` say where the case behind an order or look-back stands
    before and after; empty means untouched. `impartial` keeps the person's own team out.
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
    impartial: bool = False
    primary: bool = False
    key: str = ""


def _states(*states: str) -> frozenset[str]:
    return frozenset(str(state) for state in states)


_RECTIFYING = _states(CaseState.RECTIFYING)
_CHECKING = _states(CaseState.TO_CHECK)
_CLOSED = _states(CaseState.CLOSED)

MOVES: tuple[Move, ...] = (
    # A report becomes a case, or is refused.
    Move(
        "file",
        Subject.REPORT,
        _states(ReportState.PENDING),
        ReportState.FILED,
        Capability.REPORT_FILE,
        "report.filed",
        frozenset({Need.STANDARD}),
        primary=True,
        key="f",
    ),
    Move(
        "reject",
        Subject.REPORT,
        _states(ReportState.PENDING),
        ReportState.REJECTED,
        Capability.REPORT_REJECT,
        "report.rejected",
        frozenset({Need.NOTE}),
        key="x",
    ),
    # A case gets an order.
    Move(
        "dispatch",
        Subject.CASE,
        _states(CaseState.TO_DISPATCH),
        CaseState.RECTIFYING,
        Capability.CASE_DISPATCH,
        "case.dispatched",
        frozenset({Need.TEAM}),
        primary=True,
        key="d",
    ),
    # A team works on its order.
    Move(
        "assign",
        Subject.ORDER,
        _states(OrderState.ISSUED, OrderState.RECEIVED),
        "",
        Capability.ORDER_ASSIGN,
        "order.assigned",
        frozenset({Need.PERSON}),
        _RECTIFYING,
        key="a",
    ),
    Move(
        "receive",
        Subject.ORDER,
        _states(OrderState.ISSUED),
        OrderState.RECEIVED,
        Capability.ORDER_RECTIFY,
        "order.received",
        frozenset(),
        _RECTIFYING,
        primary=True,
        key="s",
    ),
    Move(
        "submit",
        Subject.ORDER,
        _states(OrderState.RECEIVED),
        OrderState.SUBMITTED,
        Capability.ORDER_RECTIFY,
        "order.submitted",
        frozenset({Need.BEFORE_PHOTO, Need.AFTER_PHOTO, Need.QUANTITY}),
        _RECTIFYING,
        CaseState.TO_CHECK,
        primary=True,
        key="s",
    ),
    Move(
        "return",
        Subject.ORDER,
        _states(OrderState.ISSUED, OrderState.RECEIVED),
        OrderState.RETURNED,
        Capability.ORDER_RETURN,
        "order.returned",
        frozenset({Need.NOTE}),
        _RECTIFYING,
        CaseState.TO_DISPATCH,
        key="b",
    ),
    # Somebody of another team checks it.
    Move(
        "pass",
        Subject.ORDER,
        _states(OrderState.SUBMITTED),
        OrderState.PASSED,
        Capability.ORDER_CHECK,
        "order.passed",
        frozenset(),
        _CHECKING,
        CaseState.CLOSED,
        impartial=True,
        primary=True,
        key="y",
    ),
    Move(
        "rework",
        Subject.ORDER,
        _states(OrderState.SUBMITTED),
        OrderState.RECEIVED,
        Capability.ORDER_CHECK,
        "order.reworked",
        frozenset({Need.NOTE}),
        _CHECKING,
        CaseState.RECTIFYING,
        impartial=True,
        key="r",
    ),
    # Later somebody looks whether it stayed right. While a case is being rectified again, a
    # second rebound is refused: its look-backs rest until it is closed.
    Move(
        "held",
        Subject.LOOKBACK,
        _states(LookBackState.PLANNED),
        LookBackState.DONE,
        Capability.LOOKBACK_RECORD,
        "lookback.held",
        frozenset({Need.PHOTO}),
        impartial=True,
        primary=True,
        key="1",
    ),
    Move(
        "rebound",
        Subject.LOOKBACK,
        _states(LookBackState.PLANNED),
        LookBackState.DONE,
        Capability.LOOKBACK_RECORD,
        "lookback.rebound",
        frozenset({Need.PHOTO, Need.NOTE}),
        _CLOSED,
        CaseState.RECTIFYING,
        impartial=True,
        key="2",
    ),
    Move(
        "false",
        Subject.LOOKBACK,
        _states(LookBackState.PLANNED),
        LookBackState.DONE,
        Capability.LOOKBACK_RECORD,
        "lookback.false",
        frozenset({Need.PHOTO, Need.NOTE}),
        _CLOSED,
        CaseState.RECTIFYING,
        impartial=True,
        key="3",
    ),
    Move(
        "unverified",
        Subject.LOOKBACK,
        _states(LookBackState.PLANNED),
        LookBackState.DONE,
        Capability.LOOKBACK_RECORD,
        "lookback.unverified",
        frozenset({Need.NOTE}),
        impartial=True,
        key="4",
    ),
)

_BY_KEY = {(move.subject, move.name): move for move in MOVES}


def move(subject: Subject, name: str) -> Move:
    """The move of that name; raises KeyError for a name that is not in the table."""
    return _BY_KEY[(subject, name)]


def moves_of(subject: Subject) -> tuple[Move, ...]:
    """All moves of a subject in the order of the table."""
    return tuple(item for item in MOVES if item.subject == subject)
