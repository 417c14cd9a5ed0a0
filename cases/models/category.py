"""The catalogue: classes of problems and the standards of filing and closing."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import CategoryKind, LimitKind, Unit
from grids.choices import TeamKind


def default_lookback_days() -> list[int]:
    """Days after closing when a look-back is due, where a class asks for it."""
    return [3]


class Category(models.Model):
    """A class of a catalogue. Catalogues are versioned by `standard`; old cases keep theirs."""

    standard = models.CharField(_("目录"), max_length=30)
    kind = models.CharField(_("类型"), max_length=6, choices=CategoryKind.choices)
    code = models.CharField(_("代码"), max_length=5)
    name = models.CharField(_("名称"), max_length=60)
    major_code = models.CharField(_("大类代码"), max_length=2)
    major_name = models.CharField(_("大类"), max_length=30)
    unit = models.CharField(_("计量"), max_length=6, choices=Unit.choices, default=Unit.PLACE)
    synonyms = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name=_("俗称")
    )
    asks_lookback = models.BooleanField(_("结案后回头看"), default=False)
    lookback_days = ArrayField(
        models.PositiveSmallIntegerField(),
        default=default_lookback_days,
        blank=True,
        verbose_name=_("结案后几天回头看"),
    )
    keeps_original = models.BooleanField(
        _("照片要原图"),
        default=False,
        help_text=_("手机不缩小照片，原样传上来；流量和时间都多几倍。"),
    )
    team_kind = models.CharField(
        _("常办单位类型"), max_length=12, choices=TeamKind.choices, default=TeamKind.SQUADRON
    )
    similar_within_m = models.PositiveSmallIntegerField(
        _("相似案件：多少米内"), default=50, validators=[MaxValueValidator(1000)]
    )
    similar_within_hours = models.PositiveSmallIntegerField(
        _("相似案件：多少小时内"), default=24, validators=[MaxValueValidator(720)]
    )
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("案由")
        verbose_name_plural = _("案由")
        ordering = ["kind", "code"]
        constraints = [
            models.UniqueConstraint(fields=["standard", "kind", "code"], name="category_code_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class FilingStandard(models.Model):
    """When a case of a class is filed and closed, and how long its rectification may take."""

    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="standards", verbose_name=_("案由")
    )
    source = models.CharField(_("来源"), max_length=30)
    row = models.PositiveIntegerField(_("行号"))
    condition = models.TextField(_("立案条件"))
    closing_condition = models.TextField(_("结案条件"))
    limit_text = models.CharField(_("时限原文"), max_length=60)
    limit_kind = models.CharField(_("时限类型"), max_length=16, choices=LimitKind.choices)
    limit_value = models.PositiveSmallIntegerField(_("时限"))
    unit_text = models.CharField(_("处置单位原文"), max_length=200, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("立结案标准")
        verbose_name_plural = _("立结案标准")
        ordering = ["category", "row"]
        constraints = [
            models.UniqueConstraint(fields=["source", "row"], name="filing_standard_row_once"),
            models.CheckConstraint(
                condition=models.Q(limit_value__gt=0), name="filing_standard_limit_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.condition[:40]} · {self.limit_value} {self.get_limit_kind_display()}"


class ResponsibleUnit(models.Model):
    """A unit as a city's table names it, and the kind of team that it means here."""

    source = models.CharField(_("来源"), max_length=30)
    text = models.CharField(_("处置单位原文"), max_length=200)
    team_kind = models.CharField(
        _("本地单位类型"), max_length=12, choices=TeamKind.choices, default=TeamKind.SQUADRON
    )

    class Meta:
        verbose_name = _("处置单位对照")
        verbose_name_plural = _("处置单位对照")
        constraints = [
            models.UniqueConstraint(fields=["source", "text"], name="responsible_unit_once")
        ]

    def __str__(self) -> str:
        return self.text
