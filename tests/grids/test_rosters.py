"""Rosters through the services: what is refused, what needs a reason, copying, hours, races."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import connection

from citymgmt.errors import Conflict, DomainError, Forbidden
from grids.access import forget_access
from grids.models import Membership, PeopleRecord, RosterShift, ShiftHours
from grids.presence import presences
from grids.services.leaves import register_leave
from grids.services.rosters import Change, NeedsReason, copy_week, set_shifts
from grids.services.shift_hours import set_hours
from grids.services.staff import certify, transfer_person
from grids.shifts import shift_minutes
from tests.city import LOCAL, NOW
from tests.house.test_races import somebody_waits_for_a_lock

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)
WEEK = 7 * DAY


def put(city, *changes, **given):
    rows = [
        Change(city.people[name].pk, MONDAY + n * DAY, tuple(shifts.split()))
        for name, n, shifts in changes
    ]
    asked = {"team_id": city.teams["gucheng"].pk, "changes": rows, "actor": city.leader, "at": NOW}
    return set_shifts(**(asked | given))


def planned(city):
    return [
        f"{row.person.username} {(row.day - MONDAY).days} {row.shift}"
        for row in RosterShift.objects.order_by("day", "person__username", "starts_at")
    ]


def away(city, person, first, last, **given):
    days = {"first": MONDAY + first * DAY, "last": MONDAY + last * DAY}
    asked = {"person": person, "kind": "annual", "actor": city.admin, "at": NOW} | days
    return register_leave(**(asked | given))


class TestSetting:
    def test_shifts_have_their_real_hours(self, city):
        put(city, ("officer", 0, "late"))
        row = RosterShift.objects.get()
        assert row.starts_at == datetime(2026, 11, 23, 20, tzinfo=LOCAL)
        assert row.ends_at == datetime(2026, 11, 24, 6, tzinfo=LOCAL)

    def test_a_day_is_set_anew_and_emptied(self, city):
        put(city, ("officer", 0, "early"), ("leader", 0, "middle"))
        put(city, ("officer", 0, "late"))
        assert planned(city) == ["leader 0 middle", "officer 0 late"]
        put(city, ("officer", 0, ""))
        assert planned(city) == ["leader 0 middle"]

    def test_it_is_on_record_by_whom(self, city):
        put(city, ("officer", 0, "early"))
        record = PeopleRecord.objects.get(verb="roster.set")
        assert (record.actor, record.team) == (city.leader, city.teams["gucheng"])
        assert record.details == {"days": ["2026-11-23"], "rows": 1}

    def test_what_was_changed_meanwhile_is_not_overwritten(self, city):
        put(city, ("officer", 0, "early"))
        change = Change(city.officer.pk, MONDAY, ("late",), seen=())
        with pytest.raises(Conflict):
            put(city, changes=[change])
        seen = (RosterShift.objects.get().pk,)
        put(city, changes=[Change(city.officer.pk, MONDAY, ("late",), seen=seen)])
        assert planned(city) == ["officer 0 late"]

    @pytest.mark.parametrize(
        ("who", "right"),
        [("admin", True), ("leader", True), ("officer", False), ("other_leader", False)],
    )
    def test_the_leader_of_the_team_plans_it(self, city, who, right):
        if right:
            assert put(city, ("officer", 0, "early"), actor=city.people[who])
        else:
            with pytest.raises(Forbidden):
                put(city, ("officer", 0, "early"), actor=city.people[who])
            assert planned(city) == []


class TestAgainst:
    def test_two_shifts_in_one_minute_are_refused_with_words(self, city):
        put(city, ("officer", 0, "late"))
        with pytest.raises(DomainError, match="李建国 11-24 零时与11-23 晚班时间重叠，不能排"):
            put(city, ("officer", 1, "zero"))
        assert planned(city) == ["officer 0 late"]

    def test_all_or_none(self, city):
        put(city, ("officer", 0, "late"))
        with pytest.raises(DomainError):
            put(city, ("leader", 1, "early"), ("officer", 1, "zero"))
        assert planned(city) == ["officer 0 late"]

    def test_short_rest_needs_a_reason_which_is_kept(self, city):
        put(city, ("officer", 0, "late"))
        with pytest.raises(NeedsReason) as asked:
            put(city, ("officer", 1, "middle"))
        assert asked.value.lines == ["李建国 11-24 中班与11-23 晚班只隔 8 小时，不足 11 小时"]
        put(city, ("officer", 1, "middle"), ("leader", 1, "early"), reason="台风值守")
        reasons = dict(RosterShift.objects.filter(day=MONDAY + DAY).values_list("shift", "reason"))
        assert reasons == {"middle": "台风值守", "early": ""}

    def test_a_double_shift_is_told_as_one(self, city):
        with pytest.raises(NeedsReason) as asked:
            put(city, ("officer", 0, "early middle"))
        assert asked.value.lines[0] == "李建国 11-23 早班与11-23 中班连班"

    def test_nobody_works_on_leave(self, city):
        away(city, city.officer, 1, 2)
        put(city, ("officer", 0, "early"))
        for n, shift in ((0, "late"), (1, "early"), (2, "zero")):
            with pytest.raises(DomainError, match="在请假，不能排"):
                put(city, ("officer", n, shift), reason="缺人")
        put(city, ("officer", 3, "early"))

    def test_nobody_works_for_a_team_that_he_has_left(self, city):
        row = Membership.objects.get(user=city.officer)
        transfer_person(
            membership_id=row.pk,
            team=city.teams["dayang"],
            post="member",
            since=MONDAY + 2 * DAY,
            actor=city.admin,
            at=NOW,
        )
        put(city, ("officer", 1, "early"))
        with pytest.raises(DomainError, match="那天不在这个单位，不能排"):
            put(city, ("officer", 2, "early"))

    def test_a_certificate_is_asked_for_where_the_team_asks(self, city):
        team = city.teams["gucheng"]
        team.needs_certificate = True
        team.save()
        with pytest.raises(NeedsReason, match="没有有效的执法证"):
            put(city, ("officer", 0, "early"))
        given = {"user": city.officer, "kind": "law", "number": "浙J0001", "actor": city.admin}
        certify(valid_until=MONDAY, at=NOW, **given)
        put(city, ("officer", 0, "early"))
        with pytest.raises(NeedsReason, match="没有有效的执法证"):
            put(city, ("officer", 2, "early"))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ([], ""),
            ([Change(1, TODAY - DAY, ("early",))], "day"),
            ([Change(1, TODAY + 400 * DAY, ("early",))], "day"),
            ([Change(1, MONDAY, ("all_day",))], "shift"),
            ([Change(1, MONDAY, ("早",))], "shift"),
            ([Change(1, MONDAY, ("early", "early"))], "shift"),
            ([Change(1, MONDAY, ("early",), cell_id=2**40)], "cell"),
            ([Change(1, MONDAY, ("early",))] * 2, ""),
            ([Change(n, MONDAY, ("early",)) for n in range(500)], ""),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, city, changes, field):
        with pytest.raises(DomainError) as refused:
            put(city, changes=changes)
        assert refused.value.field == field

    def test_reasons_are_bounded(self, city):
        with pytest.raises(DomainError) as refused:
            put(city, ("officer", 0, "early"), reason="字" * 101)
        assert refused.value.field == "reason"


class TestCopying:
    def copied(self, city, *targets, **given):
        asked = {"team_id": city.teams["gucheng"].pk, "source": MONDAY, "actor": city.leader}
        return copy_week(targets=[MONDAY + n * WEEK for n in targets], at=NOW, **(asked | given))

    def test_a_week_goes_onto_the_next_ones(self, city):
        put(city, ("officer", 0, "early"), ("leader", 3, "late"))
        assert self.copied(city, 1, 2).made == 4
        assert planned(city) == [
            "officer 0 early", "leader 3 late", "officer 7 early", "leader 10 late",
            "officer 14 early", "leader 17 late",
        ]  # fmt: skip

    def test_what_is_there_stays(self, city):
        put(city, ("officer", 0, "early"), ("officer", 7, "middle"))
        done = self.copied(city, 1)
        assert (done.made, done.kept, done.skipped) == (0, 1, ())

    def test_who_is_on_leave_is_left_out_and_told(self, city):
        put(city, ("officer", 0, "early"), ("leader", 0, "early"))
        away(city, city.officer, 7, 7)
        done = self.copied(city, 1)
        assert (done.made, done.skipped) == (1, ("李建国 11-30 早班在请假",))

    def test_short_rest_is_copied_only_with_a_reason(self, city):
        put(city, ("officer", 0, "late"), ("officer", 1, "middle"), reason="值守")
        assert self.copied(city, 1).skipped == (
            "李建国 12-01 中班与11-30 晚班只隔 8 小时，不足 11 小时",
        )
        assert self.copied(city, 2, reason="值守").made == 2

    def test_a_second_time_changes_nothing(self, city):
        put(city, ("officer", 0, "early"))
        self.copied(city, 1)
        assert self.copied(city, 1).made == 0
        assert len(planned(city)) == 2

    @pytest.mark.parametrize("targets", [[], [0], [1] * 9, [-2], [60]])
    def test_weeks_that_cannot_be_are_refused(self, city, targets):
        with pytest.raises(DomainError) as refused:
            self.copied(city, *targets)
        assert refused.value.field == "weeks"


class TestHours:
    HOURS = {"early": (420, 900), "middle": (900, 1260), "late": (1260, 420), "zero": (0, 300)}

    def set(self, city, since=MONDAY, team=None, hours=None, **given):
        pk = city.teams[team].pk if team else None
        asked = {"actor": city.admin, "at": NOW, "hours": hours or self.HOURS}
        set_hours(team_id=pk, since=since, **(asked | given))

    def minutes(self, city, team, day):
        return shift_minutes("early", city.teams[team].path, day)

    def test_they_hold_from_a_day_and_a_team_may_have_its_own(self, city):
        self.set(city)
        self.set(city, MONDAY + 2 * DAY, "dayang", {"early": (300, 780)})
        assert self.minutes(city, "gucheng", MONDAY - DAY) == (360, 840)
        assert self.minutes(city, "gucheng", MONDAY) == (420, 900)
        assert self.minutes(city, "dayang", MONDAY + DAY) == (420, 900)
        assert self.minutes(city, "dayang", MONDAY + 2 * DAY) == (300, 780)

    def test_planned_shifts_move_along_also_those_side_by_side(self, city):
        put(city, ("officer", 0, "early middle"), ("leader", 1, "early"), reason="人少")
        self.set(city)
        starts = [row.starts_at.astimezone(LOCAL).hour for row in RosterShift.objects.all()]
        assert starts == [7, 15, 7]

    def test_planned_shifts_never_come_to_overlap(self, city):
        put(city, ("officer", 0, "early middle"), reason="人少")
        with pytest.raises(DomainError, match="两个班重叠"):
            self.set(city, hours={"early": (420, 900)})
        assert not ShiftHours.objects.exists()
        assert RosterShift.objects.first().starts_at.astimezone(LOCAL).hour == 6

    @pytest.mark.parametrize("span", [(-1, 60), (0, 1441), (60, 60), (0, 59), (0, 1000)])
    def test_hours_that_cannot_be_are_refused(self, city, span):
        with pytest.raises(DomainError) as refused:
            self.set(city, hours={"early": span})
        assert refused.value.field == "early"

    def test_only_who_keeps_people_sets_them(self, city):
        with pytest.raises(Forbidden):
            self.set(city, team="gucheng", actor=city.leader)


class TestPresence:
    def on(self, city, name, *, day=0, hour):
        moment = datetime(2026, 11, 23, hour, tzinfo=LOCAL) + day * DAY
        person = city.people[name].pk
        found = presences([person], None, moment)[person]
        return found.on, found.left.total_seconds() / 3600, found.words

    def test_where_there_is_a_roster_it_says_who_is_there(self, city):
        put(city, ("officer", 0, "late"))
        assert self.on(city, "officer", hour=10) == (False, 0, "晚班 20:00 上班")
        assert self.on(city, "officer", hour=23) == (True, 7, "晚班 20:00–6:00")
        assert self.on(city, "officer", day=1, hour=5) == (True, 1, "晚班 20:00–6:00")
        assert self.on(city, "leader", hour=10) == (False, 0, "轮休")

    def test_where_there_is_none_the_schedule_goes_on(self, city):
        put(city, ("officer", 0, "late"))
        assert self.on(city, "other_leader", hour=10) == (True, 6, "按作息")
        assert self.on(city, "leader", day=2, hour=10) == (True, 6, "按作息")

    def test_who_is_on_leave_is_away_and_says_who_stands_in(self, city):
        away(city, city.officer, 0, 0, substitute=city.leader)
        assert self.on(city, "officer", hour=10) == (False, 0, "请假，陈立军顶岗")


class Setter(threading.Thread):
    """Puts the officer on a shift on a connection of its own, and may hold its transaction."""

    def __init__(self, city, shift, who):
        super().__init__()
        forget_access(city.people[who])
        self.city, self.shift, self.who = city, shift, who
        self.outcome: object = None

    def run(self):
        try:
            change = Change(self.city.officer.pk, MONDAY, (self.shift,), seen=())
            put(self.city, changes=[change], actor=self.city.people[self.who])
            self.outcome = "won"
        except DomainError as error:
            self.outcome = error
        finally:
            connection.close()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_the_same_person_one_hears_that_the_other_was_quicker(city, monkeypatch):
    from grids.services import rosters

    first, second = Setter(city, "early", "admin"), Setter(city, "late", "leader")
    put_down, go_on = threading.Event(), threading.Event()
    real = rosters._Plan.store

    def slow(plan, actor, reason):
        rows = real(plan, actor, reason)
        if threading.current_thread() is first:
            put_down.set()
            assert go_on.wait(20)
        return rows

    monkeypatch.setattr(rosters._Plan, "store", slow)
    first.start()
    assert put_down.wait(20)
    second.start()
    for _turn in range(2000):
        if somebody_waits_for_a_lock():
            break
        second.join(0.01)
    go_on.set()
    first.join(20)
    second.join(20)
    assert first.outcome == "won"
    assert isinstance(second.outcome, Conflict)
    assert planned(city) == ["officer 0 early"]
