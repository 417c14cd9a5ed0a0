"""Where the same thing happens again and again (反复点), and what counts towards it."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.querysets import HotSpotQuerySet


def no_hours() -> list[int]:
    """Nothing in any of the 24 hours."""
    return [0] * 24


class HotSpotRule(models.Model):
    """When places become hot spots, how they cool, and what is proposed; one row.

    Who places occurrences holds this row, so that each is placed after the other. `rebuilt_at`
    empty asks for all to be found anew.
    """

    metres = models.PositiveSmallIntegerField(
        _("多少米以内算同一处"),
        default=80,
        validators=[MinValueValidator(10), MaxValueValidator(1000)],
    )
    times = models.PositiveSmallIntegerField(
        _("同一案由几次"), default=3, validators=[MinValueValidator(2), MaxValueValidator(50)]
    )
    days = models.PositiveSmallIntegerField(
        _("在几天以内"), default=30, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    half_life_days = models.PositiveSmallIntegerField(
        _("热度几天减半"), default=30, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    cool_percent = models.PositiveSmallIntegerField(
        _("热度低于百分之几次算已降温"),
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("刚发生的一次热度是 1，也就是 100%。"),
    )
    patrol_percent = models.PositiveSmallIntegerField(
        _("热度每百分之几建议一天多巡一次"),
        default=150,
        validators=[MinValueValidator(10), MaxValueValidator(5000)],
    )
    most_patrols = models.PositiveSmallIntegerField(
        _("一天最多建议巡几次"),
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
    )
    rebuilt_at = models.DateTimeField(_("上次全部重算"), null=True)

    class Meta:
        verbose_name = _("反复点规则")
        verbose_name_plural = _("反复点规则")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="hot_spot_rule_one"),
            models.CheckConstraint(
                condition=Q(metres__gt=0, times__gte=2, days__gt=0, half_life_days__gt=0),
                name="hot_spot_rule_positive",
            ),
        ]

    def __str__(self) -> str:
        return str(_("反复点规则"))


class HotSpot(models.Model):
    """A place at which cases of one class come again and again.

    Its number lasts: it grows with what comes, and where it meets an older one it is merged into
    that. `warmth` is its weight as a logarithm that does not change while it cools, so that the
    warmest are found by an index (see `inspections.hot_clusters.warmth`). What a list shows is
    that of the latest case. Worked out from cases and look-backs alone, at any time anew.
    """

    number = models.CharField(_("编号"), max_length=20, unique=True)
    category = models.ForeignKey(
        "cases.Category", on_delete=models.PROTECT, related_name="+", verbose_name=_("案由")
    )
    found_at = models.DateTimeField(_("发现时间"))
    first_at = models.DateTimeField(_("第一次"))
    last_at = models.DateTimeField(_("最近一次"))
    count = models.PositiveIntegerField(_("次数"))
    rebounds = models.PositiveIntegerField(_("其中反弹"), default=0)
    warmth = models.FloatField()
    lon = models.FloatField(_("经度"))
    lat = models.FloatField(_("纬度"))
    extent_m = models.PositiveIntegerField(_("方圆（米）"))
    by_hour = ArrayField(models.PositiveIntegerField(), size=24, default=no_hours)
    address = models.CharField(_("地点"), max_length=120)
    cell = models.ForeignKey(
        "grids.Cell",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("网格"),
    )
    area_code = models.CharField(max_length=12, blank=True)
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    merged_into = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="merged", verbose_name=_("并入")
    )
    ended_at = models.DateTimeField(_("不再是的时间"), null=True)

    objects = HotSpotQuerySet.as_manager()

    class Meta:
        verbose_name = _("反复点")
        verbose_name_plural = _("反复点")
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(ended_at__isnull=False),
                name="hot_spot_merged_has_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-warmth", "-id"],
                condition=Q(ended_at__isnull=True),
                name="hot_spot_warmest",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Happened(models.Model):
    """Something that counts towards a hot spot: a case that was filed, or that came back.

    A case without a row of its own waits to be placed, and so does a rebound.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="happenings")
    lookback = models.OneToOneField(
        "inspections.LookBack", on_delete=models.CASCADE, null=True, related_name="+"
    )
    category = models.ForeignKey("cases.Category", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("发生时间"))
    lon = models.FloatField()
    lat = models.FloatField()
    spot = models.ForeignKey(HotSpot, on_delete=models.SET_NULL, null=True, related_name="happened")

    class Meta:
        verbose_name = _("反复点的一次")
        verbose_name_plural = _("反复点的各次")
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(lookback__isnull=True),
                name="happened_filing_once",
            ),
        ]
        indexes = [
            models.Index(fields=["category", "at"], name="happened_by_class"),
            models.Index(
                fields=["spot", "-at", "-id"], condition=Q(spot__isnull=False), name="happened_of"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d}"
