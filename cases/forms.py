"""What comes with a move from a page: made of the table, parsed and bounded.

The rules are the services'.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.services.comments import MAX_MENTIONS
from cases.services.dispatch import MAX_ASSISTING
from cases.services.intake import MAX_ADDRESS, MAX_TEXT
from cases.services.naming import MAX_PARTY, MAX_SHOP_CODE
from cases.services.rectification import MAX_QUANTITY
from cases.workflow import Move, Need
from citymgmt import clock
from citymgmt.texts import clean_text

MAX_NOTE = 500
MAX_NUMBER = 20
_BIGGEST_ID = 2**63 - 1
_YEAR = timedelta(days=365)


class WordsField(forms.CharField):
    """A few sentences, cleaned; line breaks stay."""

    def __init__(self, *, most: int = MAX_NOTE, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "maxlength": most})
        super().__init__(max_length=most, widget=widget, **kwargs)

    def to_python(self, value: object) -> str:
        """The text without control and invisible characters."""
        return clean_text(super().to_python(value) or "", multiline=True)


class LineField(forms.CharField):
    """One line of words, cleaned."""

    def to_python(self, value: object) -> str:
        """The line without control and invisible characters."""
        return clean_text(super().to_python(value) or "")


class NumberField(forms.CharField):
    """The number of a case as it is read off another page."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"})
        super().__init__(max_length=MAX_NUMBER, widget=widget, **kwargs)

    def to_python(self, value: object) -> str:
        """The number without the spaces and full-width digits of a paste."""
        return clean_text(super().to_python(value) or "").replace(" ", "")


class PickedField(forms.IntegerField):
    """The id of a row chosen from a list that the page fills in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=1,
            max_value=_BIGGEST_ID,
            widget=forms.Select(),
            error_messages=dict.fromkeys(
                ("required", "invalid", "min_value", "max_value"), _("请从列表里选择。")
            ),
            **kwargs,
        )


class IdsField(forms.Field):
    """The ids of several rows chosen from a list that the page fills in, each once."""

    def __init__(self, *, most: int, too_many: object, **kwargs: Any) -> None:
        self.most = most
        self.too_many = too_many
        super().__init__(required=False, widget=forms.SelectMultiple(), **kwargs)

    def to_python(self, value: Any) -> list[int]:
        """The ids; ValidationError for what cannot be one, and for too many."""
        one = PickedField()
        chosen = list(dict.fromkeys(one.clean(text) for text in value or ()))
        if len(chosen) > self.most:
            raise forms.ValidationError(str(self.too_many) % {"most": self.most})
        return chosen


class MoveForm(forms.Form):
    """A move and what it asks for; `at` bounds its dates."""

    use_required_attribute = True

    def __init__(self, move: Move, data: Any = None, *, at: datetime) -> None:
        super().__init__(data)
        self.keyed(move.name)
        self.move = move
        for name, field in _fields(move, at):
            self.fields[name] = field

    def keyed(self, key: str) -> None:
        """Let the ids of its controls start with a key that tells forms of one page apart."""
        self.auto_id = f"id_{key}-%s"

    def refuse(self, field: str, message: object) -> None:
        """Show a refusal of a service beside its field, or above the form."""
        name = _FIELD_OF_REFUSAL.get(field, field)
        self.add_error(name if name in self.fields else None, str(message))


_FIELD_OF_REFUSAL = {"case": "into"}


@dataclass(frozen=True, slots=True)
class Words:
    """How a move asks for its words; `missing` empty where they may be left out."""

    label: object
    missing: object = ""
    help: object = ""


_WORDS: dict[str, Words] = {
    "merge": Words(_("为什么是同一件事"), _("请写明为什么是同一件事。")),
    "suspend": Words(_("挂账的理由"), _("请写明挂账的理由，例如等拆迁、等采购。")),
    "force-close": Words(_("强制结案的理由"), _("请写明强制结案的理由，会记入经过。")),
    "void": Words(_("作废的理由"), _("请写明作废的理由，会记入经过。")),
    "supervise": Words(_("督办要求"), _("请写明督办的要求。"), _("经办单位马上收到通知。")),
    "instruct": Words(
        _("批示"), _("请写批示的内容。"), _("经办单位和受理派遣会收到，其中一家要答复。")
    ),
    "comment": Words(_("留言"), _("请写留言。")),
    "correct": Words(_("为什么更正"), _("请写明为什么更正。")),
    "return": Words(
        _("退回的理由"),
        _("请写明退回的理由，派遣人会看到。"),
        _("派遣人会看到；已记下的都留着。"),
    ),
    "ask-extension": Words(_("延期的理由"), _("请写明理由，审批的人会看到。")),
    "ask-suspension": Words(_("挂账的理由"), _("请写明理由，审批的人会看到。")),
    "appeal": Words(
        _("申诉的理由"),
        _("请写明理由，审批的人会看到。"),
        _("每案一次。同意后统计不计超时，原来的用时照样留着。"),
    ),
    "transfer": Words(_("改派的理由"), _("请写明改派的理由，两边单位都会看到。")),
    "cancel": Words(_("撤销的理由"), _("请写明撤销的理由，责任单位会看到。")),
    "rework": Words(_("哪里没有整改到位"), _("请写明哪里没有整改到位。")),
    "refuse": Words(_("不同意的理由"), _("请写明不同意的理由，申请人会看到。")),
    "lift": Words(_("解除的理由"), _("请写明解除督办的理由。")),
    "answer": Words(_("答复"), _("请写答复，批示的领导会看到。")),
    "approve": Words(_("审批意见"), help=_("可以不写；申请人会看到。")),
    "withdraw": Words(_("说明")),
    "pass": Words(_("说明")),
    "resume": Words(_("说明")),
    "urge": Words(_("催办的话"), help=_("可以不写。半小时内只能催一次。")),
    "submit": Words(_("说明")),
}
"""The words of each move that takes some; those of the services where they are missing."""

_UNTIL: dict[str, object] = {
    "suspend": _("挂账到哪一天"),
    "ask-suspension": _("挂账到哪一天"),
    "supervise": _("什么时候以前办结"),
}


def _fields(move: Move, at: datetime) -> list[tuple[str, forms.Field]]:
    """The fields of a move by what it needs, in the order in which they are asked."""
    fields: list[tuple[str, forms.Field]] = []
    for need, make in _OF_NEED.items():
        if need in move.needs:
            fields += make(move, at)
    if move.name == "correct":
        fields += _corrected()
    words = _WORDS.get(move.name)
    if words is not None:
        fields.append(("note", _note(words)))
    if move.name == "comment":
        too_many = _("一次最多提到 %(most)s 人。")
        mentions = IdsField(label=_("提到谁"), most=MAX_MENTIONS, too_many=too_many)
        fields.append(("mentions", mentions))
    return fields


def _note(words: Words) -> WordsField:
    return WordsField(
        label=words.label,
        help_text=words.help,
        required=bool(words.missing),
        error_messages={"required": words.missing},
    )


def _corrected() -> list[tuple[str, forms.Field]]:
    text = WordsField(label=_("情况"), required=False, most=MAX_TEXT)
    address = LineField(
        label=_("地点"),
        required=False,
        max_length=MAX_ADDRESS,
        help_text=_("原来的话留在经过里。"),
    )
    standard = PickedField(label=_("立案标准"), required=False)
    return [("text", text), ("address", address), ("standard", standard)]


def _task(move: Move, at: datetime) -> list[tuple[str, forms.Field]]:
    help_text = _("不选就由单位负责人分派。")
    fields: list[tuple[str, forms.Field]] = [
        ("team", PickedField(label=_("责任单位"))),
        ("person", PickedField(label=_("经办人"), required=False, help_text=help_text)),
    ]
    if move.name == "dispatch":
        too_many = _("一案最多 %(most)s 个协办单位。")
        assisting = IdsField(label=_("协办单位"), most=MAX_ASSISTING, too_many=too_many)
        fields.append(("assisting", assisting))
    return [*fields, ("instruction", WordsField(label=_("要求"), required=False))]


def _person(move: Move, at: datetime) -> list[tuple[str, forms.Field]]:
    return [("person", PickedField(label=_("派给谁")))]


def _into(move: Move, at: datetime) -> list[tuple[str, forms.Field]]:
    field = NumberField(
        label=_("并入哪一案"),
        help_text=_("填主案的案号，如 20261120-0098。"),
        error_messages={"required": _("请填主案的案号。")},
    )
    return [("into", field)]


def _until(move: Move, at: datetime) -> list[tuple[str, forms.Field]]:
    label: Any = _UNTIL[move.name]
    if move.name == "supervise":
        here = at.astimezone(clock.LOCAL)
        form = "%Y-%m-%dT%H:%M"
        bounds = {"min": here.strftime(form), "max": (here + _YEAR).strftime(form)}
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", **bounds}, format=form)
        said: Any = {
            "required": _("请填督办的期限。"),
            "invalid": _("请填日期和钟点，如 2026-11-22 18:00。"),
        }
        moment = forms.DateTimeField(label=label, widget=widget, error_messages=said)
        return [("until", moment)]
    today = at.astimezone(clock.LOCAL).date()
    days = {"min": (today + timedelta(days=1)).isoformat(), "max": (today + _YEAR).isoformat()}
    field = forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date", **days}, format="%Y-%m-%d"),
        help_text=_("到这一天自动恢复，最长一年；期间停钟。每案只能挂账一次。"),
        error_messages={"required": _("请填日期。"), "invalid": _("请填日期，如 2026-11-22。")},
    )
    return [("until", field)]


def _quantity(move: Move, at: datetime) -> list[tuple[str, forms.Field]]:
    field = forms.DecimalField(
        label=_("整改数量"), min_value=Decimal(0), max_value=MAX_QUANTITY, decimal_places=2
    )
    return [("quantity", field)]


def _label(move: Move, at: datetime) -> list[tuple[str, forms.Field]]:
    return [("label", PickedField(label=_("标签")))]


def _party(move: Move, at: datetime) -> list[tuple[str, forms.Field]]:
    shop = LineField(
        label=_("沿街店铺"),
        required=False,
        max_length=MAX_SHOP_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    party = LineField(
        label=_("当事人"),
        required=False,
        max_length=MAX_PARTY,
        help_text=_("不是沿街店铺的，写单位或人的名称；按个人信息保存期限清除。"),
    )
    return [("shop", shop), ("party", party)]


_OF_NEED: dict[Need, Callable[[Move, datetime], list[tuple[str, forms.Field]]]] = {
    Need.TEAM: _task,
    Need.PERSON: _person,
    Need.CASE: _into,
    Need.UNTIL: _until,
    Need.QUANTITY: _quantity,
    Need.LABEL: _label,
    Need.PARTY: _party,
}
