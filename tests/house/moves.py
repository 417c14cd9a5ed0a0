"""Every move of the workflow table as a call, and every state of its subject as a builder."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from cases.choices import CaseState, LookBackState, OrderState, ReportState
from cases.models import Case, Order, Report
from cases.services import checking, dispatch, rectification, triage
from cases.services.dispatch import Task
from cases.services.rectification import Result
from cases.workflow import Move, Subject
from citymgmt.choices import PhotoKind
from citymgmt.models import User
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks, record_lookback
from tests import builders
from tests.city import City

Row = Report | Case | Order | LookBack

STATES: dict[Subject, list[str]] = {
    Subject.REPORT: list(ReportState.values),
    Subject.CASE: list(CaseState.values),
    Subject.ORDER: list(OrderState.values),
    Subject.LOOKBACK: list(LookBackState.values),
}


def stand(city: City, subject: Subject, state: str) -> Row:
    """A subject in a state, reached through the services."""
    row = _STANDS[subject, state](city)
    row.refresh_from_db()
    return row


def _rejected(city: City) -> Report:
    row = builders.report(city)
    return triage.reject_report(
        report_id=row.pk, actor=city.dispatcher, at=row.created_at, version=None, note="重复"
    )


def _returned(city: City) -> Order:
    row = builders.issued(city)
    return rectification.return_order(
        order_id=row.pk, actor=city.leader, at=row.issued_at, version=None, note="不归我们"
    )


def _planned(city: City) -> LookBack:
    order = builders.closed(city)
    return plan_lookbacks(case_id=order.case_id, at=order.ended_at)[0]


def _done(city: City) -> LookBack:
    row = _planned(city)
    actor = row.inspector or city.inspector
    photo = builders.photo(actor, kind=PhotoKind.RECHECK, seed=200, at=row.opens_at)
    return record_lookback(
        lookback_id=row.pk,
        actor=actor,
        at=row.opens_at,
        version=None,
        move="held",
        photo_ids=[photo.pk],
    )


_STANDS: dict[tuple[Subject, str], Callable[[City], Row]] = {
    (Subject.REPORT, ReportState.PENDING): builders.report,
    (Subject.REPORT, ReportState.FILED): lambda city: builders.case(city).reports.get(),
    (Subject.REPORT, ReportState.REJECTED): _rejected,
    (Subject.CASE, CaseState.TO_DISPATCH): builders.case,
    (Subject.CASE, CaseState.RECTIFYING): lambda city: builders.issued(city).case,
    (Subject.CASE, CaseState.TO_CHECK): lambda city: builders.submitted(city).case,
    (Subject.CASE, CaseState.CLOSED): lambda city: builders.closed(city).case,
    (Subject.ORDER, OrderState.ISSUED): builders.issued,
    (Subject.ORDER, OrderState.RECEIVED): builders.received,
    (Subject.ORDER, OrderState.SUBMITTED): builders.submitted,
    (Subject.ORDER, OrderState.PASSED): builders.closed,
    (Subject.ORDER, OrderState.RETURNED): _returned,
    (Subject.LOOKBACK, LookBackState.PLANNED): _planned,
    (Subject.LOOKBACK, LookBackState.DONE): _done,
}

ACTORS: dict[tuple[Subject, str], str] = {
    (Subject.REPORT, "file"): "dispatcher",
    (Subject.REPORT, "reject"): "dispatcher",
    (Subject.CASE, "dispatch"): "dispatcher",
    (Subject.ORDER, "assign"): "leader",
    (Subject.ORDER, "receive"): "officer",
    (Subject.ORDER, "submit"): "officer",
    (Subject.ORDER, "return"): "officer",
    (Subject.ORDER, "pass"): "supervisor",
    (Subject.ORDER, "rework"): "supervisor",
    (Subject.LOOKBACK, "held"): "inspector",
    (Subject.LOOKBACK, "rebound"): "inspector",
    (Subject.LOOKBACK, "false"): "inspector",
    (Subject.LOOKBACK, "unverified"): "inspector",
}
"""Somebody who has the right to the move in the small city."""


def case_of(row: Row) -> Case | None:
    """The case that a row belongs to, or is; None for a report."""
    if isinstance(row, Report):
        return None
    return row if isinstance(row, Case) else row.case


def when(row: Row) -> datetime:
    """A moment at which the next move on the row may happen."""
    if isinstance(row, LookBack):
        return row.opens_at
    if isinstance(row, Order):
        return row.ended_at or row.submitted_at or row.issued_at
    return row.created_at if isinstance(row, Report) else row.last_event_at


def make(city: City, move: Move, row: Row, actor: User, **changes: Any) -> Row:
    """Make the move on the row with all that it needs; `changes` spoil single arguments."""
    at = when(row)
    given: dict[str, Any] = {"actor": actor, "at": at, "version": row.version}
    given |= _needs(city, move, actor, at) | changes
    return _CALLS[move.subject, move.name](row, given)


def _needs(city: City, move: Move, actor: User, at: datetime) -> dict[str, Any]:
    def shot(kind: str, seed: int) -> list:
        return [builders.photo(actor, kind=kind, seed=seed, at=at).pk]

    lookback = {"note": "看过了", "move": move.name}
    return {
        "file": lambda: {"standard_id": city.spill_standard.pk},
        "reject": lambda: {"note": "不属于本局"},
        "dispatch": lambda: {"task": Task(city.teams["gucheng"].pk, city.officer.pk)},
        "assign": lambda: {"person_id": city.officer.pk},
        "receive": dict,
        "submit": lambda: {"result": Result(Decimal(2), "好了", shot(PhotoKind.AFTER, 71))},
        "return": lambda: {"note": "不归我们"},
        "pass": dict,
        "rework": lambda: {"note": "没清干净"},
        "held": lambda: lookback | {"photo_ids": shot(PhotoKind.RECHECK, 81)},
        "rebound": lambda: lookback | {"photo_ids": shot(PhotoKind.RECHECK, 82)},
        "false": lambda: lookback | {"photo_ids": shot(PhotoKind.RECHECK, 83)},
        "unverified": lambda: lookback,
    }[move.name]()


def _order(service: Callable[..., Order]) -> Callable[[Row, dict], Row]:
    return lambda row, given: service(order_id=row.pk, **given)


_CALLS: dict[tuple[Subject, str], Callable[[Row, dict], Row]] = {
    (Subject.REPORT, "file"): lambda row, given: triage.file_report(report_id=row.pk, **given),
    (Subject.REPORT, "reject"): lambda row, given: triage.reject_report(report_id=row.pk, **given),
    (Subject.CASE, "dispatch"): lambda row, given: dispatch.dispatch_case(case_id=row.pk, **given),
    (Subject.ORDER, "assign"): _order(rectification.assign_order),
    (Subject.ORDER, "receive"): _order(rectification.receive_order),
    (Subject.ORDER, "submit"): _order(rectification.submit_order),
    (Subject.ORDER, "return"): _order(rectification.return_order),
    (Subject.ORDER, "pass"): _order(checking.pass_order),
    (Subject.ORDER, "rework"): _order(checking.rework_order),
    **{
        (Subject.LOOKBACK, name): lambda row, given: record_lookback(lookback_id=row.pk, **given)
        for name in ("held", "rebound", "false", "unverified")
    },
}
