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


class PhotoDifference(models.TextChoices):
    """In what a look-back's photo differs from the closing photo."""

    FAR = "far", _("地点不同")
    HOURS = "hours", _("时段不同")
    BEFORE = "before", _("拍在结案照片以前")
