"""Rows on their way out: the answer of any serializer, without asking each field each time."""

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework import serializers

Read = Callable[[Any], Any]
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
    """A serializer that only writes: how its fields are read is worked out once for all rows.

    A list of fifty cases has two thousand values; finding out for each whether it is a method,
    left out or nested costs more than the values. None stays None, wherever on its way it comes.
    """

    @cached_property
    def _reads(self) -> dict[type, list[tuple[str, Read]]]:
        return {}

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """The values of a row by the names of the fields."""
        kind = type(instance)
        if kind not in self._reads:
            self._reads[kind] = [
                (str(field.field_name), _reader(field, kind)) for field in self._readable_fields
            ]
        return {name: read(instance) for name, read in self._reads[kind]}


def _reader(field: Any, kind: type) -> Read:
    """How a field's value is taken from a row of this kind and written."""
    path, write = tuple(field.source_attrs), _writer(field)
    if len(path) == 1 and type(field) in _PLAIN_FIELDS and _is_plain(kind, path[0]):
        return attrgetter(path[0])
    if not path:
        return write
    if display := _DISPLAY.fullmatch(path[-1]):
        return _words(path[:-1], display[1], write)

    def read(row: Any) -> Any:
        value = row
        for name in path:
            value = getattr(value, name)
            if callable(value):
                value = value()
            if value is None:
                return None
        return write(value)

    return read


def _is_plain(kind: type, name: str) -> bool:
    """Whether the attribute is a column whose values JSON takes as they are."""
    column = getattr(getattr(kind, name, None), "field", None)
    return isinstance(column, _PLAIN_COLUMNS) and not column.is_relation


def _words(path: tuple[str, ...], name: str, write: Read) -> Read:
    """How the word of a choice is taken from a row: each value's once for all rows."""
    known: dict[Any, Any] = {}

    def read(row: Any) -> Any:
        for step in path:
            row = getattr(row, step)
            if row is None:
                return None
        value = getattr(row, name)
        if value not in known:
            known[value] = write(getattr(row, f"get_{name}_display")())
        return known[value]

    return read


def _writer(field: Any) -> Read:
    if type(field) is serializers.DateTimeField and not hasattr(field, "format"):
        return _moment
    return field.to_representation


def _moment(value: Any) -> str:
    """As `DateTimeField` writes a moment by default."""
    text: str = value.astimezone(timezone.get_current_timezone()).isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text
