"""When shifts are, and who is on which: the bureau's own hours, and rosters by day."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from grids.choices import ROSTERED, Shift
from grids.models.area import TimeSpan
from grids.models.people import DaySpan

_DAY = 1440


class ShiftHours(models.Model):
    """The hours of a shift from a day to a day, of a team or (without one) of the bureau.

    An end at or before its start runs past midnight. `valid_to` is the first day on which they
    no longer hold.
    """

    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="shift_hours",
        verbose_name=_("单位"),
    )
    shift = models.CharField(_("班次"), max_length=10, choices=Shift.choices)
    starts_minute = models.PositiveSmallIntegerField(_("起(分)"))
    ends_minute = models.PositiveSmallIntegerField(_("止(分)"))
    valid_from = models.DateField(_("自"))
    valid_to = models.DateField(_("至"), null=True, blank=True)

    class Meta:
        verbose_name = _("班次时间")
        verbose_name_plural = _("班次时间")
        ordering = ["-valid_from", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shift__in=ROSTERED), name="shift_hours_of_a_shift"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_minute__lt=_DAY)
                & models.Q(ends_minute__gt=0, ends_minute__lte=_DAY)
                & ~models.Q(starts_minute=models.F("ends_minute")),
                name="shift_hours_in_day",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="shift_hours_span_forward",
            ),
            ExclusionConstraint(
                name="shift_hours_one_at_a_time",
                expressions=[
                    (Coalesce("team", models.Value(0)), RangeOperators.EQUAL),
                    (models.F("shift"), RangeOperators.EQUAL),
                    (DaySpan("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_shift_display()} {self.starts_minute}–{self.ends_minute}"


class RosterShift(models.Model):
    """Somebody is on shift for a team on a day; `starts_at` and `ends_at` are the real hours.

    Nobody is on two shifts in one minute. `reason` says why what stood against it did not
    count (short rest, a missing certificate).
    """

    person = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        related_name="roster_shifts",
        verbose_name=_("人员"),
    )
    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        related_name="roster_shifts",
        verbose_name=_("单位"),
    )
    day = models.DateField(_("日期"))
    shift = models.CharField(_("班次"), max_length=10, choices=Shift.choices)
    starts_at = models.DateTimeField(_("上班"))
    ends_at = models.DateTimeField(_("下班"))
    cell = models.ForeignKey(
        "grids.Cell",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("网格"),
    )
    reason = models.CharField(_("理由"), max_length=100, blank=True)
    made_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("谁排的"),
    )
    made_at = models.DateTimeField(_("排班时间"))

    class Meta:
        verbose_name = _("排班")
        verbose_name_plural = _("排班")
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["team", "day"], name="roster_team_day")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="roster_hours_forward"
            ),
            models.CheckConstraint(
                condition=models.Q(shift__in=ROSTERED), name="roster_of_a_shift"
            ),
            # Deferrable: when hours change, many rows move in one statement.
            ExclusionConstraint(
                name="roster_person_no_overlap",
                deferrable=models.Deferrable.IMMEDIATE,
                expressions=[
                    (models.F("person"), RangeOperators.EQUAL),
                    (TimeSpan("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.day} {self.get_shift_display()}"
