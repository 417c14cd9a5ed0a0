"""五定: who answers from when, what is replaced, and what is in the way."""

from datetime import timedelta

import pytest

from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Revision, Role
from grids.access import forget_access
from grids.choices import Duty, Shift
from grids.facts import REQUIRED, covers
from grids.locate import answering
from grids.models import Assignment, Grant, RoadSegment
from grids.services.assign import Charge, assign_cell, assign_segment, end_assignment
from tests.city import NOW, City

pytestmark = pytest.mark.django_db


def charge(city: City, duty: str = Duty.CELL_CHIEF, **changes: object) -> Charge:
    asked = {"duty": duty, "team_id": city.teams["gucheng"].pk, "person_id": city.leader.pk}
    return Charge(**(asked | changes))


def assign(city: City, asked: Charge, *, at=NOW, by: str = "admin", version=None) -> Assignment:
    return assign_cell(
        cell_id=city.cells[0].pk, actor=city.people[by], at=at, version=version, charge=asked
    )


def chief(city: City, at=NOW) -> Assignment | None:
    rows = answering(cell_id=city.cells[0].pk, segment_id=None, at=at, duty=Duty.CELL_CHIEF)
    return rows[0] if rows else None


def test_a_new_chief_begins_when_the_old_one_ends(city):
    old = chief(city)
    row = assign(city, charge(city))
    old.refresh_from_db()
    assert (old.valid_to, row.valid_from) == (NOW, NOW)
    assert chief(city).person == city.leader
    assert chief(city, NOW - timedelta(seconds=1)).person == city.officer
    assert Revision.objects.filter(name="grid").exists()


def test_a_later_day_leaves_the_present_as_it_is(city):
    monday = NOW + timedelta(days=3)
    assign(city, charge(city, since=monday))
    assert chief(city).person == city.officer
    assert chief(city, monday).person == city.leader


def test_somebody_planned_for_later_is_in_the_way_until_taken_back(city):
    planned = assign(city, charge(city, since=NOW + timedelta(days=3)))
    with pytest.raises(
        DomainError, match="网格长 全天（00:00–24:00）自 11 月 23 日 14:00 起已由 古城中队 陈立军"
    ):
        assign(city, charge(city, person_id=city.officer.pk))
    end_assignment(assignment_id=planned.pk, actor=city.admin, at=NOW, version=None)
    assert not Assignment.objects.filter(pk=planned.pk).exists()


def test_a_shift_within_an_all_day_assignment_is_refused_in_words(city):
    with pytest.raises(DomainError, match="时间有重叠，请先结束那一项") as refused:
        assign(city, charge(city, Duty.ENFORCEMENT, shift=Shift.EARLY))
    assert refused.value.field == "shift"


def test_all_day_replaces_the_shifts_that_it_covers(city):
    [old] = answering(cell_id=city.cells[0].pk, segment_id=None, at=NOW, duty=Duty.ENFORCEMENT)
    end_assignment(assignment_id=old.pk, actor=city.admin, at=NOW, version=None)
    for shift in (Shift.EARLY, Shift.MIDDLE, Shift.LATE):
        assign(city, charge(city, Duty.ENFORCEMENT, shift=shift))
    later = NOW + timedelta(days=1)
    row = assign(city, charge(city, Duty.ENFORCEMENT), at=later)
    in_force = Assignment.objects.in_force(later).filter(cell=city.cells[0], duty=row.duty)
    assert list(in_force) == [row]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"person_id": None}, "person"),
        ({"person_id": "cleaner"}, "person"),
        ({"team_id": 0}, "team"),
        ({"duty": "nonsense"}, "duty"),
        ({"duty": Duty.STREET_CHIEF}, "duty"),
        ({"shift": "nonsense"}, "shift"),
        ({"since": NOW - timedelta(days=1)}, "since"),
    ],
)
def test_what_cannot_be_is_refused_and_names_the_field(city, changes, field):
    if changes.get("person_id") == "cleaner":
        changes = {"person_id": city.cleaner.pk}
    with pytest.raises(DomainError) as refused:
        assign(city, charge(city, **changes))
    assert refused.value.field == field
    assert chief(city).person == city.officer


def test_a_page_that_is_out_of_date_changes_nothing(city):
    city.cells[0].refresh_from_db()
    seen = city.cells[0].version
    assign(city, charge(city), version=seen)
    with pytest.raises(Conflict):
        assign(city, charge(city, person_id=city.officer.pk), version=seen)
    assert chief(city).person == city.leader


def test_only_who_may_edit_the_grid_there_assigns(city):
    with pytest.raises(Forbidden):
        assign(city, charge(city), by="dispatcher")
    role = Role.objects.create(code="keeper", name="网格管理", capabilities=["grid.edit"])
    for name, team in (("leader", "gucheng"), ("other_leader", "dayang")):
        Grant.objects.create(
            user=city.people[name], role=role, team=city.teams[team], valid_from=NOW
        )
        forget_access(city.people[name])
    assign(city, charge(city), by="leader")
    with pytest.raises(Forbidden):
        assign(city, charge(city), by="other_leader")


def test_an_ended_assignment_leaves_a_hole_that_is_seen(city):
    assert covers(NOW)[city.cells[0].pk].holes() == []
    end_assignment(assignment_id=chief(city).pk, actor=city.admin, at=NOW, version=None)
    [hole] = covers(NOW)[city.cells[0].pk].holes()
    assert (hole.duty, hole.whole_day) == (Duty.CELL_CHIEF, True)
    with pytest.raises(Conflict):
        end_assignment(
            assignment_id=Assignment.objects.filter(cell=city.cells[0]).first().pk,
            actor=city.admin,
            at=NOW,
            version=None,
        )


def test_a_missing_night_is_a_hole_by_day_too(city):
    cell = city.cells[0]
    Assignment.objects.filter(cell=cell, duty=Duty.ENFORCEMENT).delete()
    for shift in (Shift.EARLY, Shift.MIDDLE):
        assign(city, charge(city, Duty.ENFORCEMENT, shift=shift))
    [hole] = covers(NOW)[cell.pk].holes()
    assert (hole.duty, hole.parts, hole.whole_day) == (Duty.ENFORCEMENT, (Shift.LATE,), False)
    assert covers(NOW)[cell.pk].at(Duty.ENFORCEMENT, NOW).shift == Shift.MIDDLE
    assert set(REQUIRED) > {Duty.ENFORCEMENT}


def test_a_segment_has_a_street_chief_but_no_cell_chief(city):
    line = {"type": "LineString", "coordinates": [[121.12, 28.85], [121.13, 28.86]]}
    segment = RoadSegment.objects.create(
        code="LD-01", name="紫阳街", grade="strict", line=line, valid_from=NOW
    )
    asked = charge(city, Duty.STREET_CHIEF)
    row = assign_segment(segment_id=segment.pk, actor=city.admin, at=NOW, charge=asked)
    assert (row.segment, row.person) == (segment, city.leader)
    with pytest.raises(DomainError, match="网格长是对网格的"):
        assign_segment(segment_id=segment.pk, actor=city.admin, at=NOW, charge=charge(city))
