"""Certificates, rosters and leave of the demonstration city, by the services a bureau uses."""

from datetime import date, datetime, timedelta

from citymgmt import clock
from citymgmt.models import User
from grids.choices import SHIFT_MINUTES
from grids.models import Leave, Membership, Team
from grids.services.leaves import register_leave, substitutes_for
from grids.services.rosters import Change, set_shifts
from grids.services.staff import certify
from grids.services.team_edit import TeamFacts, edit_team

WEEKS = 2
_DAY = timedelta(days=1)
# A week of one officer by turns: two early, two middle, two late, and rest after the last night.
_TURNS = ("early", "early", "middle", "middle", "late", "late", "", "")
_LEAVES = (
    ("C205", "annual", 0, 4, "回老家"),
    ("C304", "sick", -1, 1, ""),
    ("C402", "training", 2, 6, "执法资格培训"),
    ("JD03", "personal", 8, 9, "家里有事"),
)
"""Whose, why, from which day to which (from today), and what he said."""


def plan_work(
    *, people: dict[str, User], teams: dict[str, Team], keeper: User, at: datetime
) -> None:
    """What each squadron's week looks like this week and the next."""
    today = at.astimezone(clock.LOCAL).date()
    monday = today - timedelta(days=today.weekday())
    squadrons = [team for team in teams.values() if team.kind == "squadron"]
    for number, team in enumerate(squadrons):
        _duty_phone(team, number, at)
    _certificates(people, keeper, today, at)
    _leaves(people, keeper, today, at)
    # As if it had been planned when the week began: days that are over cannot be set.
    begun = datetime.combine(monday, datetime.min.time(), clock.LOCAL)
    for team in squadrons:
        _roster(team, monday, begun, who=people["officer"].pk, at_work=at)


def _duty_phone(team: Team, number: int, at: datetime) -> None:
    told = TeamFacts(
        name=team.name,
        kind=team.kind,
        parent_id=team.parent_id,
        schedule_id=team.schedule_id,
        duty_phone=f"0576-8511{number:04d}",
        needs_certificate=team.code.startswith("city-"),
    )
    edit_team(team_id=team.pk, version=None, told=told, actor=None, at=at)


def _certificates(people: dict[str, User], keeper: User, today: date, at: datetime) -> None:
    """Everybody of the squadrons has one; a few are over or soon will be."""
    named = [user for name, user in sorted(people.items()) if name[:2] in _SQUADS]
    named += [people["leader"], people["officer"]]
    for number, user in enumerate(named):
        days = {3: -6, 11: 24, 17: 51}.get(number % 37, 300 + number * 7)
        certify(
            user=user,
            kind="law",
            number=f"浙J{331082000 + number}",
            valid_until=today + days * _DAY,
            actor=keeper,
            at=at,
        )


_SQUADS = frozenset({"C1", "C2", "C3", "C4", "C5", "JD"})


def _leaves(people: dict[str, User], keeper: User, today: date, at: datetime) -> None:
    for name, kind, first, last, said in _LEAVES:
        person = people[name]
        days = (today + first * _DAY, today + last * _DAY)
        register_leave(
            person=person,
            kind=kind,
            first=days[0],
            last=days[1],
            reason=said,
            substitute=substitutes_for(person, *days, at).first(),
            actor=keeper,
            at=at,
        )


def _roster(team: Team, monday: date, at: datetime, *, who: int, at_work: datetime) -> None:
    """Two weeks of turns; who is on leave is left out. Whom one signs in as is at work."""
    members = Membership.objects.in_force(at).filter(team=team, user__is_active=True)
    staff = list(
        members.filter(post="member").order_by("user__username").values_list("user", flat=True)
    )
    if not staff:
        return
    days = [monday + n * _DAY for n in range(7 * WEEKS)]
    away = _away(staff, days)
    changes = []
    moved = _moved(staff.index(who) * 3, monday, at_work) if who in staff else 0
    for place, person_id in enumerate(staff):
        for n, day in enumerate(days):
            shift = _TURNS[(n + place * 3 + moved) % len(_TURNS)]
            if shift and (person_id, day) not in away and (person_id, day + _DAY) not in away:
                changes.append(Change(person_id, day, (shift,)))
    set_shifts(team_id=team.pk, changes=changes, reason="轮班", actor=None, at=at)


def _moved(place: int, monday: date, at: datetime) -> int:
    """By how many days the turns must be moved so that who stands at a place in them is on a shift
    at a moment; 0 where none runs then."""
    local = at.astimezone(clock.LOCAL)
    for moved in range(len(_TURNS)):
        # Yesterday's shift may run past midnight.
        for back in (0, 1):
            day = (local.date() - monday).days - back
            shift = _TURNS[(day + place + moved) % len(_TURNS)]
            minute = local.hour * 60 + local.minute + back * 1440
            starts, ends = SHIFT_MINUTES[shift] if shift else (0, 0)
            if starts <= minute < starts + (ends - starts) % 1440:
                return moved
    return 0


def _away(staff: list[int], days: list[date]) -> set[tuple[int, date]]:
    rows = Leave.objects.touching(days[0], days[-1] + _DAY).filter(person__in=staff)
    return {
        (row.person_id, row.first_day + n * _DAY)
        for row in rows
        for n in range((row.last_day - row.first_day).days + 1)
    }
