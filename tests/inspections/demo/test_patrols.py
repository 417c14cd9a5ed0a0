"""The demonstration city's patrols: yesterday's are over, today's go on, some of it is walked."""

import pytest

from grids.models import Assignment, Patrol, PatrolPlace
from inspections.demo.patrols import walk_the_streets
from tests import places
from tests.city import NOW

pytestmark = pytest.mark.django_db


def test_officers_have_walked_yesterday_and_walk_today(city):
    places.site(city)
    walk_the_streets([city.officer, city.officer, city.viewer, city.other_officer], until=NOW)
    assert Patrol.objects.count() == 4
    assert {row.person for row in Patrol.objects.running()} == {city.officer, city.other_officer}
    assert PatrolPlace.objects.filter(is_walked=True).count() >= 4
    assert all(row.gap_s > 0 and row.metres > 1000 for row in Patrol.objects.all())


def test_who_has_one_cell_walks_about_in_it_and_who_has_none_takes_nobodys_place(city, monkeypatch):
    monkeypatch.setattr("inspections.demo.patrols.WALKERS", 1)
    theirs = Assignment.objects.filter(person=city.officer)
    theirs.exclude(cell=city.cells[0]).delete()
    walk_the_streets([city.dispatcher, city.leader, city.officer, city.other_officer], until=NOW)
    assert {row.person for row in Patrol.objects.all()} == {city.officer}
    for row in Patrol.objects.all():
        assert row.metres > 1000
        assert row.places.get(is_walked=True).cell == city.cells[0]
