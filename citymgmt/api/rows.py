"""Rows on their way out: the answer of any serializer, without asking each field each time."""

import re
from collections.abc import Callable, Iterable
from operator import attrgetter, itemgetter
from typing import Any, cast

from django.db import models
from django.utils import timezone
from rest_framework import serializers

Context = dict[str, Any]
Read = Callable[[Any, Context], Any]
Plan = Callable[[Any, Context], dict[str, Any]]
_DISPLAY = re.compile(r"get_(\w+)_display")

# Columns that come out of the database as JSON wants them, and the fields that would only say so.
_PLAIN_COLUMNS = (
    models.BooleanField, models.CharField, models.FloatField, models.IntegerField, models.TextField
)  # fmt: skip
_PLAIN_FIELDS = {
    serializers.BooleanField, serializers.CharField, serializers.ChoiceField,
    serializers.FloatField, serializers.IntegerField,
}  # fmt: skip


class Outgoing(serializers.Serializer):
    """A serializer that only writes: how its fields are read is worked out once a process.

    A list of fifty cases has two thousand values; finding out for each whether it is a method,
    left out or nested costs more than the values. None stays None, wherever on its way it comes.
    A field that depends on who asks is `Told`.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The values of a row by the names of the fields."""
        return plan_of(type(self), type(instance))(instance, cast(Context, self.context))

    def rows(self, instances: Iterable[Any]) -> list[dict[str, Any]]:
        """The values of many rows, as a serializer of many gives them."""
        context = cast(Context, self.context)
        return [plan_of(type(self), type(each))(each, context) for each in instances]


class Told(serializers.ReadOnlyField):
    """A field whose value depends on the context besides the row."""

    def told(self, value: Any, context: dict[str, Any]) -> Any:
        """What is written for a value."""
        raise NotImplementedError

    def to_representation(self, value: Any) -> Any:
        """The same, of the serializer's own context."""
        return self.told(value, cast(Context, self.context))


_plans: dict[tuple[type[Outgoing], type], Plan] = {}


def plan_of(serializer: type[Outgoing], kind: type) -> Plan:
    """How a row of this kind is written by this serializer."""
    key = serializer, kind
    if key not in _plans:
        _plans[key] = _plan(serializer, kind)
    return _plans[key]


def _plan(serializer: type[Outgoing], kind: type) -> Plan:
    """The same, worked out.

    Columns that JSON takes as they are come in one go; the others one by one. Nothing of a
    request is kept in it.
    """
    fields = [(str(field.field_name), field) for field in serializer()._readable_fields]
    plain = [name for name, field in fields if _column_of(field, kind)]
    columns = [_column_of(field, kind) for name, field in fields if name in plain]
    others = [(name, _reader(field)) for name, field in fields if name not in plain]
    reads = [read for _name, read in others]
    together = [*plain, *(name for name, _read in others)]
    # Two at least, so that both give tuples.
    take = attrgetter(*columns) if len(columns) > 1 else _each(columns)
    names = tuple(name for name, _field in fields)
    places = [together.index(name) for name in names]
    arrange = itemgetter(*places) if len(places) > 1 else tuple

    def write(row: Any, context: Context) -> dict[str, Any]:
        values = (*take(row), *[read(row, context) for read in reads])
        return dict(zip(names, arrange(values), strict=True))

    return write


def _each(columns: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda row: tuple(getattr(row, column) for column in columns)


def _column_of(field: Any, kind: type) -> str:
    """The column of this kind of row that JSON takes as it is, if the field only says so."""
    path = tuple(field.source_attrs)
    if len(path) == 1 and type(field) in _PLAIN_FIELDS and _is_plain(kind, path[0]):
        return path[0]
    return ""


def _reader(field: Any) -> Read:
    """How a field's value is taken from a row and written."""
    path, write = tuple(field.source_attrs), _writer(field)
    if not path:
        return write
    if display := _DISPLAY.fullmatch(path[-1]):
        return _words(path[:-1], display[1], write)
    if len(path) == 1:
        return _one_step(path[0], write)

    def read(row: Any, context: Context) -> Any:
        value = row
        for name in path:
            value = getattr(value, name)
            if callable(value):
                value = value()
            if value is None:
                return None
        return write(value, context)

    return read


def _one_step(name: str, write: Read) -> Read:
    take = attrgetter(name)

    def read(row: Any, context: Context) -> Any:
        value = take(row)
        if callable(value):
            value = value()
        return None if value is None else write(value, context)

    return read


def _is_plain(kind: type, name: str) -> bool:
    """Whether the attribute is a column whose values JSON takes as they are."""
    column = getattr(getattr(kind, name, None), "field", None)
    return isinstance(column, _PLAIN_COLUMNS) and not column.is_relation


def _words(path: tuple[str, ...], name: str, write: Read) -> Read:
    """How the word of a choice is taken from a row: each value's once a process. Pages and API
    speak one language."""
    known: dict[Any, Any] = {}

    def read(row: Any, context: Context) -> Any:
        for step in path:
            row = getattr(row, step)
            if row is None:
                return None
        value = getattr(row, name)
        if value not in known:
            known[value] = write(getattr(row, f"get_{name}_display")(), context)
        return known[value]

    return read


def _writer(field: Any) -> Read:
    if isinstance(field, Told):
        return field.told
    if isinstance(field, Outgoing):
        return _nested(type(field))
    if isinstance(field, serializers.ListSerializer) and isinstance(field.child, Outgoing):
        return _several(type(field.child))
    if type(field) is serializers.DateTimeField and not hasattr(field, "format"):
        return _moment
    return lambda value, context: field.to_representation(value)


def _nested(serializer: type[Outgoing]) -> Read:
    return lambda value, context: plan_of(serializer, type(value))(value, context)


def _several(serializer: type[Outgoing]) -> Read:
    return lambda value, context: [plan_of(serializer, type(each))(each, context) for each in value]


def _moment(value: Any, context: Context) -> str:
    """As `DateTimeField` writes a moment by default."""
    text: str = value.astimezone(timezone.get_current_timezone()).isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text
