"""Nobody checks the work of his own team, wherever the team stands in the tree today."""

from datetime import timedelta

import pytest

from cases.services.checking import pass_order
from citymgmt.errors import Forbidden
from citymgmt.models import Role
from grids.access import forget_access
from grids.models import Grant, Membership
from grids.policies import Service, is_own_team
from grids.services.teams import move_team
from tests import builders
from tests.city import LONG_AGO, NOW

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
