"""The report form: what somebody saw, and where."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.choices import Channel
from cases.forms import PickedField, WordsField
from cases.models import Category, ReportContact
from cases.services.intake import MAX_ADDRESS, MAX_TEXT, Telling
from cases.services.rectification import MAX_QUANTITY, Result
from cases.suggestions import meant
from citymgmt.errors import DomainError
from citymgmt.texts import clean_text

CONTACT_CHANNELS = (Channel.HOTLINE, Channel.PUBLIC, Channel.MEDIA)
_CHANNEL_OF_ROLE = (
    ("supervisor", Channel.SUPERVISION),
    ("inspector", Channel.SUPERVISION),
    ("dispatcher", Channel.HOTLINE),
)


def usual_channel(role_codes: frozenset[str]) -> Channel:
    """Where reports of such a person mostly come from."""
    return next(
        (channel for role, channel in _CHANNEL_OF_ROLE if role in role_codes), Channel.PATROL
    )


AFTER_PHOTOS = {"name": "after_photos", "files": "after_files"}
"""How the photos of the state after are named where a form has those of before as well."""


class HandledForm(forms.Form):
    """What was put right on the spot: the standard it is filed under, how much, in which words.

    Photos of the state after are named beside it by `after_photos`.
    """

    use_required_attribute = False

    handled_standard = PickedField(label=_("立案标准"))
    quantity = forms.DecimalField(
        label=_("整改数量"),
        min_value=Decimal(0),
        max_value=MAX_QUANTITY,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"required": _("请填整改了多少。")},
    )
    note = WordsField(label=_("怎么处置的"), required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="id_handled-%s")
        picked = self.fields["handled_standard"]
        picked.error_messages["required"] = _("请先选案由，再选立案标准。")

    def refuse(self, field: str, message: object) -> None:
        """Show a refusal of the service beside its field, or above the form."""
        name = {"standard": "handled_standard"}.get(field, field)
        self.add_error(name if name in self.fields else None, str(message))

    def first_refusal(self) -> DomainError:
        """The first thing against an invalid form."""
        field, errors = next(iter(self.errors.items()))
        return DomainError(field, errors[0], field=field)

    def result(self, photo_ids: Sequence[UUID]) -> Result:
        """What was put right, of a valid form."""
        typed = self.cleaned_data
        return Result(typed["quantity"], typed["note"], list(photo_ids))


class ReportForm(forms.Form):
    """A report; with `classes`, the classes that may be named."""

    category = forms.TypedChoiceField(
        label=_("案由"), coerce=int, empty_value=None, required=False, choices=()
    )
    class_text = forms.CharField(
        label=_("别的案由"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"list": "classes", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("是什么问题"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    address = forms.CharField(label=_("地点"), max_length=MAX_ADDRESS)
    lon = forms.FloatField(
        label=_("经度"), required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    lat = forms.FloatField(
        label=_("纬度"), required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    channel = forms.ChoiceField(label=_("来源"), choices=Channel.choices)
    contact_name = forms.CharField(
        label=_("来电人"),
        required=False,
        max_length=ReportContact._meta.get_field("name").max_length,
    )
    contact_phone = forms.CharField(
        label=_("电话"),
        required=False,
        max_length=ReportContact._meta.get_field("phone").max_length,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )

    def __init__(self, *args: Any, classes: Sequence[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.classes = classes
        named = [("", ""), *((row.pk, row.name) for row in classes)]
        self.fields["category"].choices = named  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        """The text as it should have been typed."""
        return clean_text(self.cleaned_data["text"], multiline=True)

    def clean_address(self) -> str:
        """The address on one line."""
        return clean_text(self.cleaned_data["address"])

    def clean_class_text(self) -> str:
        """A typed class must be plain; what it could mean is said otherwise."""
        typed = clean_text(self.cleaned_data["class_text"])
        found = meant(typed, self.classes)
        if typed and not found:
            raise forms.ValidationError(_("没有叫这个的案由，请换个说法，或先不填。"))
        if len(found) > 1:
            near = "、".join(row.name for row in found[:4])
            raise forms.ValidationError(
                _("有几个相近的，请写全：%(near)s。"), params={"near": near}
            )
        if found:
            self.cleaned_data["category"] = found[0].pk
        return typed

    def telling(self, photo_ids: Sequence[UUID]) -> Telling:
        """What is told, of a valid form; a contact only where somebody outside told it."""
        data = self.cleaned_data
        outside = data["channel"] in CONTACT_CHANNELS
        return Telling(
            channel=data["channel"],
            text=data["text"],
            address=data["address"],
            category_id=data["category"],
            lon=data["lon"],
            lat=data["lat"],
            photo_ids=list(photo_ids),
            contact_name=clean_text(data["contact_name"]) if outside else "",
            contact_phone=clean_text(data["contact_phone"]) if outside else "",
        )
