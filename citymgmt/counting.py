"""Many counts in one statement, none of which looks further than its cap."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def count_capped(asked: Mapping[str, tuple[QuerySet, int]]) -> dict[str, int]:
    """How many rows each queryset has, at most `cap` + 1 (more than the cap: "cap and above").

    One statement for all of them, none where every queryset is empty by construction.
    """
    counts = dict.fromkeys(asked, 0)
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
    if names:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(parts), values)
            counts.update(zip(names, cursor.fetchone(), strict=True))
    return counts
