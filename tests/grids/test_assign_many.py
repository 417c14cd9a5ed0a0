"""五定 in one act: many cells at once, by the rules of one, all or none."""

from datetime import timedelta
from time import perf_counter

import pytest

from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Revision, Role
from grids.access import forget_access
from grids.choices import Duty, Shift
from grids.facts import covers
from grids.models import Area, Assignment, Cell, Grant
from grids.services.assign import Charge
from grids.services.assign_many import CellCharge, assign_cells
from tests.city import NOW, City

pytestmark = pytest.mark.django_db


def charge(city: City, duty: str = Duty.CELL_CHIEF, **changes: object) -> Charge:
    asked = {"duty": duty, "team_id": city.teams["gucheng"].pk, "person_id": city.leader.pk}
    return Charge(**(asked | changes))


def over(city: City, *charges: Charge) -> list[CellCharge]:
    """The charges at each of the first squadron's cells."""
    return [CellCharge(cell.pk, one) for cell in city.cells[:2] for one in charges]


def assign(city: City, charges: list[CellCharge], *, by: str = "admin") -> list[Assignment]:
    return assign_cells(charges=charges, actor=city.people[by], at=NOW)


def everything() -> tuple[list[object], list[object], list[object]]:
    rows = Assignment.objects.order_by("pk").values()
    return list(rows), list(Cell.objects.order_by("pk").values()), list(Revision.objects.values())


def test_new_chiefs_begin_when_the_old_ones_end_and_the_grid_changes_once(city):
    versions = {cell.pk: Cell.objects.get(pk=cell.pk).version for cell in city.cells}
    rows = assign(city, over(city, charge(city)))
    assert [row.cell_id for row in rows] == [cell.pk for cell in city.cells[:2]]
    assert all(row.pk for row in rows)
    for cell in city.cells[:2]:
        old, new = Assignment.objects.filter(cell=cell, duty=Duty.CELL_CHIEF).order_by("pk")
        assert (old.person, old.valid_to) == (city.officer, NOW)
        assert (new.person, new.valid_from, new.valid_to) == (city.leader, NOW, None)
        assert Cell.objects.get(pk=cell.pk).version == versions[cell.pk] + 1
    assert Cell.objects.get(pk=city.cells[2].pk).version == versions[city.cells[2].pk]
    assert Revision.objects.get(name="grid").value == 1


def test_shifts_of_a_day_fill_what_was_empty(city):
    Assignment.objects.filter(duty=Duty.ENFORCEMENT).delete()
    shifts = [
        charge(city, Duty.ENFORCEMENT, shift=one) for one in (Shift.EARLY, Shift.MIDDLE, Shift.LATE)
    ]
    assert len(assign(city, over(city, *shifts))) == 6
    assert covers(NOW)[city.cells[0].pk].holes() == []


def test_one_planned_for_later_and_replaced_in_full_never_was(city):
    monday = NOW + timedelta(days=3)
    planned = assign(city, over(city, charge(city, since=monday)))
    assign(city, over(city, charge(city, person_id=city.officer.pk, since=monday)))
    assert not Assignment.objects.filter(pk__in=[row.pk for row in planned]).exists()
    in_force = Assignment.objects.in_force(monday).filter(cell=city.cells[0], duty=Duty.CELL_CHIEF)
    assert [row.person for row in in_force] == [city.officer]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"person_id": None}, "person"),
        ({"person_id": "cleaner"}, "person"),
        ({"team_id": 0}, "team"),
        ({"duty": "nonsense"}, "duty"),
        ({"duty": Duty.STREET_CHIEF}, "duty"),
        ({"shift": "nonsense"}, "shift"),
        ({"duty": Duty.ENFORCEMENT, "shift": Shift.EARLY}, "shift"),
        ({"since": NOW - timedelta(days=1)}, "since"),
    ],
)
def test_one_that_cannot_be_keeps_all_from_being_and_its_cell_is_named(city, changes, field):
    if changes.get("person_id") == "cleaner":
        changes = {"person_id": city.cleaner.pk}
    before = everything()
    wrong = CellCharge(city.cells[1].pk, charge(city, **changes))
    with pytest.raises(DomainError, match=f"^{city.cells[1].code}：") as refused:
        assign(city, [CellCharge(city.cells[0].pk, charge(city)), wrong])
    assert refused.value.field == field
    assert everything() == before


def test_of_many_that_cannot_be_the_first_are_named_and_the_others_counted(city):
    charges = [CellCharge(cell.pk, charge(city, team_id=0)) for cell in city.cells]
    with pytest.raises(DomainError, match=r"古城-01：请选择责任单位。；.*；另有 1 项不能这样排。"):
        assign(city, charges)


def test_the_same_hours_twice_in_one_act_are_refused(city):
    both = (charge(city), charge(city, person_id=city.officer.pk))
    with pytest.raises(DomainError, match="同一时间排了两次"):
        assign(city, over(city, *both))
    later = (charge(city, since=NOW + timedelta(days=3)), charge(city))
    with pytest.raises(DomainError, match="时间有重叠"):
        assign(city, over(city, *later))


def test_a_page_that_is_out_of_date_at_one_cell_changes_nothing(city):
    seen = Cell.objects.get(pk=city.cells[0].pk).version
    fresh = [CellCharge(city.cells[0].pk, charge(city), seen)]
    assign(city, fresh)
    before = everything()
    with pytest.raises(Conflict):
        assign(city, [CellCharge(city.cells[1].pk, charge(city)), *fresh])
    assert everything() == before


def test_hours_that_no_day_has_end_at_the_database(city):
    Assignment.objects.filter(duty=Duty.ENFORCEMENT).delete()
    before = everything()
    with pytest.raises(Conflict):
        assign(city, over(city, charge(city, Duty.ENFORCEMENT, hours=(0, 1500))))
    assert everything() == before


def test_a_cell_that_is_not_there_is_not_passed_over(city):
    with pytest.raises(Cell.DoesNotExist):
        assign(city, [*over(city, charge(city)), CellCharge(10**9, charge(city))])


def test_only_who_may_edit_the_grid_at_every_cell_assigns(city):
    role = Role.objects.create(code="keeper", name="网格管理", capabilities=["grid.edit"])
    Grant.objects.create(user=city.leader, role=role, team=city.teams["gucheng"], valid_from=NOW)
    forget_access(city.leader)
    assign(city, over(city, charge(city)), by="leader")
    elsewhere = charge(city, Duty.PATROL, team_id=city.teams["dayang"].pk, person_id=None)
    before = everything()
    with pytest.raises(Forbidden):
        assign(city, over(city, charge(city, Duty.PATROL), elsewhere), by="leader")
    with pytest.raises(Forbidden):
        assign(city, over(city, charge(city)), by="dispatcher")
    assert everything() == before


def test_nothing_asked_is_nothing_done(city):
    before = everything()
    assert assign(city, []) == []
    assert everything() == before


def test_a_thousand_cells_take_few_statements_and_little_time(city, django_assert_max_num_queries):
    area = Area.objects.get(code="331082001")
    names = [f"千-{number:04d}" for number in range(1000)]
    cells = Cell.objects.bulk_create(Cell(code=name, name=name, area=area) for name in names)
    charges = [CellCharge(cell.pk, charge(city)) for cell in cells]
    began = perf_counter()
    with django_assert_max_num_queries(16):
        assign(city, charges)
    again = [CellCharge(cell.pk, charge(city, person_id=city.officer.pk)) for cell in cells]
    with django_assert_max_num_queries(16):
        assign_cells(charges=again, actor=city.admin, at=NOW + timedelta(hours=1))
    assert perf_counter() - began < 4
    assert Assignment.objects.filter(cell__in=cells, valid_to__isnull=True).count() == 1000
