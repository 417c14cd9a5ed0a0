"""The figures of all objects of a group over a period, each with exactly what it counted.

One statement a figure, grouped in the database, however many objects there are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from citymgmt.models import User
from grids.models import Area, Membership, Team
from inspections.choices import ScoreGroup
from inspections.facts.score_sources import SOURCES
from inspections.formula_worth import Outcome
from inspections.measures import STREET_DIGITS
from inspections.score_figures import MEAN, PLACES, of_group


@dataclass(slots=True)
class Counted:
    """An object with its figures: how often, and which cases (or reports), by code."""

    key: str
    name: str
    team_ids: tuple[int, ...] = ()
    figures: dict[str, int] = field(default_factory=dict)
    ids: dict[str, list[int]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing at all."""
        return not any(self.figures.values())


_BY: Mapping[str, str] = {
    ScoreGroup.TEAM: "unnest(s.path)",
    ScoreGroup.AREA: f"left(s.area, {STREET_DIGITS})",
    ScoreGroup.POST: "s.person",
    ScoreGroup.PERSON: "s.person",
}
_GROUPED = """
    SELECT t.object, count(*), array_agg(DISTINCT t.id)
    FROM (SELECT s.id, {by} AS object FROM ({source}) s) t
    WHERE t.object {known} GROUP BY t.object
"""


def count(
    group: str, since: datetime, until: datetime, objects: Sequence[str] = ()
) -> list[Counted]:
    """What each object of a group did in [since, until): the teams in use and the streets
    whether or not they did anything, people only where they did; of `objects` alone where some
    are named (see `scoring.Scheme`), people by the teams of which they were at the end."""
    found = _known(group, objects)
    by, keys = _BY[group], list(found)
    known = "IS NOT NULL"
    asked: dict[str, Any] = {"since": since, "until": until}
    if group == ScoreGroup.TEAM:
        known, asked["keys"] = "= ANY(%(keys)s)", [int(key) for key in keys]
    with connection.cursor() as cursor:
        for code in of_group(group):
            cursor.execute(_GROUPED.format(by=by, source=SOURCES[code], known=known), asked)
            for key, times, ids in cursor.fetchall():
                row = found.get(str(key))
                if row is None and group in (ScoreGroup.POST, ScoreGroup.PERSON):
                    row = found.setdefault(str(key), Counted(str(key), ""))
                if row is not None:
                    row.figures[code], row.ids[code] = times, ids
    if group in (ScoreGroup.POST, ScoreGroup.PERSON):
        _name_people(found, until)
        _drop_others(found, objects)
    return sorted(found.values(), key=lambda row: (row.name, row.key))


def _known(group: str, objects: Sequence[str]) -> dict[str, Counted]:
    if group == ScoreGroup.TEAM:
        teams = Team.objects.filter(_of_teams(objects), parent__isnull=False, is_active=True)
        rows = teams.values_list("pk", "name", "path")
        return {str(pk): Counted(str(pk), name, tuple(path)) for pk, name, path in rows}
    if group == ScoreGroup.AREA:
        streets = Area.objects.filter(level="street")
        if objects:
            streets = streets.filter(code__in=_named(objects, "area"))
        names = streets.values_list("code", "name")
        return {code[:STREET_DIGITS]: Counted(code[:STREET_DIGITS], name) for code, name in names}
    return {}


def _of_teams(objects: Sequence[str]) -> Q:
    """The teams that are named, one by one or by their kind; all where none is."""
    if not objects:
        return Q()
    return Q(kind__in=_named(objects, "kind")) | Q(code__in=_named(objects, "team"))


def _named(objects: Sequence[str], what: str) -> list[str]:
    return [each.partition(":")[2] for each in objects if each.startswith(f"{what}:")]


def _drop_others(found: dict[str, Counted], objects: Sequence[str]) -> None:
    """People who were of none of the teams that are named."""
    if not objects:
        return
    wanted = set(Team.objects.filter(_of_teams(objects)).values_list("pk", flat=True))
    for key in [key for key, row in found.items() if wanted.isdisjoint(row.team_ids)]:
        del found[key]


def _name_people(found: Mapping[str, Counted], until: datetime) -> None:
    """Names, and the teams of which they were at the end."""
    ids = [int(key) for key in found]
    for pk, name, username in User.objects.filter(pk__in=ids).values_list("pk", "name", "username"):
        found[str(pk)].name = name or username
    served = Membership.objects.filter(user__in=ids, valid_from__lt=until)
    for pk, path in served.filter(_still(until)).values_list("user", "team__path"):
        row = found[str(pk)]
        row.team_ids = tuple(sorted({*row.team_ids, *path}))


def _still(until: datetime) -> Q:
    return Q(valid_to__isnull=True) | Q(valid_to__gte=until)


def outcomes(group: str, row: Counted, mean: Fraction | None) -> dict[str, Outcome]:
    """The figures by the names that formulas know; what nobody did is 0."""
    told = {
        each.name: Outcome(Fraction(row.figures.get(code, 0)))
        for code, each in of_group(group).items()
    }
    if group in PLACES:
        told[MEAN] = Outcome(mean) if mean else Outcome(None, _("期内没有立案"))
    return told


def mean_filed(rows: Collection[Counted]) -> Fraction | None:
    """The mean of the cases filed, of those that had anything at all; None where nobody had."""
    there = [row for row in rows if not row.is_empty]
    return (
        Fraction(sum(row.figures.get("filed", 0) for row in there), len(there)) if there else None
    )
