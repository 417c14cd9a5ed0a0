"""What comes with a move of a case or an order: parsed and bounded; the rules are services'."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.services.rectification import MAX_QUANTITY
from citymgmt.texts import clean_text

MAX_NOTE = 500
_BIGGEST_ID = 2**63 - 1


class WordsField(forms.CharField):
    """A few sentences, cleaned; line breaks stay."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "maxlength": MAX_NOTE})
        super().__init__(max_length=MAX_NOTE, widget=widget, **kwargs)

    def to_python(self, value: object) -> str:
        """The text without control and invisible characters."""
        return clean_text(super().to_python(value) or "", multiline=True)


class PickedField(forms.IntegerField):
    """The id of a row chosen from a list that the page fills in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=1,
            max_value=_BIGGEST_ID,
            widget=forms.Select(),
            error_messages={"invalid": _("请从列表里选择。")},
            **kwargs,
        )


class MoveForm(forms.Form):
    """A move that asks for nothing. Ids of its controls start with the move's name."""

    use_required_attribute = True

    def __init__(self, data: Any = None, *, move_name: str) -> None:
        super().__init__(data, auto_id=f"id_{move_name}-%s")

    def refuse(self, field: str, message: object) -> None:
        """Show a refusal of a service beside its field, or above the form."""
        self.add_error(field if field in self.fields else None, str(message))


class PassForm(MoveForm):
    """Accepting the work; a word of praise or a remark may come with it."""

    note = WordsField(label=_("说明"), required=False)


class ReworkForm(MoveForm):
    """Sending back to the team."""

    note = WordsField(
        label=_("哪里没有整改到位"), error_messages={"required": _("请写明哪里没有整改到位。")}
    )


class ReturnForm(MoveForm):
    """Giving back to the dispatcher."""

    note = WordsField(
        label=_("退回的理由"),
        help_text=_("派遣人会看到；已记下的都留着。"),
        error_messages={"required": _("请写明退回的理由，派遣人会看到。")},
    )


class AssignForm(MoveForm):
    """Handing an order to a member of its team."""

    person = PickedField(label=_("派给谁"))


class SubmitForm(MoveForm):
    """What was put right; the photos are named beside it by `photos`."""

    quantity = forms.DecimalField(
        label=_("整改数量"), min_value=Decimal(0), max_value=MAX_QUANTITY, decimal_places=2
    )
    note = WordsField(label=_("说明"), required=False)


class DispatchForm(MoveForm):
    """Whom a case is given to, in what words."""

    team = PickedField(label=_("责任单位"))
    person = PickedField(label=_("经办人"), required=False, help_text=_("不选就由单位负责人分派。"))
    instruction = WordsField(label=_("要求"), required=False)


FORMS: dict[str, type[MoveForm]] = {
    "receive": MoveForm,
    "assign": AssignForm,
    "submit": SubmitForm,
    "return": ReturnForm,
    "pass": PassForm,
    "rework": ReworkForm,
    "dispatch": DispatchForm,
}
"""The form of each move of an order, and of dispatching a case."""
