"""People and teams through the services: dated transfers, certificates, versions, records."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Role, User
from grids.choices import Duty
from grids.models import Assignment, Grant, Membership, PeopleRecord, Qualification, Team
from grids.people_facts import expiring, masked, papers_of, people_of
from grids.services.staff import (
    PersonFacts,
    certify,
    edit_person,
    new_person,
    switch_person,
    transfer_person,
    uncertify,
    version_of,
)
from grids.services.team_edit import TeamFacts, add_team, edit_team
from tests.city import LOCAL, NOW

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def transferred(city, team="dayang", since=TODAY, post="member", **given):
    row = Membership.objects.get(user=city.officer, valid_to__isnull=True)
    asked = {"membership_id": row.pk, "team": city.teams[team], "actor": city.admin, "at": NOW}
    return transfer_person(post=post, since=since, **(asked | given))


def at_noon(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=LOCAL)


def team_at(city, day):
    teams = ("gucheng", "dayang")
    names = {
        name: {row.person.username for row in people_of(city.teams[name], at_noon(day))}
        for name in teams
    }
    return [name for name in teams if "officer" in names[name]]


class TestTransfers:
    def test_from_a_day_on_he_is_of_the_other_team(self, city):
        transferred(city, since=TODAY + 3 * DAY)
        where = [team_at(city, TODAY + n * DAY) for n in (-30, 0, 2, 3, 30)]
        assert where == [["gucheng"]] * 3 + [["dayang"]] * 2

    def test_the_old_stretch_ends_when_the_new_one_begins(self, city):
        fresh = transferred(city, since=TODAY + DAY)
        old = Membership.objects.get(user=city.officer, team=city.teams["gucheng"])
        assert old.valid_to == fresh.valid_from == datetime(2026, 11, 21, tzinfo=LOCAL)

    def test_his_cells_are_empty_from_then_on_and_not_before(self, city):
        moment = transferred(city, since=TODAY + DAY).valid_from
        chief = Assignment.objects.get(cell=city.cells[0], duty=Duty.CELL_CHIEF)
        assert chief.valid_to == moment
        heirs = Assignment.objects.filter(cell=city.cells[0], duty=Duty.ENFORCEMENT)
        assert [str(row.person) for row in heirs.order_by("valid_from")] == ["李建国", "None"]

    def test_a_new_post_in_the_same_team(self, city):
        transferred(city, "gucheng", TODAY, "deputy")
        rows = Membership.objects.filter(user=city.officer).order_by("valid_from")
        assert [row.post for row in rows] == ["member", "deputy"]
        assert rows[0].valid_to == rows[1].valid_from == NOW

    def test_there_and_back_never_overlaps(self, city):
        transferred(city)
        row = Membership.objects.get(user=city.officer, valid_to__isnull=True)
        transferred(city, "gucheng", TODAY + DAY, membership_id=row.pk)
        assert team_at(city, TODAY + 2 * DAY) == ["gucheng"]
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(
                user=city.officer,
                team=city.teams["gucheng"],
                valid_from=NOW - DAY,
                valid_to=NOW - DAY / 2,
            )

    @pytest.mark.parametrize("days", [-1, 400])
    def test_only_from_today_on(self, city, days):
        with pytest.raises(DomainError) as refused:
            transferred(city, since=TODAY + days * DAY)
        assert refused.value.field == "since"

    def test_twice_is_said(self, city):
        row = Membership.objects.get(user=city.officer)
        transferred(city, since=TODAY + DAY)
        with pytest.raises(Conflict):
            transferred(city, "huanwei", TODAY + 2 * DAY, membership_id=row.pk)

    def test_it_is_on_record(self, city):
        transferred(city, since=TODAY + DAY)
        assert set(PeopleRecord.objects.values_list("at", flat=True)) == {NOW}
        told = PeopleRecord.objects.filter(person=city.officer).order_by("pk")
        assert [(one.verb, one.team.code) for one in told] == [
            ("member.left", "gucheng"),
            ("member.joined", "dayang"),
        ]


class TestPeople:
    def new(self, city, **given):
        asked = {"username": "G009", "told": PersonFacts("赵新", "13800000009"), "post": "member"}
        asked |= {"team": city.teams["gucheng"], "actor": city.admin, "at": NOW}
        return new_person(**(asked | given))

    def test_a_new_one_is_of_his_team_and_cannot_sign_in_yet(self, city):
        made = self.new(city)
        assert made in [row.person for row in people_of(city.teams["gucheng"], NOW)]
        assert not made.has_usable_password()
        assert made.must_change_password

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"username": "有 空格"}, "username"),
            ({"username": ""}, "username"),
            ({"username": "officer"}, "username"),
            ({"username": "字" * 31}, "username"),
            ({"told": PersonFacts("")}, "name"),
            ({"told": PersonFacts("字" * 41)}, "name"),
            ({"told": PersonFacts("赵新", "电话")}, "phone"),
            ({"told": PersonFacts("赵新", "officer")}, "phone"),
            ({"post": "king"}, "post"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, city, given, field):
        before = User.objects.count()
        with pytest.raises(DomainError) as refused:
            self.new(city, **given)
        assert (refused.value.field, User.objects.count()) == (field, before)

    def test_a_phone_is_one_person_s(self, city):
        self.new(city)
        with pytest.raises(DomainError) as refused:
            self.new(city, username="G010")
        assert refused.value.field == "phone"

    def test_who_leads_a_team_does_not_make_people(self, city):
        with pytest.raises(Forbidden):
            self.new(city, actor=city.leader)

    def test_changes_act_on_what_was_seen(self, city):
        version = version_of(city.officer)
        asked = {"user_id": city.officer.pk, "actor": city.admin, "at": NOW}
        edit_person(version=version, told=PersonFacts("李建军", "13900000000"), **asked)
        with pytest.raises(Conflict):
            edit_person(version=version, told=PersonFacts("李建民"), **asked)
        with pytest.raises(Conflict):
            switch_person(version=version, active=False, **asked)
        city.officer.refresh_from_db()
        assert (city.officer.name, city.officer.phone) == ("李建军", "13900000000")
        told = PeopleRecord.objects.get(verb="person.edited")
        assert told.details == {"fields": ["name", "phone"]}

    def test_switching_off_and_on_again(self, city):
        asked = {"user_id": city.officer.pk, "version": None, "actor": city.admin, "at": NOW}
        assert not switch_person(active=False, **asked).is_active
        with pytest.raises(Conflict):
            switch_person(active=False, **asked)
        assert switch_person(active=True, **asked).is_active

    def test_nobody_switches_off_himself_or_the_last_manager(self, city):
        asked = {"version": None, "active": False, "at": NOW}
        with pytest.raises(DomainError, match="不能停用自己"):
            switch_person(user_id=city.admin.pk, actor=city.admin, **asked)

    def test_who_keeps_one_team_keeps_its_people_alone(self, city):
        role = Role.objects.create(code="keeper", name="队内勤", capabilities=["people.edit"])
        Grant.objects.create(
            user=city.inspector, role=role, team=city.teams["gucheng"], valid_from=NOW - DAY
        )
        asked = {"version": None, "told": PersonFacts("改名"), "actor": city.inspector, "at": NOW}
        assert edit_person(user_id=city.officer.pk, **asked).name == "改名"
        with pytest.raises(Forbidden):
            edit_person(user_id=city.other_officer.pk, **asked)


class TestCertificates:
    def certified(self, city, who="officer", number="浙J0001", until=None, **given):
        asked = {"user": city.people[who], "kind": "law", "actor": city.admin, "at": NOW}
        return certify(number=number, valid_until=until, **(asked | given))

    def test_a_law_number_is_one_person_s(self, city):
        self.certified(city)
        with pytest.raises(DomainError) as refused:
            self.certified(city, "leader", " 浙J0001 ")
        assert refused.value.field == "number"
        self.certified(city, "leader", kind="driving")

    def test_a_newer_one_takes_the_place_of_the_old(self, city):
        self.certified(city, until=TODAY)
        self.certified(city, until=TODAY + 900 * DAY)
        (paper,) = papers_of([city.officer.pk], TODAY)
        assert (paper.tone, Qualification.objects.count()) == ("ok", 2)

    @pytest.mark.parametrize(
        ("days", "tone", "words"),
        [
            (-1, "bad", "已过期 1 天"),
            (0, "warn", "还有 0 天到期"),
            (60, "warn", "还有 60 天到期"),
            (61, "ok", "有效"),
        ],
    )
    def test_what_is_over_or_soon_will_be_is_marked(self, city, days, tone, words):
        self.certified(city, until=TODAY + days * DAY)
        (paper,) = papers_of([city.officer.pk], TODAY)
        assert (paper.tone, paper.words) == (tone, words)
        assert bool(expiring(TODAY, 9)) is (days <= 60)

    def test_ended_twice_is_said_and_frees_the_number(self, city):
        row = self.certified(city)
        asked = {"qualification_id": row.pk, "actor": city.admin, "at": NOW}
        uncertify(**asked)
        with pytest.raises(Conflict):
            uncertify(**asked)
        self.certified(city, "leader")

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"kind": "x"}, "kind"),
            ({"number": " "}, "number"),
            ({"number": "1" * 41}, "number"),
            ({"until": date(2999, 1, 1)}, "valid_until"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, city, given, field):
        with pytest.raises(DomainError) as refused:
            self.certified(city, **given)
        assert refused.value.field == field

    def test_a_leader_does_not_keep_certificates(self, city):
        with pytest.raises(Forbidden):
            self.certified(city, actor=city.leader)


class TestTeams:
    def edit(self, city, team="gucheng", version=1, **changes):
        row = Team.objects.get(pk=city.teams[team].pk)
        told = {"name": row.name, "kind": row.kind, "parent_id": row.parent_id} | changes
        return edit_team(
            team_id=row.pk, version=version, told=TeamFacts(**told), actor=city.admin, at=NOW
        )

    def test_an_edit_raises_the_version_and_is_on_record(self, city):
        changed = self.edit(city, name="古城一中队", duty_phone="85110000")
        assert (changed.name, changed.version) == ("古城一中队", 2)
        told = PeopleRecord.objects.get(team=changed)
        assert told.details == {"fields": ["duty_phone", "name"]}
        with pytest.raises(Conflict):
            self.edit(city, name="又改")

    def test_it_moves_with_all_below_it(self, city):
        moved = self.edit(city, parent_id=city.teams["dayang"].pk)
        bureau = city.teams["bureau"].pk
        assert moved.path == [bureau, city.teams["dayang"].pk, moved.pk]

    def test_a_team_with_people_is_not_switched_off(self, city):
        with pytest.raises(DomainError, match="还有 2 人在这个单位"):
            self.edit(city, is_active=False)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "大洋中队"}, "name"),
            ({"kind": "x"}, "kind"),
            ({"duty_phone": "1" * 21}, "duty_phone"),
            ({"schedule_id": 2**40}, "schedule"),
            ({"parent_id": 2**40}, "parent"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, city, changes, field):
        with pytest.raises(DomainError) as refused:
            self.edit(city, **changes)
        assert refused.value.field == field

    def test_a_new_one(self, city):
        told = TeamFacts("大田中队", "squadron", city.teams["bureau"].pk, needs_certificate=True)
        made = add_team(code="datian", told=told, actor=city.admin, at=NOW)
        made.refresh_from_db()
        assert (made.needs_certificate, made.path[-1]) == (True, made.pk)
        with pytest.raises(Forbidden):
            add_team(code="other", told=told, actor=city.leader, at=NOW)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13812345678", "138****5678"), ("", ""), (None, ""), ("12345", "*****")],
)
def test_a_masked_phone_tells_its_ends(phone, shown):
    assert masked(phone) == shown
