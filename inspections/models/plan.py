"""Rules of look-backs, and what was drawn by them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from grids.choices import StreetGrade
from inspections.choices import AlwaysReason


def every_reason() -> list[str]:
    """All reasons; the database keeps their values."""
    return [str(value) for value in AlwaysReason.values]


class LookBackRule(models.Model):
    """After how many days cases of some kind are looked back on, and which share of them;
    `inspections.lookback_rules` says which one holds."""

    name = models.CharField(_("名称"), max_length=40)
    first_day = models.DateField(_("从哪天结案的起"))
    last_day = models.DateField(_("到（含）"), null=True, blank=True)
    days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("结案后几天回头看"))
    share = models.PositiveSmallIntegerField(_("抽查比例（%）"), default=100)
    always = ArrayField(
        models.CharField(max_length=10, choices=AlwaysReason.choices),
        default=every_reason,
        blank=True,
        verbose_name=_("一律回头看的"),
    )
    categories = models.ManyToManyField(
        "cases.Category", blank=True, related_name="+", verbose_name=_("案由")
    )
    majors = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, verbose_name=_("大类代码")
    )
    grades = ArrayField(
        models.CharField(max_length=10, choices=StreetGrade.choices),
        default=list,
        blank=True,
        verbose_name=_("街路等级"),
    )
    teams = models.ManyToManyField(
        "grids.Team", blank=True, related_name="+", verbose_name=_("整改单位")
    )
    campaigns = models.ManyToManyField(
        "inspections.Campaign", blank=True, related_name="+", verbose_name=_("专项行动")
    )
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("回头看规则")
        verbose_name_plural = _("回头看规则")
        ordering = ["-first_day", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__isnull=True)
                | models.Q(last_day__gte=models.F("first_day")),
                name="lookback_rule_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(share__lte=100), name="lookback_rule_share_is_percent"
            ),
            models.CheckConstraint(
                condition=models.Q(days__len__gt=0), name="lookback_rule_has_days"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LookBackDraw(models.Model):
    """What was decided for an order's case when it was closed, and how it was drawn. One that was
    not drawn then is decided once more when a problem ledger ties to it (`for_ledger`).

    Never changed: the seed is the hash of the closing event, which nobody can choose, so that the
    draw can be done again. `chosen` are the inspectors by the days, `kept` those of look-backs
    that moved on from an earlier order.
    """

    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, related_name="+", verbose_name=_("案件")
    )
    order = models.ForeignKey(
        "cases.Order",
        on_delete=models.PROTECT,
        related_name="lookback_draws",
        verbose_name=_("所查整改单"),
    )
    for_ledger = models.BooleanField(_("挂上问题台帐时定的"), default=False)
    drawn_at = models.DateTimeField(_("抽取时间"))
    rule = models.ForeignKey(
        LookBackRule, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("规则")
    )
    rule_name = models.CharField(_("按哪条"), max_length=60)
    days = ArrayField(models.PositiveSmallIntegerField(), default=list, verbose_name=_("几天后"))
    share = models.PositiveSmallIntegerField(_("抽查比例（%）"))
    reasons = ArrayField(
        models.CharField(max_length=10, choices=AlwaysReason.choices),
        default=list,
        verbose_name=_("一律回头看的原因"),
    )
    seed = models.CharField(_("种子"), max_length=64)
    lot = models.PositiveSmallIntegerField(_("签号"))
    sampled = models.BooleanField(_("抽中"))
    candidates = models.JSONField(_("可去的人"), default=list)
    candidates_hash = models.CharField(_("名单校验值"), max_length=64)
    chosen = models.JSONField(_("抽到的人"), default=list)
    kept = models.JSONField(_("沿用的人"), default=dict)

    class Meta:
        verbose_name = _("回头看抽取记录")
        verbose_name_plural = _("回头看抽取记录")
        ordering = ["-drawn_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "for_ledger"], name="lookback_draw_once")
        ]
        indexes = [models.Index(fields=["-drawn_at", "-id"], name="lookback_draw_newest")]

    def __str__(self) -> str:
        return f"{self.case_id} · {self.rule_name}"


class LookBackHandOver(models.Model):
    """A planned look-back of who may look no more, or of nobody, drawn anew; never changed.

    The seed is made of the seed of its case's closing and of the look-back's number of hand-overs
    before (see `inspections.services.handing_on.seed_of`), so that it can be drawn again.
    """

    lookback = models.ForeignKey(
        "inspections.LookBack",
        on_delete=models.PROTECT,
        related_name="hand_overs",
        verbose_name=_("回头看"),
    )
    position = models.PositiveSmallIntegerField(_("第几次换人"))
    drawn_at = models.DateTimeField(_("抽取时间"))
    was = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("原来的人"),
    )
    seed = models.CharField(_("种子"), max_length=64)
    candidates = models.JSONField(_("可去的人"), default=list)
    candidates_hash = models.CharField(_("名单校验值"), max_length=64)
    chosen = models.ForeignKey(
        "citymgmt.User",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("抽到的人"),
    )

    class Meta:
        verbose_name = _("回头看换人记录")
        verbose_name_plural = _("回头看换人记录")
        ordering = ["-drawn_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["lookback", "position"], name="lookback_hand_over_once")
        ]

    def __str__(self) -> str:
        return f"{self.lookback_id} · {self.position}"
