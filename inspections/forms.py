"""Forms of look-backs and digests: what was typed, cleaned and bounded."""

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt import texts
from inspections.services.digests import MAX_REMARKS
from inspections.services.lookbacks import MAX_NOTE


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
