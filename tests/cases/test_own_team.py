"""Nobody checks the work of his own team, wherever the team stands in the tree today."""

from datetime import timedelta
from functools import partial

import pytest

from cases.models import Order
from cases.services import rectification, requests
from cases.services.checking import PASS, pass_order, rework_order
from citymgmt.errors import Forbidden
from citymgmt.models import Role
from grids.access import access_of, forget_access
from grids.models import Grant, Membership
from grids.policies import Service, is_own_team
from grids.services.deputies import hand_over
from grids.services.teams import move_team
from inspections.models import LookBack
from inspections.services.inspectors import candidates_for
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


@pytest.fixture
def hand_in(city):
    """A supervisor who acts for a squadron by a grant, without being of it."""
    leader = Role.objects.get(code="leader")
    squadron = city.teams["gucheng"]
    Grant.objects.create(user=city.supervisor, role=leader, team=squadron, valid_from=LONG_AGO)
    forget_access(city.supervisor)
    return city.supervisor


@pytest.mark.django_db
def test_who_submitted_for_a_team_does_not_check_it_though_he_is_not_of_the_team(city, hand_in):
    order = builders.received(city)
    rectification.submit_order(
        order_id=order.pk,
        actor=hand_in,
        at=LATER,
        version=None,
        result=builders.done(hand_in, at=LATER),
    )
    for judge in (pass_order, partial(rework_order, note="没收干净")):
        with pytest.raises(Forbidden):
            judge(order_id=order.pk, actor=hand_in, at=LATER, version=None)
    pass_order(order_id=order.pk, actor=city.inspector, at=LATER, version=None)


@pytest.mark.django_db
def test_the_deputy_of_who_submitted_does_not_check_it_either(city, hand_in):
    order = builders.received(city)
    rectification.submit_order(
        order_id=order.pk,
        actor=hand_in,
        at=LATER,
        version=None,
        result=builders.done(hand_in, at=LATER),
    )
    hand_over(
        principal=hand_in,
        deputy=city.dispatcher,
        actor=hand_in,
        at=LATER,
        until=LATER + timedelta(days=1),
        reason="出差",
    )
    forget_access(city.dispatcher)
    access = access_of(city.dispatcher, LATER)
    assert access.can_at(PASS.capability, order.place)
    with pytest.raises(Forbidden):
        pass_order(order_id=order.pk, actor=city.dispatcher, at=LATER, version=None)


@pytest.mark.django_db
def test_who_submitted_does_not_look_back_on_it(city, hand_in):
    Grant.objects.exclude(user__in=[hand_in, city.inspector]).filter(
        role__capabilities__contains=["lookback.record"]
    ).update(valid_to=LONG_AGO + timedelta(days=1))
    order = builders.received(city)
    rectification.submit_order(
        order_id=order.pk,
        actor=hand_in,
        at=LATER,
        version=None,
        result=builders.done(hand_in, at=LATER),
    )
    pass_order(order_id=order.pk, actor=city.inspector, at=LATER, version=None)
    order = Order.objects.select_related("case").get(pk=order.pk)
    chosen = candidates_for(case=order.case, order=order, at=LATER)
    assert chosen == [city.inspector.pk]


@pytest.mark.django_db
def test_who_asked_for_a_team_does_not_decide_it(city, hand_in):
    order = builders.received(city)
    given = {"actor": hand_in, "at": NOW, "version": None}
    request = requests.ask_extension(order_id=order.pk, note="货太多", **given)
    with pytest.raises(Forbidden):
        requests.approve_request(request_id=request.pk, **given)
    with pytest.raises(Forbidden):
        requests.refuse_request(request_id=request.pk, note="不行", **given)
    assert requests.withdraw_request(request_id=request.pk, **given).state == "withdrawn"
