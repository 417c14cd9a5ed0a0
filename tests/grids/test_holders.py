"""Assignments with their holders read for a whole grid: the same as one by one."""

from datetime import timedelta

import pytest

from citymgmt.models import User
from grids.choices import Duty
from grids.facts import chiefs_at, covers, in_force, with_holders
from grids.models import Assignment, Team
from tests.city import NOW

pytestmark = pytest.mark.django_db


def told(row):
    return (
        row.pk, row.duty, row.cell_id, row.starts_minute, row.ends_minute, row.valid_from,
        row.team.name, row.team.code, row.team.is_active, row.team.duty_phone,
        row.person and (row.person.name, row.person.username, row.person.is_active),
    )  # fmt: skip


def test_team_and_person_are_those_of_each_row(city, django_assert_num_queries):
    city.officer.is_active = False
    city.officer.save()
    Team.objects.filter(pk=city.officer.memberships.get().team_id).update(is_active=False)
    rows = list(in_force(NOW).order_by("pk"))
    with django_assert_num_queries(1):
        found = [told(row) for row in with_holders(Assignment.objects.in_force(NOW).order_by("pk"))]
    assert found == [told(row) for row in rows]
    assert {row[-1] and row[-1][2] for row in found} >= {True, False}


def test_each_holder_is_one_object_however_many_rows_name_it(city):
    rows = [
        row for cover in covers(NOW).values() for held in cover.by_duty.values() for row in held
    ]
    teams = {row.team_id for row in rows}
    assert len(rows) > len(teams)
    assert len({id(row.team) for row in rows}) == len(teams)


def test_chiefs_are_those_whom_the_whole_cover_names_and_nobody_who_is_switched_off(
    city, django_assert_num_queries
):
    chiefs = Assignment.objects.filter(duty=Duty.CELL_CHIEF, cell__isnull=False).order_by("pk")
    first, second = chiefs[:2]
    # By night another one; who is away for good is no chief.
    Assignment.objects.filter(pk=first.pk).update(starts_minute=1200, ends_minute=360)
    User.objects.filter(pk=second.person_id).update(is_active=False)
    for hours in range(0, 24, 3):
        at = NOW + timedelta(hours=hours)
        held = {pk: cover.at(Duty.CELL_CHIEF, at) for pk, cover in covers(at).items()}
        named = {pk: row.person.name for pk, row in held.items() if row and row.person.is_active}
        with django_assert_num_queries(1):
            assert chiefs_at(at) == named
