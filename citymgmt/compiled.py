"""Statements that are asked with every request: compiled by Django once, asked with other values.

Django builds the text of a statement anew each time. For most that is little beside the rest; for
those that find out who asks it was a quarter of the whole request (`make bench ARGS=pages`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet

# What stands in for a value while a statement is compiled: no statement of the house holds them.
_FAR = datetime(1801, 3, 5, 7, 9, 11, tzinfo=UTC)
_STAND_INS: Mapping[type, Callable[[int], Any]] = {
    int: lambda place: -2_111_000_111 - place,
    datetime: lambda place: _FAR.replace(year=_FAR.year + place),
    date: lambda place: date(1701 + place, 3, 5),
}


class Compiled:
    """One statement with named values.

    `build` is called once a process, with a stand-in for each value, and returns a queryset of
    `values_list`; `kinds` says what each value is (int, datetime or date). The statement may not
    depend on the values otherwise. ValueError where a value did not reach the statement.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **kinds: type) -> None:
        self._build = build
        self._kinds = kinds

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows for these values, as the queryset's own iteration gives them."""
        sql, parameters, places, converted = self._statement
        asked = list(parameters)
        for place, name in places:
            asked[place] = _like(parameters[place], values[name])
        with connection.cursor() as cursor:
            cursor.execute(sql, asked)
            return [tuple(row) for row in converted(cursor.fetchall())]

    @cached_property
    def _statement(self) -> tuple[str, Sequence[Any], list[tuple[int, str]], Callable[..., Any]]:
        stand_ins = {
            name: _STAND_INS[kind](place) for place, (name, kind) in enumerate(self._kinds.items())
        }
        compiler = self._build(**stand_ins).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        places = [
            (place, name)
            for place, parameter in enumerate(parameters)
            for name, stand_in in stand_ins.items()
            if type(stand_in) in type(parameter).__mro__ and parameter == stand_in
        ]
        if {name for _place, name in places} != set(stand_ins):
            raise ValueError("a value does not stand in the statement as it was given")

        def converted(rows: list[tuple[Any, ...]]) -> Any:
            return compiler.apply_converters(rows, converters) if converters else rows

        return sql, parameters, places, converted


def _like(sample: Any, value: Any) -> Any:
    """The value as the statement wants it: integers in the width of their column."""
    return type(sample)(value) if isinstance(sample, int) else value
