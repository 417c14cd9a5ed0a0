"""Fields that forms of the inspections room share: clean text, people and classes by number."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.choices import CategoryKind
from cases.models import Category
from citymgmt import texts
from citymgmt.models import User

_PARTS = re.compile(r"[\s,，、;；]+")
MOST = 100


class CleanText(forms.CharField):
    """Text as it should have been typed."""

    def to_python(self, value: object) -> str:
        """The cleaned text, its line breaks kept."""
        return texts.clean_text(super().to_python(value) or "", multiline=True)


def parts_of(text: str) -> list[str]:
    """The words of a line, parted by spaces or any comma, each once."""
    return list(dict.fromkeys(part for part in _PARTS.split(text) if part))


class PeopleField(CleanText):
    """Several people by their staff numbers; gives users in the order in which they stand."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Staff numbers for users."""
        if isinstance(value, list | tuple):
            return " ".join(each.username for each in value)
        return value

    def clean(self, value: Any) -> Any:
        """The people; each number must be that of somebody who is there."""
        names = parts_of(super().clean(value))
        if len(names) > MOST:
            words = _("最多写 %(most)s 个人。") % {"most": MOST}
            raise forms.ValidationError(words, code="people")
        found = {
            each.username: each for each in User.objects.filter(username__in=names, is_active=True)
        }
        missing = [name for name in names if name not in found]
        if missing:
            said = _("没有这些工号：%(names)s。") % {"names": "、".join(missing[:5])}
            raise forms.ValidationError(said, code="people")
        return [found[name] for name in names]


class PersonField(PeopleField):
    """One person by his staff number; None where it is empty and may be."""

    def prepare_value(self, value: Any) -> Any:
        """The staff number for a user."""
        return value.username if isinstance(value, User) else value

    def clean(self, value: Any) -> Any:
        """The person."""
        people = super().clean(value)
        if len(people) > 1:
            raise forms.ValidationError(_("只写一个工号。"), code="people")
        return people[0] if people else None


class CategoriesField(forms.ModelMultipleChoiceField):
    """Several classes of problems of the catalogue, ticked by name; gives classes."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        said = {"invalid_choice": _("目录里没有这些案由：%(value)s。")}
        super().__init__(
            Category.objects.none(), to_field_name="code", error_messages=said, **kwargs
        )

    def __deepcopy__(self, memo: Any) -> Any:
        """Each form asks the catalogue anew: the newest of each code, also those out of use, which
        a campaign of before may have."""
        copy = super().__deepcopy__(memo)
        newest = Category.objects.filter(kind=CategoryKind.EVENT).order_by("code", "-pk")
        ids = newest.distinct("code").values("pk")
        copy.queryset = Category.objects.filter(pk__in=ids).order_by("code")
        return copy

    def label_from_instance(self, obj: Any) -> str:
        """The name, then the code by which bureaus know it."""
        return f"{obj.name} {obj.code}"

    def clean(self, value: Any) -> Any:
        """The classes as a list."""
        return list(super().clean(value))


class MajorsField(forms.MultipleChoiceField):
    """Several major classes of the catalogue, ticked by name; gives their codes."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        said = {"invalid_choice": _("目录里没有这个大类：%(value)s。")}
        super().__init__(choices=_majors, error_messages=said, **kwargs)


def _majors() -> list[tuple[str, str]]:
    rows = Category.objects.filter(kind=CategoryKind.EVENT).order_by("major_code")
    return [
        (code, f"{name} {code}")
        for code, name in rows.values_list("major_code", "major_name").distinct()
    ]
