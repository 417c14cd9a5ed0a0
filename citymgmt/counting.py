"""Many counts in one statement, none of which looks further than its cap."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Asked = Mapping[str, tuple[QuerySet, int]]

KEPT_SECONDS = 20
_MOST_KEPT = 500
_kept: dict[Hashable, tuple[datetime, "Parts"]] = {}


@dataclass(frozen=True, slots=True)
class Parts:
    """Counts as parts of a statement; `names` are those that have one, the others are nothing."""

    all_names: tuple[str, ...]
    names: tuple[str, ...]
    sql: tuple[str, ...]
    values: tuple[Any, ...]

    def at(self, then: datetime, now: datetime) -> "Parts":
        """The same with one moment for another."""
        values = tuple(
            now if isinstance(value, datetime) and value == then else value for value in self.values
        )
        return Parts(self.all_names, self.names, self.sql, values)


def count_capped(asked: Asked, *more: Parts) -> dict[str, int]:
    """How many rows each queryset has, at most `cap` + 1 (more than the cap: "cap and above").

    One statement for all of them and for `more`; none where every queryset is empty by
    construction.
    """
    parts = (*more, parts_of(asked))
    counts = {name: 0 for part in parts for name in part.all_names}
    names = [name for part in parts for name in part.names]
    if names:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT " + ", ".join(sql for part in parts for sql in part.sql),
                [value for part in parts for value in part.values],
            )
            counts.update(zip(names, cursor.fetchone(), strict=True))
    return counts


def parts_of(asked: Asked) -> Parts:
    """What is to be counted, compiled."""
    names: list[str] = []
    parts: list[str] = []
    values: list[Any] = []
    for name, (rows, cap) in asked.items():
        try:
            sql, params = rows.order_by().values("pk")[: cap + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        names.append(name)
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS t)")
        values.extend(params)
    return Parts(tuple(asked), tuple(names), tuple(parts), tuple(values))


def kept_parts(key: Hashable, at: datetime, ask: Callable[[], Asked]) -> Parts:
    """What `ask` wants counted at a moment, compiled at most every KEPT_SECONDS for one key.

    To build and compile a dozen querysets takes a quarter of a page. The key must hold whatever
    they are built from but the moment: who asks with which access, the page, its conditions. The
    moment itself is always the present one; what was reckoned from it (in two hours, since
    midnight) may be KEPT_SECONDS old.
    """
    found = _kept.get(key)
    if found is None or not 0 <= (at - found[0]).total_seconds() < KEPT_SECONDS:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        found = _kept[key] = at, parts_of(ask())
    then, parts = found
    return parts.at(then, at)
