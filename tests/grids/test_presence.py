"""Who is on shift now, and for how much longer."""

from datetime import datetime, timedelta

import pytest

from grids.choices import Duty, Shift
from grids.models import Assignment
from grids.presence import Presence, presences
from grids.services.deputies import hand_over
from tests.city import LOCAL, LONG_AGO, NOW

pytestmark = pytest.mark.django_db


def presence(person, at: datetime = NOW) -> Presence:
    return presences([person.pk], None, at)[person.pk]


def at(hour: int, minute: int = 0, *, day: int = 20) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("moment", "on", "hours", "words"),
    [
        (at(7, 30), False, 0, "还没上班"),
        (at(8), True, 8, "按作息"),
        (at(12, 30), True, 4, "按作息"),
        (at(17), True, 1, "按作息"),
        (at(18), False, 0, "已下班"),
        (at(10, day=21), False, 0, "休息"),
    ],
)
def test_without_hours_of_ones_own_the_work_schedule_counts(city, moment, on, hours, words):
    found = presence(city.leader, moment)
    assert (found.on, found.left, found.words) == (on, timedelta(hours=hours), words)


@pytest.mark.parametrize(
    ("moment", "on", "minutes", "words"),
    [
        (at(19, 59), False, 0, "晚班 20:00 上班"),
        (at(20), True, 600, "晚班 20:00–6:00"),
        (at(5, 59), True, 1, "晚班 20:00–6:00"),
        (at(6), False, 0, "晚班 20:00 上班"),
    ],
)
def test_named_hours_go_before_the_schedule_also_past_midnight(city, moment, on, minutes, words):
    Assignment.objects.filter(duty=Duty.ENFORCEMENT, person=city.officer).update(
        shift=Shift.LATE, starts_minute=1200, ends_minute=360
    )
    found = presence(city.officer, moment)
    assert (found.on, found.left, found.words) == (on, timedelta(minutes=minutes), words)


def test_a_leader_whose_desk_is_in_other_hands_is_away(city):
    hand_over(
        principal=city.leader,
        actor=city.leader,
        at=NOW,
        deputy=city.officer,
        since=NOW,
        until=NOW + timedelta(days=2),
        reason="出差",
    )
    assert presence(city.leader, NOW).words == "出差，李建国代班"
    assert presence(city.leader, NOW + timedelta(days=4)).words == "按作息"


def test_what_one_answers_for_now_is_told_by_duty_and_place(city):
    first, third = city.cells[0].pk, city.cells[2].pk
    found = presence(city.officer)
    assert found.places == ("第1片", "第2片")
    assert found.answers_for(Duty.ENFORCEMENT, first, None)
    assert not found.answers_for(Duty.ENFORCEMENT, third, None)
    assert not found.answers_for(Duty.CLEANING, first, None)
    assert not found.answers_for(Duty.ENFORCEMENT, None, None)
    Assignment.objects.filter(duty=Duty.ENFORCEMENT, person=city.officer).update(
        shift=Shift.LATE, starts_minute=1200, ends_minute=360
    )
    assert not presence(city.officer).answers_for(Duty.ENFORCEMENT, first, None)


def test_an_assignment_that_ended_says_nothing(city):
    Assignment.objects.filter(person=city.officer).update(valid_to=LONG_AGO + timedelta(days=9))
    assert presence(city.officer).places == ()
