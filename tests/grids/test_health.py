"""体检: every hole of every minute is shown, whatever was done to the grid before."""

from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citymgmt import registry
from citymgmt.errors import DomainError
from citymgmt.models import Role, User
from citymgmt.services.revisions import GRID, raise_revision
from grids.access import forget_access
from grids.choices import SHIFT_MINUTES, Ail, Duty, Shift
from grids.facts import REQUIRED
from grids.health import Post, Service, ails_at, health
from grids.hours import WHOLE, hours_words, minutes
from grids.models import (
    Area,
    AreaBoundary,
    Assignment,
    Cell,
    CellGeneration,
    Grant,
    Membership,
    Team,
)
from grids.services.assign import Charge, assign_cell, end_assignment
from grids.services.painting import Stroke, paint
from grids.services.people import add_member, end_membership
from grids.services.spots import CELL, Spot
from tests.city import LOCAL, LONG_AGO, NOW, SIDE, SOUTH, WEST, City
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

HEALTH = "/grid/health/"


def ails(at: datetime = NOW) -> list[tuple[str, str, str]]:
    return [(one.ail, one.place, one.duty) for one in health(at).items]


def of(city: City, cell: int, duty: str):
    return Assignment.objects.filter(cell=city.cells[cell], duty=duty)


def test_a_grid_in_which_everybody_is_there_has_nothing_wrong(city):
    assert ails() == []


def test_each_kind_of_trouble_is_told(city):
    of(city, 0, Duty.CELL_CHIEF).delete()
    of(city, 1, Duty.CLEANING).delete()
    of(city, 2, Duty.ENFORCEMENT).update(starts_minute=360, ends_minute=120)
    User.objects.filter(pk=city.other_officer.pk).update(is_active=False)
    assert ails() == [
        (Ail.NO_CHIEF, "古城-01", Duty.CELL_CHIEF),
        (Ail.CHIEF_LEFT, "古城-03", Duty.CELL_CHIEF),
        (Ail.CHIEF_LEFT, "古城-04", Duty.CELL_CHIEF),
        (Ail.NO_TEAM, "古城-02", Duty.CLEANING),
        (Ail.EMPTY_HOURS, "古城-03", Duty.ENFORCEMENT),
        (Ail.PERSON_LEFT, "古城-03", Duty.ENFORCEMENT),
        (Ail.PERSON_LEFT, "古城-04", Duty.ENFORCEMENT),
    ]
    hole = health(NOW).of(Ail.EMPTY_HOURS)[0]
    assert hours_words(hole.empty) == "02:00–06:00"


def test_a_chief_who_is_of_the_team_no_more_is_told_though_his_account_is_on(city):
    Membership.objects.filter(user=city.officer).update(valid_to=NOW)
    found = health(NOW)
    assert [one.place for one in found.of(Ail.CHIEF_LEFT)] == ["古城-01", "古城-02"]
    assert found.of(Ail.CHIEF_LEFT)[0].person_id == city.officer.pk


def test_a_team_that_is_switched_off_answers_no_more(city):
    Team.objects.filter(code="huanwei").update(is_active=False)
    found = health(NOW)
    assert len(found.of(Ail.TEAM_OFF)) == 4
    assert found.holes == {(cell.code, Duty.CLEANING) for cell in city.cells}


def test_who_is_named_in_too_many_cells_is_told(city, settings):
    settings.CELLS_PER_PERSON = 3
    found = health(NOW).of(Ail.TOO_MANY)
    assert [(one.who, one.count) for one in found] == [("朱敏 环卫处", 4)]


def test_a_hole_that_is_to_come_is_told_with_its_day(city):
    soon, far = NOW + timedelta(days=10), NOW + timedelta(days=60)
    of(city, 0, Duty.CELL_CHIEF).update(valid_to=soon)
    of(city, 1, Duty.CELL_CHIEF).update(valid_to=far)
    of(city, 2, Duty.CLEANING).update(valid_to=soon)
    Assignment.objects.create(
        cell=city.cells[2], duty=Duty.CLEANING, team=city.teams["huanwei"], valid_from=soon
    )
    Membership.objects.filter(user=city.other_officer).update(valid_to=soon)
    coming = [(one.place, one.duty, one.at) for one in health(NOW).of(Ail.COMING)]
    assert coming == [
        ("古城-01", Duty.CELL_CHIEF, soon),
        ("古城-03", Duty.CELL_CHIEF, soon),
        ("古城-04", Duty.CELL_CHIEF, soon),
    ]


def test_overlapping_hours_are_told_where_a_table_without_the_constraint_holds_them():
    def post(starts: int, ends: int) -> Post:
        bits = minutes(starts, ends)
        return Post("甲", False, Duty.CLEANING, bits, 1, "队", True, None, "", False, NOW, None)

    found = ails_at(["甲"], [post(0, 720), post(700, 1440)], {}, NOW)
    assert (Ail.OVERLAP, Duty.CLEANING) in [(one.ail, one.duty) for one in found]
    found = ails_at(["甲"], [post(0, 720), post(720, 1440)], {}, NOW)
    assert Ail.OVERLAP not in [one.ail for one in found]


# --- Against a slow reference ---------------------------------------------------------------

_HOURS = st.tuples(st.integers(0, 1439), st.integers(1, 1440))
_POSTS = st.lists(
    st.tuples(st.sampled_from(REQUIRED), _HOURS, st.booleans(), st.integers(0, 3), st.booleans()),
    max_size=8,
)


def _slow_holes(posts, services) -> set[tuple[str, int]]:
    """Minute by minute: whether anybody answers for each required duty."""
    found = set()
    for duty in REQUIRED:
        for minute in range(1440):
            if not any(_slow_answers(post, services, duty, minute) for post in posts):
                found.add((duty, minute))
    return found


def _slow_answers(post, services, duty: str, minute: int) -> bool:
    if post.duty != duty or not post.bits >> minute & 1:
        return False
    if duty != Duty.CELL_CHIEF:
        return post.team_on
    mine = services.get(post.person_id, ())
    return post.person_on and any(post.team_id in one.teams for one in mine)


@given(_POSTS)
@settings(max_examples=30, deadline=None)
def test_every_empty_minute_is_in_an_item_and_no_other(drawn):
    services = {
        1: [Service(frozenset({1}), LONG_AGO, None)],
        2: [Service(frozenset({2}), NOW, None)],
    }
    posts = [
        Post(
            "甲", False, duty, minutes(*hours), 1, "队", team_on, person or None, "", on, NOW, None
        )
        for duty, hours, team_on, person, on in drawn
    ]
    told = {
        (one.duty, minute)
        for one in ails_at(["甲"], posts, services, NOW)
        for minute in range(1440)
        if one.empty >> minute & 1
    }
    assert told == _slow_holes(posts, services)


_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["assign", "paint", "clear", "end", "leave", "join", "off", "team_off"]),
        st.integers(0, 3),
        st.sampled_from(REQUIRED),
        st.sampled_from([Shift.ALL_DAY, Shift.EARLY, Shift.MIDDLE, Shift.LATE]),
        st.sampled_from(["gucheng", "dayang", "huanwei"]),
        st.sampled_from(["officer", "leader", "other_officer", "cleaner"]),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=7,
)


@given(acts=_ACTS, ahead=st.integers(0, 12))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_sequence_of_acts_yields_a_hole_that_is_not_shown(city, acts, ahead):
    moment = NOW
    with transaction.atomic():
        for step, act in enumerate(acts):
            moment = NOW + timedelta(hours=step)
            _do(city, act, moment)
        at = moment + timedelta(days=ahead)
        assert health(at).holes == _holes_of_the_tables(city, at)
        # What an example did to the city is taken back.
        transaction.set_rollback(True)


def _do(city: City, act, at: datetime) -> None:
    """An act through the services; one that is refused is no act."""
    kind, cell, duty, shift, team, person, days = act
    one, who = city.cells[cell], city.people[person]
    since = at + timedelta(days=days) if days else None
    stroke = Stroke(
        Spot(CELL, one.pk),
        duty,
        shift,
        SHIFT_MINUTES[shift],
        city.teams[team].pk if kind == "paint" else None,
        who.pk if kind == "paint" else None,
        since,
        at + timedelta(days=days + 3) if days % 2 else None,
    )
    try:
        if kind in ("paint", "clear"):
            paint(strokes=[stroke], actor=None, at=at, over_plans=True)
        elif kind == "assign":
            charge = Charge(duty, city.teams[team].pk, who.pk, shift, since)
            assign_cell(cell_id=one.pk, actor=None, at=at, version=None, charge=charge)
        elif kind == "end":
            _end_one(one, duty, at, since)
        elif kind == "leave":
            _leave(who, at)
        elif kind == "join":
            add_member(user=who, team=city.teams[team], actor=None, at=at)
        elif kind == "off":
            User.objects.filter(pk=who.pk).update(is_active=False)
        else:
            Team.objects.filter(pk=city.teams[team].pk).update(is_active=False)
    except DomainError:
        return


def _end_one(cell, duty: str, at: datetime, until: datetime | None) -> None:
    row = Assignment.objects.filter(cell=cell, duty=duty).exclude(valid_to__lte=at).first()
    if row is not None:
        end_assignment(assignment_id=row.pk, actor=None, at=at, version=None, until=until)


def _leave(who: User, at: datetime) -> None:
    row = Membership.objects.filter(user=who, valid_to__isnull=True).first()
    if row is not None:
        end_membership(membership_id=row.pk, actor=None, at=at)


def _holes_of_the_tables(city: City, at: datetime) -> set[tuple[str, str]]:
    """Minute by minute over all rows as they stand, without a word of the house's own reading."""
    rows = list(Assignment.objects.select_related("team", "person", "cell"))
    members = list(Membership.objects.select_related("team"))

    def is_in(row) -> bool:
        return row.valid_from <= at and (row.valid_to is None or at < row.valid_to)

    def answers(row) -> bool:
        if row.duty != Duty.CELL_CHIEF:
            return row.team.is_active
        return (
            row.person is not None
            and row.person.is_active
            and any(
                one.user_id == row.person_id and is_in(one) and row.team_id in one.team.path
                for one in members
            )
        )

    found = set()
    for cell in city.cells:
        for duty in REQUIRED:
            covered = set()
            for row in rows:
                if row.cell_id == cell.pk and row.duty == duty and is_in(row) and answers(row):
                    start, end = row.starts_minute, row.ends_minute
                    length = (end - start) % 1440 or 1440
                    covered |= {(start + step) % 1440 for step in range(length)}
            if len(covered) < 1440:
                found.add((cell.code, duty))
    return found


# --- The page and where else it is told -----------------------------------------------------


def test_the_page_tells_each_with_the_link_that_mends_it(city, as_):
    of(city, 0, Duty.CELL_CHIEF).delete()
    User.objects.filter(pk=city.other_officer.pk).update(is_active=False)
    said = as_("admin").get(HEALTH).content.decode()
    assert "没有网格长" in said
    assert f"{reverse('grids:cell', args=['古城-01'])}?duty=cell_chief#charge" in said
    assert f"{reverse('cases:hand_over')}?person={city.other_officer.pk}" in said
    assert reverse("cases:cell_load") in said
    looked = as_("viewer").get(HEALTH).content.decode()
    assert "没有网格长" in looked
    assert "#charge" not in looked
    assert as_("stranger").get(HEALTH).status_code == 403


def test_gaps_and_overlaps_of_the_borders_in_force_are_shown_with_the_way_to_draw(city, as_):
    ring = [[WEST, SOUTH], [WEST + SIDE * 5, SOUTH], [WEST + SIDE * 5, SOUTH + SIDE]]
    ring += [[WEST, SOUTH + SIDE], [WEST, SOUTH]]
    client = as_("admin")
    assert "街道、社区的边界不知道" in client.get(HEALTH).content.decode()
    AreaBoundary.objects.create(
        area=Area.objects.get(code="331082001"),
        polygon={"type": "Polygon", "coordinates": [ring]},
    )
    row = CellGeneration.objects.get(cell=city.cells[0])
    # Fifty metres over the neighbour, as a file may bring it.
    for corner in (1, 2):
        row.polygon["coordinates"][0][corner][0] += 0.0005
    row.save()
    raise_revision(GRID)
    said = client.get(HEALTH).content.decode()
    assert "2 处要改" in said
    assert "古城-01 与 古城-02" in said
    assert "重叠 5.4 公顷，算两家" in said
    assert "缝隙 1.1 平方公里，无格" in said
    assert reverse("grids:map") in said
    assert "边界不知道" not in said
    scoped_editor(city)
    elsewhere = as_("viewer").get(HEALTH).content.decode()
    assert "古城-01" not in elsewhere
    assert "大洋街道的边界不知道" in elsewhere


def scoped_editor(city) -> User:
    """The viewer, as one who keeps the grid of another street alone."""
    county = Area.objects.get(code="331082")
    street = Area.objects.create(code="331082002", name="大洋街道", level="street", parent=county)
    Cell.objects.filter(pk__in=[one.pk for one in city.cells[2:]]).update(area=street)
    role = Role.objects.get(code="admin")
    Grant.objects.filter(user=city.viewer).update(role=role, area=street)
    forget_access(city.viewer)
    return city.viewer


def test_who_keeps_one_street_sees_what_is_wrong_there_alone(city, as_):
    scoped_editor(city)
    of(city, 0, Duty.CELL_CHIEF).delete()
    of(city, 2, Duty.CLEANING).delete()
    said = as_("viewer").get(HEALTH).content.decode()
    assert "古城-03" in said
    assert "古城-01" not in said
    assert "没有网格长" not in said


def test_the_line_of_the_whole_grid_is_not_for_who_keeps_one_street(city):
    of(city, 0, Duty.CELL_CHIEF).delete()
    editor = scoped_editor(city)
    assert not [one for one in registry.warnings(editor, NOW) if "体检" in str(one.text)]


def test_a_healthy_grid_says_so_and_the_page_costs_little(city, as_):
    client = as_("admin")
    assert "每一分钟都有人" in client.get(HEALTH).content.decode()
    assert len(statements_of(client, HEALTH)) <= 10


def test_the_home_of_who_keeps_the_grid_tells_it_in_one_line(city, as_):
    of(city, 0, Duty.CELL_CHIEF).delete()
    told = [str(one.text) for one in registry.warnings(city.admin, NOW)]
    assert "网格体检：没有网格长 1" in told
    assert not [one for one in registry.warnings(city.dispatcher, NOW) if "体检" in str(one.text)]
    home = as_("admin").get("/", follow=True).content.decode()
    assert reverse("grids:health") in home


def test_in_the_morning_of_a_planned_day_the_hole_is_no_plan_any_more(city):
    soon = datetime(2026, 11, 30, tzinfo=LOCAL)
    of(city, 0, Duty.CELL_CHIEF).update(valid_to=soon)
    with patch("citymgmt.clock.now", return_value=soon):
        assert ails(soon) == [(Ail.NO_CHIEF, "古城-01", Duty.CELL_CHIEF)]
    assert health(soon).items[0].empty == WHOLE
