"""The clocks of the stages, their limits, and the ladders of those that run out: as data."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import LimitKind, Stage


class StageLimit(models.Model):
    """How long a stage may take. Rectification is limited by the filing standard instead."""

    stage = models.CharField(_("阶段"), max_length=14, choices=Stage.choices, unique=True)
    limit_kind = models.CharField(_("时限类型"), max_length=16, choices=LimitKind.choices)
    limit_value = models.PositiveSmallIntegerField(_("时限"))

    class Meta:
        verbose_name = _("阶段时限")
        verbose_name_plural = _("阶段时限")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(limit_value__gt=0), name="stage_limit_positive"
            ),
            models.CheckConstraint(
                condition=~models.Q(stage=Stage.RECTIFICATION),
                name="stage_limit_not_of_rectification",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_stage_display())


class Ladder(models.Model):
    """Who hears of a clock before, at and after it runs out, for a stage and maybe one class.

    `steps` as `cases.escalation.parse` reads them. The class's own ladder goes before that of
    all classes; where there is none the default of `cases.escalation` holds.
    """

    stage = models.CharField(_("阶段"), max_length=14, choices=Stage.choices)
    category = models.ForeignKey(
        "cases.Category",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("案由"),
        help_text=_("不选就用于所有案由。"),
    )
    steps = models.JSONField(_("步骤"), default=list)

    class Meta:
        verbose_name = _("催办阶梯")
        verbose_name_plural = _("催办阶梯")
        ordering = ["stage", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "category"], nulls_distinct=False, name="ladder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.category or ''}".strip()


class StageClock(models.Model):
    """One stretch of a stage: of a report (triage), a case (dispatch) or an order (check).

    It runs from `started_at` to `stopped_at`; while its case rests `clock_started_at` is empty.
    Kept for ever: who was in time is read from here. An order's rectification has its clock on
    its own row, a look-back as well.
    """

    stage = models.CharField(max_length=14, choices=Stage.choices)
    report = models.ForeignKey(
        "cases.Report", on_delete=models.PROTECT, null=True, related_name="clocks"
    )
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, null=True, related_name="clocks"
    )
    order = models.ForeignKey(
        "cases.Order", on_delete=models.PROTECT, null=True, related_name="clocks"
    )
    limit_kind = models.CharField(max_length=16, choices=LimitKind.choices)
    limit_value = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    clock_started_at = models.DateTimeField(null=True)
    used_seconds = models.PositiveIntegerField(default=0)
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    due_is_provisional = models.BooleanField(default=False)
    calendar_revision = models.BigIntegerField(default=0)
    stopped_at = models.DateTimeField(null=True)
    on_time = models.BooleanField(null=True)
    chase_step = models.PositiveSmallIntegerField(default=0)
    next_chase_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    stage="triage", report__isnull=False, case__isnull=True, order__isnull=True
                )
                | models.Q(
                    stage="dispatch", report__isnull=True, case__isnull=False, order__isnull=True
                )
                | models.Q(
                    stage="check", report__isnull=True, case__isnull=True, order__isnull=False
                ),
                name="stage_clock_one_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(stopped_at__isnull=True, on_time__isnull=True)
                | models.Q(
                    stopped_at__isnull=False,
                    on_time__isnull=False,
                    clock_started_at__isnull=True,
                    next_chase_at__isnull=True,
                ),
                name="stage_clock_stopped_is_still",
            ),
            models.UniqueConstraint(
                fields=["stage", "report", "case", "order"],
                condition=models.Q(stopped_at__isnull=True),
                nulls_distinct=False,
                name="stage_clock_one_running",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_chase_at"],
                condition=models.Q(next_chase_at__isnull=False),
                name="stage_clock_chase_due",
            ),
            models.Index(fields=["stage", "stopped_at"], name="stage_clock_stopped"),
            models.Index(
                fields=["calendar_revision"],
                condition=models.Q(clock_started_at__isnull=False),
                name="stage_clock_reckoned_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.started_at:%Y-%m-%d %H:%M}"
