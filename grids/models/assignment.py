"""五定 as data: which team and person answer for a cell or segment, for what, when."""

from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.choices import Duty, Shift
from grids.models.area import TimeSpan
from grids.models.team import DatedQuerySet

if TYPE_CHECKING:
    from citymgmt.models import User
    from grids.models.people import Leave

_DAY = 1440


class DayHours(models.Func):
    """Minutes of the day as an int4multirange; an end at or before its start passes midnight."""

    template = (
        "(CASE WHEN ends_minute > starts_minute"
        " THEN int4multirange(int4range(starts_minute, ends_minute))"
        f" ELSE int4multirange(int4range(starts_minute, {_DAY}), int4range(0, ends_minute)) END)"
    )
    output_field = models.TextField()


class Assignment(models.Model):
    """A cell or a road segment × duty × hours → team and person, from when to when.

    Two assignments of one cell (or segment) and duty never overlap in dates and hours.
    """

    cell = models.ForeignKey(
        "grids.Cell",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("网格"),
    )
    segment = models.ForeignKey(
        "grids.RoadSegment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("路段"),
    )
    duty = models.CharField(_("职责"), max_length=14, choices=Duty.choices)
    shift = models.CharField(_("班次"), max_length=10, choices=Shift.choices, default=Shift.ALL_DAY)
    starts_minute = models.PositiveSmallIntegerField(_("起(分)"), default=0)
    ends_minute = models.PositiveSmallIntegerField(_("止(分)"), default=_DAY)
    team = models.ForeignKey(
        "grids.Team", on_delete=models.PROTECT, related_name="assignments", verbose_name=_("单位")
    )
    person = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("人员"),
    )
    valid_from = models.DateTimeField(_("自"))
    valid_to = models.DateTimeField(_("至"), null=True, blank=True)

    # Set by `locate.answering`: the leave of whoever it was given to, and he himself where
    # `person` is his substitute.
    away: "Leave | None" = None
    stood_in_for: "User | None" = None

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("责任")
        verbose_name_plural = _("责任")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cell__isnull=True) ^ models.Q(segment__isnull=True),
                name="assignment_cell_or_segment",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_minute__lt=_DAY)
                & models.Q(ends_minute__gt=0, ends_minute__lte=_DAY),
                name="assignment_hours_in_day",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="assignment_span_forward",
            ),
            *(
                ExclusionConstraint(
                    name=f"assignment_{place}_no_overlap",
                    condition=models.Q(**{f"{place}__isnull": False}),
                    expressions=[
                        (models.F(place), RangeOperators.EQUAL),
                        (models.F("duty"), RangeOperators.EQUAL),
                        (
                            TimeSpan("valid_from", "valid_to", RangeBoundary()),
                            RangeOperators.OVERLAPS,
                        ),
                        (DayHours(), RangeOperators.OVERLAPS),
                    ],
                )
                for place in ("cell", "segment")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cell or self.segment} {self.get_duty_display()}"
