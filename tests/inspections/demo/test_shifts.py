"""The squadrons of the demonstration city: their weeks, who is away, whose certificate ends."""

from datetime import timedelta

import pytest

from citymgmt import clock
from grids.models import Leave, Qualification, RosterShift
from grids.people_facts import expiring
from grids.roster_facts import facts_of, stint_of
from grids.rostering import conflicts
from inspections.demo.founding import found_city
from inspections.demo.shifts import plan_work
from tests.city import NOW

pytestmark = pytest.mark.django_db


def test_each_squadron_has_two_weeks_without_a_conflict(db):
    since, today = NOW - timedelta(days=60), NOW.astimezone(clock.LOCAL).date()
    founded = found_city(since=since, today=today, password="a-long-password-7")
    keeper = founded.people["admin"]
    plan_work(people=founded.people, teams=founded.teams, keeper=keeper, at=NOW)

    monday = today - timedelta(days=today.weekday())
    days = set(RosterShift.objects.values_list("day", flat=True))
    assert days == {monday + timedelta(days=n) for n in range(14)}
    squads = {f"city-{n}" for n in range(1, 6)} | {"jidong"}
    assert set(RosterShift.objects.values_list("team__code", flat=True)) == squads
    for code in squads:
        team = founded.teams[code]
        team.refresh_from_db()
        rows = list(RosterShift.objects.filter(team=team))
        people = {row.person_id for row in rows}
        facts = facts_of(team, people, min(days), max(days))
        against = conflicts(map(stint_of, rows), facts)
        assert {each.against for told in against.values() for each in told} <= {"uncertified"}

    # Whom one signs in as is at work.
    officer = founded.people["officer"]
    assert RosterShift.objects.filter(person=officer, starts_at__lte=NOW, ends_at__gt=NOW).exists()

    assert Leave.objects.count() == 4
    assert Leave.objects.on(today).filter(substitute__isnull=False).exists()
    assert Qualification.objects.filter(valid_until__lt=today).exists()
    assert len(expiring(today, 99)) >= 3
