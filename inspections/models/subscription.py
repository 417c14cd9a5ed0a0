"""Whom a saved view of the case list is told to, and when."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inspections.choices import WEEKDAYS


class ViewSubscription(models.Model):
    """Somebody hears at set times how many cases stand behind a saved view, and which come first.

    It comes to his inbox, by mail as he set, and with `to_group` to the group of the team with
    which the view is shared. `weekday` is 1 (Monday) to 7, 0 for each day; `next_at` is when it is
    told next, `told_count` what it came to the last time.
    """

    view = models.ForeignKey(
        "cases.SavedView", on_delete=models.CASCADE, related_name="+", verbose_name=_("视图")
    )
    user = models.ForeignKey(
        "citymgmt.User", on_delete=models.CASCADE, related_name="+", verbose_name=_("谁订的")
    )
    weekday = models.PositiveSmallIntegerField(
        _("哪天"), default=0, validators=[MaxValueValidator(7)]
    )
    hour = models.PositiveSmallIntegerField(
        _("几点"), default=8, validators=[MaxValueValidator(23)]
    )
    skips_rest = models.BooleanField(_("休息日不发"), default=True)
    only_some = models.BooleanField(_("没有案件就不发"), default=True)
    to_group = models.BooleanField(_("也发到单位的群"), default=False)
    next_at = models.DateTimeField(_("下次"), db_index=True)
    told_at = models.DateTimeField(_("上次"), null=True)
    told_count = models.PositiveIntegerField(_("上次件数"), null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("视图订阅")
        verbose_name_plural = _("视图订阅")
        ordering = ["view__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["view", "user"], name="view_subscription_once"),
            models.CheckConstraint(
                condition=Q(weekday__lte=7) & Q(hour__lte=23), name="view_subscription_times"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.view_id}"

    @property
    def weekday_words(self) -> str:
        """周一 to 周日; empty for each day."""
        return str(WEEKDAYS.get(self.weekday, ""))
