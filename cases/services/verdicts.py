"""May this person make this move, and if not, why: for buttons, without acting."""

from datetime import datetime

from cases.models import Case, Instruction, Order, Report, Request, Supervision
from cases.policies import Standing, Verdict, may
from cases.services._advance import (
    beside_standing,
    case_standing,
    order_standing,
    refusal,
    report_standing,
)
from cases.workflow import Move
from grids.policies import Access


def report_verdict(move: Move, report: Report, access: Access) -> Verdict:
    """The verdict over a move of a report."""
    return may(move, access, report_standing(report))


def case_verdict(move: Move, case: Case, access: Access) -> Verdict:
    """The verdict over a move of a case."""
    return may(move, access, case_standing(case))


def order_verdict(move: Move, order: Order, access: Access, at: datetime) -> Verdict:
    """The verdict over a move of an order; needs its case loaded."""
    return may(move, access, order_standing(order, order.case, access, at))


def standing_of(
    row: Case | Order | Request | Supervision | Instruction, access: Access, at: datetime
) -> Standing:
    """How a case or a row of it stands as policy sees it; all but a case need theirs loaded,
    a request its order too."""
    if isinstance(row, Case):
        return case_standing(row)
    if isinstance(row, Order):
        return order_standing(row, row.case, access, at)
    return beside_standing(row, row.case, access, at)


def verdict_over(
    move: Move,
    row: Case | Order | Request | Supervision | Instruction,
    access: Access,
    at: datetime,
) -> Verdict:
    """The verdict over a move of a case or of a row of it; see `standing_of`."""
    return may(move, access, standing_of(row, access, at))


def why_not(verdict: Verdict) -> str:
    """Why the move is not allowed, in words; empty where it is."""
    return "" if verdict.allowed else str(refusal(verdict).message)
