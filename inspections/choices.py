"""Choices of supervision: kinds and states of documents."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Tone


class DigestKind(models.TextChoices):
    """Kinds of documents that are composed for a period."""

    DAILY = "daily", _("每日督查专报")


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
    OTHER = "other", _("其他重点场所")
    VENDING = "vending", _("便民摊点")
    COMMUNITY = "community", _("社区")
    SPOT = "spot", _("其他地点")


STREET_CLASSES = (PlaceClass.STRICT, PlaceClass.FIRST, PlaceClass.SECOND)
"""The classes that are streets; all others are places."""

DRAWN_CLASSES = tuple(
    each for each in PlaceClass if each not in (PlaceClass.COMMUNITY, PlaceClass.SPOT)
)
"""The classes from which places are drawn: those that stand in the ledgers."""


class Verdict(models.TextChoices):
    """What was found at one item of a check list."""

    PASSED = "pass", _("合格")
    FAILED = "fail", _("不合格")
    NONE = "none", _("不涉及")
