"""Where things are: administrative areas, cells in generations, road segments."""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateTimeRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.choices import AreaLevel, StreetGrade, VisitsPer
from grids.querysets import CellQuerySet


class TimeSpan(models.Func):
    """tstzrange over two moment columns: from inclusive, to exclusive, an empty end is open."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


class Area(models.Model):
    """An administrative division under its official code (GB/T 2260 and the statistics code)."""

    code = models.CharField(_("区划代码"), max_length=12, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    level = models.CharField(_("级别"), max_length=10, choices=AreaLevel.choices)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )

    class Meta:
        verbose_name = _("行政区划")
        verbose_name_plural = _("行政区划")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Cell(models.Model):
    """A grid cell as a thing with a code; its shape stands in generations."""

    code = models.CharField(_("网格编码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    area = models.ForeignKey(
        Area, on_delete=models.PROTECT, related_name="cells", verbose_name=_("所在区划")
    )
    # Rises with every change of who answers here: a page acts on the version it has shown.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = CellQuerySet.as_manager()

    class Meta:
        verbose_name = _("网格")
        verbose_name_plural = _("网格")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class CellGenerationQuerySet(models.QuerySet["CellGeneration"]):
    """Reading generations."""

    def in_force(self, at: datetime) -> "CellGenerationQuerySet":
        """Generations whose span holds the moment."""
        return self.filter(valid_from__lte=at).exclude(valid_to__lte=at)


class CellGeneration(models.Model):
    """One shape of a cell, from a moment to a moment; never edited once it is in force."""

    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="generations")
    number = models.PositiveIntegerField(_("版次"))
    polygon = models.JSONField(_("边界"))
    lon = models.FloatField(_("中心经度"))
    lat = models.FloatField(_("中心纬度"))
    area_m2 = models.FloatField(_("面积"))
    valid_from = models.DateTimeField(_("启用"))
    valid_to = models.DateTimeField(_("停用"), null=True, blank=True)

    objects = CellGenerationQuerySet.as_manager()

    class Meta:
        verbose_name = _("网格版次")
        verbose_name_plural = _("网格版次")
        ordering = ["cell", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cell", "number"], name="cell_generation_number_once"),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="cell_generation_span_forward",
            ),
            ExclusionConstraint(
                name="cell_generation_one_at_a_time",
                expressions=[
                    (models.F("cell"), RangeOperators.EQUAL),
                    (TimeSpan("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cell} 第 {self.number} 版"


class RoadSegment(models.Model):
    """A stretch of a street as a line; where a segment is assigned, it wins over its cell.

    What the street asks for: looked after between `starts_minute` and `ends_minute` of the local
    day (an end at or before the start passes midnight), and visited so often a day or a week.
    The cells that it runs through are not kept: `grids.runs` reckons them from the shapes.
    """

    code = models.CharField(_("路段编码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    grade = models.CharField(_("等级"), max_length=10, choices=StreetGrade.choices)
    line = models.JSONField(_("走向"))
    # As a cell's: rises with every change of who answers here, and of what the street asks for.
    version = models.PositiveIntegerField(default=1, editable=False)
    starts_minute = models.PositiveSmallIntegerField(_("管控自(分)"), null=True, blank=True)
    ends_minute = models.PositiveSmallIntegerField(_("管控至(分)"), null=True, blank=True)
    visits = models.PositiveSmallIntegerField(_("巡查次数"), null=True, blank=True)
    visits_per = models.CharField(
        _("每日或每周"), max_length=4, choices=VisitsPer.choices, blank=True
    )
    valid_from = models.DateTimeField(_("启用"))
    valid_to = models.DateTimeField(_("停用"), null=True, blank=True)
    search_grams = ArrayField(models.CharField(max_length=4), default=list, editable=False)

    class Meta:
        verbose_name = _("路段")
        verbose_name_plural = _("路段")
        ordering = ["code"]
        indexes = [GinIndex(fields=["search_grams"], name="segment_search")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_minute__isnull=True, ends_minute__isnull=True)
                | models.Q(
                    starts_minute__isnull=False,
                    ends_minute__isnull=False,
                    starts_minute__lt=1440,
                    ends_minute__gt=0,
                    ends_minute__lte=1440,
                ),
                name="segment_hours_in_day",
            ),
            models.CheckConstraint(
                condition=models.Q(visits__isnull=True, visits_per="")
                | (models.Q(visits__isnull=False, visits__gt=0) & ~models.Q(visits_per="")),
                name="segment_visits_have_span",
            ),
        ]

    def __str__(self) -> str:
        return self.name
