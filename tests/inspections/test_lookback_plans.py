"""Planning look-backs: when, for whom, and never twice."""

from datetime import datetime, timedelta

import pytest

from cases.models import CaseEvent
from grids.models import Membership
from inspections.models import LookBack
from inspections.services import lookbacks
from inspections.services.inspectors import candidates_for
from tests import builders
from tests.city import LOCAL, NOW, make_team

pytestmark = pytest.mark.django_db

CLOSED = NOW + timedelta(hours=1)


def test_each_day_that_the_class_asks_for_gets_a_look_back(city):
    city.spill.lookback_days = [3, 7]
    city.spill.save()
    order = builders.closed(city)
    lookbacks.plan_lookbacks(case_id=order.case_id, at=CLOSED)
    rows = list(LookBack.objects.filter(order=order))
    assert [(row.round, row.after_days) for row in rows] == [(1, 3), (2, 7)]
    # Friday the 20th plus three days is Monday; two work days later it is due.
    assert rows[0].opens_at == datetime(2026, 11, 23, 8, 0, tzinfo=LOCAL)
    assert rows[0].due_at == datetime(2026, 11, 24, 18, 0, tzinfo=LOCAL)


def test_planning_again_changes_nothing(city, planned):
    row = planned()
    before = CaseEvent.objects.filter(case=row.case).count()
    assert lookbacks.plan_lookbacks(case_id=row.case_id, at=CLOSED) == []
    assert LookBack.objects.count() == 1
    assert CaseEvent.objects.filter(case=row.case).count() == before


def test_a_class_that_does_not_ask_gets_none(city):
    order = builders.closed(city, category_id=city.litter.pk, team="huanwei", person="cleaner")
    assert lookbacks.plan_lookbacks(case_id=order.case_id, at=CLOSED) == []
    assert lookbacks.due_plans(at=CLOSED, limit=10) == []


def test_a_case_that_is_still_open_gets_none(city):
    order = builders.submitted(city)
    assert lookbacks.plan_lookbacks(case_id=order.case_id, at=CLOSED) == []
    assert lookbacks.due_plans(at=CLOSED, limit=10) == []


def test_the_sweep_finds_what_a_lost_kick_left(city):
    order = builders.closed(city)
    assert lookbacks.due_plans(at=CLOSED, limit=10) == [order.case_id]
    lookbacks.plan_lookbacks(case_id=order.case_id, at=CLOSED)
    assert lookbacks.due_plans(at=CLOSED, limit=10) == []


def test_a_late_plan_still_leaves_the_whole_time(city):
    order = builders.closed(city)
    late = datetime(2026, 11, 26, 9, 0, tzinfo=LOCAL)
    (row,) = lookbacks.plan_lookbacks(case_id=order.case_id, at=late)
    assert row.opens_at < late
    assert row.due_at == datetime(2026, 11, 30, 9, 0, tzinfo=LOCAL)


def test_the_plan_enters_the_case_chain(city, planned):
    row = planned()
    event = CaseEvent.objects.filter(case=row.case).last()
    assert event.name == "lookback.planned"
    assert event.payload["rounds"][0]["inspector"] == row.inspector_id


def test_who_was_of_the_team_never_looks_back(city):
    Membership.objects.create(
        user=city.supervisor,
        team=city.teams["gucheng"],
        post="member",
        valid_from=NOW - timedelta(days=9),
        valid_to=NOW + timedelta(minutes=10),
    )
    order = builders.closed(city)
    (row,) = lookbacks.plan_lookbacks(case_id=order.case_id, at=CLOSED)
    assert row.inspector == city.inspector


def test_an_action_group_below_the_team_counts_as_own(city):
    group = make_team("group", "行动一组", "action", city.teams["gucheng"])
    for person in (city.supervisor, city.inspector):
        Membership.objects.create(
            user=person, team=group, post="member", valid_from=NOW - timedelta(days=9)
        )
    order = builders.submitted(city)
    assert candidates_for(case=order.case, order=order, at=CLOSED) == []
