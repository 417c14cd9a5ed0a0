"""Choices of supervision: kinds and states of documents."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import LookBackResult
from citymgmt.choices import Tone

WEEKDAYS = {
    1: _("周一"),
    2: _("周二"),
    3: _("周三"),
    4: _("周四"),
    5: _("周五"),
    6: _("周六"),
    7: _("周日"),
}
"""The days of a week by their numbers of ISO 8601."""


class DigestKind(models.TextChoices):
    """Kinds of documents that are composed for a period."""

    DAILY = "daily", _("每日督查专报")
    WEEKLY = "weekly", _("每周督查通报")
    MONTHLY = "monthly", _("月度考核通报")
    QUARTERLY = "quarterly", _("季度暗访点评")
    YEARLY = "yearly", _("年度考核评价")
    CAMPAIGN = "campaign", _("专项行动总结")


class DigestState(models.TextChoices):
    """Figures freeze at composing; text and number freeze at signing."""

    DRAFT = "draft", _("待签发")
    SIGNED = "signed", _("已签发")


class VisitResult(models.TextChoices):
    """What a visit to a shop came to."""

    PASSED = "passed", _("合格")
    TOLD = "told", _("当场改正")
    WARNED = "warned", _("警示")


VISIT_TONES: dict[str, str] = {
    VisitResult.PASSED: Tone.OK,
    VisitResult.TOLD: Tone.DOING,
    VisitResult.WARNED: Tone.WARN,
}
"""The tone of each result of a visit."""


class AlwaysReason(models.TextChoices):
    """Why a closed case is looked back on whatever share is drawn."""

    SUPERVISED = "supervised", _("督办过")
    COMPLAINT = "complaint", _("群众反映")
    REBOUND = "rebound", _("反弹过")
    LEDGER = "ledger", _("挂在问题台帐上")


class GroundKind(models.TextChoices):
    """What a rule of accountability looks for."""

    REBOUNDS = "rebounds", _("同一案件反弹")
    FALSE = "false", _("虚假整改")
    OVERDUE = "overdue", _("整改超时")
    MISSED = "missed", _("回头看逾期")


class AccountabilityLevel(models.TextChoices):
    """How severe it is, the mildest first."""

    REMIND = "remind", _("提醒")
    TALK = "talk", _("约谈")
    CRITICISE = "criticise", _("通报批评")
    TRANSFER = "transfer", _("移交")


class AccountabilityState(models.TextChoices):
    """Where it stands: the system or a person proposes, a person decides."""

    PROPOSED = "proposed", _("待决定")
    DISMISSED = "dismissed", _("不予问责")
    DECIDED = "decided", _("待答复")
    REPLIED = "replied", _("已答复")
    APPEALED = "appealed", _("申诉中")
    UPHELD = "upheld", _("维持原决定")
    WITHDRAWN = "withdrawn", _("已撤回")


ACCOUNTABILITY_TONES: dict[str, str] = {
    AccountabilityState.PROPOSED: Tone.WARN,
    AccountabilityState.DISMISSED: Tone.MUTED,
    AccountabilityState.DECIDED: Tone.DOING,
    AccountabilityState.REPLIED: Tone.OK,
    AccountabilityState.APPEALED: Tone.WARN,
    AccountabilityState.UPHELD: Tone.OK,
    AccountabilityState.WITHDRAWN: Tone.MUTED,
}
"""The tone of each state of an accountability."""

ACCOUNTABILITY_EVENTS: dict[str, object] = {
    "account.proposed": _("提出问责"),
    "account.dismissed": _("决定不予问责"),
    "account.decided": _("决定问责"),
    "account.replied": _("答复"),
    "account.appealed": _("申诉"),
    "account.upheld": _("申诉复核：维持原决定"),
    "account.granted": _("申诉复核：申诉成立，撤回"),
    "account.withdrawn": _("撤回问责"),
    "account.overdue": _("到期未答复，已催"),
    "account.erased": _("文字保存到期，已抹去"),
}
"""The words of the events of an accountability; what is not here is refused."""

CAME_BACK: tuple[str, ...] = (LookBackResult.REBOUND, LookBackResult.FALSE)
"""Results of a look-back by which a case counts as having come back."""
NEVER_RIGHT: tuple[str, ...] = (LookBackResult.FALSE,)
"""Results by which it was never put right."""


class PhaseKind(models.TextChoices):
    """The stages of a campaign, in their order."""

    PUBLICITY = "publicity", _("宣传发动")
    ATTACK = "attack", _("集中攻坚")
    CONSOLIDATE = "consolidate", _("巩固提升")


class TaskState(models.TextChoices):
    """Where a task of a campaign stands on a day; worked out, never stored."""

    COMING = "coming", _("未到")
    DOING = "doing", _("进行中")
    LATE = "late", _("逾期")
    DONE = "done", _("完成")
    DONE_LATE = "done_late", _("逾期完成")


TASK_TONES: dict[str, str] = {
    TaskState.COMING: Tone.MUTED,
    TaskState.DOING: Tone.DOING,
    TaskState.LATE: Tone.BAD,
    TaskState.DONE: Tone.OK,
    TaskState.DONE_LATE: Tone.WARN,
}
"""The tone of each state of a task."""


class OutingKind(models.TextChoices):
    """How an outing goes about it."""

    RANDOM = "random", _("随机抽查")
    UNANNOUNCED = "unannounced", _("暗访")


class OutingState(models.TextChoices):
    """Where an outing stands; what it found is open to those visited once it is done."""

    PLANNED = "planned", _("待出动")
    RUNNING = "running", _("检查中")
    DONE = "done", _("已完成")
    DROPPED = "dropped", _("已取消")


OUTING_TONES: dict[str, str] = {
    OutingState.PLANNED: Tone.MUTED,
    OutingState.RUNNING: Tone.DOING,
    OutingState.DONE: Tone.OK,
    OutingState.DROPPED: Tone.HOLD,
}
"""The tone of each state of an outing."""

OPEN_OUTINGS = (OutingState.PLANNED, OutingState.RUNNING)
"""An outing in one of these goes on, and is not for the eyes of those it visits."""


class PlaceClass(models.TextChoices):
    """What is visited: streets by their grade, places by their kind, a community, any spot."""

    STRICT = "strict", _("严管街")
    FIRST = "first", _("一类街")
    SECOND = "second", _("二类街")
    SCHOOL = "school", _("学校")
    STATION = "station", _("车站")
    MARKET = "market", _("市场")
    SQUARE = "square", _("广场")
    HOSPITAL = "hospital", _("医院")
    SIGHT = "sight", _("景区")
    WORKS = "works", _("建筑工地")
    OTHER = "other", _("其他重点场所")
    VENDING = "vending", _("便民摊点")
    COMMUNITY = "community", _("社区")
    SPOT = "spot", _("其他地点")


STREET_CLASSES = (PlaceClass.STRICT, PlaceClass.FIRST, PlaceClass.SECOND)
"""The classes that are streets; all others are places."""

DRAWN_CLASSES = tuple(each for each in PlaceClass if each != PlaceClass.SPOT)
"""The classes from which places are drawn: those that stand in the ledgers, and communities."""


class Verdict(models.TextChoices):
    """What was found at one item of a check list."""

    PASSED = "pass", _("合格")
    FAILED = "fail", _("不合格")
    NONE = "none", _("不涉及")


class PhotoDifference(models.TextChoices):
    """In what a look-back's photo differs from the closing photo."""

    FAR = "far", _("地点不同")
    HOURS = "hours", _("时段不同")
    BEFORE = "before", _("拍在结案照片以前")


class LedgerItemState(models.TextChoices):
    """Where an item of a problem ledger stands; worked out from its cases and its signature."""

    EMPTY = "empty", _("未挂案件")
    OPEN = "open", _("整改中")
    LOOK = "look", _("待回头看")
    READY = "ready", _("待销号")
    SIGNED = "signed", _("已销号")
    BACK = "back", _("销号后反弹")


LEDGER_ITEM_TONES: dict[str, str] = {
    LedgerItemState.EMPTY: Tone.MUTED,
    LedgerItemState.OPEN: Tone.DOING,
    LedgerItemState.LOOK: Tone.DOING,
    LedgerItemState.READY: Tone.WARN,
    LedgerItemState.SIGNED: Tone.OK,
    LedgerItemState.BACK: Tone.BAD,
}
"""The tone of each state of an item."""


class SignAct(models.TextChoices):
    """What is done with the signature of an item."""

    SIGNED = "signed", _("销号")
    TAKEN_BACK = "taken_back", _("撤回销号")


class ScoreGroup(models.TextChoices):
    """Whom a scheme scores."""

    TEAM = "team", _("单位")
    AREA = "area", _("街道")
    POST = "post", _("岗位")
    PERSON = "person", _("人员")


class ScorePeriod(models.TextChoices):
    """How long a period is."""

    MONTH = "month", _("月")
    QUARTER = "quarter", _("季度")
    YEAR = "year", _("年")


class ScoreState(models.TextChoices):
    """A draft is counted anew every day; what is closed stands for ever."""

    DRAFT = "draft", _("试算")
    CLOSED = "closed", _("已封存")


SCORE_TONES: dict[str, str] = {ScoreState.DRAFT: Tone.DOING, ScoreState.CLOSED: Tone.OK}
"""The tone of each state of a sheet."""


class ScoreAct(models.TextChoices):
    """What is done to the scores of a period."""

    COMPOSED = "composed", _("算出")
    COUNTED = "counted", _("重算")
    CLOSED = "closed", _("封存")
    OPENED = "opened", _("开更正版")
