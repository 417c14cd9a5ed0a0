"""Teams as a tree, memberships and grants."""

from datetime import timedelta

import pytest

from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Role
from grids.access import access_of
from grids.choices import Duty, TeamKind
from grids.facts import covers
from grids.locate import answering
from grids.models import Assignment, Grant, Membership, Team
from grids.services.people import (
    add_member,
    end_membership,
    grant_role,
    revoke_grant,
    transfer_member,
)
from grids.services.teams import create_team, move_team
from tests.city import NOW, City

pytestmark = pytest.mark.django_db


def child(city: City, code: str, above: str, by: str = "admin") -> Team:
    return create_team(
        code=code,
        name=f"{code}组",
        kind=TeamKind.SQUADRON,
        parent=city.teams[above] if above in city.teams else Team.objects.get(code=above),
        actor=city.people[by],
    )


def membership(city: City, name: str) -> Membership:
    return Membership.objects.get(user=city.people[name], valid_to=None)


# --- The tree -------------------------------------------------------------------------------


def test_a_new_team_knows_its_path(city):
    team = child(city, "night", "gucheng")
    assert team.path == [city.teams["bureau"].pk, city.teams["gucheng"].pk, team.pk]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "gucheng"}, "code"),
        ({"code": "古城"}, "code"),
        ({"name": "古城中队"}, "name"),
        ({"name": " "}, "name"),
        ({"kind": "army"}, "kind"),
        ({"parent": None}, "parent"),
    ],
)
def test_a_team_that_cannot_be_is_refused(city, changes, field):
    asked = {"code": "new", "name": "新中队", "kind": "squadron", "parent": city.teams["bureau"]}
    with pytest.raises(DomainError) as refused:
        create_team(actor=city.admin, **(asked | changes))
    assert refused.value.field == field


def test_a_moved_team_takes_all_below_it_along(city):
    child(city, "night", "gucheng")
    below = child(city, "deep", "night")
    team = Team.objects.get(code="night")
    move_team(team_id=team.pk, parent_id=city.teams["dayang"].pk, actor=city.admin)
    below.refresh_from_db()
    root, dayang = city.teams["bureau"], city.teams["dayang"]
    assert below.path == [root.pk, dayang.pk, team.pk, below.pk]
    city.teams["gucheng"].refresh_from_db()
    assert city.teams["gucheng"].path == [root.pk, city.teams["gucheng"].pk]


def test_a_team_does_not_move_below_itself_nor_does_the_bureau(city):
    team = child(city, "night", "gucheng")
    for moved, above in (("gucheng", team), ("bureau", city.teams["dayang"])):
        with pytest.raises(DomainError):
            move_team(team_id=city.teams[moved].pk, parent_id=above.pk, actor=city.admin)


def test_only_who_manages_people_changes_the_tree(city):
    with pytest.raises(Forbidden):
        child(city, "night", "gucheng", by="leader")


# --- Memberships ----------------------------------------------------------------------------


def test_somebody_may_be_of_two_teams_but_not_twice_of_one(city):
    add_member(user=city.officer, team=city.teams["dayang"], actor=city.admin, at=NOW)
    with pytest.raises(DomainError, match="李建国已经在大洋中队"):
        add_member(user=city.officer, team=city.teams["dayang"], actor=city.admin, at=NOW)


def test_who_is_transferred_leaves_an_empty_seat_and_loses_the_old_rights(city):
    row = membership(city, "officer")
    new = transfer_member(membership_id=row.pk, team=city.teams["dayang"], actor=city.admin, at=NOW)
    row.refresh_from_db()
    assert (row.valid_to, new.team, new.valid_from) == (NOW, city.teams["dayang"], NOW)
    cell = city.cells[0]
    assert [hole.duty for hole in covers(NOW)[cell.pk].holes()] == [Duty.CELL_CHIEF]
    [left] = answering(cell_id=cell.pk, segment_id=None, at=NOW, duty=Duty.ENFORCEMENT)
    assert (left.team, left.person) == (city.teams["gucheng"], None)
    assert not Grant.objects.in_force(NOW).filter(user=city.officer).exists()
    assert access_of(city.officer, NOW).team_ids_at(NOW) == {city.teams["dayang"].pk}


def test_who_leaves_one_of_two_teams_keeps_the_work_of_the_other(city):
    extra = add_member(user=city.officer, team=city.teams["dayang"], actor=city.admin, at=NOW)
    before = Assignment.objects.in_force(NOW).filter(person=city.officer).count()
    later = NOW + timedelta(days=1)
    end_membership(membership_id=extra.pk, actor=city.admin, at=later)
    assert Assignment.objects.in_force(later).filter(person=city.officer).count() == before
    with pytest.raises(Conflict):
        end_membership(membership_id=extra.pk, actor=city.admin, at=later)


# --- Grants ---------------------------------------------------------------------------------


def test_a_grant_holds_from_now_until_it_is_taken_back(city):
    role = Role.objects.get(code="viewer")
    row = grant_role(user=city.stranger, role=role, actor=city.admin, at=NOW)
    assert access_of(city.stranger).can("case.view")
    with pytest.raises(DomainError, match="路人已有这个范围的“领导查看”"):
        grant_role(user=city.stranger, role=role, actor=city.admin, at=NOW)
    revoke_grant(grant_id=row.pk, actor=city.admin, at=NOW + timedelta(hours=1))
    row.refresh_from_db()
    assert row.valid_to == NOW + timedelta(hours=1)


def test_nobody_grants_beyond_his_own_reach(city):
    keeper = Role.objects.create(code="keeper", name="人事", capabilities=["people.edit"])
    gucheng, dayang = city.teams["gucheng"], city.teams["dayang"]
    grant_role(user=city.leader, role=keeper, actor=city.admin, at=NOW, team=gucheng)
    officer = Role.objects.get(code="officer")
    grant_role(user=city.stranger, role=officer, actor=city.leader, at=NOW, team=gucheng)
    for team in (dayang, None):
        with pytest.raises(Forbidden):
            grant_role(user=city.stranger, role=officer, actor=city.leader, at=NOW, team=team)


def test_the_last_who_manages_people_keeps_the_right(city):
    row = Grant.objects.get(user=city.admin)
    with pytest.raises(DomainError, match="最后一位"):
        revoke_grant(grant_id=row.pk, actor=city.admin, at=NOW)
    grant_role(user=city.dispatcher, role=row.role, actor=city.admin, at=NOW)
    revoke_grant(grant_id=row.pk, actor=city.admin, at=NOW + timedelta(hours=1))
    assert not Grant.objects.in_force(NOW + timedelta(hours=1)).filter(pk=row.pk).exists()
