"""The supervision digest (督查专报) and the campaigns it reports on."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from inspections.choices import DigestKind, DigestState
from inspections.querysets import DigestQuerySet


class Digest(models.Model):
    """A document for a period [since, until) of the bureau (`team` empty) or of one team.

    `figures` are frozen when it is composed. `edits` is what people changed of the composed
    text, see `inspections.papers.edits`. Signing freezes the words as `paper`, gives the number,
    which runs without gaps by series and year, and the `seal` over all that was frozen; the
    database refuses to change a signed one. A correction is an issue of its own that names the
    one it `corrects`, and why.
    """

    kind = models.CharField(_("种类"), max_length=10, choices=DigestKind.choices)
    team = models.ForeignKey(
        "grids.Team",
        on_delete=models.PROTECT,
        null=True,
        related_name="digests",
        verbose_name=_("单位"),
    )
    since = models.DateTimeField(_("自"))
    until = models.DateTimeField(_("至"))
    state = models.CharField(
        _("状态"), max_length=8, choices=DigestState.choices, default=DigestState.DRAFT
    )
    figures = models.JSONField(_("数字"))
    remarks = models.TextField(_("工作要求"), blank=True, max_length=4000)
    edits = models.JSONField(_("改动"), default=dict, blank=True)
    edited_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("编辑"),
    )
    edited_at = models.DateTimeField(_("编辑时间"), null=True)
    composed_at = models.DateTimeField(_("编成时间"))
    issue = models.PositiveIntegerField(_("期号"), null=True)
    total_issue = models.PositiveIntegerField(_("总期号"), null=True)
    signed_by = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("签发人"),
    )
    signed_at = models.DateTimeField(_("签发时间"), null=True)
    paper = models.JSONField(_("定稿"), null=True)
    seal = models.CharField(_("校验值"), max_length=64, blank=True)
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="corrections",
        verbose_name=_("更正哪一期"),
    )
    reason = models.CharField(_("更正说明"), max_length=400, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = DigestQuerySet.as_manager()

    class Meta:
        verbose_name = _("督查专报")
        verbose_name_plural = _("督查专报")
        ordering = ["-until", "team"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "team", "until"],
                condition=models.Q(corrects__isnull=True),
                nulls_distinct=False,
                name="digest_once_a_period",
            ),
            models.UniqueConstraint(fields=["corrects"], name="digest_corrected_once"),
            models.CheckConstraint(
                condition=models.Q(corrects__isnull=True) | ~models.Q(reason=""),
                name="digest_correction_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(seal="") | models.Q(state="signed", paper__isnull=False),
                name="digest_seal_of_signed",
            ),
            models.CheckConstraint(
                condition=models.Q(until__gt=models.F("since")), name="digest_span_forward"
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft", issue__isnull=True, signed_at__isnull=True)
                | models.Q(state="signed", issue__isnull=False, signed_at__isnull=False),
                name="digest_signed_has_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.until:%Y-%m-%d}"


class Campaign(models.Model):
    """A campaign (专项行动) with its dates and action groups."""

    code = models.SlugField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    starts_on = models.DateField(_("开始"))
    ends_on = models.DateField(_("结束"))
    inspection_on = models.DateField(_("迎检日"), null=True, blank=True)
    summary = models.CharField(_("总体要求"), max_length=1000, blank=True)
    categories = models.ManyToManyField(
        "cases.Category", blank=True, related_name="+", verbose_name=_("案由")
    )
    majors = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, verbose_name=_("大类代码")
    )
    areas = models.ManyToManyField(
        "grids.Area", blank=True, related_name="+", verbose_name=_("区划")
    )
    schedule = models.ForeignKey(
        "citymgmt.WorkSchedule",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("行动期间的作息"),
    )
    override = models.OneToOneField(
        "citymgmt.CalendarOverride",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("周末也上班（5+2）"),
    )
    lookback_days = ArrayField(
        models.PositiveSmallIntegerField(),
        default=list,
        blank=True,
        verbose_name=_("结案后几天回头看"),
    )
    closed_at = models.DateTimeField(_("结束时间"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    teams = models.ManyToManyField(
        "grids.Team", related_name="campaigns", verbose_name=_("行动组"), blank=True
    )

    class Meta:
        verbose_name = _("专项行动")
        verbose_name_plural = _("专项行动")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="campaign_span_forward",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def day_of(self, day: date) -> int:
        """Which day of the campaign a local day is, counted from 1."""
        return (day - self.starts_on).days + 1

    def days_left(self, day: date) -> int | None:
        """Days until the inspection; None where none is set or it is over."""
        if self.inspection_on is None or self.inspection_on < day:
            return None
        return (self.inspection_on - day).days
