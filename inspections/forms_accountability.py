"""Forms of accountability: proposing by hand, and what is said with a move."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from grids.models import Team
from inspections.choices import AccountabilityLevel
from inspections.forms_fields import CleanText, PersonField, parts_of
from inspections.services.accountability import (
    MAX_WORDS,
    MOST_REPLY_DAYS,
    REPLY_DAYS,
    Proposal,
    Said,
)

_MOST_TYPED = 2000


def _area(rows: int, placeholder: object = "") -> forms.Textarea:
    return forms.Textarea(
        attrs={"rows": rows, "maxlength": MAX_WORDS, "placeholder": str(placeholder)}
    )


class ProposeForm(forms.Form):
    """A proposal by hand: about whom, how severe, why, on which cases."""

    team = forms.ModelChoiceField(
        Team.objects.none(), label=_("被问责单位"), required=False, empty_label=_("不指单位")
    )
    person = PersonField(
        label=_("被问责人"), required=False, help_text=_("工号；只问责单位的空着。")
    )
    level = forms.ChoiceField(
        label=_("建议档次"), choices=AccountabilityLevel.choices, widget=forms.RadioSelect
    )
    ground = CleanText(label=_("事由"), max_length=MAX_WORDS, widget=_area(4))
    cases = CleanText(
        label=_("依据的案件"),
        required=False,
        max_length=_MOST_TYPED,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "20261120-0098 20261121-0003"}),
        help_text=_("案号，用空格或逗号隔开。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["team"]
        field.queryset = Team.objects.filter(is_active=True, parent__isnull=False).order_by("code")

    def clean_cases(self) -> list[str]:
        """The numbers of the cases, each once."""
        return parts_of(self.cleaned_data["cases"])

    def proposal(self) -> Proposal:
        """What a valid form says."""
        given = self.cleaned_data
        return Proposal(given["team"], given["person"], given["ground"], given["level"])


class WordsForm(forms.Form):
    """What is said with a move."""

    words = CleanText(label=_("说明"), max_length=MAX_WORDS, widget=_area(4))

    def said(self) -> Said:
        """What a valid form says."""
        return Said(self.cleaned_data["words"])


class DecideForm(WordsForm):
    """A decision: how severe, what is to be done, until when an answer is awaited."""

    level = forms.ChoiceField(
        label=_("档次"), choices=AccountabilityLevel.choices, widget=forms.RadioSelect
    )
    reply_days = forms.IntegerField(
        label=_("几个工作日内答复"), min_value=1, max_value=MOST_REPLY_DAYS, initial=REPLY_DAYS
    )
    field_order = ["level", "words", "reply_days"]

    def said(self) -> Said:
        """What a valid form says."""
        given = self.cleaned_data
        return Said(given["words"], given["level"], given["reply_days"])
