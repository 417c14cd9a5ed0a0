"""Assignments with their holders read for a whole grid: the same as one by one."""

import pytest

from grids.facts import covers, in_force, with_holders
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
