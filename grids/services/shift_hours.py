"""The bureau's own hours of shifts, or a team's, from a day on; planned shifts move with them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import ROSTERED, PeopleVerb
from grids.models import RosterShift, ShiftHours, Team
from grids.policies import Place
from grids.rostering import span_of
from grids.services.records import record
from grids.services.rights import require
from grids.services.teams import hold_tree
from grids.shifts import read_hours

_DAY = 1440
_FARTHEST = timedelta(days=366)
_SHORTEST, _LONGEST = 60, 16 * 60


def set_hours(
    *,
    team_id: int | None,
    since: date,
    hours: Mapping[str, tuple[int, int]],
    actor: User | None,
    at: datetime,
) -> None:
    """From a day on the shifts have these hours (minutes of the day), for a team or the bureau.

    What was to begin later gives way. Shifts that are planned and have not begun move along.
    Raises DomainError for hours that cannot be, or where planned shifts would overlap.
    """
    team = Team.objects.get(pk=team_id) if team_id is not None else None
    require(actor, Capability.PEOPLE_EDIT, Place(frozenset(team.path if team else ())))
    _check(since, hours, at)
    with transaction.atomic():
        # The tree's lock: two who change hours do it one after the other.
        hold_tree()
        for shift, (starts, ends) in hours.items():
            standing = ShiftHours.objects.filter(team=team, shift=shift)
            standing.filter(valid_from__gte=since).delete()
            standing.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=since)).update(valid_to=since)
            ShiftHours.objects.create(
                team=team,
                shift=shift,
                starts_minute=starts,
                ends_minute=ends,
                valid_from=since,
            )
        _move_planned(_planned(team, since, at, list(hours)))
        told = {
            "since": since.isoformat(),
            "hours": {key: list(each) for key, each in hours.items()},
        }
        record(PeopleVerb.HOURS_SET, actor=actor, at=at, team=team, details=told)
        raise_revision(GRID)


def _planned(
    team: Team | None, since: date, at: datetime, shifts: list[str]
) -> QuerySet[RosterShift]:
    rows = RosterShift.objects.filter(day__gte=since, starts_at__gt=at, shift__in=shifts)
    if team is not None:
        rows = rows.filter(team__path__contains=[team.pk])
    return rows.select_related("team").order_by("pk")


def _move_planned(planned: QuerySet[RosterShift]) -> None:
    """Give planned shifts the hours that hold now, all at once."""
    hours = read_hours()
    moved = []
    for row in planned.select_for_update(of=("self",)):
        span = span_of(row.day, *hours.minutes(row.shift, row.team.path, row.day))
        if span != (row.starts_at, row.ends_at):
            row.starts_at, row.ends_at = span
            moved.append(row)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS roster_person_no_overlap DEFERRED")
            RosterShift.objects.bulk_update(moved, ["starts_at", "ends_at"], batch_size=500)
            cursor.execute("SET CONSTRAINTS roster_person_no_overlap IMMEDIATE")
    except IntegrityError as error:
        message = _("按新时间，已经排好的班里有人两个班重叠，请先改那几个班。")
        raise DomainError("hours", message) from error


def _check(since: date, hours: Mapping[str, tuple[int, int]], at: datetime) -> None:
    today = at.astimezone(clock.LOCAL).date()
    if not today <= since <= today + _FARTHEST:
        raise DomainError("since", _("只能从今天起，最远一年以后。"), field="since")
    if not hours or set(hours) - set(ROSTERED):
        raise DomainError("shift", _("请选择班次。"), field="shift")
    for shift, (starts, ends) in hours.items():
        if not (0 <= starts < _DAY and 0 < ends <= _DAY):
            raise DomainError("hours", _("时间应在 0:00 到 24:00 之间。"), field=shift)
        length = (ends - starts) % _DAY
        if not _SHORTEST <= length <= _LONGEST:
            raise DomainError("hours", _("一个班应有 1 到 16 小时。"), field=shift)
