"""Every move of the workflow table as a call, and every state of its subject as a builder."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cases.choices import (
    CaseState,
    InstructionState,
    LookBackState,
    OrderState,
    ReportState,
    RequestState,
    SupervisionState,
)
from cases.models import (
    Case,
    CaseEvent,
    CaseEventText,
    Comment,
    Instruction,
    Label,
    Order,
    Report,
    Request,
    Supervision,
)
from cases.services import (
    checking,
    comments,
    corrections,
    dispatch,
    ending,
    labelling,
    merging,
    naming,
    rectification,
    requests,
    selfhandling,
    supervision,
    suspension,
    triage,
)
from cases.services.corrections import Correction
from cases.services.dispatch import Task
from cases.services.rectification import Result
from cases.workflow import Move, Subject
from citymgmt.choices import PhotoKind
from citymgmt.models import Photo, User
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks, record_lookback
from tests import acts, builders
from tests.city import City

Row = Report | Case | Order | Request | Supervision | Instruction | LookBack

STATES: dict[Subject, list[str]] = {
    Subject.REPORT: list(ReportState.values),
    Subject.CASE: list(CaseState.values),
    Subject.ORDER: list(OrderState.values),
    Subject.REQUEST: list(RequestState.values),
    Subject.SUPERVISION: list(SupervisionState.values),
    Subject.INSTRUCTION: list(InstructionState.values),
    Subject.LOOKBACK: list(LookBackState.values),
}
DAY = timedelta(days=1)
UNKNOWN = 999_999
"""The id of nothing."""

_KEPT = (
    Report,
    Case,
    Order,
    Request,
    Supervision,
    Instruction,
    Comment,
    LookBack,
    CaseEvent,
    CaseEventText,
    Photo,
)


def everything() -> list[list[dict[str, Any]]]:
    """Every row that a move could touch, to see whether one did."""
    return [list(model.objects.order_by("pk").values()) for model in _KEPT]


def stand(city: City, subject: Subject, state: str) -> Row:
    """A subject in a state, reached through the services."""
    row = _STANDS[subject, state](city)
    row.refresh_from_db()
    return row


# --- Standing somewhere ---------------------------------------------------------------------


def _rejected(city: City) -> Report:
    row = builders.report(city)
    return triage.reject_report(
        report_id=row.pk, actor=city.dispatcher, at=row.created_at, version=None, note="重复"
    )


def _merged_report(city: City) -> Report:
    row, into = builders.report(city), builders.case(city)
    return merging.merge_report(
        report_id=row.pk,
        actor=city.dispatcher,
        at=row.created_at,
        version=None,
        into=into.number,
    )


def _said(row: Case | Order, service: Callable, actor: User, **given: Any) -> Any:
    kind = "case_id" if isinstance(row, Case) else "order_id"
    return service(**{kind: row.pk}, actor=actor, at=when(row), version=None, **given)


def _suspended(city: City) -> Case:
    row = builders.issued(city).case
    until = (row.last_event_at + 10 * DAY).date()
    return _said(row, suspension.suspend_case, city.dispatcher, note="等拆迁", until=until)


def _merged_case(city: City) -> Case:
    row, into = builders.issued(city).case, builders.case(city)
    return _said(row, merging.merge_case, city.dispatcher, note="同一件", into=into.number)


def _voided(city: City) -> Case:
    return _said(builders.issued(city).case, ending.void_case, city.dispatcher, note="误立")


def _returned(city: City) -> Order:
    """Given back late; another order put its case right since, so that it may be appealed."""
    return _ended_late(city, acts.give_back)


def _cancelled(city: City) -> Order:
    """Taken away late, on a case that another order put right since."""
    return _ended_late(city, acts.cancel)


def _ended_late(city: City, end: Callable[[City, Order, datetime], Order]) -> Order:
    order = builders.received(city)
    at = order.due_at + timedelta(hours=1)
    end(city, order, at)
    acts.finish(city, acts.send(city, order.case, "gucheng", at), at)
    return order


def _passed_late(city: City) -> Order:
    """Passed on a closed case, but submitted an hour after its limit."""
    order = builders.received(city)
    at = order.due_at + timedelta(hours=1)
    after = builders.photo(city.officer, kind=PhotoKind.AFTER, seed=61, at=at)
    rectification.submit_order(
        order_id=order.pk,
        actor=city.officer,
        at=at,
        version=None,
        result=Result(Decimal(1), "好了", [after.pk]),
    )
    return checking.pass_order(order_id=order.pk, actor=city.inspector, at=at, version=None)


def _asked(city: City) -> Request:
    return _said(builders.received(city), requests.ask_extension, city.leader, note="货太多")


def _decided(service: Callable, actor: str) -> Callable[[City], Request]:
    def decide(city: City) -> Request:
        row = _asked(city)
        return service(
            request_id=row.pk,
            actor=city.people[actor],
            at=row.asked_at,
            version=None,
            note="知道了",
        )

    return decide


def _supervised(city: City) -> Supervision:
    case = builders.issued(city).case
    until = case.last_event_at + 2 * DAY
    _said(case, supervision.supervise_case, city.supervisor, note="盯住", until=until)
    return case.supervisions.get()


def _lifted(city: City) -> Supervision:
    row = _supervised(city)
    return supervision.lift_supervision(
        supervision_id=row.pk,
        actor=city.supervisor,
        at=row.started_at,
        version=None,
        note="已经见效",
    )


def _instructed(city: City) -> Instruction:
    case = builders.issued(city).case
    _said(case, supervision.instruct_case, city.viewer, note="抓紧办")
    return case.instructions.get()


def _answered(city: City) -> Instruction:
    row = _instructed(city)
    return supervision.answer_instruction(
        instruction_id=row.pk, actor=city.leader, at=row.given_at, version=None, note="今天办完"
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
    (Subject.REPORT, ReportState.MERGED): _merged_report,
    (Subject.CASE, CaseState.TO_DISPATCH): builders.case,
    (Subject.CASE, CaseState.RECTIFYING): lambda city: builders.issued(city).case,
    (Subject.CASE, CaseState.TO_CHECK): lambda city: builders.submitted(city).case,
    (Subject.CASE, CaseState.SUSPENDED): _suspended,
    (Subject.CASE, CaseState.MERGED): _merged_case,
    (Subject.CASE, CaseState.VOIDED): _voided,
    (Subject.CASE, CaseState.CLOSED): lambda city: builders.closed(city).case,
    (Subject.ORDER, OrderState.ISSUED): builders.issued,
    (Subject.ORDER, OrderState.RECEIVED): builders.received,
    (Subject.ORDER, OrderState.SUBMITTED): builders.submitted,
    (Subject.ORDER, OrderState.PASSED): _passed_late,
    (Subject.ORDER, OrderState.RETURNED): _returned,
    (Subject.ORDER, OrderState.CANCELLED): _cancelled,
    (Subject.REQUEST, RequestState.ASKED): _asked,
    (Subject.REQUEST, RequestState.APPROVED): _decided(requests.approve_request, "dispatcher"),
    (Subject.REQUEST, RequestState.REFUSED): _decided(requests.refuse_request, "dispatcher"),
    (Subject.REQUEST, RequestState.WITHDRAWN): _decided(requests.withdraw_request, "leader"),
    (Subject.SUPERVISION, SupervisionState.RUNNING): _supervised,
    (Subject.SUPERVISION, SupervisionState.LIFTED): _lifted,
    (Subject.INSTRUCTION, InstructionState.OPEN): _instructed,
    (Subject.INSTRUCTION, InstructionState.ANSWERED): _answered,
    (Subject.LOOKBACK, LookBackState.PLANNED): _planned,
    (Subject.LOOKBACK, LookBackState.DONE): _done,
}

# --- Making a move --------------------------------------------------------------------------

ACTORS: dict[tuple[Subject, str], str] = {
    (Subject.REPORT, "file"): "dispatcher",
    (Subject.REPORT, "merge"): "dispatcher",
    (Subject.REPORT, "self-handle"): "officer",
    (Subject.REPORT, "reject"): "dispatcher",
    (Subject.CASE, "dispatch"): "dispatcher",
    (Subject.CASE, "assist"): "dispatcher",
    (Subject.CASE, "merge"): "dispatcher",
    (Subject.CASE, "suspend"): "dispatcher",
    (Subject.CASE, "resume"): "dispatcher",
    (Subject.CASE, "force-close"): "supervisor",
    (Subject.CASE, "void"): "dispatcher",
    (Subject.CASE, "supervise"): "supervisor",
    (Subject.CASE, "instruct"): "viewer",
    (Subject.CASE, "urge"): "supervisor",
    (Subject.CASE, "name"): "officer",
    (Subject.CASE, "correct"): "dispatcher",
    (Subject.CASE, "comment"): "officer",
    (Subject.CASE, "label"): "dispatcher",
    (Subject.CASE, "unlabel"): "dispatcher",
    (Subject.ORDER, "assign"): "leader",
    (Subject.ORDER, "unassign"): "leader",
    (Subject.ORDER, "receive"): "officer",
    (Subject.ORDER, "submit"): "officer",
    (Subject.ORDER, "return"): "officer",
    (Subject.ORDER, "ask-extension"): "leader",
    (Subject.ORDER, "ask-suspension"): "leader",
    (Subject.ORDER, "appeal"): "leader",
    (Subject.ORDER, "transfer"): "dispatcher",
    (Subject.ORDER, "cancel"): "dispatcher",
    (Subject.ORDER, "pass"): "supervisor",
    (Subject.ORDER, "rework"): "supervisor",
    (Subject.REQUEST, "approve"): "dispatcher",
    (Subject.REQUEST, "refuse"): "dispatcher",
    (Subject.REQUEST, "withdraw"): "leader",
    (Subject.SUPERVISION, "lift"): "supervisor",
    (Subject.INSTRUCTION, "answer"): "leader",
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
    match row:
        case LookBack():
            return row.opens_at
        case Order():
            return row.ended_at or row.submitted_at or row.issued_at
        case Report():
            return row.created_at
        case Case():
            return row.last_event_at
        case Request():
            return row.decided_at or row.asked_at
        case Supervision():
            return row.ended_at or row.started_at
        case Instruction():
            return row.answered_at or row.given_at


def prepare(city: City, move: Move, row: Row, actor: User) -> dict[str, Any]:
    """All that the move needs: who, when, over which version, and what must come with it."""
    at = when(row)
    given: dict[str, Any] = {"actor": actor, "at": at, "version": row.version}
    return given | _NEEDS.get((move.subject, move.name), _nothing)(city, actor, at)


def call(move: Move, row: Row, given: dict[str, Any]) -> Row:
    """Make the prepared move."""
    service, row_id = _CALLS[move.subject, move.name]
    return service(**{row_id: row.pk}, **given)


def make(city: City, move: Move, row: Row, actor: User, **changes: Any) -> Row:
    """Make the move on the row with all that it needs; `changes` spoil single arguments."""
    return call(move, row, prepare(city, move, row, actor) | changes)


Needed = Callable[[City, User, datetime], dict[str, Any]]


def _nothing(city: City, actor: User, at: datetime) -> dict[str, Any]:
    return {}


def _note(words: str) -> Needed:
    return lambda city, actor, at: {"note": words}


def _task(team: str, person: str | None = None, **more: Any) -> Needed:
    def task(city: City, actor: User, at: datetime) -> dict[str, Any]:
        person_id = city.people[person].pk if person else None
        return {"task": Task(city.teams[team].pk, person_id), **more}

    return task


def _into(**more: Any) -> Needed:
    return lambda city, actor, at: {"into": builders.case(city, at=at).number, **more}


def _until_day(city: City, actor: User, at: datetime) -> dict[str, Any]:
    return {"note": "等拆迁", "until": (at + 10 * DAY).date()}


def _until_moment(city: City, actor: User, at: datetime) -> dict[str, Any]:
    return {"note": "盯住", "until": at + 2 * DAY}


def _result(city: City, actor: User, at: datetime) -> dict[str, Any]:
    after = builders.photo(actor, kind=PhotoKind.AFTER, seed=71, at=at)
    return {"result": Result(Decimal(2), "好了", [after.pk])}


def _correction(city: City, actor: User, at: datetime) -> dict[str, Any]:
    right = Correction("水果摊占了半条人行道", "紫阳街 120 号", city.litter_standard.pk)
    return {"note": "案由立错了", "correction": right}


def _label(city: City, actor: User, at: datetime) -> dict[str, Any]:
    label, _new = Label.objects.get_or_create(name="国卫必查")
    return {"label_id": label.pk}


def _label_on_all(city: City, actor: User, at: datetime) -> dict[str, Any]:
    given = _label(city, actor, at)
    for case in Case.objects.exclude(label_ids__contains=[given["label_id"]]):
        labelling.label_case(case_id=case.pk, actor=city.dispatcher, at=at, version=None, **given)
    return given


def _seen(move: str, seed: int | None) -> Needed:
    def seen(city: City, actor: User, at: datetime) -> dict[str, Any]:
        shots = []
        if seed is not None:
            shots = [builders.photo(actor, kind=PhotoKind.RECHECK, seed=seed, at=at).pk]
        return {"note": "看过了", "move": move, "photo_ids": shots}

    return seen


_NEEDS: dict[tuple[Subject, str], Needed] = {
    (Subject.REPORT, "file"): lambda city, actor, at: {"standard_id": city.spill_standard.pk},
    (Subject.REPORT, "merge"): _into(),
    (Subject.REPORT, "self-handle"): lambda city, actor, at: {
        "standard_id": city.spill_standard.pk,
        **_result(city, actor, at),
    },
    (Subject.REPORT, "reject"): _note("不属于本局"),
    (Subject.CASE, "dispatch"): _task("gucheng", "officer"),
    (Subject.CASE, "assist"): _task("huanwei"),
    (Subject.CASE, "merge"): _into(note="同一件"),
    (Subject.CASE, "suspend"): _until_day,
    (Subject.CASE, "force-close"): _note("无法整改"),
    (Subject.CASE, "void"): _note("误立"),
    (Subject.CASE, "supervise"): _until_moment,
    (Subject.CASE, "instruct"): _note("抓紧办"),
    (Subject.CASE, "name"): lambda city, actor, at: {"party": "王建国"},
    (Subject.CASE, "correct"): _correction,
    (Subject.CASE, "comment"): _note("店主说下午收"),
    (Subject.CASE, "label"): _label,
    (Subject.CASE, "unlabel"): _label_on_all,
    (Subject.ORDER, "assign"): lambda city, actor, at: {"person_id": city.officer.pk},
    (Subject.ORDER, "submit"): _result,
    (Subject.ORDER, "return"): _note("不归我们"),
    (Subject.ORDER, "ask-extension"): _note("货太多"),
    (Subject.ORDER, "ask-suspension"): _until_day,
    (Subject.ORDER, "appeal"): _note("那天封路"),
    (Subject.ORDER, "transfer"): _task("dayang", note="那边的路段"),
    (Subject.ORDER, "cancel"): _note("派错了"),
    (Subject.ORDER, "rework"): _note("没清干净"),
    (Subject.REQUEST, "refuse"): _note("时间够了"),
    (Subject.SUPERVISION, "lift"): _note("已经见效"),
    (Subject.INSTRUCTION, "answer"): _note("今天办完"),
    (Subject.LOOKBACK, "held"): _seen("held", 81),
    (Subject.LOOKBACK, "rebound"): _seen("rebound", 82),
    (Subject.LOOKBACK, "false"): _seen("false", 83),
    (Subject.LOOKBACK, "unverified"): _seen("unverified", None),
}

_CALLS: dict[tuple[Subject, str], tuple[Callable[..., Row], str]] = {
    (Subject.REPORT, "file"): (triage.file_report, "report_id"),
    (Subject.REPORT, "merge"): (merging.merge_report, "report_id"),
    (Subject.REPORT, "self-handle"): (selfhandling.self_handle_report, "report_id"),
    (Subject.REPORT, "reject"): (triage.reject_report, "report_id"),
    (Subject.CASE, "dispatch"): (dispatch.dispatch_case, "case_id"),
    (Subject.CASE, "assist"): (dispatch.assist_case, "case_id"),
    (Subject.CASE, "merge"): (merging.merge_case, "case_id"),
    (Subject.CASE, "suspend"): (suspension.suspend_case, "case_id"),
    (Subject.CASE, "resume"): (suspension.resume_case, "case_id"),
    (Subject.CASE, "force-close"): (ending.force_close_case, "case_id"),
    (Subject.CASE, "void"): (ending.void_case, "case_id"),
    (Subject.CASE, "supervise"): (supervision.supervise_case, "case_id"),
    (Subject.CASE, "instruct"): (supervision.instruct_case, "case_id"),
    (Subject.CASE, "urge"): (supervision.urge_case, "case_id"),
    (Subject.CASE, "name"): (naming.name_case, "case_id"),
    (Subject.CASE, "correct"): (corrections.correct_case, "case_id"),
    (Subject.CASE, "comment"): (comments.comment_case, "case_id"),
    (Subject.CASE, "label"): (labelling.label_case, "case_id"),
    (Subject.CASE, "unlabel"): (labelling.unlabel_case, "case_id"),
    (Subject.ORDER, "assign"): (rectification.assign_order, "order_id"),
    (Subject.ORDER, "unassign"): (rectification.unassign_order, "order_id"),
    (Subject.ORDER, "receive"): (rectification.receive_order, "order_id"),
    (Subject.ORDER, "submit"): (rectification.submit_order, "order_id"),
    (Subject.ORDER, "return"): (rectification.return_order, "order_id"),
    (Subject.ORDER, "ask-extension"): (requests.ask_extension, "order_id"),
    (Subject.ORDER, "ask-suspension"): (requests.ask_suspension, "order_id"),
    (Subject.ORDER, "appeal"): (requests.appeal, "order_id"),
    (Subject.ORDER, "transfer"): (dispatch.transfer_order, "order_id"),
    (Subject.ORDER, "cancel"): (dispatch.cancel_order, "order_id"),
    (Subject.ORDER, "pass"): (checking.pass_order, "order_id"),
    (Subject.ORDER, "rework"): (checking.rework_order, "order_id"),
    (Subject.REQUEST, "approve"): (requests.approve_request, "request_id"),
    (Subject.REQUEST, "refuse"): (requests.refuse_request, "request_id"),
    (Subject.REQUEST, "withdraw"): (requests.withdraw_request, "request_id"),
    (Subject.SUPERVISION, "lift"): (supervision.lift_supervision, "supervision_id"),
    (Subject.INSTRUCTION, "answer"): (supervision.answer_instruction, "instruction_id"),
    (Subject.LOOKBACK, "held"): (record_lookback, "lookback_id"),
    (Subject.LOOKBACK, "rebound"): (record_lookback, "lookback_id"),
    (Subject.LOOKBACK, "false"): (record_lookback, "lookback_id"),
    (Subject.LOOKBACK, "unverified"): (record_lookback, "lookback_id"),
}
