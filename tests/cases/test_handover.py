"""交接: what somebody holds goes on in one act, or stays; orders by their events, posts by 五定."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from cases.models import CaseEvent, HandOver, Order
from cases.services.handover import KEEP, TEAM, hand_over_work, work_of
from cases.services.rectification import assign_order
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Notice
from citymgmt.services.revisions import GRID, raise_revision
from grids.access import forget_access
from grids.choices import Duty
from grids.models import Area, Assignment, Cell, Grant, Membership
from grids.services.acts import last_act
from tests import builders
from tests.city import IN_FIRST_CELL, LOCAL, NOW, SIDE, WEST, City

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, tzinfo=LOCAL)


@pytest.fixture
def heir(city: City):
    """Somebody of the leaver's team who takes over."""
    city.stranger.name = "王接手"
    city.stranger.save(update_fields=["name"])
    team = city.teams["gucheng"]
    Membership.objects.create(user=city.stranger, team=team, valid_from=NOW - timedelta(days=9))
    return city.stranger


def posts(city: City) -> list[Assignment]:
    rows = Assignment.objects.filter(person=city.officer, valid_to__isnull=True)
    return list(rows.order_by("pk"))


def hand_over(city: City, by: str = "admin", at: datetime = NOW, **what: object) -> HandOver:
    given = {"posts": {}, "orders": {}} | what
    return hand_over_work(person_id=city.officer.pk, actor=city.people[by], at=at, **given)


def test_all_that_he_holds_goes_to_another_from_monday(city, heir):
    orders = [builders.received(city), builders.issued(city)]
    held = posts(city)
    row = hand_over(
        city,
        since=MONDAY,
        posts=dict.fromkeys([one.pk for one in held], heir.pk),
        orders=dict.fromkeys([one.pk for one in orders], heir.pk),
    )
    assert set(Order.objects.values_list("person__name", flat=True)) == {"王接手"}
    events = CaseEvent.objects.filter(name="order.assigned")
    assert events.filter(actor=city.admin).count() == 2
    until_monday = Assignment.objects.in_force(NOW).filter(person=city.officer)
    assert until_monday.count() == len(held)
    after = Assignment.objects.in_force(MONDAY)
    assert not after.filter(person=city.officer).exists()
    assert after.filter(person=heir).count() == len(held)
    assert len(row.rows["posts"]) == len(held)
    assert {one["to"] for one in row.rows["orders"]} == {"王接手"}
    told = Notice.objects.filter(user=heir).values_list("kind", flat=True)
    assert sorted(told) == ["grid.handed", "order.assigned", "order.assigned"]
    assert last_act(city.admin) is None


def test_each_thing_is_taken_left_or_given_back(city, heir):
    kept, back = builders.received(city), builders.issued(city)
    chief, enforcement, *_rest = posts(city)
    hand_over(
        city,
        posts={chief.pk: TEAM, enforcement.pk: TEAM},
        orders={kept.pk: KEEP, back.pk: TEAM},
    )
    kept.refresh_from_db()
    back.refresh_from_db()
    assert (kept.person, back.person) == (city.officer, None)
    events = CaseEvent.objects.filter(name="order.unassigned")
    assert events.count() == 1
    now = Assignment.objects.in_force(NOW).filter(cell=city.cells[0])
    assert not now.filter(duty=Duty.CELL_CHIEF).exists()
    row = now.get(duty=Duty.ENFORCEMENT)
    assert (row.team, row.person) == (city.teams["gucheng"], None)


def test_what_he_holds_is_listed_as_far_as_one_may_hand_it_over(city):
    builders.received(city)
    whole = work_of(city.officer, city.admin, NOW)
    assert (len(whole.posts), len(whole.orders), whole.others) == (4, 1, 0)
    leaders = work_of(city.officer, city.leader, NOW)
    assert (len(leaders.posts), len(leaders.orders), leaders.others) == (0, 1, 4)
    assert work_of(city.officer, city.other_leader, NOW).others == 5


def test_a_leader_hands_over_his_teams_orders_and_no_posts(city, heir):
    order = builders.received(city)
    hand_over(city, by="leader", orders={order.pk: heir.pk})
    order.refresh_from_db()
    assert order.person == heir
    with pytest.raises(Forbidden):
        hand_over(city, by="leader", posts={posts(city)[0].pk: heir.pk})
    other = builders.received(city)
    with pytest.raises(Forbidden):
        hand_over(city, by="other_leader", orders={other.pk: TEAM})


@pytest.mark.parametrize("what", ["order", "post"])
def test_what_is_his_no_more_stops_all_of_it(city, heir, what):
    order, held = builders.received(city), posts(city)[0]
    if what == "order":
        assign_order(
            order_id=order.pk, actor=city.leader, at=NOW, version=None, person_id=city.leader.pk
        )
    else:
        Assignment.objects.filter(pk=held.pk).update(person=city.leader)
    before = CaseEvent.objects.count()
    with pytest.raises(Conflict, match="请刷新后再看"):
        hand_over(city, posts={held.pk: heir.pk}, orders={order.pk: heir.pk})
    assert CaseEvent.objects.count() == before
    assert not HandOver.objects.exists()


def test_nobody_takes_an_order_of_a_team_that_is_not_his(city):
    order = builders.received(city)
    held = posts(city)[0]
    with pytest.raises(DomainError, match="不在古城中队"):
        hand_over(city, posts={held.pk: city.leader.pk}, orders={order.pk: city.other_officer.pk})
    assert posts(city)[0].pk == held.pk
    with pytest.raises(DomainError, match="没有选要移交的"):
        hand_over(city, orders={order.pk: KEEP})


def test_a_post_may_go_to_another_teams_person_who_brings_his_team(city):
    held = posts(city)[0]
    hand_over(city, posts={held.pk: city.other_officer.pk})
    row = Assignment.objects.in_force(NOW).get(cell=held.cell, duty=held.duty)
    assert (row.team, row.person) == (city.teams["dayang"], city.other_officer)


# --- Pages ----------------------------------------------------------------------------------


def test_the_page_lists_and_hands_over_and_leads_to_the_sheet(city, heir, as_):
    order = builders.received(city)
    client = as_("admin")
    address = reverse("cases:hand_over")
    assert "李建国" in client.get(address, {"name": "李建"}).content.decode()
    said = client.get(address, {"person": city.officer.pk}).content.decode()
    assert "古城-01" in said
    assert order.case.address in said
    body = {
        "person": city.officer.pk,
        "to": heir.pk,
        "since": "2026-11-23",
        "idempotency_key": str(uuid.uuid4()),
        **{f"post-{one.pk}": "" for one in posts(city)},
        f"order-{order.pk}": "",
    }
    answer = client.post(address, body)
    assert answer.status_code == 302, answer.content.decode()
    assert client.post(address, body)["Location"] == answer["Location"]
    sheet = client.get(answer["Location"]).content.decode()
    for words in ("工作交接单", "古城-01", order.number, "王接手", "移交人 李建国"):
        assert words in sheet
    assert as_("officer").get(answer["Location"]).status_code == 200
    assert as_("other_leader").get(answer["Location"]).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [{"since": "昨天"}, {"since": "2026-01-01"}, {"to": "²"}, {"to": "0"}, {"post": "x"}],
)
def test_what_no_page_sends_is_refused_and_nothing_is_done(city, as_, changes):
    post = changes.pop("post", "")
    body = {
        "person": city.officer.pk,
        "to": city.leader.pk,
        "since": "2026-11-23",
        "idempotency_key": str(uuid.uuid4()),
        f"post-{posts(city)[0].pk}": post,
    }
    answer = as_("admin").post(reverse("cases:hand_over"), body | changes)
    assert answer.status_code == 422
    assert "tone-bad" in answer.content.decode()
    assert not HandOver.objects.exists()


def test_who_hands_over_nobodys_work_is_refused(city, as_):
    address = reverse("cases:hand_over")
    for name in ("dispatcher", "officer", "viewer", "stranger"):
        assert as_(name).get(address).status_code == 403
    assert as_("leader").get(address).status_code == 200
    assert as_("admin").get(address, {"person": "9" * 18}).status_code == 404
    assert as_("admin").get(address, {"person": "x"}).status_code == 404


def test_the_load_of_the_cells_is_told_with_the_way_to_their_cases(city, as_):
    builders.case(city)
    said = as_("viewer").get(reverse("cases:cell_load")).content.decode()
    assert "古城-01" in said
    assert "每周 0.2 件" in said
    assert "另有 3 格" in said
    assert as_("stranger").get(reverse("cases:cell_load")).status_code == 403
    county = Area.objects.get(code="331082")
    street = Area.objects.create(code="331082002", name="大洋街道", level="street", parent=county)
    Cell.objects.filter(pk=city.cells[3].pk).update(area=street)
    Grant.objects.filter(user=city.viewer).update(area=street)
    forget_access(city.viewer)
    raise_revision(GRID)
    builders.case(city, lon=WEST + SIDE * 3.5, lat=IN_FIRST_CELL[1])
    # Who looks at one street sees the load of that one, of its one cell.
    said = as_("viewer").get(reverse("cases:cell_load")).content.decode()
    assert "古城-04" in said
    assert "古城-01" not in said
    assert "平均每格每周 0.2 件" in said
    assert "这些天没有案件" not in said


def test_a_manager_of_one_team_sees_its_people_only(city):
    forget_access(city.leader)
    assert work_of(city.other_officer, city.leader, NOW).posts == []
