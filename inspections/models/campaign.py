"""What a campaign is made of: phases, tasks with who answers for them, results, its report."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.choices import Unit
from inspections.choices import PhaseKind


class CampaignPhase(models.Model):
    """One stage of a campaign and its days, both included."""

    campaign = models.ForeignKey(
        "inspections.Campaign", on_delete=models.PROTECT, related_name="phases"
    )
    kind = models.CharField(_("阶段"), max_length=12, choices=PhaseKind.choices)
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束"))

    class Meta:
        verbose_name = _("行动阶段")
        verbose_name_plural = _("行动阶段")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind"], name="campaign_phase_once"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="campaign_phase_span_forward"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class CampaignTask(models.Model):
    """A task of a campaign (四定四包): leader, duty, person, schedule, and what it must reach.

    `lead_team` carries it, the supporting teams help.
    """

    campaign = models.ForeignKey(
        "inspections.Campaign", on_delete=models.PROTECT, related_name="tasks"
    )
    name = models.CharField(_("包任务"), max_length=100)
    lead_team = models.ForeignKey(
        "grids.Team", on_delete=models.PROTECT, related_name="+", verbose_name=_("牵头单位")
    )
    support_teams = models.ManyToManyField(
        "grids.Team", blank=True, related_name="+", verbose_name=_("配合单位")
    )
    leader = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("定领导")
    )
    duty = models.CharField(_("定责任"), max_length=200)
    person = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("定人员")
    )
    standard = models.CharField(_("包质量、包达标"), max_length=200, blank=True)
    starts_on = models.DateField(_("定进度：开始"))
    ends_on = models.DateField(_("定进度：完成"))
    progress = models.PositiveSmallIntegerField(
        _("进度（%）"), default=0, validators=[MaxValueValidator(100)]
    )
    done_on = models.DateField(_("完成日"), null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("行动任务")
        verbose_name_plural = _("行动任务")
        ordering = ["lead_team__code", "starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "lead_team", "name"], name="campaign_task_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="campaign_task_span_forward"
            ),
            models.CheckConstraint(
                condition=Q(progress__lt=100, done_on__isnull=True)
                | Q(progress=100, done_on__isnull=False),
                name="campaign_task_done_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TaskReport(models.Model):
    """How far a task was at a moment. The database refuses UPDATE and DELETE."""

    task = models.ForeignKey(CampaignTask, on_delete=models.PROTECT, related_name="reports")
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey("citymgmt.User", on_delete=models.PROTECT, related_name="+")
    progress = models.PositiveSmallIntegerField(_("进度（%）"))
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("任务进度")
        verbose_name_plural = _("任务进度")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(progress__lte=100), name="task_report_progress_is_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.progress}"


class CampaignGoal(models.Model):
    """One kind of result with its unit; the quantities of cases of `categories` count by
    themselves, what else was done is entered. `target` is what is to be reached, if anything."""

    campaign = models.ForeignKey(
        "inspections.Campaign", on_delete=models.PROTECT, related_name="goals"
    )
    name = models.CharField(_("成果"), max_length=20)
    unit = models.CharField(_("计量"), max_length=6, choices=Unit.choices)
    target = models.DecimalField(_("目标"), max_digits=11, decimal_places=2, null=True, blank=True)
    categories = models.ManyToManyField(
        "cases.Category", blank=True, related_name="+", verbose_name=_("自动累计的案由")
    )
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("行动成果")
        verbose_name_plural = _("行动成果")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name", "unit"], name="campaign_goal_once"),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(target__gt=0), name="campaign_goal_target"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GoalEntry(models.Model):
    """A quantity that no case counts. The database refuses UPDATE and DELETE: what was wrong is
    taken back by a negative entry with a word."""

    goal = models.ForeignKey(CampaignGoal, on_delete=models.PROTECT, related_name="entries")
    team = models.ForeignKey(
        "grids.Team", on_delete=models.PROTECT, related_name="+", verbose_name=_("单位")
    )
    day = models.DateField(_("哪天"))
    quantity = models.DecimalField(_("数量"), max_digits=11, decimal_places=2)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    by = models.ForeignKey("citymgmt.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("记录时间"))

    class Meta:
        verbose_name = _("成果登记")
        verbose_name_plural = _("成果登记")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="goal_entry_counts"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) | ~Q(note=""), name="goal_entry_taken_back_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"


class CampaignReport(models.Model):
    """The closing report of a campaign, its figures frozen. The database refuses rewriting.

    `digest` is the same in the register of documents, where it is edited, signed, numbered and
    sealed; those of before stand here alone. `closed_by` is empty where the schedule closed it.
    """

    campaign = models.OneToOneField(
        "inspections.Campaign", on_delete=models.PROTECT, related_name="report"
    )
    digest = models.OneToOneField(
        "inspections.Digest",
        on_delete=models.PROTECT,
        null=True,
        related_name="campaign_report",
        verbose_name=_("登记成哪一期"),
    )
    figures = models.JSONField(_("数字"))
    remarks = models.CharField(_("总结"), max_length=2000, blank=True)
    closed_by = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(_("结束时间"))

    class Meta:
        verbose_name = _("行动总结")
        verbose_name_plural = _("行动总结")

    def __str__(self) -> str:
        return str(self.campaign_id)
