"""What the tables know of people's shifts, for the arithmetic in `rostering`."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Q

from grids.choices import Certificate
from grids.models import Leave, Membership, Qualification, RosterShift, Team
from grids.rostering import Facts, Stint, days_span


def stint_of(row: RosterShift) -> Stint:
    """A row as a planned shift."""
    key = ("row", row.pk)
    return Stint(key, row.person_id, row.team_id, row.day, row.shift, row.starts_at, row.ends_at)


def facts_of(team: Team, people: Collection[int], first: date, last: date) -> Facts:
    """Leave, time in the team and certificates of people in a span of days; three statements,
    two where the team asks for no certificate."""
    since, until = days_span(first, last)
    leaves: dict[int, list[tuple[date, date]]] = defaultdict(list)
    away = Leave.objects.touching(first, last).filter(person__in=people)
    for person_id, begun, ended in away.values_list("person_id", "first_day", "last_day"):
        leaves[person_id].append((begun, ended))
    services: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    members = Membership.objects.filter(team=team, user__in=people, valid_from__lt=until)
    rows = members.exclude(valid_to__lte=since).values_list("user_id", "valid_from", "valid_to")
    for person_id, begun_at, ended_at in rows:
        services[person_id].append((begun_at, ended_at))
    certified = certificates_of(people, first) if team.needs_certificate else {}
    return Facts(leaves, services, certified, team.needs_certificate)


def certificates_of(people: Collection[int], day: date) -> dict[int, list[date | None]]:
    """The last days of the law-enforcement certificates that hold on a day or later."""
    found: dict[int, list[date | None]] = defaultdict(list)
    rows = Qualification.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=day),
        person__in=people,
        kind=Certificate.LAW,
        ended_at__isnull=True,
    )
    for person_id, last in rows.values_list("person_id", "valid_until"):
        found[person_id].append(last)
    return found
