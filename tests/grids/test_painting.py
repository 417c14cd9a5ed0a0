"""Strokes over 五定: just their hours and days change, told in words, and taken back by undo."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from citymgmt.errors import Conflict, DomainError, Forbidden
from grids.choices import SHIFT_MINUTES, Duty, Shift
from grids.hours import hours_words, minutes, runs, shifts_of
from grids.locate import answering
from grids.models import Assignment, AssignmentAct, Cell, RoadSegment
from grids.services.acts import last_act, undo_act
from grids.services.assign import Charge, assign_cell, end_assignment
from grids.services.painting import Stroke, paint, plan_strokes
from grids.services.people import end_membership
from grids.services.spots import CELL, SEGMENT, Spot
from tests.city import LOCAL, LONG_AGO, NOW, City, build_city

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, tzinfo=LOCAL)
WEEK = timedelta(days=7)


def stroke(city: City, cell: int = 0, **changes: object) -> Stroke:
    shift = changes.get("shift", Shift.EARLY)
    asked: dict = {
        "spot": Spot(CELL, city.cells[cell].pk),
        "duty": Duty.ENFORCEMENT,
        "shift": shift,
        "hours": SHIFT_MINUTES[shift],
        "team_id": city.teams["dayang"].pk,
        "since": MONDAY,
    }
    return Stroke(**asked | changes)


def do(city: City, *strokes: Stroke, by: str = "admin", at: datetime = NOW, **how: object):
    return paint(strokes=strokes, actor=city.people[by], at=at, **how)


def who(city: City, at: datetime, cell: int = 0, duty: str = Duty.ENFORCEMENT) -> str:
    rows = answering(cell_id=city.cells[cell].pk, segment_id=None, at=at, duty=duty)
    return rows[0].team.name if rows else ""


def stands() -> list[tuple]:
    columns = ("cell", "segment", "duty", "shift", "starts_minute", "ends_minute")
    rows = Assignment.objects.values_list(*columns, "team", "person", "valid_from", "valid_to")
    return sorted(rows, key=repr)


def test_hours_are_told_as_stretches_and_shifts():
    night = minutes(1200, 360)
    assert runs(night | minutes(720, 840)) == [(720, 840), (1200, 360)]
    assert runs(minutes(0, 1440)) == [(0, 1440)]
    assert hours_words(night) == "20:00–06:00"
    left = minutes(0, 1440) & ~minutes(*SHIFT_MINUTES[Shift.EARLY])
    assert [one[0] for one in shifts_of(left)] == [Shift.MIDDLE, Shift.LATE]


def test_one_shift_is_taken_out_of_a_whole_day_and_the_rest_goes_on(city):
    plan = do(city, stroke(city))
    assert plan.words == [
        "古城-01 · 执法 · 早班：古城中队 李建国 → 大洋中队，自 11 月 23 日起",
    ]
    assert who(city, MONDAY - timedelta(minutes=1)) == "古城中队"
    assert who(city, MONDAY + timedelta(hours=6)) == "大洋中队"
    for hour in (0, 5, 14, 19, 20, 23):
        assert who(city, MONDAY + timedelta(hours=hour)) == "古城中队"


def test_after_the_last_day_it_is_as_before(city):
    do(city, stroke(city, shift=Shift.ALL_DAY, until=MONDAY + WEEK))
    assert who(city, MONDAY) == "大洋中队"
    assert who(city, MONDAY + WEEK - timedelta(minutes=1)) == "大洋中队"
    assert who(city, MONDAY + WEEK) == "古城中队"


def test_like_changes_are_told_together(city):
    plan = do(city, *(stroke(city, cell) for cell in range(4)))
    assert plan.words == [
        "2 格 · 执法 · 早班：古城中队 李建国 → 大洋中队，自 11 月 23 日起",
        "2 格 · 执法 · 早班：大洋中队 陈丽红 → 大洋中队，自 11 月 23 日起",
    ]


def test_what_stands_as_wanted_is_left_and_its_place_not_touched(city):
    do(city, stroke(city))
    before, version = stands(), Cell.objects.get(pk=city.cells[0].pk).version
    plan = do(city, stroke(city))
    assert (plan.same, plan.words, stands()) == (1, [], before)
    assert Cell.objects.get(pk=city.cells[0].pk).version == version


def test_nobody_answers_where_a_seat_is_cleared(city):
    plan = do(city, stroke(city, team_id=None, shift=Shift.LATE))
    assert plan.words == ["古城-01 · 执法 · 晚班：古城中队 李建国 → 空，自 11 月 23 日起"]
    assert who(city, MONDAY + timedelta(hours=21)) == ""
    assert who(city, MONDAY + timedelta(hours=12)) == "古城中队"


def test_a_plan_for_later_is_replaced_only_if_asked(city):
    do(city, stroke(city, since=MONDAY + WEEK))
    before = stands()
    with pytest.raises(
        DomainError, match=r"古城-01：执法 早班（06:00–14:00）自 11 月 30 日起已由 大洋中队"
    ):
        do(city, stroke(city, team_id=city.teams["huanwei"].pk))
    assert stands() == before
    do(city, stroke(city, team_id=city.teams["huanwei"].pk), over_plans=True)
    assert who(city, MONDAY + WEEK + timedelta(hours=7)) == "环卫处"


def test_a_preview_writes_nothing(city):
    before = stands()
    plan = plan_strokes(strokes=[stroke(city)], actor=city.admin, at=NOW)
    assert plan.words
    assert stands() == before


def test_a_segment_is_painted_like_a_cell(city):
    line = {"type": "LineString", "coordinates": [[121.12, 28.85], [121.13, 28.85]]}
    row = RoadSegment.objects.create(
        code="LD-01", name="紫阳街", grade="strict", line=line, valid_from=LONG_AGO
    )
    spot = Spot(SEGMENT, row.pk)
    plan = do(city, stroke(city, spot=spot, version=row.version))
    assert plan.words == ["LD-01 · 执法 · 早班：空 → 大洋中队，自 11 月 23 日起"]
    row.refresh_from_db()
    assert row.version == 2
    with pytest.raises(DomainError, match="路段请选街路长"):
        do(city, stroke(city, spot=spot, duty=Duty.CELL_CHIEF))


def test_a_place_that_somebody_changed_is_named_with_him(city):
    version = Cell.objects.get(pk=city.cells[2].pk).version
    do(city, stroke(city, 2))
    with pytest.raises(Conflict, match="古城-03 刚被 林管 改过"):
        do(city, stroke(city, 1), stroke(city, 2, version=version))
    charge = Charge(duty=Duty.PATROL, team_id=city.teams["dayang"].pk)
    with pytest.raises(Conflict, match="古城-03 刚被 林管 改过"):
        assign_cell(
            cell_id=city.cells[2].pk, actor=city.admin, at=NOW, version=version, charge=charge
        )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"duty": Duty.CELL_CHIEF, "shift": Shift.ALL_DAY}, "落到人"),
        ({"duty": Duty.STREET_CHIEF}, "网格请选网格长"),
        ({"team_id": 10**9}, "请选择责任单位"),
        ({"since": NOW - timedelta(days=1)}, "过去的责任不能改"),
        ({"until": MONDAY}, "起的那天之后"),
        ({"duty": "nonsense"}, "请选择职责"),
    ],
)
def test_what_cannot_be_is_said_with_its_place_and_nothing_is_done(city, changes, words):
    before = stands()
    with pytest.raises(DomainError, match=f"古城-01：.*{words}"):
        do(city, stroke(city, 1), stroke(city, **changes))
    assert stands() == before


def test_the_same_hours_twice_are_refused(city):
    with pytest.raises(DomainError, match="排了两次"):
        do(city, stroke(city), stroke(city, shift=Shift.ALL_DAY))


def test_who_may_not_edit_the_grid_changes_nothing(city):
    before = stands()
    with pytest.raises(Forbidden):
        do(city, stroke(city), by="leader")
    with pytest.raises(Forbidden):
        do(city, stroke(city, team_id=None), by="dispatcher")
    assert stands() == before


# --- Undo -----------------------------------------------------------------------------------


def test_ones_last_act_is_taken_back_as_if_it_had_not_been(city, hand):
    before = stands()
    do(city, *(stroke(city, cell) for cell in range(4)))
    act = last_act(city.admin)
    undo_act(act_id=act.pk, actor=city.admin, at=hand.forward(minutes=1))
    assert stands() == before
    assert last_act(city.admin) is None
    with pytest.raises(Conflict, match="已经撤销过"):
        undo_act(act_id=act.pk, actor=city.admin, at=hand())


def test_what_held_for_a_minute_stays_on_record(city, hand):
    do(city, stroke(city, since=None, shift=Shift.ALL_DAY))
    later = hand.forward(minutes=1)
    undo_act(act_id=last_act(city.admin).pk, actor=city.admin, at=later)
    assert who(city, NOW) == "大洋中队"
    assert who(city, later) == "古城中队"
    assert who(city, later + timedelta(days=90)) == "古城中队"


def test_undo_is_refused_where_something_else_changed(city, hand):
    do(city, stroke(city), stroke(city, 1))
    act = last_act(city.admin)
    row = Assignment.objects.get(cell=city.cells[1], duty=Duty.CLEANING)
    end_assignment(assignment_id=row.pk, actor=None, at=hand.forward(minutes=1), version=None)
    before = stands()
    with pytest.raises(Conflict, match="古城-02 刚被改过"):
        undo_act(act_id=act.pk, actor=city.admin, at=hand())
    assert stands() == before


def test_only_the_last_and_only_ones_own_act_is_undone(city):
    do(city, stroke(city))
    first = last_act(city.admin)
    do(city, stroke(city, 1))
    with pytest.raises(Conflict, match="最近的一步"):
        undo_act(act_id=first.pk, actor=city.admin, at=NOW)
    with pytest.raises(AssignmentAct.DoesNotExist):
        undo_act(act_id=first.pk, actor=city.dispatcher, at=NOW)


def test_a_single_assignment_and_an_end_are_undone_too(city, hand):
    before = stands()
    charge = Charge(
        duty=Duty.CELL_CHIEF, team_id=city.teams["gucheng"].pk, person_id=city.leader.pk
    )
    row = assign_cell(
        cell_id=city.cells[0].pk, actor=city.admin, at=NOW, version=None, charge=charge
    )
    undo_act(act_id=last_act(city.admin).pk, actor=city.admin, at=NOW)
    assert stands() == before
    row = Assignment.objects.get(cell=city.cells[0], duty=Duty.CLEANING)
    end_assignment(assignment_id=row.pk, actor=city.admin, at=NOW, version=None)
    undo_act(act_id=last_act(city.admin).pk, actor=city.admin, at=NOW)
    assert stands() == before


def test_a_leaver_is_not_called_back_by_undo(city):
    member = city.officer.memberships.get()
    end_membership(membership_id=member.pk, actor=city.admin, at=NOW)
    assert AssignmentAct.objects.get().words == "李建国离开古城中队，所负责的交回"
    assert last_act(city.admin) is None


# --- The race at the database ---------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["one", "many"])
def test_a_race_lost_at_the_database_is_told_with_who_was_quicker(way):
    city = build_city()
    cell = city.cells[0]
    Assignment.objects.filter(cell=cell, duty=Duty.ENFORCEMENT).delete()
    outcome: list[object] = []

    def second() -> None:
        try:
            if way == "many":
                do(city, stroke(city, shift=Shift.ALL_DAY, since=None))
            else:
                charge = Charge(duty=Duty.ENFORCEMENT, team_id=city.teams["dayang"].pk)
                assign_cell(cell_id=cell.pk, actor=None, at=NOW, version=None, charge=charge)
            outcome.append("done")
        except Conflict as error:
            outcome.append(str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        # Somebody who takes no lock on the place, as a hand at the tables would.
        Assignment.objects.create(
            cell=cell,
            duty=Duty.ENFORCEMENT,
            team=city.teams["huanwei"],
            shift=Shift.EARLY,
            starts_minute=360,
            ends_minute=840,
            valid_from=NOW,
        )
        thread.start()
        _until_somebody_waits()
    thread.join(20)
    words = "执法 早班（06:00–14:00）自 11 月 20 日 14:00 起已由 环卫处 负责"
    assert len(outcome) == 1
    assert words in str(outcome[0])
    assert not Assignment.objects.filter(team=city.teams["dayang"], cell=cell).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_saw_the_same_table_the_second_hears_the_firsts_name():
    city = build_city()
    version = Cell.objects.get(pk=city.cells[0].pk).version
    outcome: list[object] = []

    def second() -> None:
        try:
            do(city, stroke(city, version=version, team_id=city.teams["huanwei"].pk))
            outcome.append("done")
        except Conflict as error:
            outcome.append(str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        do(city, stroke(city, version=version))
        thread.start()
        _until_somebody_waits()
    thread.join(20)
    assert outcome == ["古城-01 刚被 林管 改过，请刷新后再看。"]
    assert Cell.objects.get(pk=city.cells[0].pk).version == version + 1


def _until_somebody_waits() -> None:
    # Not from pg_stat_activity: within a transaction it is read once and kept.
    for _try in range(100_000):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("the second did not wait")
