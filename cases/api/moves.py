"""Every move of the workflow table as an endpoint.

The endpoints are made from the table: a move of a report, case or order that has no act here
stops the start of the programme.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet, TextChoices
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.api import bodies
from cases.api.reading import CASES, ORDERS, REPORTS, CaseEndpoint
from cases.choices import (
    EVENT_LABELS,
    CaseState,
    InstructionState,
    LookBackState,
    OrderState,
    ReportState,
    RequestState,
    SupervisionState,
)
from cases.models import Case, Instruction, Order, Report, Supervision
from cases.models import Request as TeamRequest
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
from cases.workflow import Move, Subject, moves_of
from citymgmt import clock
from citymgmt.api.schema import writes
from citymgmt.choices import Capability

_STATES: dict[Subject, type[TextChoices]] = {
    Subject.REPORT: ReportState,
    Subject.CASE: CaseState,
    Subject.ORDER: OrderState,
    Subject.REQUEST: RequestState,
    Subject.SUPERVISION: SupervisionState,
    Subject.INSTRUCTION: InstructionState,
    Subject.LOOKBACK: LookBackState,
}
Row = Report | Case | Order | TeamRequest | Supervision | Instruction


class Stand(serializers.Serializer):
    """Where a row stands after the move."""

    number = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")
    version = serializers.IntegerField()


class Outcome(serializers.Serializer):
    """What the move touched; null where it touched nothing of that kind."""

    report = Stand(allow_null=True)
    case = Stand(allow_null=True)
    order = Stand(allow_null=True)
    request = Stand(allow_null=True)
    supervision = Stand(allow_null=True)
    instruction = Stand(allow_null=True)


@dataclass(frozen=True, slots=True)
class Act:
    """A body and the service that does it; `words` makes the service's own arguments of it."""

    body: type[bodies.MoveIn]
    do: Callable[..., Row]
    words: Callable[[dict[str, Any]], dict[str, Any]] = dict


def _task(sent: dict[str, Any]) -> dict[str, Any]:
    task = Task(
        sent.pop("team"),
        sent.pop("person"),
        sent.pop("instruction"),
        sent.pop("assisting", ()),
    )
    return {**sent, "task": task}


def _standard_id(sent: dict[str, Any]) -> dict[str, Any]:
    return {"standard_id": sent.pop("standard"), **sent}


def _label_id(sent: dict[str, Any]) -> dict[str, Any]:
    return {"label_id": sent["label"]}


def _named(sent: dict[str, Any]) -> dict[str, Any]:
    return {"shop_code": sent["shop"], "party": sent["party"]}


def _result(sent: dict[str, Any]) -> dict[str, Any]:
    result = Result(sent.pop("quantity"), sent.pop("note"), sent.pop("photos"))
    return {**sent, "result": result}


def _said(sent: dict[str, Any]) -> dict[str, Any]:
    return {"note": sent["note"], "photo_ids": sent["photos"], "mention_ids": sent["mentions"]}


def _corrected(sent: dict[str, Any]) -> dict[str, Any]:
    given = {name: sent[name] for name in ("text", "address") if sent[name]}
    correction = Correction(**given, standard_id=sent["standard"])
    return {"note": sent["note"], "correction": correction}


REPORT_ACTS: dict[str, Act] = {
    "file": Act(bodies.FileIn, triage.file_report, _standard_id),
    "merge": Act(bodies.JoinIn, merging.merge_report),
    "self-handle": Act(
        bodies.SelfHandleIn,
        selfhandling.self_handle_report,
        lambda sent: _standard_id(_result(sent)),
    ),
    "reject": Act(bodies.ReasonIn, triage.reject_report),
}
CASE_ACTS: dict[str, Act] = {
    "dispatch": Act(bodies.DispatchAssistedIn, dispatch.dispatch_case, _task),
    "assist": Act(bodies.DispatchIn, dispatch.assist_case, _task),
    "merge": Act(bodies.JoinCaseIn, merging.merge_case),
    "suspend": Act(bodies.SuspendIn, suspension.suspend_case),
    "resume": Act(bodies.RemarkIn, suspension.resume_case),
    "force-close": Act(bodies.ReasonIn, ending.force_close_case),
    "void": Act(bodies.ReasonIn, ending.void_case),
    "supervise": Act(bodies.SuperviseIn, supervision.supervise_case),
    "instruct": Act(bodies.ReasonIn, supervision.instruct_case),
    "urge": Act(bodies.RemarkIn, supervision.urge_case),
    "correct": Act(bodies.CorrectIn, corrections.correct_case, _corrected),
    "comment": Act(bodies.CommentIn, comments.comment_case, _said),
    "name": Act(bodies.NameIn, naming.name_case, _named),
    "label": Act(bodies.LabelIn, labelling.label_case, _label_id),
    "unlabel": Act(bodies.LabelIn, labelling.unlabel_case, _label_id),
}
ORDER_ACTS: dict[str, Act] = {
    "assign": Act(
        bodies.AssignIn, rectification.assign_order, lambda sent: {"person_id": sent["person"]}
    ),
    "unassign": Act(bodies.MoveIn, rectification.unassign_order),
    "receive": Act(bodies.MoveIn, rectification.receive_order),
    "submit": Act(bodies.SubmitIn, rectification.submit_order, _result),
    "return": Act(bodies.ReasonIn, rectification.return_order),
    "ask-extension": Act(bodies.ReasonIn, requests.ask_extension),
    "ask-suspension": Act(bodies.SuspendIn, requests.ask_suspension),
    "appeal": Act(bodies.ReasonIn, requests.appeal),
    "transfer": Act(bodies.TransferIn, dispatch.transfer_order, _task),
    "cancel": Act(bodies.ReasonIn, dispatch.cancel_order),
    "pass": Act(bodies.RemarkIn, checking.pass_order),
    "rework": Act(bodies.ReasonIn, checking.rework_order),
}
REQUEST_ACTS: dict[str, Act] = {
    "approve": Act(bodies.RemarkIn, requests.approve_request),
    "refuse": Act(bodies.ReasonIn, requests.refuse_request),
    "withdraw": Act(bodies.RemarkIn, requests.withdraw_request),
}
SUPERVISION_ACTS: dict[str, Act] = {"lift": Act(bodies.ReasonIn, supervision.lift_supervision)}
INSTRUCTION_ACTS: dict[str, Act] = {"answer": Act(bodies.ReasonIn, supervision.answer_instruction)}
FILE_DISPATCH = Act(
    bodies.FileDispatchIn, triage.file_and_dispatch, lambda sent: _standard_id(_task(sent))
)


class MoveEndpoint(CaseEndpoint):
    """One move of one kind of subject."""

    model: ClassVar[type[Row]]
    id_name: ClassVar[str]
    act: ClassVar[Act]

    def rows(self) -> QuerySet:
        """What the person may see."""
        return self.model.objects.visible_to(self.access)

    def move(self, request: Request, number: str) -> Response:
        """Make the move once."""
        sent = self.body(request, self.act.body)
        version = sent.pop("version")
        words = self.act.words(sent)

        def act() -> dict[str, Any]:
            row_id = get_object_or_404(self.rows().values_list("pk", flat=True), number=number)
            row = self.act.do(
                **{self.id_name: row_id},
                actor=self.actor,
                at=clock.now(),
                version=version,
                **words,
            )
            return dict(Outcome(outcome(row)).data)

        return self.act_once(request, request.data, act)


def outcome(row: Row) -> dict[str, Row | None]:
    """What the row that a service returned says of the others."""
    said: dict[str, Row | None] = dict.fromkeys(Outcome().fields)
    said[row._meta.model_name or ""] = row
    if not isinstance(row, Report | Case):
        said["case"] = row.case
    if isinstance(row, TeamRequest):
        said["order"] = row.order
    return said


def described(move: Move) -> str:
    """What the table says of a move, in words."""
    states = [str(state.label) for state in _STATES[move.subject] if state in move.sources]
    words: list[object] = [
        _("权限：%(right)s。") % {"right": Capability(move.capability).label},
        _("现在的状态须是：%(states)s。") % {"states": "、".join(states)},
    ]
    if move.impartial:
        words.append(_("整改单位自己的人不能做。"))
    return "".join(str(word) for word in words)


def endpoint(
    model: type[Row], name: str, act: Act, *, tag: object, summary: object, description: str = ""
) -> type[MoveEndpoint]:
    """The endpoint of a move; `name` as it stands in the address."""
    subject = model._meta.model_name or ""
    operation = f"{subject}s_{name.replace('-', '_')}"

    @writes(tag, summary, act.body, Outcome, operation_id=operation, description=description)
    def post(self: MoveEndpoint, request: Request, number: str) -> Response:
        return self.move(request, number)

    made = {"model": model, "id_name": f"{subject}_id", "act": act, "post": post}
    title = "".join(part.title() for part in name.split("-"))
    return type(f"{model.__name__}{title}", (MoveEndpoint,), made | {"__doc__": str(summary)})


def _patterns(
    subject: Subject, model: type[Row], acts: dict[str, Act], tag: object
) -> list[URLPattern]:
    """An address for each move of the subject; KeyError for a move without an act."""
    return [
        path(
            f"{subject}s/<slug:number>/{move.name}/",
            endpoint(
                model,
                move.name,
                acts[move.name],
                tag=tag,
                summary=EVENT_LABELS[move.event],
                description=described(move),
            ).as_view(),
            name=f"{subject}-{move.name}",
        )
        for move in moves_of(subject)
    ]


urlpatterns = [
    *_patterns(Subject.REPORT, Report, REPORT_ACTS, REPORTS),
    path(
        "reports/<slug:number>/file-dispatch/",
        endpoint(
            Report, "file-dispatch", FILE_DISPATCH, tag=REPORTS, summary=_("立案并派遣（直接交办）")
        ).as_view(),
        name="report-file-dispatch",
    ),
    *_patterns(Subject.CASE, Case, CASE_ACTS, CASES),
    *_patterns(Subject.ORDER, Order, ORDER_ACTS, ORDERS),
    *_patterns(Subject.REQUEST, TeamRequest, REQUEST_ACTS, ORDERS),
    *_patterns(Subject.SUPERVISION, Supervision, SUPERVISION_ACTS, CASES),
    *_patterns(Subject.INSTRUCTION, Instruction, INSTRUCTION_ACTS, CASES),
]
