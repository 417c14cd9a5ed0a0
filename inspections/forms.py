"""Forms of look-backs, digests and wall links: what was typed, cleaned and bounded."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt import clock, texts
from citymgmt.filters import midnight
from inspections.choices import WEEKDAYS
from inspections.digest_periods import CAMPAIGN, YEARLY
from inspections.services.digest_editing import MAX_REMARKS
from inspections.services.digest_signing import MAX_REASON
from inspections.services.lookbacks import MAX_NOTE
from inspections.services.walls import MAX_NAME

_LAST_DAY = date(2099, 12, 31)


class _CleanText(forms.CharField):
    """Text as it should have been typed."""

    def to_python(self, value: object) -> str:
        """The cleaned text, its line breaks kept."""
        return texts.clean_text(super().to_python(value) or "", multiline=True)


class RecordForm(forms.Form):
    """What was seen at a look-back."""

    note = _CleanText(
        label=_("说一句"),
        required=False,
        max_length=MAX_NOTE,
        widget=forms.Textarea(
            attrs={
                "rows": 2,
                "data-key": "c",
                "placeholder": _("现场情况，反弹的写清摆了什么、占到哪里"),
            }
        ),
    )


class RemarksForm(forms.Form):
    """What is to be done next (工作要求), one demand a line."""

    remarks = _CleanText(
        label=_("工作要求"),
        required=False,
        max_length=MAX_REMARKS,
        widget=forms.Textarea(
            attrs={
                "rows": 6,
                "form": "digest-edit",
                "placeholder": _("一行写一条，例如：一是古城中队在紫阳街定人定岗。"),
            }
        ),
    )


class CorrectionForm(forms.Form):
    """Why a signed digest is corrected, and whether its figures are counted anew."""

    reason = _CleanText(
        label=_("更正说明"),
        max_length=MAX_REASON,
        help_text=_("印在更正的那一期上，例如：第二部分第 3 处责任单位应为大洋中队"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    recounts = forms.ChoiceField(
        label=_("数字"),
        choices=[("no", _("沿用原来的数字，只改文字")), ("yes", _("按现在的台帐重新统计"))],
        initial="no",
        widget=forms.RadioSelect,
    )


class ScheduleForm(forms.Form):
    """When the documents of a kind are composed."""

    is_active = forms.BooleanField(label=_("自动编"), required=False)
    hour = forms.IntegerField(label=_("几点截数"), min_value=0, max_value=23)
    weekday = forms.TypedChoiceField(
        label=_("星期几"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        empty_value="1",
    )
    day = forms.IntegerField(label=_("几号"), min_value=1, max_value=28, required=False)
    skips_rest = forms.BooleanField(label=_("休息日不编，并入下一期"), required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == YEARLY:
            self.fields["day"].label = _("1 月几号")
        if kind == CAMPAIGN:
            self.fields["day"].label = _("结束后第几天")
            self.fields["hour"].label = _("几点编")

    def clean_day(self) -> int:
        """The first where a kind has no day."""
        return self.cleaned_data["day"] or 1


class WallLinkForm(forms.Form):
    """Where a screen hangs, and the last day on which its link answers."""

    name = forms.CharField(
        label=_("挂在哪里"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"placeholder": _("例如：指挥中心大屏")}),
    )
    last_day = forms.DateField(
        label=_("用到哪天"),
        required=False,
        help_text=_("不填就一直能用，直到收回"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def clean_last_day(self) -> date | None:
        """A day from today on, of the years that a calendar has."""
        day = self.cleaned_data["last_day"]
        if day is None or clock.today() <= day <= _LAST_DAY:
            return day
        raise forms.ValidationError(_("选今天或以后的日子，最晚到 2099 年。"))

    @property
    def expires_at(self) -> datetime | None:
        """The end of the last day; None where there is none."""
        day = self.cleaned_data["last_day"]
        return midnight(day + timedelta(days=1)) if day else None
