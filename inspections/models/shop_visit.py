"""Checking what shops signed for: the points, the rule of repeats, visits and their warnings."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.choices import VISIT_TONES, VisitResult


class CheckPoint(models.Model):
    """One point of the 门前三包 checklist and what it weighs; switched off, never deleted."""

    label = models.CharField(_("检查内容"), max_length=40)
    weight = models.PositiveSmallIntegerField(
        _("分值"), default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("门前三包检查项")
        verbose_name_plural = _("门前三包检查项")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["label"], name="check_point_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="check_point_weighs"),
        ]

    def __str__(self) -> str:
        return self.label


class ShopRule(models.Model):
    """When a fault counts as repeated, and when a shop as one that does not mend; one row."""

    repeat_days = models.PositiveSmallIntegerField(
        _("同一项几天内再犯算重复"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
    )
    stubborn_count = models.PositiveSmallIntegerField(
        _("屡次不整改：警示与案件反弹合计几次"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
    )
    stubborn_days = models.PositiveSmallIntegerField(
        _("屡次不整改：在多少天以内"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
    )

    class Meta:
        verbose_name = _("门前三包的重复规则")
        verbose_name_plural = _("门前三包的重复规则")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="shop_rule_one")]

    def __str__(self) -> str:
        return str(_("门前三包的重复规则"))


class ShopVisit(models.Model):
    """A check of a shop (门前三包). The database refuses UPDATE and DELETE.

    `score` is the share of the weights that were in order, in percent. A warning has the number
    of its slip. `repeats` says how many of its faults were found lately before.
    """

    shop = models.ForeignKey(
        "grids.Shop", on_delete=models.PROTECT, related_name="visits", verbose_name=_("店铺")
    )
    at = models.DateTimeField(_("时间"))
    visitor = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("检查人")
    )
    result = models.CharField(_("结果"), max_length=6, choices=VisitResult.choices)
    score = models.PositiveSmallIntegerField(_("得分"))
    note = models.CharField(_("说明"), max_length=300, blank=True)
    fix_by = models.DateField(_("限几日改正"), null=True)
    slip_number = models.CharField(_("警示单号"), max_length=20, blank=True)
    repeats = models.PositiveSmallIntegerField(_("重复项"), default=0)
    # The name that a phone gave the form of which it was made.
    key = models.UUIDField(unique=True, null=True, editable=False)

    class Meta:
        verbose_name = _("门前三包检查")
        verbose_name_plural = _("门前三包检查")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["shop", "-at", "-id"], name="shop_visit_of_shop"),
            models.Index(
                fields=["-at", "shop"],
                condition=~Q(slip_number=""),
                name="shop_visit_warned",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["slip_number"], condition=~Q(slip_number=""), name="shop_slip_once"
            ),
            models.CheckConstraint(
                condition=Q(result="warned") ^ Q(slip_number=""), name="shop_warning_has_slip"
            ),
            models.CheckConstraint(condition=Q(score__lte=100), name="shop_visit_score_is_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.at:%Y-%m-%d}"

    @property
    def tone(self) -> str:
        """Tone of the result."""
        return VISIT_TONES[self.result]


class VisitPoint(models.Model):
    """What was found at one point of a visit. The database refuses UPDATE and DELETE.

    `label` and `weight` are those of the checklist at the time.
    """

    visit = models.ForeignKey(ShopVisit, on_delete=models.PROTECT, related_name="points")
    point = models.ForeignKey(
        CheckPoint, on_delete=models.PROTECT, related_name="+", verbose_name=_("检查内容")
    )
    label = models.CharField(max_length=40)
    weight = models.PositiveSmallIntegerField()
    is_ok = models.BooleanField(_("合格"))
    is_repeat = models.BooleanField(_("重复"), default=False)

    class Meta:
        verbose_name = _("检查项结果")
        verbose_name_plural = _("检查项结果")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "point"], name="visit_point_once"),
            models.CheckConstraint(
                condition=Q(is_ok=False) | Q(is_repeat=False), name="visit_point_repeat_is_fault"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.is_ok}"
