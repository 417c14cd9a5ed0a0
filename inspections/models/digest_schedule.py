"""When documents are composed, and which cases stand behind their figures."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from inspections.choices import DigestKind


class DigestSchedule(models.Model):
    """When the documents of a kind are cut off and composed, of the bureau or of each team.

    Where there is no row, the defaults of `inspections.digest_periods` hold. `applies_from` is when
    the times were last changed: ends before it are not made up for by the new times.
    """

    kind = models.CharField(_("种类"), max_length=10, choices=DigestKind.choices)
    for_teams = models.BooleanField(_("各单位的"), default=False)
    is_active = models.BooleanField(_("自动编"), default=True)
    hour = models.PositiveSmallIntegerField(
        _("几点截数"), default=18, validators=[MaxValueValidator(23)]
    )
    weekday = models.PositiveSmallIntegerField(
        _("星期几"), default=1, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    day = models.PositiveSmallIntegerField(
        _("几号"), default=1, validators=[MinValueValidator(1), MaxValueValidator(28)]
    )
    skips_rest = models.BooleanField(_("休息日不编"), default=False)
    applies_from = models.DateTimeField(_("自何时起"), null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("专报编发时间")
        verbose_name_plural = _("专报编发时间")
        ordering = ["for_teams", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "for_teams"], name="digest_schedule_one"),
            models.CheckConstraint(
                condition=models.Q(hour__lte=23)
                & models.Q(weekday__range=(1, 7))
                & models.Q(day__range=(1, 28)),
                name="digest_schedule_times",
            ),
            models.CheckConstraint(
                condition=models.Q(skips_rest=False) | models.Q(kind__in=["daily", "weekly"]),
                name="digest_schedule_skips_short",
            ),
        ]

    def __str__(self) -> str:
        scope = _("各单位") if self.for_teams else _("全局")
        return f"{self.get_kind_display()} {scope}"


class DigestFigure(models.Model):
    """The cases behind one figure of a digest, as they were when it was composed.

    A case stands as often as it was counted, so that there are as many as the figure says.
    """

    digest = models.ForeignKey(
        "inspections.Digest", on_delete=models.CASCADE, related_name="+", verbose_name=_("专报")
    )
    name = models.CharField(_("数字"), max_length=40)
    cases = ArrayField(models.BigIntegerField(), verbose_name=_("案件"))

    class Meta:
        verbose_name = _("专报数字的案件")
        verbose_name_plural = _("专报数字的案件")
        constraints = [
            models.UniqueConstraint(fields=["digest", "name"], name="digest_figure_once")
        ]

    def __str__(self) -> str:
        return f"{self.digest_id} {self.name}"
