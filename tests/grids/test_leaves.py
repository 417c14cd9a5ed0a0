"""Leave: who may register it, who answers meanwhile, and coming back."""

from datetime import date, datetime, timedelta

import pytest

from cases.services.dispatch import propose
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Notice, User
from grids.access import access_of, forget_access, office_of
from grids.choices import Duty
from grids.locate import answering
from grids.models import Deputy, Leave, Membership
from grids.services.leaves import (
    end_leave,
    name_substitute,
    register_leave,
    substitutes_for,
)
from tests.city import IN_FIRST_CELL, LOCAL, LONG_AGO, NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def leave(city, person="officer", first=0, last=2, substitute="leader", actor="admin", **given):
    people = city.people
    asked = {
        "person": people[person],
        "kind": "annual",
        "first": TODAY + first * DAY,
        "last": TODAY + last * DAY,
        "substitute": people[substitute] if substitute else None,
        "actor": people[actor],
        "at": NOW,
    }
    return register_leave(**(asked | given))


def chief(city, at=NOW):
    (row,) = answering(cell_id=city.cells[0].pk, segment_id=None, at=at, duty=Duty.CELL_CHIEF)
    return row


def proposed(city, at=NOW):
    lon, lat = IN_FIRST_CELL
    return propose(category=city.spill, cell_id=None, lon=lon, lat=lat, at=at)


class TestWhoAnswers:
    def test_his_cells_answer_through_the_substitute_while_it_lasts(self, city):
        leave(city, first=1, last=2)
        midnight = datetime(2026, 11, 21, tzinfo=LOCAL)
        minute = timedelta(minutes=1)
        for at, who in (
            (midnight - minute, city.officer),
            (midnight, city.leader),
            (midnight + 2 * DAY - minute, city.leader),
            (midnight + 2 * DAY, city.officer),
        ):
            assert chief(city, at).person == who
        row = chief(city, midnight)
        assert (row.stood_in_for, row.away.kind) == (city.officer, "annual")
        assert answering(cell_id=city.cells[2].pk, segment_id=None, at=midnight)[0].away is None

    def test_it_is_one_statement_as_before(self, city, django_assert_num_queries):
        leave(city)
        with django_assert_num_queries(1):
            assert [
                str(row.person)
                for row in answering(cell_id=city.cells[0].pk, segment_id=None, at=NOW)
            ] == ["陈立军", "陈立军", "朱敏"]

    def test_the_proposal_names_the_substitute_and_says_why(self, city):
        leave(city)
        found = proposed(city)
        assert (found.person, found.team) == (city.leader, city.teams["gucheng"])
        assert found.reason.endswith("（李建国请假，由他顶岗）")

    def test_without_a_substitute_the_team_is_proposed_alone(self, city):
        leave(city, substitute=None)
        found = proposed(city)
        assert (found.person, found.team) == (None, city.teams["gucheng"])
        assert found.reason.endswith("（李建国请假，没有顶岗的人）")

    def test_a_substitute_who_was_switched_off_answers_for_nobody(self, city):
        leave(city)
        User.objects.filter(pk=city.leader.pk).update(is_active=False)
        assert chief(city).person == city.officer

    def test_the_cells_are_the_substitute_s_while_it_lasts(self, city):
        leave(city, person="other_officer", substitute="officer", last=0)
        mine, his = ({cell.pk for cell in cells} for cells in (city.cells[:2], city.cells[2:]))
        assert cells_of(city.officer, NOW) == mine | his
        assert cells_of(city.officer, NOW + DAY) == mine


def cells_of(user, at):
    forget_access(user)
    return set(access_of(user, at).cell_ids)


class TestTheDesk:
    def test_a_leader_s_desk_goes_with_his_leave(self, city):
        row = leave(city, person="leader", substitute="other_leader")
        assert row.deputy == Deputy.objects.get()
        assert row.deputy.valid_to == datetime(2026, 11, 23, tzinfo=LOCAL)
        assert row.deputy.reason == "年假"
        forget_access(city.other_leader)
        assert office_of(city.other_leader) == "大洋中队 负责人 代 陈立军"

    def test_a_leader_may_register_his_own(self, city):
        assert leave(city, person="leader", substitute="officer", actor="leader").deputy

    def test_it_comes_back_with_him(self, city):
        row = leave(city, person="leader", substitute="other_leader")
        end_leave(leave_id=row.pk, actor=city.admin, at=NOW + DAY)
        row.refresh_from_db()
        assert (row.last_day, row.cancelled_at) == (TODAY, None)
        assert Deputy.objects.get().revoked_at == NOW + DAY

    def test_it_goes_on_to_whoever_comes_after_a_substitute_that_was_switched_off(self, city):
        row = leave(city, person="leader", substitute="other_leader")
        User.objects.filter(pk=city.other_leader.pk).update(is_active=False)
        named = {"substitute": city.officer, "actor": city.admin, "at": NOW + DAY}
        row = name_substitute(leave_id=row.pk, **named)
        assert row.deputy.deputy == city.officer
        standing = Deputy.objects.in_force(NOW + DAY)
        assert [desk.deputy for desk in standing] == [city.officer]

    def test_an_officer_has_none(self, city):
        assert leave(city).deputy is None
        assert not Deputy.objects.exists()


class TestRegistering:
    @pytest.mark.parametrize(
        ("who", "right"),
        [("admin", True), ("leader", True), ("officer", False), ("other_leader", False)],
    )
    def test_who_plans_the_team_s_shifts_may(self, city, who, right):
        if right:
            assert leave(city, actor=who, substitute=None)
        else:
            with pytest.raises(Forbidden):
                leave(city, actor=who, substitute=None)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"kind": "war"}, "kind"),
            ({"first": 2, "last": 1}, "last"),
            ({"first": -40, "last": -39}, "first"),
            ({"first": 400, "last": 400}, "first"),
            ({"first": 0, "last": 366}, "last"),
            ({"reason": "字" * 201}, "reason"),
            ({"substitute": "officer"}, "substitute"),
            ({"substitute": "stranger"}, "substitute"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, city, given, field):
        with pytest.raises(DomainError) as refused:
            leave(city, **given)
        assert (refused.value.field, Leave.objects.count()) == (field, 0)

    def test_one_leave_at_a_time(self, city):
        leave(city, first=0, last=2)
        with pytest.raises(DomainError) as refused:
            leave(city, first=2, last=4)
        assert refused.value.field == "first"
        leave(city, first=3, last=4)

    def test_no_chains_of_substitutes(self, city):
        leave(city)
        with pytest.raises(DomainError, match="那几天在替别人顶岗"):
            leave(city, person="leader", substitute="other_leader", first=2, last=3)
        with pytest.raises(DomainError, match="那几天也请假"):
            leave(city, person="leader", substitute="officer", first=2, last=3)

    def test_the_substitute_hears_of_it(self, city):
        leave(city)
        told = Notice.objects.get(user=city.leader, kind="leave")
        assert "李建国 11-20 – 11-22 请假，期间由您顶岗" in told.text

    def test_ended_twice_is_said(self, city):
        row = leave(city, first=1, last=2)
        end_leave(leave_id=row.pk, actor=city.leader, at=NOW)
        row.refresh_from_db()
        assert row.cancelled_at == NOW
        with pytest.raises(Conflict):
            end_leave(leave_id=row.pk, actor=city.leader, at=NOW)
        leave(city, first=1, last=2)

    def test_leave_that_is_over_stays(self, city):
        row = leave(city, first=-3, last=-1, substitute=None)
        with pytest.raises(Conflict):
            end_leave(leave_id=row.pk, actor=city.admin, at=NOW)


def test_who_is_proposed_to_stand_in(city):
    free = User.objects.create_user(username="free", name="空")
    Membership.objects.create(user=free, team=city.teams["gucheng"], valid_from=LONG_AGO)
    found = substitutes_for(city.officer, TODAY, TODAY, NOW)
    assert [(one.name, one.cells) for one in found] == [("陈立军", 0), ("空", 0)]
    leave(city, person="leader", substitute=None)
    assert [one.name for one in substitutes_for(city.officer, TODAY, TODAY, NOW)] == ["空"]
    assert [one.cells for one in substitutes_for(free, TODAY, TODAY, NOW)] == [2]
