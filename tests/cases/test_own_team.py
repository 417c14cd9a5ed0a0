"""Nobody checks the work of his own team, wherever the team stands in the tree today."""

from datetime import timedelta

import pytest

from cases.models import Order
from cases.services.checking import pass_order
from citymgmt.errors import Forbidden
from citymgmt.models import Role
from grids.access import forget_access
from grids.models import Grant, Membership
from grids.policies import Service, is_own_team
from grids.services.teams import move_team
from inspections.models import LookBack
from inspections.services.lookbacks import plan_lookbacks, record_lookback
from tests import builders
from tests.city import LONG_AGO, NOW, make_team

LATER = NOW + timedelta(hours=1)


def member(*path: int, until=None) -> list[Service]:
    return [Service(path, LONG_AGO, until, "member")]


@pytest.mark.parametrize(
    ("services", "own"),
    [
        (member(1, 2), True),
        (member(1, 2, 5), True),
        (member(1), False),
        (member(1, 3), False),
        (member(1, 3, 2), True),
        (member(1, 2, until=NOW - timedelta(days=1)), False),
        ([], False),
    ],
)
def test_own_is_the_team_and_what_is_above_or_below_short_of_the_bureau(services, own):
    assert is_own_team(services, (1, 2), NOW, LATER) is own


@pytest.mark.django_db
def test_a_team_that_moved_since_is_still_the_own_team(city):
    order = builders.submitted(city)
    supervisor = Role.objects.get(code="supervisor")
    Grant.objects.create(user=city.leader, role=supervisor, valid_from=LONG_AGO)
    move_team(team_id=order.team_id, parent_id=city.teams["dayang"].pk, actor=None)
    forget_access(city.leader)
    with pytest.raises(Forbidden):
        pass_order(order_id=order.pk, actor=city.leader, at=LATER, version=None)


@pytest.mark.django_db
def test_who_left_before_the_order_was_issued_may_check_it(city):
    order = builders.submitted(city)
    supervisor = Role.objects.get(code="supervisor")
    Grant.objects.create(user=city.leader, role=supervisor, valid_from=LONG_AGO)
    Membership.objects.filter(user=city.leader).update(valid_to=NOW - timedelta(days=1))
    forget_access(city.leader)
    assert pass_order(order_id=order.pk, actor=city.leader, at=LATER, version=None)


@pytest.mark.django_db
@pytest.mark.parametrize("ended", [None, NOW + timedelta(minutes=20)])
def test_an_action_group_is_a_team_also_for_who_left_it_before_the_check(city, ended):
    group = make_team("group", "迎检行动组", "action", city.teams["bureau"])
    Membership.objects.create(user=city.supervisor, team=group, valid_from=LONG_AGO, valid_to=ended)
    Membership.objects.create(user=city.officer, team=group, valid_from=LONG_AGO)
    officer = Role.objects.get(code="officer")
    Grant.objects.create(user=city.officer, role=officer, team=group, valid_from=LONG_AGO)
    city.teams["group"] = group
    order = builders.submitted(city, team="group")
    with pytest.raises(Forbidden):
        pass_order(order_id=order.pk, actor=city.supervisor, at=LATER, version=None)


@pytest.mark.django_db
def test_who_joined_the_team_only_after_it_submitted_may_check(city):
    order = builders.submitted(city)
    team = city.teams["gucheng"]
    Membership.objects.create(
        user=city.supervisor, team=team, valid_from=order.submitted_at + timedelta(seconds=1)
    )
    assert pass_order(order_id=order.pk, actor=city.supervisor, at=LATER, version=None)


@pytest.mark.django_db
def test_who_assisted_does_not_look_back_on_the_case(city):
    """The team that assisted is kept out of the draw and of the recording, like the lead."""
    order = builders.submitted(city)
    case = order.case
    Membership.objects.create(user=city.inspector, team=city.teams["huanwei"], valid_from=LONG_AGO)
    beside = Order.objects.get(pk=order.pk)
    beside.pk, beside.number, beside.position, beside.is_lead = None, "beside", 9, False
    beside.team, beside.team_ids = city.teams["huanwei"], city.teams["huanwei"].path
    beside.state, beside.ended_at = "passed", LATER
    beside.save()
    pass_order(order_id=order.pk, actor=city.supervisor, at=LATER, version=None)
    planned = plan_lookbacks(case_id=case.pk, at=LATER)
    assert {row.inspector for row in planned} == {city.supervisor}
    row = planned[0]
    LookBack.objects.filter(pk=row.pk).update(inspector=city.inspector)
    with pytest.raises(Forbidden) as refused:
        record_lookback(
            lookback_id=row.pk,
            actor=city.inspector,
            at=row.opens_at,
            version=None,
            move="unverified",
            note="关门",
        )
    assert "单位" in str(refused.value.message)
