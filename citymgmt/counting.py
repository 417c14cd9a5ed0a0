"""Many counts in one statement, none of which looks further than its cap; and what else is asked
along with them."""

import json
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Asked = Mapping[str, tuple[QuerySet, int]]

KEPT_SECONDS = 20
FULL_SECONDS = 60
# Each holds a dozen statements: some 40 KB.
_MOST_KEPT = 64
# Each holds one, at the longest address some 10 KB.
_MOST_FULL = 500
_kept: dict[Hashable, tuple[datetime, list["Part"]]] = {}
_full: dict[tuple[str, str], float] = {}


@dataclass(frozen=True, slots=True)
class Part:
    """One count, or other single value, as part of a statement; `sql` is empty where nothing can
    be there. `most`: what a count stops at."""

    name: str
    sql: str = ""
    values: tuple[Any, ...] = ()
    most: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """The same for what counts the same; arrays among the values have no hash of their own."""
        return self.sql, repr(self.values)

    @property
    def lasts(self) -> bool:
        """Whether it asks the same a moment later: nothing in it is reckoned from the present."""
        return self.most > 0 and not any(isinstance(value, datetime) for value in self.values)

    def at(self, then: datetime, now: datetime) -> "Part":
        """The same with one moment for another."""
        values = tuple(
            now if isinstance(value, datetime) and value == then else value for value in self.values
        )
        return Part(self.name, self.sql, values, self.most)


def count_capped(asked: Asked, kept: Iterable[Part] = ()) -> dict[str, int]:
    """How many rows each queryset has, at most `cap` + 1 (more than the cap: "cap and above").

    One statement for all of them and for what is `kept`; none where every queryset is empty by
    construction. What is asked under two names is counted once.
    """
    return {name: value or 0 for name, value in asked_at_once([*kept, *parts_of(asked)]).items()}


def counted_lately(asked: Asked, kept: Iterable[Part] = ()) -> dict[str, int]:
    """The same for a page, where "cap and above" may be as old as FULL_SECONDS.

    To count up to the cap is the dearest of all counts, and the larger a city the more of them
    end there; what was more than 10 000 a minute ago is not far from it. Whoever must know asks
    `count_capped`. See docs/decisions/0038.
    """
    now = time.monotonic()
    parts = [*kept, *parts_of(asked)]
    known = {part.key: part.most for part in parts if part.lasts and now < _full.get(part.key, 0)}
    found = asked_at_once(part for part in parts if part.key not in known)
    if len(_full) > _MOST_FULL:
        _full.clear()
    _full.update(
        {
            part.key: now + FULL_SECONDS
            for part in parts
            if part.lasts and found.get(part.name) == part.most
        }
    )
    return {part.name: known.get(part.key) or found.get(part.name) or 0 for part in parts}


def asked_at_once(parts: Iterable[Part]) -> dict[str, Any]:
    """The values of parts by name, None where nothing can be there; at most one statement."""
    asked = list(parts)
    single = {part.key: part for part in asked if part.sql}
    found: dict[tuple[str, str], Any] = {}
    if single:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT " + ", ".join(part.sql for part in single.values()),
                [value for part in single.values() for value in part.values],
            )
            found = dict(zip(single, cursor.fetchone(), strict=True))
    return {part.name: found.get(part.key) for part in asked}


def rows_part(name: str, rows: QuerySet) -> Part:
    """The rows of a queryset of one JSON value each, to be read by `rows_in`."""
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return Part(name)
    return Part(name, f"(SELECT JSON_AGG(t)::text FROM ({sql}) AS t)", tuple(values))


def rows_in(value: str | None) -> list[dict[str, Any]]:
    """What a part of rows came to."""
    return [said for row in json.loads(value or "[]") for said in row.values()]


def parts_of(asked: Asked) -> list[Part]:
    """What is to be counted, compiled."""
    return [_part(name, rows, cap) for name, (rows, cap) in asked.items()]


def _part(name: str, rows: QuerySet, cap: int) -> Part:
    try:
        sql, values = rows.order_by().values("pk")[: cap + 1].query.sql_with_params()
    except EmptyResultSet:
        return Part(name)
    return Part(name, f"(SELECT COUNT(*) FROM ({sql}) AS t)", tuple(values), cap + 1)


def kept_parts(key: Hashable, at: datetime, ask: Callable[[], Asked]) -> list[Part]:
    """What `ask` wants counted at a moment, compiled at most every KEPT_SECONDS for one key.

    To build and compile a dozen querysets takes a quarter of a page. The key must hold whatever
    they are built from but the moment: who asks with which access, the page, its conditions. The
    moment itself is always the present one; what was reckoned from it (in two hours, since
    midnight) may be KEPT_SECONDS old.
    """
    found = _kept.get(key)
    if found is None or not 0 <= (at - found[0]).total_seconds() < KEPT_SECONDS:
        if len(_kept) >= _MOST_KEPT:
            _forget(at)
        found = _kept[key] = at, parts_of(ask())
    then, parts = found
    return [part.at(then, at) for part in parts]


def _forget(at: datetime) -> None:
    """What is too old to be of use, or all of it. Others may do the same at the same time."""
    of_use = [
        key for key, (then, _) in list(_kept.items()) if (at - then).total_seconds() < KEPT_SECONDS
    ]
    if len(of_use) >= _MOST_KEPT:
        of_use = []
    for key in set(_kept) - set(of_use):
        _kept.pop(key, None)
