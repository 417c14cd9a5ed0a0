"""体检 of the whole grid: chiefs on leave, borders, and where else it is told than on its page."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from cases import cell_loads
from citymgmt import registry
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.services.revisions import GRID, Kept, raise_revision
from grids import borders, edition
from grids.choices import Ail, Duty
from grids.drafting import Board
from grids.health import health
from grids.models import CellGeneration, Team
from grids.services.leaves import end_leave, name_substitute, register_leave
from inspections.papers import paper_of
from tests import builders
from tests.city import IN_THIRD_CELL, NOW, City
from tests.inspections.test_digests import compose

pytestmark = pytest.mark.django_db

HEALTH = "/grid/health/"
TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)

_get = Kept.get


def leave(city: City, first: int = 0, last: int = 1, substitute: User | None = None):
    return register_leave(
        person=city.officer,
        kind="annual",
        first=TODAY + first * DAY,
        last=TODAY + last * DAY,
        substitute=substitute,
        actor=city.admin,
        at=NOW,
    )


def told(at=NOW) -> list[tuple[str, str, str, bool]]:
    return [(one.ail, one.place, one.duty, one.at is not None) for one in health(at).items]


def home_of(city: City) -> list[str]:
    return [str(one.text) for one in registry.warnings(city.admin, NOW)]


def push_east(city: City, index: int, degrees: float) -> None:
    """A cell grows over its eastern neighbour, as a file may bring it."""
    row = CellGeneration.objects.get(cell=city.cells[index])
    for corner in (1, 2):
        row.polygon["coordinates"][0][corner][0] += degrees
    row.save()
    raise_revision(GRID)


def test_a_chief_on_leave_is_told_unless_somebody_stands_in_for_him(city):
    leave(city, substitute=city.leader)
    assert told() == []
    User.objects.filter(pk=city.leader.pk).update(is_active=False)
    mine = [("古城-01", Duty.CELL_CHIEF), ("古城-02", Duty.CELL_CHIEF)]
    assert told() == [(Ail.UNCOVERED, *place, False) for place in mine]


def test_a_chief_who_goes_on_leave_soon_is_told_with_the_day_and_one_who_is_back_is_not(city):
    row = leave(city, first=3, last=5)
    assert told() == [(Ail.COMING, f"古城-0{n}", Duty.CELL_CHIEF, True) for n in (1, 2)]
    assert told(NOW + 3 * DAY) == [
        (Ail.UNCOVERED, f"古城-0{n}", Duty.CELL_CHIEF, False) for n in (1, 2)
    ]
    assert told(NOW + 6 * DAY) == []
    end_leave(leave_id=row.pk, actor=city.admin, at=NOW)
    assert told() == []


def test_who_has_left_is_not_told_again_as_one_on_leave(city):
    leave(city)
    User.objects.filter(pk=city.officer.pk).update(is_active=False)
    assert {ail for ail, *_rest in told()} == {Ail.CHIEF_LEFT, Ail.PERSON_LEFT}


def test_the_page_says_who_is_on_leave_with_the_way_to_put_somebody_in_his_place(city, as_):
    leave(city, first=2, last=3)
    said = as_("admin").get(HEALTH).content.decode()
    assert "网格长 古城中队 李建国 自 11-22 00:00 起请假，没人顶岗" in said
    assert f"{reverse('grids:person', args=[city.officer.pk])}#leave" in said


def test_somebody_is_put_in_his_place_on_the_page_to_which_the_link_leads(city, as_):
    row, page = leave(city), reverse("grids:person", args=[city.officer.pk])
    client = as_("leader")
    assert "没有安排顶岗" in client.get(page).content.decode()
    form = {"idempotency_key": str(uuid.uuid4()), "leave": row.pk, "substitute": city.leader.pk}
    path = reverse("grids:person_act", args=[city.officer.pk, "cover"])
    assert as_("viewer").post(path, form).status_code == 403
    assert client.post(path, form).status_code == 302
    assert told() == []
    with pytest.raises(Conflict, match="已经有人顶岗"):
        name_substitute(leave_id=row.pk, substitute=city.cleaner, actor=city.admin, at=NOW)


def test_who_is_away_himself_stands_in_for_nobody(city):
    row = leave(city)
    person = {"person": city.leader, "kind": "sick", "first": TODAY, "last": TODAY}
    register_leave(**person, actor=city.admin, at=NOW)
    with pytest.raises(DomainError, match="那几天也请假"):
        name_substitute(leave_id=row.pk, substitute=city.leader, actor=city.admin, at=NOW)
    assert Ail.UNCOVERED in {ail for ail, *_rest in told()}


def test_each_thing_that_is_wrong_is_on_the_home_and_in_the_digest(city, settings):
    """Every ail at once: none is on the page alone."""
    settings.CELLS_PER_PERSON = 1
    far = NOW + 10 * DAY
    of = {(row.cell.code, row.duty): row for row in city.cells[0].assignments.model.objects.all()}
    for index, duty, changes in (
        (1, Duty.CLEANING, {"valid_to": NOW - DAY}),
        (0, Duty.ENFORCEMENT, {"starts_minute": 360, "ends_minute": 120}),
        (2, Duty.CELL_CHIEF, {"valid_to": NOW - DAY}),
        (3, Duty.CLEANING, {"valid_to": far}),
    ):
        row = of[f"古城-0{index + 1}", duty]
        type(row).objects.filter(pk=row.pk).update(**changes)
    User.objects.filter(pk=city.other_officer.pk).update(is_active=False)
    Team.objects.filter(code="dayang").update(is_active=False)
    leave(city)
    push_east(city, 0, 0.0005)
    told_at_home = next(line for line in home_of(city) if line.startswith("网格体检"))
    wrong = compose().figures["grid"]["wrong"]
    # The constraints of the table let no hours overlap.
    assert {*wrong} == {*Ail.values} - {Ail.OVERLAP}
    for ail, count in wrong.items():
        assert f"{Ail(ail).label} {count}" in told_at_home
        assert f"{Ail(ail).label} {count}" in paper_of(compose()).overall[-1]


def test_faults_of_the_borders_are_looked_for_once_until_a_border_changes(city, monkeypatch):
    monkeypatch.setattr(borders, "KEPT_SECONDS", 60)
    push_east(city, 1, 0.0005)
    cache.clear()
    assert borders.border_faults(NOW) == 1
    monkeypatch.setattr(borders, "Board", None)
    # Who answers may change: it is not looked for again.
    city.cells[0].assignments.all().delete()
    raise_revision(GRID)
    assert borders.border_faults(NOW) == 1
    CellGeneration.objects.filter(cell=city.cells[2]).update(valid_to=NOW)
    with pytest.raises(TypeError):
        borders.border_faults(NOW)
    cache.clear()


def test_faults_are_counted_in_the_edition_of_their_mark(city, monkeypatch, settings):
    """A process that looked at the grid just now does not keep the old count for the new one."""
    monkeypatch.setattr(Kept, "get", _get)
    monkeypatch.setattr(borders, "KEPT_SECONDS", 60)
    monkeypatch.setattr(edition, "_kept_at", Kept(GRID, edition._kept_at._build))
    settings.REVISION_SECONDS = 3600
    cache.clear()
    assert Board(None, edition.edition_at(NOW)).seams() == []
    push_east(city, 1, 0.0005)
    assert [borders.border_faults(NOW), borders.border_faults(NOW)] == [1, 1]
    cache.clear()


def test_the_load_of_the_cells_is_one_line_at_home_and_one_sentence_in_the_digest(city, as_):
    builders.case(city, at=NOW - DAY)
    builders.case(city, at=NOW - DAY)
    builders.case(city, at=NOW - 8 * DAY)
    lon, lat = IN_THIRD_CELL
    builders.case(city, lon=lon, lat=lat, at=NOW - 2 * DAY)
    words = "各格每周件数（近 30 天）：古城-01 0.7、古城-03 0.2，平均 0.2"
    assert words in home_of(city)
    assert not cell_loads.alarms(city.dispatcher, NOW)
    assert words in as_("admin").get("/", follow=True).content.decode()
    said = paper_of(compose()).overall[-1]
    # Of the last week alone, by the day's edition.
    assert "近七天立案最多的网格：古城-01 2 件、古城-03 1 件；平均每格 0.8 件。" in said
