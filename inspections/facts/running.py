"""What a list would show now of clocks that run: overdue, and soon due; and all names."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Case as Choice
from django.db.models import Count, IntegerField, Q, QuerySet, Value, When

from cases.models import Case
from inspections.facts.scopes import version_sql
from inspections.facts.shapes import Scope
from inspections.facts.windows import local_midnight
from inspections.measures import SOON


@dataclass(frozen=True, slots=True)
class Running:
    """Cases past their limit in all, by responsible team and by age; and those soon due.

    `teams` and `classes` are the names of all, by id, and `version` is that of the scope (see
    `inspections.facts.scopes`): they come in the same statement.
    """

    overdue: int
    soon: int
    by_team: Mapping[int, int]
    by_age: Mapping[int, int]
    teams: Mapping[int, str]
    classes: Mapping[int, str]
    version: int


_NAMES = """
    UNION ALL SELECT id, NULL, NULL, NULL, 'team', name FROM grids_team
    UNION ALL SELECT id, NULL, NULL, NULL, 'class', name FROM cases_category
"""
_BESIDE = """
    UNION ALL SELECT v.version, NULL, NULL, NULL, 'version', '' FROM ({version}) AS v(version)
"""


def cases_in(scope: Scope) -> QuerySet[Case]:
    """The cases of a scope, to be narrowed by an indexed condition first."""
    rows = Case.objects.all()
    if scope.team_id is not None:
        rows = rows.filter(team_ids__contains=[scope.team_id])
    if scope.street:
        rows = rows.filter(area_code__startswith=scope.street)
    return rows


def running_in(scope: Scope, at: datetime, ages: Sequence[int]) -> Running:
    """What is overdue or soon due at this moment (now); one statement along the due index.

    `ages` are the local days since filing at which each group begins, the youngest first.
    """
    midnight = local_midnight(at)
    age = Choice(
        *(
            When(filed_at__lt=midnight - timedelta(days=days - 1), then=Value(days))
            for days in reversed(ages)
        ),
        default=Value(ages[0]),
        output_field=IntegerField(),
    )
    rows = (
        cases_in(scope)
        .filter(due_at__lte=at + SOON)
        .order_by()
        .annotate(age=age)
        .values("lead_team_id", "age")
        .annotate(
            late=Count("pk", filter=Q(due_at__lt=at)), near=Count("pk", filter=Q(due_at__gte=at))
        )
    )
    sql, values = rows.query.sql_with_params()
    version, asked = version_sql(scope, at)
    beside = _NAMES + _BESIDE.format(version=version)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t.*, 'due', '' FROM ({sql}) AS t {beside}", [*values, *asked])
        return _told(cursor.fetchall())


def _told(rows: Iterable[tuple[Any, ...]]) -> Running:
    by_team: Counter[int] = Counter()
    by_age: Counter[int] = Counter()
    names: dict[str, dict[int, str]] = {"team": {}, "class": {}}
    soon = version = 0
    for pk, age, late, near, what, name in rows:
        if what == "due":
            by_team[pk or 0] += late
            by_age[age] += late
            soon += near
        elif what == "version":
            version = pk
        else:
            names[what][pk] = name
    by_team = +by_team
    overdue = by_age.total()
    return Running(overdue, soon, by_team, by_age, names["team"], names["class"], version)
