"""What follows from a look-back, as data: one row that a bureau edits."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def third_day() -> list[int]:
    """After how many days what is always looked back on is, where nothing else says so."""
    return [3]


class LookBackTerms(models.Model):
    """When is looked back where neither a rule nor the class says so, and how recording goes on:
    limits of new orders, second rebounds, photos; one row."""

    always_days = ArrayField(
        models.PositiveSmallIntegerField(),
        default=third_day,
        verbose_name=_("一律回头看的，结案后几天看"),
    )

    rebound_share = models.PositiveSmallIntegerField(
        _("反弹新单的时限：原时限的百分之几"),
        default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("不足 1 的换小一级的单位。"),
    )
    second_days = models.PositiveSmallIntegerField(
        _("几天内再反弹升为督办"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
        help_text=_("同一案第二次反弹（含虚假整改）落在这些天内，升为督办并建议问责。"),
    )
    supervise_days = models.PositiveSmallIntegerField(
        _("因反弹督办几天"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
    )
    again_days = models.PositiveSmallIntegerField(
        _("无法核实的，几天后再看"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    far_metres = models.PositiveSmallIntegerField(
        _("照片离结案照片多少米以上要标出"),
        default=50,
        validators=[MinValueValidator(5), MaxValueValidator(2000)],
    )
    apart_hours = models.PositiveSmallIntegerField(
        _("照片与结案照片一天里差几小时以上要标出"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text=_("结案照片是夜里拍的，白天去看说明不了什么。"),
    )

    class Meta:
        verbose_name = _("回头看记录的规定")
        verbose_name_plural = _("回头看记录的规定")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="lookback_terms_one"),
            models.CheckConstraint(
                condition=Q(rebound_share__gte=1, rebound_share__lte=100),
                name="lookback_terms_share_is_percent",
            ),
        ]

    def __str__(self) -> str:
        return str(_("回头看记录的规定"))
