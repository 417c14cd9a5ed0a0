"""Outings: planned, drawn, kept from those they visit, reached, ended; their draws verified."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from citymgmt.errors import BadTransition, DomainError, Forbidden
from citymgmt.models import Notice
from grids.access import access_of, forget_access
from grids.models import Area, Cell, Grant, Membership, Site
from inspections.choices import OutingState
from inspections.models import Outing, OutingDraw, OutingPoint
from inspections.services.outing_plans import differences
from inspections.services.outings import (
    Here,
    add_point,
    arrive,
    cancel_outing,
    finish_outing,
    skip_point,
)
from tests import outings
from tests.city import IN_FIRST_CELL, LONG_AGO, NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ALL = {"strict": 5, "first": 5, "school": 5, "market": 5}


def seen_by(city, name, at=NOW) -> set[str]:
    user = city.people[name]
    forget_access(user)
    return set(Outing.objects.visible_to(access_of(user, at), at).values_list("title", flat=True))


# --- Planning and the draw ----------------------------------------------------------------------


def test_a_plan_draws_streets_and_places_with_who_answers_for_them(city):
    outings.ledger(city)
    outing = outings.planned(city, wanted=ALL)
    names = {point.name: point.team.name for point in outing.points.select_related("team")}
    assert names == {
        "紫阳街": "古城中队",
        "大洋路": "大洋中队",
        "哲商小学": "古城中队",
        "回浦农贸市场": "古城中队",
        "紫阳农贸市场": "古城中队",
        "大洋农贸市场": "大洋中队",
    }
    assert outing.team_ids == sorted(city.teams[code].pk for code in ("gucheng", "dayang"))
    assert outing.number == "20261120-0001"
    assert differences(outing.draw) == []


def test_of_each_kind_the_teams_take_turns(city):
    outings.ledger(city)
    outing = outings.planned(city, wanted={"market": 2})
    teams = {point.team.name for point in outing.points.select_related("team")}
    assert teams == {"古城中队", "大洋中队"}


def test_nobody_s_own_team_is_drawn(city):
    outings.ledger(city)
    outing = outings.planned(city, wanted=ALL, groups={city.officer.pk: 1})
    assert {point.team.name for point in outing.points.select_related("team")} == {"大洋中队"}


def test_communities_are_drawn_and_not_where_one_of_their_teams_is_of_who_goes(city):
    for number, cells in (("001", city.cells[:1]), ("002", city.cells[1:3])):
        area = Area.objects.create(
            code=f"331082001{number}", name=f"{number}社区", level="community"
        )
        Cell.objects.filter(pk__in=[cell.pk for cell in cells]).update(area=area)
    Area.objects.create(code="331082001003", name="没有网格的社区", level="community")
    both = outings.planned(city, wanted={"community": 9})
    points = {point.name: point for point in both.points.select_related("team")}
    assert set(points) == {"001社区", "002社区"}
    assert points["001社区"].team == city.teams["gucheng"]
    assert points["001社区"].lon is not None
    # The second has a cell of another team: that team must not hear of it either.
    assert both.team_ids == sorted(city.teams[code].pk for code in ("gucheng", "dayang"))
    assert differences(both.draw) == []
    with pytest.raises(DomainError):
        outings.planned(city, wanted={"community": 9}, groups={city.officer.pk: 1})
    away = outings.planned(city, wanted={"community": 9}, groups={city.other_officer.pk: 1})
    assert [point.name for point in away.points.all()] == ["001社区"]


def test_what_was_checked_lately_is_not_drawn_and_what_was_not_comes_first(city):
    outings.ledger(city, at=NOW - 3 * DAY)
    first = outings.planned(
        city,
        at=NOW - 3 * DAY,
        starts_at=NOW - 3 * DAY,
        ends_at=NOW - 3 * DAY + outings.HOURS,
        wanted={"market": 2},
    )
    version = outings.check_list()
    for point in first.points.all():
        outings.checked(city, point, at=NOW - 3 * DAY, version=version)
    visited = set(first.points.values_list("name", flat=True))
    again = outings.planned(city, wanted={"market": 3}, rest_days=7)
    assert visited.isdisjoint(again.points.values_list("name", flat=True))
    assert again.points.count() == 1
    later = outings.planned(city, wanted={"market": 3}, rest_days=0)
    bands = {each["name"]: each["band"] for each in later.draw.candidates}
    assert {bands[name] for name in visited} == {3}


def test_where_nothing_can_be_drawn_nothing_is_kept(city):
    with pytest.raises(DomainError) as refused:
        outings.planned(city, wanted={"market": 2})
    assert refused.value.field == "wanted"
    assert not Outing.objects.exists()
    assert not OutingDraw.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "secret"}, "kind"),
        ({"title": " "}, "title"),
        ({"title": "长" * 61}, "title"),
        ({"note": "长" * 301}, "note"),
        ({"ends_at": NOW}, "ends_at"),
        ({"ends_at": NOW + timedelta(hours=37)}, "ends_at"),
        ({"starts_at": NOW + 90 * DAY, "ends_at": NOW + 90 * DAY + DAY}, "starts_at"),
        ({"groups": {}}, "people"),
        ({"groups": {10**9: 1}}, "people"),
        ({"groups": {10**9: 0}}, "people"),
        ({"wanted": {"moon": 1}}, "wanted"),
        ({"wanted": {"market": 51}}, "wanted"),
        ({"wanted": {"market": -1}}, "wanted"),
        ({"rest_days": 400}, "rest_days"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_planned_is_refused_and_nothing_is_kept(city, changes, field):
    with pytest.raises(DomainError) as refused:
        outings.planned(city, **changes)
    assert refused.value.field == field
    assert not Outing.objects.exists()


@pytest.mark.parametrize(
    "name", ["admin", "dispatcher", "inspector", "leader", "officer", "viewer", "stranger"]
)
def test_only_supervisors_plan(city, name):
    with pytest.raises(Forbidden):
        outings.planned(city, by=name)


def test_a_right_over_one_team_alone_plans_nothing(city):
    Grant.objects.filter(user=city.supervisor).update(team=city.teams["gucheng"])
    with pytest.raises(Forbidden):
        outings.planned(city)


def test_who_goes_hears_of_it_and_not_where_to(city):
    outings.ledger(city)
    outing = outings.planned(city, wanted=ALL, groups={city.supervisor.pk: 1, city.inspector.pk: 1})
    notice = Notice.objects.get(kind="outing.planned")
    assert (notice.user, notice.path) == (city.inspector, f"/outings/{outing.number}/")
    assert not any(point.name in notice.text for point in outing.points.all())


def test_a_draw_that_was_tampered_with_does_not_come_out_again(city):
    outings.ledger(city)
    draws = [outings.planned(city, wanted={"market": 1}).draw for _ in range(2)]
    out = StringIO()
    call_command("verify_outing_draws", stdout=out)
    assert "2 次抽取，重抽全部一致" in out.getvalue()
    wrong = draws[0]
    other = next(each["key"] for each in wrong.candidates if each["key"] not in wrong.drawn)
    wrong.drawn = [other]
    assert differences(wrong) == ["drawn", "points"]
    wrong.refresh_from_db()
    wrong.candidates[0]["band"] = 2
    assert "candidates" in differences(wrong)
    point = draws[1].outing.points.get()
    key = next(each["key"] for each in draws[1].candidates if each["key"] not in draws[1].drawn)
    OutingPoint.objects.filter(pk=point.pk).update(site=int(key.partition(":")[2]))
    out = StringIO()
    with pytest.raises(CommandError, match="1 次重抽不一致"):
        call_command("verify_outing_draws", stdout=out)
    assert draws[1].number in out.getvalue()


# --- Who sees it --------------------------------------------------------------------------------


def test_before_it_is_done_only_who_plans_or_goes_sees_it(city):
    outings.to_market(city)
    seen = {name: bool(seen_by(city, name)) for name in city.people}
    assert [name for name, there in seen.items() if there] == ["supervisor", "inspector"]


def test_once_it_is_done_readers_of_digests_see_it_each_in_his_scope(city):
    outings.done(city)
    seen = {name: bool(seen_by(city, name)) for name in city.people}
    assert [name for name, there in seen.items() if there] == [
        "admin", "dispatcher", "supervisor", "inspector", "leader", "viewer",
    ]  # fmt: skip


def test_who_becomes_one_of_a_visited_team_sees_it_no_more_until_it_is_done(city):
    point = outings.to_market(city)
    team = city.teams["gucheng"]
    for name in ("supervisor", "inspector"):
        Membership.objects.create(user=city.people[name], team=team, valid_from=LONG_AGO)
        assert seen_by(city, name) == set()
    Outing.objects.filter(pk=point.outing_id).update(state=OutingState.DONE, ended_at=NOW)
    assert all(seen_by(city, name) for name in ("supervisor", "inspector"))


def test_of_a_done_outing_a_leader_sees_the_points_of_his_team(city):
    outings.ledger(city)
    outing = outings.planned(city, wanted={"market": 3})
    outings.checked(city, outing.points.first())
    finish_outing(outing_id=outing.pk, actor=city.supervisor, at=NOW)
    points = {
        name: OutingPoint.objects.visible_to(access_of(city.people[name]), NOW).count()
        for name in ("leader", "other_leader", "viewer", "officer")
    }
    assert points == {"leader": 2, "other_leader": 1, "viewer": 3, "officer": 0}


# --- On the way ---------------------------------------------------------------------------------


def test_a_point_is_put_on_by_code_by_name_or_where_one_stands(city):
    outings.ledger(city)
    outing = outings.planned(city)
    for text in ("LD-01 紫阳街", "回浦农贸市场", "河边夜市"):
        add_point(
            outing_id=outing.pk, actor=city.inspector, at=NOW, place=text, here=Here(*IN_FIRST_CELL)
        )
    rows = [(p.position, p.name, p.place_class, p.team.name) for p in outing.points.all()]
    assert rows == [
        (1, "紫阳街", "strict", "古城中队"),
        (2, "回浦农贸市场", "market", "古城中队"),
        (3, "河边夜市", "spot", "古城中队"),
    ]
    outing.refresh_from_db()
    assert outing.team_ids == [city.teams["gucheng"].pk]


@pytest.mark.parametrize("place", ["", " ", "长" * 81, "回浦农贸市场"])
def test_no_name_and_a_point_that_is_there_already_are_refused(city, place):
    point = outings.to_market(city)
    with pytest.raises(DomainError) as refused:
        add_point(
            outing_id=point.outing_id, actor=city.supervisor, at=NOW, place=place, here=Here()
        )
    assert refused.value.field == "place"


def test_what_is_one_s_own_team_s_is_not_put_on(city):
    outings.ledger(city)
    outing = outings.planned(city, groups={city.officer.pk: 1})
    with pytest.raises(DomainError) as refused:
        add_point(outing_id=outing.pk, actor=city.officer, at=NOW, place="紫阳街", here=Here())
    assert refused.value.field == "place"
    assert not outing.points.exists()


def test_the_first_arrival_is_kept_with_its_place_and_begins_the_outing(city):
    point = outings.to_market(city)
    arrive(point_id=point.pk, actor=city.inspector, at=NOW, here=Here(*IN_FIRST_CELL))
    arrive(point_id=point.pk, actor=city.supervisor, at=NOW + DAY, here=Here())
    point.refresh_from_db()
    assert (point.arrived_by, point.arrived_at, point.arrived_lon) == (
        city.inspector,
        NOW,
        IN_FIRST_CELL[0],
    )
    assert Outing.objects.get().state == OutingState.RUNNING


@pytest.mark.parametrize("here", [Here(1.0, None), Here(200.0, 0.0), Here(float("nan"), 0.0)])
def test_a_place_that_is_none_is_refused(city, here):
    point = outings.to_market(city)
    with pytest.raises(DomainError):
        arrive(point_id=point.pk, actor=city.supervisor, at=NOW, here=here)


def test_why_a_point_was_not_checked_is_kept_until_it_is(city):
    point = outings.to_market(city)
    with pytest.raises(DomainError):
        skip_point(point_id=point.pk, actor=city.supervisor, at=NOW, reason=" ")
    skip_point(point_id=point.pk, actor=city.supervisor, at=NOW, reason="市场在搬迁")
    assert OutingPoint.objects.get().skipped == "市场在搬迁"
    outings.checked(city, point)
    assert OutingPoint.objects.get().skipped == ""
    with pytest.raises(BadTransition):
        skip_point(point_id=point.pk, actor=city.supervisor, at=NOW, reason="又不查了")


@pytest.mark.parametrize("name", ["leader", "officer", "viewer", "dispatcher"])
def test_who_does_not_go_records_nothing(city, name):
    point = outings.to_market(city)
    with pytest.raises(Forbidden):
        arrive(point_id=point.pk, actor=city.people[name], at=NOW, here=Here())


# --- The end ------------------------------------------------------------------------------------


def test_an_outing_ends_once_something_was_checked_and_then_takes_nothing_more(city):
    point = outings.to_market(city)
    with pytest.raises(DomainError):
        finish_outing(outing_id=point.outing_id, actor=city.supervisor, at=NOW)
    outings.checked(city, point)
    with pytest.raises(BadTransition):
        cancel_outing(outing_id=point.outing_id, actor=city.supervisor, at=NOW)
    done = finish_outing(outing_id=point.outing_id, actor=city.inspector, at=NOW + DAY)
    assert (done.state, done.ended_by, done.ended_at) == ("done", city.inspector, NOW + DAY)
    with pytest.raises(BadTransition):
        arrive(point_id=point.pk, actor=city.supervisor, at=NOW, here=Here())


def test_an_outing_is_called_off_by_who_plans_and_its_draw_stays(city):
    outings.ledger(city)
    outing = outings.planned(city, wanted={"market": 1})
    with pytest.raises(Forbidden):
        cancel_outing(outing_id=outing.pk, actor=city.inspector, at=NOW)
    cancel_outing(outing_id=outing.pk, actor=city.supervisor, at=NOW)
    assert Outing.objects.get().state == OutingState.DROPPED
    assert OutingDraw.objects.get().outing == outing
    assert seen_by(city, "leader") == set()


def test_a_site_without_a_point_is_drawn_by_its_cell(city):
    outings.ledger(city)
    Site.objects.filter(kind="school").update(lon=None, lat=None, morton=None)
    outing = outings.planned(city, wanted={"school": 1})
    assert outing.points.get().team == city.teams["gucheng"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM inspections_outingdraw")
        assert cursor.fetchone()[0] == 1
