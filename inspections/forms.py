"""Forms of look-backs, digests and wall links: what was typed, cleaned and bounded."""

from datetime import date, datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt import clock, texts
from citymgmt.filters import midnight
from inspections.services.digests import MAX_REMARKS
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
        label=_("四、工作要求"),
        required=False,
        max_length=MAX_REMARKS,
        widget=forms.Textarea(
            attrs={"rows": 6, "placeholder": _("一行写一条，例如：一是古城中队在紫阳街定人定岗。")}
        ),
    )


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
