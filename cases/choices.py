"""Choices of the case: states with label and tone, channels, limits, results."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Tone


class Channel(models.TextChoices):
    """Where a report came from."""

    PATROL = "patrol", _("巡查")
    SUPERVISION = "supervision", _("督查")
    SELF_CHECK = "self_check", _("自查")
    HOTLINE = "hotline", _("热线")
    MEDIA = "media", _("媒体")
    SENSOR = "sensor", _("视频传感")
    PUBLIC = "public", _("公众")


class FoundBy(models.TextChoices):
    """Who found it; what a squadron finds on itself (自查自纠) is kept apart from the rest."""

    SELF = "self", _("自查自纠")
    BUREAU = "bureau", _("局里查出")
    PUBLIC = "public", _("群众反映")


CHANNELS_OF_FINDER: dict[str, tuple[str, ...]] = {
    FoundBy.SELF: (Channel.SELF_CHECK,),
    FoundBy.BUREAU: (Channel.PATROL, Channel.SUPERVISION, Channel.SENSOR),
    FoundBy.PUBLIC: (Channel.PUBLIC, Channel.HOTLINE, Channel.MEDIA),
}
"""The channels by which each finds; every channel is of one."""


class ReportState(models.TextChoices):
    """States of a report."""

    PENDING = "pending", _("待受理")
    FILED = "filed", _("已立案")
    REJECTED = "rejected", _("不予立案")
    MERGED = "merged", _("已并案")


class CaseState(models.TextChoices):
    """States of a case."""

    TO_DISPATCH = "to_dispatch", _("待派遣")
    RECTIFYING = "rectifying", _("整改中")
    TO_CHECK = "to_check", _("待核查")
    SUSPENDED = "suspended", _("挂账")
    CLOSED = "closed", _("已结案")
    MERGED = "merged", _("已并案")
    VOIDED = "voided", _("已作废")


class Closing(models.TextChoices):
    """How a case came to its end."""

    PASSED = "passed", _("核查通过")
    SELF_HANDLED = "self_handled", _("自处理")
    JOINED = "joined", _("随主案结案")
    FORCED = "forced", _("强制结案")
    LEDGER = "ledger", _("台帐补录")


class Happening(models.TextChoices):
    """What a list can be asked for by the day on which it happened."""

    FILED = "filed", _("立案")
    DISPATCHED = "dispatched", _("派遣")
    CLOSED = "closed", _("结案")
    REBOUND = "rebound", _("反弹")


class OrderState(models.TextChoices):
    """States of an order."""

    ISSUED = "issued", _("待签收")
    RECEIVED = "received", _("整改中")
    SUBMITTED = "submitted", _("待核查")
    PASSED = "passed", _("已通过")
    RETURNED = "returned", _("已退回")
    CANCELLED = "cancelled", _("已撤销")


class RequestKind(models.TextChoices):
    """What a team may ask for (domain facts, section 6)."""

    EXTENSION = "extension", _("延期")
    SUSPENSION = "suspension", _("挂账")
    APPEAL = "appeal", _("超时申诉")


class RequestState(models.TextChoices):
    """States of a request."""

    ASKED = "asked", _("待审批")
    APPROVED = "approved", _("已同意")
    REFUSED = "refused", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class SupervisionState(models.TextChoices):
    """States of a supervision (督办)."""

    RUNNING = "running", _("督办中")
    LIFTED = "lifted", _("已解除")


class InstructionState(models.TextChoices):
    """States of an instruction of the leadership (批示)."""

    OPEN = "open", _("待答复")
    ANSWERED = "answered", _("已答复")


class Stage(models.TextChoices):
    """The stages of the loop that have a clock of their own (domain facts, section 5)."""

    TRIAGE = "triage", _("受理")
    DISPATCH = "dispatch", _("派遣")
    RECTIFICATION = "rectification", _("整改")
    CHECK = "check", _("核查")
    LOOKBACK = "lookback", _("回头看")


class LookBackState(models.TextChoices):
    """States of a look-back."""

    PLANNED = "planned", _("待回头看")
    DONE = "done", _("已回头看")


class LookBackResult(models.TextChoices):
    """What a look-back found (domain facts, section 7)."""

    HELD = "held", _("已整改")
    REBOUND = "rebound", _("反弹")
    FALSE = "false", _("虚假整改")
    UNVERIFIED = "unverified", _("无法核实")


class LimitKind(models.TextChoices):
    """The five kinds of limits (domain facts, section 5), and minutes for what is cleared at
    once (零星垃圾 20 分钟内清零)."""

    URGENT_MINUTE = "urgent_minute", _("分钟")
    URGENT_HOUR = "urgent_hour", _("紧急工作时")
    URGENT_DAY = "urgent_day", _("紧急工作日")
    WORK_HOUR = "work_hour", _("工作时")
    WORK_DAY = "work_day", _("工作日")
    NATURAL_DAY = "natural_day", _("自然日")


class CellWay(models.TextChoices):
    """In which cell a case counts: in the one of its filing, or where its place lies now."""

    FILED = "filed", _("按立案时的网格")
    NOW = "now", _("按现行网格")


class LedgerState(models.TextChoices):
    """States of a ledger that is being taken in."""

    MAPPING = "mapping", _("待对照")
    CHECKING = "checking", _("检查中")
    WRONG = "wrong", _("有错待改")
    READY = "ready", _("可以导入")
    IMPORTING = "importing", _("导入中")
    DONE = "done", _("已导入")
    DROPPED = "dropped", _("已放弃")


class LookWay(models.TextChoices):
    """Where somebody looked at a reporter's contact."""

    PAGE = "page", _("页面")
    API = "api", _("接口")
    EXPORT = "export", _("导出")


class ExportKind(models.TextChoices):
    """What cases are taken out of the list as."""

    XLSX = "xlsx", _("Excel 表格")
    CSV = "csv", _("CSV 表格")
    PHOTOS = "photos", _("照片压缩包")


class RuleLevel(models.TextChoices):
    """Whose standing rule it is; the first goes before the others."""

    CAMPAIGN = "campaign", _("专项行动")
    TEAM = "team", _("单位")
    BUREAU = "bureau", _("全局")


class CategoryKind(models.TextChoices):
    """Parts (things of the city) and events (what happens)."""

    PART = "part", _("部件")
    EVENT = "event", _("事项")


class Unit(models.TextChoices):
    """Units in which a class counts what was put right."""

    ACT = "起", _("起")
    PLACE = "处", _("处")
    PIECE = "件", _("件")
    VEHICLE = "辆", _("辆")
    SQUARE_METRE = "平方米", _("平方米")
    COPY = "份", _("份")
    STRIP = "条", _("条")


class LookBackNow(models.TextChoices):
    """How the list is asked for cases by their look-backs; rebounds are counted on the case."""

    WAITING = "waiting", _("待回头看")
    LATE = "late", _("回头看超时")
    FALSE = "false", _("虚假整改")
    UNVERIFIED = "unverified", _("无法核实")


class PersonalData(models.TextChoices):
    """Classes of personal data, each kept for as long as its rule says."""

    CONTACT = "contact", _("上报人的姓名和电话")
    REJECTED_TEXT = "rejected_text", _("不予立案报件的文字")
    CLOSED_TEXT = "closed_text", _("办结案件的文字（原话与经过里的话）")
    ACCOUNT_TEXT = "account_text", _("了结的问责的文字（事由、决定、答复、申诉）")
    NOTICE = "notice", _("发给个人的通知")


class BulkAct(models.TextChoices):
    """What can be done to many cases at once."""

    ASSIGN = "assign", _("分派到人")
    DISPATCH = "dispatch", _("派遣")
    TRANSFER = "transfer", _("改派")
    URGE = "urge", _("催办")
    ASK_EXTENSION = "ask-extension", _("申请延期")
    APPROVE_EXTENSION = "approve-extension", _("同意延期")
    LABEL = "label", _("打标签")
    UNLABEL = "unlabel", _("去标签")
    EXPORT = "export", _("导出")


class BulkState(models.TextChoices):
    """How a job over many cases stands."""

    WAITING = "waiting", _("等着执行")
    RUNNING = "running", _("正在执行")
    DONE = "done", _("办完了")
    STOPPED = "stopped", _("已停下")


class BulkItemState(models.TextChoices):
    """How one case of such a job stands."""

    WAITING = "waiting", _("未执行")
    DONE = "done", _("已办")
    REFUSED = "refused", _("未办")


BULK_TONES: dict[str, str] = {
    BulkState.WAITING: Tone.MUTED,
    BulkState.RUNNING: Tone.DOING,
    BulkState.DONE: Tone.OK,
    BulkState.STOPPED: Tone.HOLD,
    BulkItemState.REFUSED: Tone.WARN,
}
"""The tone of a job over many cases and of its single cases."""

LIVE_BULK_STATES = (BulkState.WAITING, BulkState.RUNNING)

TONES: dict[str, str] = {
    ReportState.PENDING: Tone.MUTED,
    ReportState.FILED: Tone.OK,
    ReportState.REJECTED: Tone.MUTED,
    ReportState.MERGED: Tone.MUTED,
    CaseState.TO_DISPATCH: Tone.DOING,
    CaseState.RECTIFYING: Tone.DOING,
    CaseState.TO_CHECK: Tone.DOING,
    CaseState.SUSPENDED: Tone.HOLD,
    CaseState.CLOSED: Tone.OK,
    CaseState.MERGED: Tone.MUTED,
    CaseState.VOIDED: Tone.MUTED,
    OrderState.ISSUED: Tone.MUTED,
    OrderState.RECEIVED: Tone.DOING,
    OrderState.SUBMITTED: Tone.DOING,
    OrderState.PASSED: Tone.OK,
    OrderState.RETURNED: Tone.MUTED,
    OrderState.CANCELLED: Tone.MUTED,
    RequestState.ASKED: Tone.DOING,
    RequestState.APPROVED: Tone.OK,
    RequestState.REFUSED: Tone.MUTED,
    RequestState.WITHDRAWN: Tone.MUTED,
    SupervisionState.RUNNING: Tone.WARN,
    SupervisionState.LIFTED: Tone.MUTED,
    InstructionState.OPEN: Tone.WARN,
    InstructionState.ANSWERED: Tone.OK,
    LedgerState.MAPPING: Tone.MUTED,
    LedgerState.CHECKING: Tone.DOING,
    LedgerState.WRONG: Tone.WARN,
    LedgerState.READY: Tone.DOING,
    LedgerState.IMPORTING: Tone.DOING,
    LedgerState.DONE: Tone.OK,
    LedgerState.DROPPED: Tone.MUTED,
    LookBackState.PLANNED: Tone.DOING,
    LookBackState.DONE: Tone.OK,
    LookBackResult.HELD: Tone.OK,
    LookBackResult.REBOUND: Tone.BAD,
    LookBackResult.FALSE: Tone.BAD,
    LookBackResult.UNVERIFIED: Tone.HOLD,
}
"""The tone of each state; state words do not collide where their tones differ."""

OPEN_CASE_STATES = (CaseState.TO_DISPATCH, CaseState.RECTIFYING, CaseState.TO_CHECK)
OPEN_ORDER_STATES = (OrderState.ISSUED, OrderState.RECEIVED)
LIVE_ORDER_STATES = (*OPEN_ORDER_STATES, OrderState.SUBMITTED)
PUT_RIGHT_CLOSINGS = (Closing.PASSED, Closing.SELF_HANDLED)
"""Closings after which somebody looks back whether it stayed right."""
STANDING_CASE_STATES = (*OPEN_CASE_STATES, CaseState.SUSPENDED)
"""A case that is not at its end: open, or suspended for a time."""

EVENT_LABELS: dict[str, object] = {
    "report.created": _("上报"),
    "report.imported": _("台帐补录"),
    "report.filed": _("立案"),
    "report.rejected": _("不予立案"),
    "report.merged": _("并入已有案件"),
    "report.self_handled": _("自处理，立案并结案"),
    "report.erased": _("按保存期限清除个人信息"),
    "case.erased": _("按保存期限清除文字"),
    "case.filed": _("立案"),
    "case.imported": _("台帐补录"),
    "case.dispatched": _("派遣"),
    "case.assisted": _("派协办"),
    "case.merged": _("并案"),
    "case.joined": _("并入一案"),
    "case.suspended": _("挂账"),
    "case.resumed": _("恢复办理"),
    "case.force_closed": _("强制结案"),
    "case.voided": _("作废"),
    "case.supervised": _("督办"),
    "case.instructed": _("领导批示"),
    "case.urged": _("催办"),
    "case.commented": _("留言"),
    "case.corrected": _("更正"),
    "case.labelled": _("打标签"),
    "case.unlabelled": _("去标签"),
    "case.named": _("点名责任方"),
    "order.assigned": _("分派到人"),
    "order.unassigned": _("退到未分派"),
    "order.received": _("签收"),
    "order.submitted": _("提交整改"),
    "order.returned": _("退回派遣"),
    "order.passed": _("核查通过"),
    "order.reworked": _("核查不通过，返工"),
    "order.reminded": _("到期提醒"),
    "order.overdue": _("超时催办"),
    "stage.reminded": _("到期提醒"),
    "stage.overdue": _("超时催办"),
    "stage.recomputed": _("日历变更，重算期限"),
    "order.transferred": _("改派"),
    "order.cancelled": _("撤销整改单"),
    "order.extension_asked": _("申请延期"),
    "order.suspension_asked": _("申请挂账"),
    "order.appealed": _("超时申诉"),
    "request.approved": _("同意申请"),
    "request.refused": _("不同意申请"),
    "request.withdrawn": _("撤回申请"),
    "request.lapsed": _("申请失效"),
    "supervision.lifted": _("解除督办"),
    "instruction.answered": _("答复批示"),
    "order.recomputed": _("日历变更，重算期限"),
    "case.closed": _("结案"),
    "lookback.planned": _("安排回头看"),
    "lookback.held": _("回头看：已整改"),
    "lookback.rebound": _("回头看：反弹"),
    "lookback.false": _("回头看：虚假整改"),
    "lookback.unverified": _("回头看：无法核实"),
    "lookback.overdue": _("回头看超时"),
}
"""Registered event names and their words; an event with another name is refused."""

HAPPENINGS: dict[str, tuple[str, ...]] = {
    Happening.FILED: ("case.filed",),
    Happening.DISPATCHED: ("case.dispatched",),
    Happening.CLOSED: ("case.closed",),
    Happening.REBOUND: ("lookback.rebound", "lookback.false"),
}
"""The events of a case that tell of each happening."""

MACHINE_EVENTS = frozenset(
    {
        "order.reminded",
        "order.overdue",
        "stage.reminded",
        "stage.overdue",
        "stage.recomputed",
        "order.recomputed",
        "lookback.planned",
        "lookback.overdue",
        "case.closed",
        "request.lapsed",
        "report.erased",
        "case.erased",
    }
)
