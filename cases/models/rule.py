"""Standing rules: what holds for some days, classes, areas and teams."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.choices import RuleLevel


class StandingRule(models.Model):
    """A rule of a campaign, a team or the bureau; `cases.standing_rules` says which one holds.

    `origin` names who wrote it (a campaign's code), and is empty for one made by hand.
    """

    name = models.CharField(_("名称"), max_length=40)
    level = models.CharField(_("层级"), max_length=8, choices=RuleLevel.choices)
    first_day = models.DateField(_("从"))
    last_day = models.DateField(_("到（含）"), null=True, blank=True)
    categories = models.ManyToManyField(
        "cases.Category", blank=True, related_name="+", verbose_name=_("案由")
    )
    majors = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, verbose_name=_("大类代码")
    )
    areas = models.ManyToManyField(
        "grids.Area", blank=True, related_name="+", verbose_name=_("区划")
    )
    teams = models.ManyToManyField(
        "grids.Team", blank=True, related_name="+", verbose_name=_("单位")
    )
    schedule = models.ForeignKey(
        "citymgmt.WorkSchedule",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("作息"),
    )
    lookback_share = models.PositiveSmallIntegerField(
        _("回头看抽查比例（%）"), null=True, blank=True
    )
    label = models.CharField(_("标签"), max_length=20, blank=True)
    origin = models.CharField(max_length=60, blank=True, editable=False)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("时限与抽查规则")
        verbose_name_plural = _("时限与抽查规则")
        ordering = ["-first_day", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__isnull=True)
                | models.Q(last_day__gte=models.F("first_day")),
                name="standing_rule_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(lookback_share__isnull=True) | models.Q(lookback_share__lte=100),
                name="standing_rule_share_is_percent",
            ),
            models.UniqueConstraint(
                fields=["origin"],
                condition=~models.Q(origin=""),
                name="standing_rule_once_an_origin",
            ),
        ]

    def __str__(self) -> str:
        return self.name
