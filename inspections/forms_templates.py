"""The forms of a template: a file with the day from which it holds, or back to the built-in."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from inspections.services.document_templates import MAX_NOTE
from inspections.word.archive import MAX_BYTES


class BackForm(forms.Form):
    """From which day the built-in template holds again, and why."""

    use_required_attribute = False

    active_from = forms.DateField(
        label=_("从哪天起用"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": _("请选从哪天起用。")},
    )
    note = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=MAX_NOTE,
        help_text=_("改了什么，以后好认。"),
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        """`at` is the moment of the page: no day before may be chosen."""
        kwargs.setdefault("auto_id", "back_%s")
        super().__init__(*args, **kwargs)
        today = at.astimezone(clock.LOCAL).date()
        self.initial.setdefault("active_from", today)
        self.fields["active_from"].widget.attrs["min"] = today.isoformat()


class TemplateForm(BackForm):
    """A Word file, from which day it holds, and what was changed."""

    file = forms.FileField(
        label=_("Word 模板"),
        help_text=_("在 Word 或 WPS 里改好、另存为 .docx 的文件，最多 5 MB。"),
        widget=forms.FileInput(attrs={"accept": ".docx"}),
        error_messages={
            "required": _("请选择 .docx 文件。"),
            "empty": _("文件是空的（0 字节），请重新选择文件。"),
        },
    )
    field_order = ["file", "active_from", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="template_%s", **kwargs)

    def clean_file(self) -> bytes:
        """Its bytes; too many are refused before they are read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("模板超过 5 MB。请删去里面不用的大图再传。"))
        self.file_name = str(file.name)
        return file.read()
