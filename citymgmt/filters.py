"""Filter fields that every list shares: bounded, so that no query string can break a statement."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt import clock

_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)


class IdFilter(django_filters.NumberFilter):
    """The id of a row: a whole number that fits into a bigint."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=2**63 - 1, **kwargs)

    field_class = forms.IntegerField


class CodeFilter(django_filters.CharFilter):
    """A short code; matched exactly unless `lookup_expr` says otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, max_length=40, **kwargs)


class YesNoFilter(django_filters.TypedChoiceFilter):
    """`true` or `false`; anything else is refused instead of being ignored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("true", _("是")), ("false", _("否"))]
        super().__init__(*args, choices=choices, coerce=_is_true, **kwargs)


class AreaFilter(django_filters.CharFilter):
    """An official division code of 6, 9 or 12 digits: everything inside of that division."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        digits = RegexValidator(
            r"\A([0-9]{6}|[0-9]{9}|[0-9]{12})\Z", _("区划代码是 6、9 或 12 位数字。")
        )
        super().__init__(*args, lookup_expr="startswith", validators=[digits], **kwargs)


class ManyFilter(django_filters.MultipleChoiceFilter):
    """One or more choices, any of which matches: `?state=a&state=b`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, distinct=False, **kwargs)

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        """One IN instead of a chain of ORs."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class DayFilter(django_filters.DateFilter):
    """A local calendar day as one end of a span; `until=True` takes the whole day in."""

    def __init__(self, *args: Any, until: bool = False, **kwargs: Any) -> None:
        self.until = until
        super().__init__(*args, validators=[_known_day], **kwargs)

    def filter(self, qs: QuerySet, value: date | None) -> QuerySet:
        """From the first moment of the day, or before the first moment of the next."""
        if value is None:
            return qs
        if self.until:
            return qs.filter(**{f"{self.field_name}__lt": midnight(value + timedelta(days=1))})
        return qs.filter(**{f"{self.field_name}__gte": midnight(value)})


def _is_true(value: str) -> bool:
    return value == "true"


def midnight(day: date) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(day, time(), tzinfo=clock.LOCAL)


def _known_day(value: date) -> None:
    if not _FIRST_DAY <= value <= _LAST_DAY:
        raise forms.ValidationError(_("日期要在 2000 年到 2100 年之间。"))
