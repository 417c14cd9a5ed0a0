"""Whose matter a place is: by cell, segment, duty and hour."""

from datetime import timedelta

import pytest

from grids.choices import Duty, Shift
from grids.models import Assignment, RoadSegment
from grids.responsible import responsible_path
from grids.services.teams import move_team
from tests.city import LONG_AGO, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(city):
    """The path of the team in charge of the first cell, at a moment and perhaps on a segment."""

    def ask(at=NOW, segment=None):
        return responsible_path(
            cell_id=city.cells[0].pk, segment_id=segment.pk if segment else None, at=at
        )

    return ask


@pytest.fixture
def enforcement(city) -> Assignment:
    return Assignment.objects.get(cell=city.cells[0], duty=Duty.ENFORCEMENT)


def end(assignment: Assignment, at=NOW) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(valid_to=at)


def test_enforcement_answers_and_else_the_chief_of_the_cell(city, path, enforcement):
    chief = Assignment.objects.get(cell=city.cells[0], duty=Duty.CELL_CHIEF)
    Assignment.objects.filter(pk=chief.pk).update(team=city.teams["dayang"])
    assert path() == city.teams["gucheng"].path
    end(enforcement)
    assert path() == city.teams["dayang"].path
    assert path(NOW - timedelta(seconds=1)) == city.teams["gucheng"].path
    end(chief)
    assert path() == []


def test_nobody_answers_outside_of_the_grid(city):
    assert responsible_path(cell_id=None, segment_id=None, at=NOW) == []


def test_who_is_on_duty_at_the_hour_comes_first(city, path, enforcement):
    end(
        Assignment.objects.get(cell=city.cells[0], duty=Duty.CELL_CHIEF), at=LONG_AGO.replace(day=2)
    )
    Assignment.objects.filter(pk=enforcement.pk).update(starts_minute=6 * 60, ends_minute=18 * 60)
    enforcement.pk, enforcement.shift = None, Shift.ZERO
    enforcement.team = city.teams["dayang"]
    enforcement.starts_minute, enforcement.ends_minute = 22 * 60, 2 * 60
    enforcement.save(force_insert=True)
    day, night = city.teams["gucheng"].path, city.teams["dayang"].path
    hours = {14: day, 23: night, 1: night, 2: day, 20: day, 6: day}
    assert {hour: path(NOW.replace(hour=hour)) for hour in hours} == hours


def test_a_segment_wins_over_its_cell(city, path, enforcement):
    street = RoadSegment.objects.create(
        code="ziyang",
        name="紫阳街",
        line={"type": "LineString", "coordinates": [[121.12, 28.85], [121.13, 28.85]]},
        valid_from=LONG_AGO,
    )
    assert path(segment=street) == city.teams["gucheng"].path
    Assignment.objects.create(
        segment=street, duty=Duty.ENFORCEMENT, team=city.teams["dayang"], valid_from=LONG_AGO
    )
    assert path(segment=street) == city.teams["dayang"].path


def test_a_team_that_moved_answers_under_its_new_path(city, path):
    move_team(team_id=city.teams["gucheng"].pk, parent_id=city.teams["dayang"].pk, actor=city.admin)
    assert path() == [*city.teams["dayang"].path, city.teams["gucheng"].pk]
