"""Working time as data: days that differ from the week, and named work periods."""

from django.db import models
from django.utils.translation import gettext_lazy as _


def default_periods() -> list[list[str]]:
    """Default work periods of a bureau, local time (domain facts, section 5)."""
    return [["08:00", "12:00"], ["14:00", "18:00"]]


class Holiday(models.Model):
    """One day that the State Council's yearly notice names: a holiday, or a day made up for one.

    Holidays that fall on a weekend stand here too, so that an override can tell them apart.
    """

    day = models.DateField(_("日期"), primary_key=True)
    is_working = models.BooleanField(_("上班"))
    name = models.CharField(_("名称"), max_length=30)

    class Meta:
        verbose_name = _("节假日与调休")
        verbose_name_plural = _("节假日与调休")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class CalendarYear(models.Model):
    """A year whose notice is loaded; a deadline that reaches another year is provisional."""

    year = models.PositiveSmallIntegerField(_("年份"), primary_key=True)
    source = models.CharField(_("来源"), max_length=60)
    loaded_at = models.DateTimeField(_("载入时间"))

    class Meta:
        verbose_name = _("日历年份")
        verbose_name_plural = _("日历年份")

    def __str__(self) -> str:
        return str(self.year)


class WorkSchedule(models.Model):
    """Named work periods of a working day, as [["08:00", "12:00"], …] in local time."""

    code = models.SlugField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    periods = models.JSONField(_("上班时段"), default=default_periods)
    is_default = models.BooleanField(_("默认"), default=False)

    class Meta:
        verbose_name = _("作息")
        verbose_name_plural = _("作息")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="work_schedule_one_default",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CalendarOverride(models.Model):
    """Days on which work goes on although others rest (5+2), or at other hours (白加黑).

    Without schedules it holds for all of them; empty `periods` leave each schedule's own.
    """

    name = models.CharField(_("名称"), max_length=40)
    first_day = models.DateField(_("从"))
    last_day = models.DateField(_("到（含）"))
    schedules = models.ManyToManyField(
        WorkSchedule, blank=True, related_name="overrides", verbose_name=_("作息")
    )
    weekends = models.BooleanField(_("双休日上班"), default=True)
    holidays = models.BooleanField(_("节假日上班"), default=False)
    periods = models.JSONField(_("上班时段"), default=list, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("加班安排")
        verbose_name_plural = _("加班安排（5+2、白加黑）")
        ordering = ["-first_day", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="calendar_override_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Revision(models.Model):
    """A counter that rises when a cached whole (grid, calendar) changes."""

    name = models.CharField(max_length=30, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.value}"


class Counter(models.Model):
    """The last number given in a series; the row is locked last in a transaction."""

    series = models.CharField(max_length=60, primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series} {self.value}"
