"""Looking back on closed cases, whether they stayed right."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import TONES, LookBackResult, LookBackState
from grids.policies import Place
from inspections.choices import PhotoDifference
from inspections.querysets import LookBackQuerySet


class LookBack(models.Model):
    """One look-back (回头看) on a closed case: who is to look by when, and what he found."""

    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="lookbacks", verbose_name=_("案件")
    )
    order = models.ForeignKey(
        "cases.Order", on_delete=models.PROTECT, related_name="+", verbose_name=_("所查整改单")
    )
    round = models.PositiveSmallIntegerField(_("第几次"))
    after_days = models.PositiveSmallIntegerField(_("结案后几天"))
    state = models.CharField(
        _("状态"), max_length=8, choices=LookBackState.choices, default=LookBackState.PLANNED
    )
    team = models.ForeignKey(
        "grids.Team", on_delete=models.PROTECT, related_name="+", verbose_name=_("整改单位")
    )
    inspector = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="lookbacks",
        verbose_name=_("回头看的人"),
    )
    planned_at = models.DateTimeField(_("安排时间"))
    opens_at = models.DateTimeField(_("几时起看"))
    due_at = models.DateTimeField(_("期限"))
    schedule = models.ForeignKey(
        "citymgmt.WorkSchedule",
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("按哪个作息计时"),
        help_text=_("安排时定的，比如专项行动的 5+2；空着按本局平常的作息。"),
    )
    result = models.CharField(_("结果"), max_length=10, choices=LookBackResult.choices, blank=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    recorded_at = models.DateTimeField(_("记录时间"), null=True)
    recorded_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    on_time = models.BooleanField(_("按期"), null=True)
    new_order = models.ForeignKey(
        "cases.Order", on_delete=models.PROTECT, null=True, related_name="+"
    )
    apart_m = models.PositiveIntegerField(_("离结案照片多少米"), null=True)
    differences = ArrayField(
        models.CharField(max_length=6, choices=PhotoDifference.choices),
        default=list,
        blank=True,
        verbose_name=_("与结案照片不同的"),
    )
    again_of = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="again",
        verbose_name=_("再看的是哪一次"),
    )
    rebound_nth = models.PositiveSmallIntegerField(
        _("若干天内第几次反弹"),
        default=0,
        help_text=_("记录时按当时的规定数的；没有反弹是 0。"),
    )
    calendar_revision = models.PositiveIntegerField(default=0)
    chase_step = models.PositiveSmallIntegerField(default=0)
    next_chase_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = LookBackQuerySet.as_manager()

    class Meta:
        verbose_name = _("回头看")
        verbose_name_plural = _("回头看")
        ordering = ["case", "round"]
        constraints = [
            models.UniqueConstraint(fields=["case", "round"], name="lookback_round_once"),
            models.UniqueConstraint(
                fields=["order", "after_days"],
                condition=models.Q(again_of__isnull=True),
                name="lookback_plan_once",
            ),
            models.CheckConstraint(
                condition=models.Q(rebound_nth=0) | models.Q(result__in=["rebound", "false"]),
                name="lookback_nth_is_rebound",
            ),
            models.CheckConstraint(
                condition=models.Q(state="planned", result="", recorded_at__isnull=True)
                | (models.Q(state="done", recorded_at__isnull=False) & ~models.Q(result="")),
                name="lookback_done_has_result",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=models.Q(state="planned"), name="lookback_desk"
            ),
            models.Index(
                fields=["inspector", "due_at", "id"],
                include=["opens_at"],
                condition=models.Q(state="planned"),
                name="lookback_of_inspector",
            ),
            models.Index(
                fields=["next_chase_at"],
                condition=models.Q(next_chase_at__isnull=False),
                name="lookback_chase_due",
            ),
            models.Index(fields=["recorded_at"], name="lookback_recorded"),
            # What a case's own columns do not say and its list is asked for.
            models.Index(
                fields=["case"],
                condition=models.Q(result__in=["false", "unverified"]),
                name="lookback_odd",
            ),
            models.Index(
                fields=["recorded_at", "id"],
                condition=models.Q(rebound_nth__gte=2),
                name="lookback_second",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} 第 {self.round} 次"

    @property
    def place(self) -> Place:
        """Where it stands as far as rights care; needs `case` loaded."""
        return Place(
            team_ids=frozenset(self.case.team_ids),
            area_code=self.case.area_code,
            user_ids=frozenset([self.inspector_id] if self.inspector_id else []),
            cell_id=self.case.cell_id,
            checker_ids=frozenset(self.case.checker_ids),
        )

    @property
    def by_another(self) -> bool:
        """Whether somebody else recorded it than who was to look."""
        return self.recorded_by_id is not None and self.recorded_by_id != self.inspector_id

    @property
    def tone(self) -> str:
        """Tone of the result, or of the state while there is none."""
        return TONES[self.result or self.state]
