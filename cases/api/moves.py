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

from cases.api.reading import CASES, ORDERS, REPORTS, CaseEndpoint
from cases.choices import EVENT_LABELS, CaseState, LookBackState, OrderState, ReportState
from cases.models import Case, Order, Report
from cases.services import checking, dispatch, rectification, triage
from cases.services.dispatch import MAX_INSTRUCTION, Task
from cases.services.rectification import Result
from cases.workflow import Move, Subject, moves_of
from citymgmt import clock
from citymgmt.api.fields import Incoming, RowId, Text, Version, photo_ids
from citymgmt.api.schema import writes
from citymgmt.choices import Capability

MAX_NOTE = 500
_STATES: dict[Subject, type[TextChoices]] = {
    Subject.REPORT: ReportState,
    Subject.CASE: CaseState,
    Subject.ORDER: OrderState,
    Subject.LOOKBACK: LookBackState,
}
Row = Report | Case | Order


class MoveIn(Incoming):
    """What every move says."""

    version = Version()


class ReasonIn(MoveIn):
    """A move with its reason."""

    note = Text(max_length=MAX_NOTE, multiline=True, help_text=_("理由，对方会看到"))


class RemarkIn(MoveIn):
    """A move with a remark, if there is one."""

    note = Text(max_length=MAX_NOTE, multiline=True, required=False, allow_blank=True, default="")


class FileIn(MoveIn):
    """The standard that sets class and limit."""

    standard = RowId(help_text=_("立案标准的 id，时限由它来定"))


class DispatchIn(MoveIn):
    """Of which team, of whom in it, in what words."""

    team = RowId(help_text=_("责任单位的 id"))
    person = RowId(required=False, allow_null=True, default=None, help_text=_("经办人的 id"))
    instruction = Text(
        max_length=MAX_INSTRUCTION, multiline=True, required=False, allow_blank=True, default=""
    )


class FileDispatchIn(FileIn, DispatchIn):
    """Filing and dispatching in one act."""


class AssignIn(MoveIn):
    """To whom."""

    person = RowId(help_text=_("本单位人员的 id"))


class SubmitIn(MoveIn):
    """What was put right."""

    quantity = serializers.DecimalField(
        max_digits=8, decimal_places=2, min_value=0, help_text=_("整改数量，计量单位见整改单")
    )
    note = Text(max_length=MAX_NOTE, multiline=True, required=False, allow_blank=True, default="")
    photos = photo_ids(required=True)


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


@dataclass(frozen=True, slots=True)
class Act:
    """A body and the service that does it; `words` makes the service's own arguments of it."""

    body: type[MoveIn]
    do: Callable[..., Row]
    words: Callable[[dict[str, Any]], dict[str, Any]] = dict


def _task(sent: dict[str, Any]) -> dict[str, Any]:
    names = ("person", "instruction", "team")
    task = Task(sent["team"], sent["person"], sent["instruction"])
    return {key: value for key, value in sent.items() if key not in names} | {"task": task}


def _standard_id(sent: dict[str, Any]) -> dict[str, Any]:
    return {"standard_id": sent.pop("standard"), **sent}


def _result(sent: dict[str, Any]) -> dict[str, Any]:
    return {"result": Result(sent["quantity"], sent["note"], sent["photos"])}


REPORT_ACTS: dict[str, Act] = {
    "file": Act(FileIn, triage.file_report, _standard_id),
    "reject": Act(ReasonIn, triage.reject_report),
}
CASE_ACTS: dict[str, Act] = {"dispatch": Act(DispatchIn, dispatch.dispatch_case, _task)}
ORDER_ACTS: dict[str, Act] = {
    "assign": Act(AssignIn, rectification.assign_order, lambda sent: {"person_id": sent["person"]}),
    "receive": Act(MoveIn, rectification.receive_order),
    "submit": Act(SubmitIn, rectification.submit_order, _result),
    "return": Act(ReasonIn, rectification.return_order),
    "pass": Act(RemarkIn, checking.pass_order),
    "rework": Act(ReasonIn, checking.rework_order),
}
FILE_DISPATCH = Act(
    FileDispatchIn, triage.file_and_dispatch, lambda sent: _standard_id(_task(sent))
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
    order = row if isinstance(row, Order) else None
    return {
        "report": row if isinstance(row, Report) else None,
        "case": order.case if order else row if isinstance(row, Case) else None,
        "order": order,
    }


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
]
