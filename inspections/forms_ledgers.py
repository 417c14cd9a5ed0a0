"""Forms of problem ledgers: making one, its sheet, cases of an item, a signature."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import MAX_BYTES
from grids.models import Team
from inspections.forms_campaigns import day_input, teams_to_choose
from inspections.forms_fields import CleanText, parts_of
from inspections.models import Campaign, LedgerClause, ProblemLedger
from inspections.services.ledger_items import MAX_ADDRESS, MAX_TEXT, MAX_TITLE
from inspections.services.problem_ledgers import MAX_NOTE


class LedgerForm(forms.Form):
    """A new ledger."""

    code = forms.CharField(label=_("代码"), max_length=30, help_text=_("字母、数字、横线。"))
    name = CleanText(label=_("名称"), max_length=60)
    standard = CleanText(
        label=_("依据的标准"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("如 国家卫生城市标准")}),
    )
    inspection_on = forms.DateField(
        label=_("迎检日"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    campaign = forms.ModelChoiceField(
        Campaign.objects.order_by("-starts_on"),
        label=_("专项行动"),
        required=False,
        empty_label=_("不属于哪个行动"),
    )


class LedgerSheetForm(forms.Form):
    """The list as an Excel file."""

    file = forms.FileField(
        label=_("Excel 文件"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": _("请选择文件。"), "empty": _("文件是空的，请重新选择。")},
    )

    def clean_file(self) -> Any:
        """A file that is small enough to be read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            limit = MAX_BYTES // 1024 // 1024
            words = _("文件超过 %(limit)s MB，请分成几个文件再导入。") % {"limit": limit}
            raise forms.ValidationError(words, code="file")
        return file


class ItemForm(forms.Form):
    """A problem written by hand, under a clause that stands or a new one."""

    clause = forms.ModelChoiceField(
        LedgerClause.objects.none(),
        label=_("条款"),
        required=False,
        empty_label=_("写新条款"),
    )
    code = CleanText(
        label=_("新条款的编号"),
        required=False,
        max_length=20,
        help_text=_("上面没有这一条时写，如 3.2.1；上一级要在台帐里。"),
    )
    title = CleanText(label=_("新条款的话"), required=False, max_length=MAX_TITLE)
    text = CleanText(label=_("问题"), max_length=MAX_TEXT)
    address = CleanText(label=_("地点"), required=False, max_length=MAX_ADDRESS)
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=_("责任单位"),
        required=False,
        empty_label=_("同条款的单位"),
    )
    due_on = forms.DateField(label=_("期限"), required=False, widget=day_input())

    def __init__(self, *args: Any, ledger: ProblemLedger, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].queryset = ledger.clauses.all()  # type: ignore[attr-defined]
        self.fields["team"].queryset = teams_to_choose()  # type: ignore[attr-defined]


class LinkForm(forms.Form):
    """The cases by which an item is put right."""

    cases = CleanText(
        label=_("案号"),
        max_length=2000,
        widget=forms.TextInput(attrs={"placeholder": "20261120-0098"}),
        help_text=_("几件用空格或逗号隔开。"),
    )

    def clean_cases(self) -> list[str]:
        """The numbers, each once."""
        return parts_of(self.cleaned_data["cases"])


class SignForm(forms.Form):
    """A word with a signature; with one that is taken back it must stand."""

    note = CleanText(label=_("说明"), required=False, max_length=MAX_NOTE)
