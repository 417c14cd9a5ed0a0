"""Which moves a page offers to a person, and why one that the state would allow is not his."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.models import Case, Order
from cases.policies import Reason, Standing, may
from cases.services._advance import case_standing, order_standing
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
    (Subject.CASE, "correct"): _("更正"),
    (Subject.ORDER, "assign"): _("分派到人"),
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
"""What a button says; every move of a report, case or order has its word."""

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
    Capability.CASE_COMMENT: _("要有留言的权限"),
    Capability.REQUEST_ASK: _("要由责任单位的负责人来做"),
    Capability.REQUEST_DECIDE: _("要由受理派遣或督查来做"),
    Capability.INSTRUCTION_ANSWER: _("要由责任单位的负责人或受理派遣来做"),
    Capability.ORDER_ASSIGN: _("要由责任单位的负责人来做"),
    Capability.ORDER_RECTIFY: _("要由责任单位来做"),
    Capability.ORDER_RETURN: _("要由责任单位来做"),
    Capability.ORDER_CHECK: _("要由核查员或督查来做"),
}
_OWN_TEAM = _("这一单是您所在单位办的，要由别的单位来做")


@dataclass(frozen=True, slots=True)
class Offer:
    """A move that the person may make now."""

    move: Move
    label: object


@dataclass(frozen=True, slots=True)
class Withheld:
    """Moves that the state allows but the person may not make, and whose they are."""

    labels: str
    reason: object


@dataclass(frozen=True, slots=True)
class Offers:
    """What is offered, by the name of the move, and what is withheld with the reason."""

    allowed: tuple[Offer, ...] = ()
    withheld: tuple[Withheld, ...] = ()

    def allows(self, name: str) -> bool:
        """Whether a move of that name is offered."""
        return any(offer.move.name == name for offer in self.allowed)


def offers_for(case: Case, order: Order | None, access: Access, at: datetime) -> Offers:
    """The moves of the case and of its newest order, in the order of the table."""
    pairs = [(move, case_standing(case)) for move in moves_of(Subject.CASE)]
    if order is not None:
        standing = order_standing(order, case, access, at)
        pairs += [(move, standing) for move in moves_of(Subject.ORDER)]
    ripe = [(move, standing) for move, standing in pairs if _ripe(move, standing)]
    allowed: list[Offer] = []
    reasons: dict[object, list[str]] = {}
    for move, standing in ripe:
        label = MOVE_LABELS[(move.subject, move.name)]
        verdict = may(move, access, standing)
        if verdict.allowed:
            allowed.append(Offer(move, label))
            continue
        why = _OWN_TEAM if verdict.reason is Reason.OWN_TEAM else _WHOSE[move.capability]
        reasons.setdefault(why, []).append(str(label))
    # The one move that leads on stands last, where the hand expects it.
    allowed.sort(key=lambda offer: offer.move.primary)
    return Offers(tuple(allowed), tuple(_joined(reasons.items())))


def _ripe(move: Move, standing: Standing) -> bool:
    in_case = not move.case_sources or standing.case_state in move.case_sources
    return standing.state in move.sources and in_case


def _joined(reasons: Iterable[tuple[object, list[str]]]) -> list[Withheld]:
    return [Withheld("、".join(labels), reason) for reason, labels in reasons]
