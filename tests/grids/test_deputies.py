"""A leader's desk in somebody's hands: what comes with it, what never does, and when it ends."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, CaseEvent, Order
from cases.services.checking import pass_order
from cases.services.rectification import assign_order, receive_order
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Notice, Role
from grids.access import access_of, forget_access, office_of
from grids.models import Deputy, Grant, Membership
from grids.services.deputies import hand_over, take_back, with_deputies
from tests import builders
from tests.city import IN_THIRD_CELL, LONG_AGO, NOW

pytestmark = pytest.mark.django_db

PAGE = "/grid/deputies/"
DAY = timedelta(days=1)


def handed(city, principal="leader", deputy="other_leader", **changes):
    people = city.people
    given = {
        "principal": people[principal],
        "deputy": people[deputy],
        "actor": people[principal],
        "at": NOW,
        "until": NOW + 7 * DAY,
        "reason": "出差",
    } | changes
    return hand_over(**given)


def seen(user, rows, at=NOW):
    forget_access(user)
    return set(rows.objects.visible_to(access_of(user, at)))


def grant(user, role, **where):
    row = Role.objects.get(code=role)
    forget_access(user)
    return Grant.objects.create(user=user, role=row, valid_from=LONG_AGO, **where)


class TestWhatComesWithIt:
    def test_the_deputy_sees_and_does_what_the_leader_may_until_the_last_moment(self, city):
        order = builders.issued(city, person=None)
        row = handed(city)
        for at, his in ((NOW, True), (row.valid_to - DAY / 24, True), (row.valid_to, False)):
            assert seen(city.other_leader, Order, at) == ({order} if his else set())
            can = access_of(city.other_leader).can_at(Capability.ORDER_ASSIGN, order.place)
            assert can is his
        assert seen(city.leader, Order) == {order}

    def test_nothing_comes_before_it_begins(self, city):
        builders.issued(city)
        handed(city, since=NOW + DAY)
        assert seen(city.other_leader, Order) == set()

    def test_what_he_does_by_it_names_whose_desk_it_is(self, city):
        order = builders.issued(city, person=None)
        handed(city)
        assign_order(
            order_id=order.pk,
            actor=city.other_leader,
            at=NOW,
            version=None,
            person_id=city.officer.pk,
        )
        event = CaseEvent.objects.get(name="order.assigned")
        assert event.actor == city.other_leader
        assert event.actor_label == "许志明（代陈立军）"
        assert event.payload["for"] == city.leader.pk

    def test_what_he_does_by_his_own_right_does_not(self, city):
        handed(city)
        lon, lat = IN_THIRD_CELL
        order = builders.issued(city, team="dayang", person=None, lon=lon, lat=lat)
        receive_order(order_id=order.pk, actor=city.other_leader, at=NOW, version=None)
        event = CaseEvent.objects.get(name="order.received")
        assert event.actor_label == "许志明"
        assert "for" not in event.payload
        order.refresh_from_db()
        assert order.person == city.other_leader

    def test_an_order_that_he_receives_for_another_is_not_his_own(self, city):
        order = builders.issued(city, person=None)
        handed(city)
        receive_order(order_id=order.pk, actor=city.other_leader, at=NOW, version=None)
        order.refresh_from_db()
        assert order.person is None

    def test_what_the_team_s_leader_is_told_his_deputy_hears(self, city):
        handed(city)
        builders.issued(city, person=None)
        told = Notice.objects.filter(kind="order.issued").values_list("user__username", flat=True)
        assert set(told) == {"leader", "other_leader"}

    def test_his_name_says_it(self, city):
        handed(city)
        assert office_of(city.other_leader) == "大洋中队 负责人 代 陈立军"

    def test_one_team_may_be_handed_alone(self, city):
        grant(city.leader, "leader", team=city.teams["dayang"])
        Membership.objects.create(
            user=city.stranger, team=city.teams["center"], valid_from=LONG_AGO
        )
        handed(city, deputy="stranger", team=city.teams["gucheng"])
        mine = builders.issued(city)
        lon, lat = IN_THIRD_CELL
        builders.issued(city, team="dayang", person="other_officer", lon=lon, lat=lat)
        assert seen(city.stranger, Order) == {mine}

    def test_access_still_takes_two_statements(self, city):
        handed(city)
        handed(city, principal="supervisor", deputy="other_leader")
        forget_access(city.other_leader)
        with CaptureQueriesContext(connection) as captured:
            access = access_of(city.other_leader)
        assert len(captured) == 2
        assert access.stands_in_for == ("周明", "陈立军")


class TestWhatNeverComes:
    def test_keeping_the_settings_is_not_handed_on(self, city, as_):
        grant(city.leader, "admin")
        handed(city)
        access = access_of(city.other_leader)
        kept = ("people.edit", "grid.edit", "catalogue.edit", "calendar.edit", "channel.edit")
        for capability in kept:
            assert not access.can(capability)
        assert access.can(Capability.PHOTO_ORIGINAL)
        assert as_("other_leader").get("/admin/", follow=True).status_code == 403

    def test_what_is_narrowed_to_a_person_stays_his(self, city):
        Grant.objects.filter(user=city.leader).delete()
        grant(city.leader, "officer", team=city.teams["gucheng"])
        builders.issued(city, person="leader")
        handed(city)
        assert seen(city.other_leader, Order) == set()

    def test_a_leader_who_is_switched_off_leaves_nothing_behind(self, city):
        builders.issued(city)
        handed(city)
        city.leader.is_active = False
        city.leader.save(update_fields=["is_active"])
        assert seen(city.other_leader, Order) == set()

    def test_desks_do_not_pass_through_hands(self, city):
        handed(city)
        with pytest.raises(DomainError) as refused:
            handed(city, principal="other_leader", deputy="supervisor")
        assert refused.value.code == "chain"
        with pytest.raises(DomainError) as refused:
            handed(city, principal="supervisor", deputy="leader")
        assert (refused.value.code, refused.value.field) == ("chain", "deputy")
        # Rows that got in otherwise hand on nothing either.
        Deputy.objects.create(
            principal=city.other_leader,
            deputy=city.viewer,
            valid_from=NOW,
            valid_to=NOW + DAY,
            reason="x",
            made_at=NOW,
        )
        assert access_of(city.viewer).stands_in_for == ("许志明",)


class TestImpartiality:
    """Whoever sits at a leader's desk is of his team, as far as judging its work goes."""

    @pytest.fixture
    def order(self, city):
        return builders.submitted(city)

    def check(self, city, order, who="supervisor"):
        forget_access(city.people[who])
        later = NOW + timedelta(hours=2)
        return pass_order(order_id=order.pk, actor=city.people[who], at=later, version=None)

    def test_a_deputy_does_not_check_the_team_s_work(self, city, order):
        assert Case.objects.visible_to(access_of(city.supervisor)).exists()
        handed(city, deputy="supervisor")
        with pytest.raises(Forbidden) as refused:
            self.check(city, order)
        assert "单位" in str(refused.value.message)

    def test_nor_after_he_gave_the_desk_back(self, city, hand):
        row = handed(city, deputy="supervisor")
        order = builders.submitted(city)
        take_back(deputy_id=row.pk, actor=city.leader, at=hand.forward(minutes=10))
        with pytest.raises(Forbidden):
            self.check(city, order)

    def test_but_he_may_where_his_time_had_ended_before_the_order(self, city, hand):
        row = handed(city, deputy="supervisor")
        take_back(deputy_id=row.pk, actor=city.leader, at=hand.forward(minutes=10))
        order = builders.submitted(city, at=NOW + timedelta(minutes=20))
        assert self.check(city, order).state == "passed"

    def test_nobody_judges_by_another_s_hand(self, city, order):
        """The supervisor was of the team; his deputy was not, and has the right only by him."""
        Membership.objects.create(
            user=city.supervisor, team=city.teams["gucheng"], valid_from=LONG_AGO,
            valid_to=NOW + timedelta(minutes=5),
        )  # fmt: skip
        handed(city, principal="supervisor", deputy="other_leader")
        with pytest.raises(Forbidden) as refused:
            self.check(city, order, "other_leader")
        assert "单位" in str(refused.value.message)

    def test_his_own_team_stays_his_own(self, city, order):
        handed(city, principal="supervisor", deputy="leader")
        with pytest.raises(Forbidden):
            self.check(city, order, "leader")

    def test_a_supervisor_s_deputy_of_a_third_team_checks_in_his_name(self, city, order):
        handed(city, principal="supervisor", deputy="other_leader")
        self.check(city, order, "other_leader")
        labels = CaseEvent.objects.filter(name__in=("order.passed", "case.closed"))
        assert set(labels.values_list("actor_label", flat=True)) == {"许志明（代周明）"}

    def test_a_deputy_is_not_drawn_to_look_back(self, city):
        from inspections.services.inspectors import candidates_for

        for name in ("inspector", "supervisor"):
            Grant.objects.filter(user=city.people[name]).exclude(role__code="inspector").delete()
        handed(city, deputy="inspector")
        order = builders.submitted(city)
        assert candidates_for(case=order.case, order=order, at=NOW) == []


class TestMakingAndEnding:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"since": NOW - DAY}, "since"),
            ({"until": NOW}, "until"),
            ({"until": NOW + 100 * DAY}, "until"),
            ({"reason": "  "}, "reason"),
            ({"reason": "\x00\u200b"}, "reason"),
            ({"deputy": "leader"}, "deputy"),
            ({"deputy": "stranger"}, "deputy"),
            ({"team": "dayang"}, "team"),
        ],
    )
    def test_what_cannot_be_is_refused_at_its_field(self, city, changes, field):
        if "team" in changes:
            changes = changes | {"team": city.teams[changes["team"]]}
        with pytest.raises(DomainError) as refused:
            handed(city, **changes)
        assert refused.value.field == field
        assert not Deputy.objects.exists()

    def test_one_desk_is_in_one_person_s_hands(self, city):
        handed(city, team=city.teams["gucheng"])
        with pytest.raises(DomainError) as refused:
            handed(city, deputy="viewer")
        assert refused.value.code == "overlap"
        handed(city, deputy="viewer", since=NOW + 7 * DAY, until=NOW + 8 * DAY)

    def test_only_who_leads_hands_over_and_only_his_own(self, city):
        with pytest.raises(Forbidden):
            handed(city, principal="officer")
        with pytest.raises(Forbidden):
            handed(city, actor=city.other_leader)
        assert handed(city, actor=city.admin).made_by == city.admin

    @pytest.mark.parametrize("who", ["leader", "other_leader", "admin"])
    def test_it_is_taken_back_at_once_and_both_hear_of_it(self, city, who):
        builders.issued(city)
        row = handed(city)
        take_back(deputy_id=row.pk, actor=city.people[who], at=NOW)
        assert seen(city.other_leader, Order) == set()
        assert with_deputies([city.leader.pk], NOW) == [city.leader.pk]
        ended = Notice.objects.filter(dedupe_key__endswith="revoked")
        told = set(ended.values_list("user__username", flat=True))
        assert told == {"leader", "other_leader"} - {who}
        with pytest.raises(Conflict):
            take_back(deputy_id=row.pk, actor=city.leader, at=NOW)

    def test_others_do_not_take_it_back(self, city):
        row = handed(city)
        with pytest.raises(Forbidden):
            take_back(deputy_id=row.pk, actor=city.officer, at=NOW)


class TestPages:
    def form(self, city, **changes):
        return {
            "idempotency_key": str(uuid.uuid4()),
            "deputy": city.other_leader.pk,
            "team": "",
            "since": "2026-11-20",
            "until": "2026-11-22",
            "reason": "出差",
        } | changes

    def test_a_leader_hands_over_for_whole_days(self, city, as_):
        page = as_("leader").post(PAGE, self.form(city), follow=True)
        assert "11-20 起由 许志明 代您的班" in page.content.decode()
        row = Deputy.objects.get()
        assert (row.valid_from, row.valid_to) == (NOW, NOW.replace(day=23, hour=0))
        html = as_("other_leader").get(PAGE).content.decode()
        assert "代班中" in html
        assert "交还" in html

    def test_what_is_wrong_is_said_beside_the_field(self, city, as_):
        page = as_("leader").post(PAGE, self.form(city, until="2026-11-19"))
        assert page.status_code == 422
        assert page.context["form"].errors["until"]
        assert not Deputy.objects.exists()

    def test_the_menu_has_it_for_those_who_lead(self, city, as_):
        assert PAGE in as_("leader").get("/").content.decode()
        assert PAGE not in as_("officer").get("/").content.decode()

    def test_it_ends_by_a_button(self, city, as_):
        row = handed(city)
        key = {"idempotency_key": str(uuid.uuid4())}
        assert as_("viewer").post(f"{PAGE}{row.pk}/end/", key).status_code == 404
        page = as_("other_leader").post(f"{PAGE}{row.pk}/end/", key, follow=True)
        assert page.status_code == 200
        row.refresh_from_db()
        assert (row.revoked_at, row.revoked_by) == (NOW, city.other_leader)

    def test_the_administrator_lists_makes_and_ends_them(self, city, as_):
        desk = as_("admin")
        fields = {
            "principal": city.leader.pk,
            "deputy": city.viewer.pk,
            "valid_to_0": "2026-11-30",
            "valid_to_1": "08:00",
            "reason": "住院",
        }
        assert desk.post("/admin/grids/deputy/add/", fields).status_code == 302
        row = Deputy.objects.get()
        assert (row.valid_from, row.made_by) == (NOW, city.admin)
        assert "住院" in desk.get("/admin/grids/deputy/").content.decode()
        chosen = {"action": "end_now", "_selected_action": [row.pk]}
        desk.post("/admin/grids/deputy/", chosen)
        row.refresh_from_db()
        assert row.revoked_at == NOW
