"""Whose turn it is: who must act on a case now, and what for."""

from django.utils.translation import gettext as _

from cases.casefile import CaseFile
from cases.choices import CaseState, Closing, OrderState


def turn_of(file: CaseFile) -> dict[str, str]:
    """`who` must act now and `what` for, in words; `why` where it was ended before its time."""
    case, order = file.case, file.ticking
    if case.state in _RESTING:
        return _RESTING[CaseState(case.state)](file)
    if case.state == CaseState.TO_DISPATCH or order is None:
        return {"who": _("受理派遣"), "what": _("定责任单位和经办人")}
    if case.state == CaseState.TO_CHECK:
        teams = "、".join(dict.fromkeys(row.team.name for row in file.live))
        what = _("现场核查后结案，不可由 %(team)s 的人核查") % {"team": teams}
        return {"who": _("核查员或督查"), "what": what}
    who = f"{order.team.name} {order.person.name if order.person else ''}".strip()
    what = _("签收，到现场整改") if order.state == OrderState.ISSUED else _("整改后拍照提交")
    others = len(file.live) - 1
    if others:
        what += _("；另有 %(n)s 张单") % {"n": others}
    return {"who": who, "what": what}


def _closed(file: CaseFile) -> dict[str, str]:
    if file.case.closing == Closing.FORCED:
        what = _("没有人要再办，也不安排回头看")
        return {"who": _("已强制结案"), "what": what, "why": file.words_of("case.force_closed")}
    if file.case.closing == Closing.LEDGER:
        return {"who": _("台帐上已结"), "what": _("台帐补录的，没有人要再办")}
    return {"who": _("已办结"), "what": _("没有人要再办，回头看另行安排")}


def _suspended(file: CaseFile) -> dict[str, str]:
    day = file.case.suspended_until
    return {"who": _("挂账中"), "what": _("%(day)s 自动恢复，或由受理派遣提前恢复") % {"day": day}}


def _merged(file: CaseFile) -> dict[str, str]:
    number = file.case.merged_into.number if file.case.merged_into else ""
    return {"who": _("随主案办"), "what": _("%(number)s 结案时一起结案") % {"number": number}}


def _voided(file: CaseFile) -> dict[str, str]:
    what = _("没有人要再办，也不进统计")
    return {"who": _("已作废"), "what": what, "why": file.words_of("case.voided")}


_RESTING = {
    CaseState.CLOSED: _closed,
    CaseState.SUSPENDED: _suspended,
    CaseState.MERGED: _merged,
    CaseState.VOIDED: _voided,
}
