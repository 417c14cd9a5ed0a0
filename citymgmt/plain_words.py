"""What forms say when they refuse: short, as a colleague would say it."""

from typing import Any

from django import forms
from django.core import validators
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

_FIELDS: dict[type[forms.Field], dict[str, Any]] = {
    forms.Field: {"required": _("请填写这一项。")},
    forms.IntegerField: {"invalid": _("请填整数。")},
    forms.FloatField: {"invalid": _("请填数字。")},
    forms.DecimalField: {"invalid": _("请填数字。")},
    forms.DateField: {"invalid": _("请填日期，比如 2026-11-23。")},
    forms.ChoiceField: {"invalid_choice": _("没有“%(value)s”这一项，请从列表里选。")},
    forms.MultipleChoiceField: {"invalid_choice": _("没有“%(value)s”这一项，请从列表里选。")},
}
_VALIDATORS: dict[type[validators.BaseValidator], Any] = {
    validators.MinValueValidator: _("不能小于 %(limit_value)s。"),
    validators.MaxValueValidator: _("不能大于 %(limit_value)s。"),
    validators.MaxLengthValidator: ngettext_lazy(
        "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。",
        "最多 %(limit_value)d 个字，现在有 %(show_value)d 个。",
        "limit_value",
    ),
}
_DECIMALS: dict[str, Any] = {
    "invalid": _("请填数字。"),
    "max_decimal_places": ngettext_lazy(
        "小数点后最多 %(max)s 位。", "小数点后最多 %(max)s 位。", "max"
    ),
    "max_digits": ngettext_lazy("最多 %(max)s 位数字。", "最多 %(max)s 位数字。", "max"),
}


def install() -> None:
    """Set the sentences of every form field and validator; those a form gives itself stay."""
    for field, words in _FIELDS.items():
        field.default_error_messages = {**field.default_error_messages, **words}
    for validator, message in _VALIDATORS.items():
        validator.message = message
    decimals = validators.DecimalValidator
    decimals.messages = {**decimals.messages, **_DECIMALS}
