"""Check lists by kind of place with their versions, and what a spot check found by one."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.choices import PlaceClass, Verdict
from inspections.models.outing import OutingPoint


class CheckList(models.Model):
    """What is looked at in a kind of place; switched off, never deleted.

    `places` are the classes for which it is put forward. What was in it when is kept in its
    versions; a check is made by the newest.
    """

    name = models.CharField(_("名称"), max_length=30)
    places = ArrayField(
        models.CharField(max_length=10, choices=PlaceClass.choices),
        default=list,
        blank=True,
        verbose_name=_("默认用于"),
    )
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("抽查检查表")
        verbose_name_plural = _("抽查检查表")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["name"], name="check_list_once")]

    def __str__(self) -> str:
        return self.name


class CheckListItem(models.Model):
    """One thing to look at, what it weighs, and the class under which a fault is filed."""

    list = models.ForeignKey(CheckList, on_delete=models.PROTECT, related_name="items")
    label = models.CharField(_("检查内容"), max_length=60)
    weight = models.PositiveSmallIntegerField(
        _("分值"), default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    class_code = models.CharField(_("案由代码"), max_length=10, blank=True)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("抽查检查项")
        verbose_name_plural = _("抽查检查项")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["list", "label"], name="check_list_item_once"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="check_list_item_weighs"),
        ]

    def __str__(self) -> str:
        return self.label


class CheckListVersion(models.Model):
    """What a check list held from a moment on. The database refuses UPDATE and DELETE.

    `items` are {"item", "label", "weight", "class"} in their order.
    """

    list = models.ForeignKey(CheckList, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("版次"))
    items = models.JSONField(_("检查项"))
    made_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("检查表版次")
        verbose_name_plural = _("检查表版次")
        ordering = ["list", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["list", "number"], name="check_list_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.list_id} 第 {self.number} 版"


class SpotCheck(models.Model):
    """A visited place as it was found by a check list. The database refuses UPDATE and DELETE.

    `score` is the share of the weights that were in order, in percent, of the items that there
    were; `fails` counts those that were not.
    """

    point = models.OneToOneField(OutingPoint, on_delete=models.PROTECT, related_name="spot_check")
    version = models.ForeignKey(CheckListVersion, on_delete=models.PROTECT, related_name="+")
    checker = models.ForeignKey(
        "citymgmt.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("检查人")
    )
    at = models.DateTimeField(_("时间"))
    score = models.PositiveSmallIntegerField(_("得分"))
    fails = models.PositiveSmallIntegerField(_("不合格项"))
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("抽查结果")
        verbose_name_plural = _("抽查结果")
        constraints = [
            models.CheckConstraint(condition=Q(score__lte=100), name="spot_score_is_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.point_id} {self.score}"


class SpotAnswer(models.Model):
    """What was found at one item. The database refuses UPDATE and DELETE."""

    check_of = models.ForeignKey(SpotCheck, on_delete=models.PROTECT, related_name="answers")
    item = models.ForeignKey(CheckListItem, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=60)
    weight = models.PositiveSmallIntegerField()
    class_code = models.CharField(max_length=10, blank=True)
    verdict = models.CharField(_("结果"), max_length=4, choices=Verdict.choices)
    note = models.CharField(_("说明"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("抽查检查项结果")
        verbose_name_plural = _("抽查检查项结果")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["check_of", "item"], name="spot_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.verdict}"


class SpotFiling(models.Model):
    """A failed item was reported. The database refuses UPDATE and DELETE."""

    answer = models.OneToOneField(SpotAnswer, on_delete=models.PROTECT, related_name="filing")
    report = models.OneToOneField(
        "cases.Report", on_delete=models.PROTECT, related_name="spot_filing"
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("抽查问题上报")
        verbose_name_plural = _("抽查问题上报")

    def __str__(self) -> str:
        return f"{self.answer_id} {self.report_id}"
