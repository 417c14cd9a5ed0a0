"""What a person may see summed up, and whether something in it has changed."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from citymgmt.choices import Capability
from grids.models import Team
from grids.policies import Access, Reach
from inspections.facts.shapes import Scope
from inspections.measures import SOON, STREET_DIGITS

RECENT = 512


def scope_for(access: Access, *, team_id: int | None = None, street: str = "") -> Scope | None:
    """What the person sees summed up, narrowed to a team or street where he asks for that.

    None where he sees no whole scope (only his own cases, or only what he checks), or asked for
    one beyond his reach. One statement where a team is involved.
    """
    wide = [
        reach
        for reach in access.holding(Capability.CASE_VIEW)
        if not reach.own_only and not reach.checks_only
    ]
    if not wide or (street and len(street) != STREET_DIGITS):
        return None
    over = {team_id, *(reach.team_id for reach in wide)}
    paths = _paths([pk for pk in over if pk is not None])
    if team_id is not None and team_id not in paths:
        return None
    found = (_narrowed(reach, team_id, street, paths) for reach in wide)
    return next((scope for scope in found if scope is not None), None)


def _narrowed(
    reach: Reach, team_id: int | None, street: str, paths: dict[int, list[int]]
) -> Scope | None:
    """The scope within one grant; the bureau's own team stands for everybody."""
    over = reach.team_id
    asked = over if team_id is None else team_id
    if over is not None and asked is not None and over not in paths.get(asked, ()):
        return None
    where = street or reach.area_code
    if not where.startswith(reach.area_code) or len(where) not in (0, STREET_DIGITS):
        return None
    is_root = asked is not None and len(paths[asked]) == 1
    return Scope(None if is_root else asked, where)


def _paths(team_ids: Collection[int]) -> dict[int, list[int]]:
    if not team_ids:
        return {}
    return dict(Team.objects.filter(pk__in=team_ids).values_list("pk", "path"))


_VERSION = """
    SELECT hashtextextended(concat_ws(' ',
        (SELECT string_agg(n.id::text, ' ' ORDER BY n.id) FROM (
            SELECT e.id, e.case_id, e.report_id FROM cases_caseevent e ORDER BY e.id DESC LIMIT %s
         ) n {narrowed}),
        (SELECT MAX(due_at) FROM cases_case WHERE due_at < %s),
        (SELECT MAX(due_at) FROM cases_case WHERE due_at <= %s),
        %s::text), 0)
"""
_NARROWED = """
    WHERE EXISTS (SELECT FROM cases_case c WHERE c.id = n.case_id AND {own})
        OR EXISTS (SELECT FROM cases_report c WHERE c.id = n.report_id AND {own})
"""


def version(scope: Scope, at: datetime) -> int:
    """A number that is another one when something in the scope may show another figure.

    One statement along two indexes, whatever is in the cache.
    """
    sql, values = version_sql(scope, at)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def version_sql(scope: Scope, at: datetime) -> tuple[str, list[Any]]:
    """The statement of `version` and its values.

    It tells by the newest events of the scope, those that a slow transaction wrote late among
    them; by the last limits that ran out; and by the minute, with which the moments compared
    with move on.
    """
    own: list[str] = []
    values: list[int | str] = []
    if scope.team_id is not None:
        own.append("c.team_ids @> ARRAY[%s]::bigint[]")
        values.append(scope.team_id)
    if scope.street:
        own.append("c.area_code LIKE %s")
        values.append(f"{scope.street}%")
    narrowed = _NARROWED.format(own=" AND ".join(own)) if own else ""
    minute = at.replace(second=0, microsecond=0)
    asked = [RECENT, *values, *values, at, at + SOON, minute.isoformat()]
    return _VERSION.format(narrowed=narrowed), asked
