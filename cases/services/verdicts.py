"""May this person make this move, and if not, why: for buttons, without acting."""

from datetime import datetime

from cases.models import Case, Order, Report
from cases.policies import Verdict, may
from cases.services._advance import case_standing, order_standing, refusal, report_standing
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


def why_not(verdict: Verdict) -> str:
    """Why the move is not allowed, in words; empty where it is."""
    return "" if verdict.allowed else str(refusal(verdict).message)
