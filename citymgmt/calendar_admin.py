"""Administration of working time: days, years, schedules, overrides."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.adminsite import ActAdmin, ActForm, CapabilityAdmin
from citymgmt.calendars import CalendarError, WorkPeriods
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.forms import WordsField
from citymgmt.models import CalendarOverride, CalendarYear, Holiday, WorkSchedule
from citymgmt.services.holidays import FIRST_YEAR, LAST_YEAR, import_holidays, load_year
from citymgmt.services.revisions import CALENDAR, raise_revision
from citymgmt.spreadsheets import MAX_BYTES, TableError

LONGEST_OVERRIDE = timedelta(days=366)


class _CalendarAdmin(CapabilityAdmin):
    """Every change here moves deadlines to come: all processes hear of it."""

    capability = Capability.CALENDAR_EDIT

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save and raise the calendar's revision in one transaction."""
        super().save_model(request, obj, form, change)
        raise_revision(CALENDAR)


@admin.register(Holiday)
class HolidayAdmin(_CalendarAdmin):
    """Days that differ from the week."""

    list_display = ("day", "is_working", "name")
    list_filter = ("is_working",)
    date_hierarchy = "day"
    ordering = ("-day",)

    def get_readonly_fields(self, request: HttpRequest, obj: Holiday | None = None) -> tuple:
        """The day is the key of the row."""
        return ("day",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A day entered by mistake is taken out; deadlines keep what they were given."""
        return self._keeps(request)

    def delete_model(self, request: HttpRequest, obj: Holiday) -> None:
        """Delete and raise the calendar's revision."""
        super().delete_model(request, obj)
        raise_revision(CALENDAR)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Holiday]) -> None:
        """Delete and raise the calendar's revision."""
        super().delete_queryset(request, queryset)
        raise_revision(CALENDAR)


class YearForm(ActForm):
    """A year's notice: from a file, from the library, or from the days typed by hand."""

    year = forms.IntegerField(
        label=_("年份"),
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        required=False,
        help_text=_("不传文件时填：系统已有该年通知就直接载入，否则按“节假日与调休”里录的日子。"),
    )
    file = forms.FileField(
        label=_("通知表格"),
        required=False,
        help_text=_("Excel 或 CSV，三列：日期、安排（上班或休息）、名称。全部正确才导入。"),
    )

    class Meta:
        model = CalendarYear
        fields = ("year",)

    def clean_file(self) -> tuple[str, bytes] | None:
        """Name and bytes of the file, at most one more than is taken."""
        given = self.cleaned_data.get("file")
        return (given.name, given.read(MAX_BYTES + 1)) if given else None

    def clean(self) -> dict[str, Any]:
        """One of the two says which year."""
        given = super().clean() or self.cleaned_data
        if not given.get("year") and given.get("file") is None and not self.errors:
            self.add_error("year", _("请填年份，或选一个通知表格。"))
        return given

    def act(self) -> CalendarYear:
        """Import the file, or load the year."""
        given, at = self.cleaned_data, clock.now()
        if given["file"] is None:
            return load_year(year=given["year"], at=at)
        name, data = given["file"]
        try:
            years = import_holidays(data, at=at, source=name).years
        except TableError as error:
            raise DomainError("table", str(error), field="file") from error
        return CalendarYear.objects.get(pk=years[-1])


@admin.register(CalendarYear)
class CalendarYearAdmin(ActAdmin):
    """Years whose notice is loaded."""

    capability = Capability.CALENDAR_EDIT
    can_change = False
    form = YearForm
    list_display = ("year", "source", "loaded_at")
    ordering = ("-year",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple:
        """What is asked for a new one, and what is known of another."""
        return ("year", "source", "loaded_at") if obj else ("year", "file")


class ScheduleForm(forms.ModelForm):
    """A work schedule; its periods are typed as 08:00-12:00, 14:00-18:00."""

    periods = WordsField(
        forms.CharField(max_length=13),
        label=_("上班时段"),
        help_text=_("如 08:00-12:00, 14:00-18:00。过半夜的写 20:00-02:00。"),
    )

    class Meta:
        model = WorkSchedule
        fields = ("code", "name", "periods", "is_default")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk or "periods" not in self.initial:
            spans = self.instance.periods
            self.initial["periods"] = [f"{start}-{end}" for start, end in spans]

    def clean_periods(self) -> list[list[str]]:
        """Pairs of times; raises ValidationError in words for what makes no sense."""
        return parsed_periods(self.cleaned_data["periods"])


PERIOD_WORDS = {
    "malformed": _("时段要写成 08:00-12:00 这样，时间从 00:00 到 24:00。"),
    "empty": _("至少要有一个上班时段。"),
    "overlap": _("时段有重叠或没按先后写，请改正。"),
    "too_many": _("一天最多 12 个时段。"),
}


def parsed_periods(typed: Sequence[str]) -> list[list[str]]:
    """Pairs of times from `08:00-12:00` and the like; raises ValidationError in words."""
    words = [text.replace("：", ":").replace("－", "-") for text in typed]
    pairs = [[part.strip() for part in text.split("-")] for text in words]
    try:
        WorkPeriods.parse(pairs)
    except CalendarError as error:
        raise forms.ValidationError(PERIOD_WORDS[error.code], code=error.code) from error
    return pairs


@admin.register(WorkSchedule)
class WorkScheduleAdmin(_CalendarAdmin):
    """Named working hours."""

    form = ScheduleForm
    list_display = ("name", "code", "hours", "is_default")

    @admin.display(description=_("上班时段"))
    def hours(self, schedule: WorkSchedule) -> str:
        """The periods in one line."""
        return "，".join(f"{start}–{end}" for start, end in schedule.periods)


class OverrideForm(forms.ModelForm):
    """Work on days of rest or at other hours, for some days."""

    periods = WordsField(
        forms.CharField(max_length=13),
        label=_("上班时段"),
        required=False,
        help_text=_("留空照各自作息；填了就代替，如 08:00-22:00，过半夜的写 20:00-02:00。"),
    )

    class Meta:
        model = CalendarOverride
        fields = (
            "name",
            "first_day",
            "last_day",
            "schedules",
            "weekends",
            "holidays",
            "periods",
            "is_active",
        )
        widgets = {"schedules": forms.CheckboxSelectMultiple}
        help_texts = {"schedules": _("不选就是全部作息。")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["periods"] = [f"{start}-{end}" for start, end in self.instance.periods]

    def clean_periods(self) -> list[list[str]]:
        """Pairs of times, none for each schedule's own."""
        typed = self.cleaned_data["periods"]
        return parsed_periods(typed) if typed else []

    def clean(self) -> dict[str, Any]:
        """It changes something, and ends after it begins."""
        given = super().clean() or self.cleaned_data
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and not first <= last <= first + LONGEST_OVERRIDE:
            self.add_error("last_day", _("要在开始那天或以后，最长一年。"))
        if not (given.get("weekends") or given.get("holidays") or given.get("periods")):
            self.add_error("weekends", _("双休日、节假日、上班时段，至少要有一样不同。"))
        return given


@admin.register(CalendarOverride)
class CalendarOverrideAdmin(_CalendarAdmin):
    """5+2 and 白加黑; one that was a mistake is switched off."""

    form = OverrideForm
    list_display = ("name", "first_day", "last_day", "weekends", "holidays", "hours", "is_active")
    list_filter = ("is_active",)
    ordering = ("-first_day",)

    @admin.display(description=_("上班时段"))
    def hours(self, override: CalendarOverride) -> str:
        """Its own periods in one line."""
        return "，".join(f"{start}–{end}" for start, end in override.periods)
