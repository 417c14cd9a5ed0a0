"""Filter fields that every list shares: bounded, so that no query string can break a statement."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt import clock

_DIVISION = RegexValidator(
    r"\A([0-9]{6}|[0-9]{9}|[0-9]{12})\Z", _("区划代码是 6、9 或 12 位数字。")
)
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


class ValuesField(forms.Field):
    """Some values of one kind: `?name=a&name=b`. The single field checks each of them."""

    widget = forms.MultipleHiddenInput
    most = 50

    def __init__(self, *, single: forms.Field, **kwargs: Any) -> None:
        self.single = single
        super().__init__(**kwargs)

    def clean(self, value: Any) -> list[Any]:
        """The clean values, once each; raises ValidationError as the single field does."""
        given = [value] if isinstance(value, str) else [each for each in value or () if each]
        if len(given) > self.most:
            words = _("一次最多选 %(most)s 个，请少选几个。") % {"most": self.most}
            raise forms.ValidationError(words)
        return list(dict.fromkeys(self.single.clean(each) for each in given))


class AskedFilterSet(django_filters.FilterSet):
    """Conditions of a list, of which only those that stand in the address are built: a copy of
    every filter and a form of every field cost more than the rows themselves.
    """

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        known = type(self).base_filters.items()
        asked = {name: item for name, item in known if name in (data or ())}
        # The filters of the class are read from the instance when it copies them.
        self.__dict__["base_filters"] = asked
        super().__init__(data, *args, **kwargs)


class _ValuesFilter(django_filters.MultipleChoiceFilter):
    """Any of some values matches; the base is known to the API's schema as a list."""

    field_class = ValuesField

    def __init__(self, *args: Any, single: forms.Field, **kwargs: Any) -> None:
        super().__init__(*args, single=single, distinct=False, **kwargs)

    def filter(self, qs: QuerySet, value: list[Any]) -> QuerySet:
        """One IN; a filter with a method is asked with the list."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class IdsFilter(_ValuesFilter):
    """Ids of rows."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        single = forms.IntegerField(min_value=1, max_value=2**63 - 1)
        super().__init__(*args, single=single, **kwargs)


class CodesFilter(_ValuesFilter):
    """Short codes, matched exactly."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, single=forms.CharField(max_length=40), **kwargs)


class AreasFilter(_ValuesFilter):
    """Official division codes: everything inside of any of these divisions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, single=forms.CharField(validators=[_DIVISION]), **kwargs)

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        """Rows whose code begins with one of them."""
        inside = Q()
        for code in value:
            inside |= Q(**{f"{self.field_name}__startswith": code})
        return qs.filter(inside)


class LeastFilter(django_filters.NumberFilter):
    """A count that is at least so many."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, lookup_expr="gte", min_value=1, max_value=999, **kwargs)


class YesNoFilter(django_filters.TypedChoiceFilter):
    """`true` or `false`; anything else is refused instead of being ignored."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        choices = [("true", _("是")), ("false", _("否"))]
        super().__init__(*args, choices=choices, coerce=_is_true, **kwargs)


class AreaFilter(django_filters.CharFilter):
    """An official division code of 6, 9 or 12 digits: everything inside of that division."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, lookup_expr="startswith", validators=[_DIVISION], **kwargs)


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


class DateFilter(django_filters.DateFilter):
    """One end of a span of plain dates, itself included."""

    def __init__(self, *args: Any, until: bool = False, **kwargs: Any) -> None:
        way = "lte" if until else "gte"
        super().__init__(*args, lookup_expr=way, validators=[_known_day], **kwargs)


def _is_true(value: str) -> bool:
    return value == "true"


def midnight(day: date) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(day, time(), tzinfo=clock.LOCAL)


def end_of(day: date, hour: time | None) -> datetime:
    """The moment after a local day, or after a minute of it."""
    if hour is None:
        return midnight(day + timedelta(days=1))
    minute = hour.replace(second=0, microsecond=0)
    return datetime.combine(day, minute, tzinfo=clock.LOCAL) + timedelta(minutes=1)


def _known_day(value: date) -> None:
    if not _FIRST_DAY <= value <= _LAST_DAY:
        raise forms.ValidationError(_("日期要在 2000 年到 2100 年之间。"))
