"""Which moves a page offers to a person, and why one that the state would allow is not his."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.choices import Closing, RequestKind, RequestState
from cases.models import Case, Instruction, Order, Request, Supervision
from cases.options import label_options
from cases.policies import Reason, Standing, Verdict, may
from cases.services.requests import MOST_EXTENSIONS
from cases.services.verdicts import standing_of
from cases.workflow import Move, Subject, moves_of
from citymgmt.choices import Capability
from grids.policies import Access

MOVE_LABELS: dict[tuple[Subject, str], object] = {
    (Subject.REPORT, "file"): _("立案"),
    (Subject.REPORT, "merge"): _("并入已有案件"),
    (Subject.REPORT, "self-handle"): _("自处理，立案并结案"),
    (Subject.REPORT, "reject"): _("不予立案"),
    (Subject.CASE, "dispatch"): _("派遣"),
    (Subject.CASE, "assist"): _("加派协办"),
    (Subject.CASE, "merge"): _("并案"),
    (Subject.CASE, "suspend"): _("挂账"),
    (Subject.CASE, "resume"): _("恢复办理"),
    (Subject.CASE, "force-close"): _("强制结案"),
    (Subject.CASE, "void"): _("作废"),
    (Subject.CASE, "supervise"): _("督办"),
    (Subject.CASE, "instruct"): _("批示"),
    (Subject.CASE, "urge"): _("催办"),
    (Subject.CASE, "comment"): _("留言"),
    (Subject.CASE, "label"): _("打标签"),
    (Subject.CASE, "unlabel"): _("去标签"),
    (Subject.CASE, "name"): _("点名责任方"),
    (Subject.CASE, "correct"): _("更正"),
    (Subject.ORDER, "assign"): _("分派到人"),
    (Subject.ORDER, "unassign"): _("退到未分派"),
    (Subject.ORDER, "receive"): _("签收"),
    (Subject.ORDER, "submit"): _("提交整改"),
    (Subject.ORDER, "return"): _("退回派遣"),
    (Subject.ORDER, "ask-extension"): _("申请延期"),
    (Subject.ORDER, "ask-suspension"): _("申请挂账"),
    (Subject.ORDER, "appeal"): _("超时申诉"),
    (Subject.ORDER, "transfer"): _("改派"),
    (Subject.ORDER, "cancel"): _("撤销整改单"),
    (Subject.ORDER, "pass"): _("通过，结案"),
    (Subject.ORDER, "rework"): _("退回返工"),
    (Subject.REQUEST, "approve"): _("同意"),
    (Subject.REQUEST, "refuse"): _("不同意"),
    (Subject.REQUEST, "withdraw"): _("撤回申请"),
    (Subject.SUPERVISION, "lift"): _("解除督办"),
    (Subject.INSTRUCTION, "answer"): _("答复批示"),
}
"""What a button says; every move but those of a look-back has its word."""

_WHOSE: dict[str, object] = {
    Capability.CASE_DISPATCH: _("要由受理派遣或督查来做"),
    Capability.CASE_MERGE: _("要由受理派遣或督查来做"),
    Capability.CASE_SUSPEND: _("要由受理派遣或督查来做"),
    Capability.CASE_VOID: _("要由受理派遣或督查来做"),
    Capability.CASE_URGE: _("要由受理派遣或督查来做"),
    Capability.CASE_FORCE_CLOSE: _("要由督查来做"),
    Capability.CASE_SUPERVISE: _("要由督查来做"),
    Capability.CASE_INSTRUCT: _("要由领导来做"),
    Capability.CASE_CORRECT: _("要由受理派遣或督查来做"),
    Capability.CASE_LABEL: _("要由受理派遣、督查或中队长来做"),
    Capability.CASE_COMMENT: _("要有留言的权限"),
    Capability.CASE_NAME: _("要由受理派遣、督查、核查或责任单位来做"),
    Capability.REQUEST_ASK: _("要由责任单位的负责人来做"),
    Capability.REQUEST_DECIDE: _("要由受理派遣或督查来做"),
    Capability.INSTRUCTION_ANSWER: _("要由责任单位的负责人或受理派遣来做"),
    Capability.ORDER_ASSIGN: _("要由责任单位的负责人来做"),
    Capability.ORDER_RECTIFY: _("要由责任单位来做"),
    Capability.ORDER_RETURN: _("要由责任单位来做"),
    Capability.ORDER_CHECK: _("要由核查员或督查来做"),
}
_OWN_TEAM = _("这一单是您所在单位办的，要由别的单位来做")

Row = Case | Order | Request | Supervision | Instruction
_SUBJECTS: dict[type, Subject] = {
    Case: Subject.CASE,
    Order: Subject.ORDER,
    Request: Subject.REQUEST,
    Supervision: Subject.SUPERVISION,
    Instruction: Subject.INSTRUCTION,
}


def subject_of(row: Row) -> Subject:
    """What kind of subject a row is."""
    return _SUBJECTS[type(row)]


@dataclass(frozen=True, slots=True)
class Offer:
    """A move that the person may make now, and the row it acts on."""

    move: Move
    label: object
    row: Row


@dataclass(frozen=True, slots=True)
class Withheld:
    """Moves that the state allows but the person may not make, and whose they are."""

    labels: str
    reason: object


@dataclass(frozen=True, slots=True)
class Offers:
    """What is offered in the order of the table, and what is withheld with the reason."""

    allowed: tuple[Offer, ...] = ()
    withheld: tuple[Withheld, ...] = ()

    def allows(self, name: str) -> bool:
        """Whether a move of that name is offered."""
        return any(offer.move.name == name for offer in self.allowed)


def offers_for(rows: Sequence[Row], access: Access, at: datetime) -> Offers:
    """The moves of a case and of rows of it, row by row in the order of the table.

    Withheld are told those of which the own team keeps the person, and where nothing leads him
    on, the one that would: the exceptions are nobody's business who has no right to them.
    """
    allowed: list[Offer] = []
    reasons: dict[object, list[str]] = {}
    leads_on = False
    asked = [row for row in rows if isinstance(row, Request)]
    for row in rows:
        standing = standing_of(row, access, at)
        for move in moves_of(subject_of(row)):
            if not _ripe(move, standing):
                continue
            label = MOVE_LABELS[(move.subject, move.name)]
            why = _why_withheld(move, row, may(move, access, standing), asked, at)
            if why is None:
                allowed.append(Offer(move, label, row))
                leads_on = leads_on or (move.primary and isinstance(row, Case | Order))
            elif why:
                reasons.setdefault(why, []).append(str(label))
    if leads_on:
        reasons = {why: labels for why, labels in reasons.items() if why not in _WHOSE.values()}
    return Offers(tuple(allowed), tuple(_joined(reasons.items())))


def _why_withheld(
    move: Move, row: Row, verdict: Verdict, asked: Sequence[Request], at: datetime
) -> object | None:
    """None where the move is offered, else why not; empty where nobody need hear it."""
    if verdict.reason is Reason.OWN_TEAM:
        return _OWN_TEAM
    if not verdict.allowed:
        leads_on = move.primary and isinstance(row, Case | Order)
        return _WHOSE[move.capability] if leads_on else ""
    if isinstance(row, Case):
        return _case_bar(move, row)
    return _order_bar(move, row, asked, at) if isinstance(row, Order) else None


def _case_bar(move: Move, case: Case) -> object | None:
    """What the services would refuse whatever is typed: a second suspension or supervision."""
    spent = move.name == "suspend" and case.suspension_count
    running = move.name == "supervise" and case.supervised_due_at is not None
    bare = move.name == "unlabel" and not case.label_ids
    full = move.name == "label" and not _labels_left(case)
    return "" if spent or running or bare or full else None


def _labels_left(case: Case) -> bool:
    """Whether there is a label in use that does not stand on the case."""
    return any(each.in_use and int(each.value) not in case.label_ids for each in label_options())


def _order_bar(move: Move, order: Order, asked: Sequence[Request], at: datetime) -> object | None:
    """What a team may not ask for any more, or not twice; what nobody has, nobody is rid of."""
    if move.name == "unassign":
        return "" if order.person_id is None else None
    mine = [row for row in asked if row.order_id == order.pk]
    waiting = {row.kind for row in mine if row.state == RequestState.ASKED}
    if move.name == "ask-extension":
        if RequestKind.EXTENSION in waiting:
            return ""
        if order.case.extension_count >= MOST_EXTENSIONS:
            return _("这一案的延期次数已用完")
        return _("已经超时，不能再申请；请尽快整改，结案后可申诉") if at > order.due_at else None
    if move.name == "ask-suspension":
        return "" if RequestKind.SUSPENSION in waiting or order.case.suspension_count else None
    if move.name == "appeal":
        appeals = [row for row in asked if row.kind == RequestKind.APPEAL]
        before = any(row.state != RequestState.WITHDRAWN for row in appeals)
        ours = order.round == order.case.rebound_count and order.case.closing == Closing.PASSED
        return None if ours and not before and order.on_time is False else ""
    return None


def _ripe(move: Move, standing: Standing) -> bool:
    in_case = not move.case_sources or standing.case_state in move.case_sources
    return standing.state in move.sources and in_case


def _joined(reasons: Iterable[tuple[object, list[str]]]) -> list[Withheld]:
    return [Withheld("、".join(dict.fromkeys(labels)), reason) for reason, labels in reasons]
