"""The pages of the grid: who sees what, who may change what, and how much it costs."""

import json
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from citymgmt.models import Role
from grids.choices import Duty
from grids.models import Area, Assignment, Cell, CellGeneration, Grant
from tests.city import NOW, City
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

MAP = "/grid/"
GEOJSON = "/grid/cells.geojson"


def page(cell: Cell) -> str:
    return reverse("grids:cell", args=[cell.code])


def send(client, cell: Cell, path: str = "", **changes: object):
    cell.refresh_from_db()
    form = {"idempotency_key": str(uuid.uuid4()), "version": cell.version} | changes
    return client.post(path or reverse("grids:cell_assign", args=[cell.code]), form)


def chief_form(city: City, **changes: object) -> dict[str, object]:
    asked = {
        "duty": Duty.CELL_CHIEF,
        "shift": "all_day",
        "team": city.teams["gucheng"].pk,
        "person": city.leader.pk,
        "since": NOW.date().isoformat(),
    }
    return asked | changes


def chief(cell: Cell) -> str:
    row = Assignment.objects.in_force(NOW).get(cell=cell, duty=Duty.CELL_CHIEF)
    return row.person.username


def end(cell: Cell, duty: str) -> None:
    Assignment.objects.filter(cell=cell, duty=duty).update(valid_to=NOW)


# --- The map and its list -------------------------------------------------------------------


def test_the_list_names_who_answers_and_what_is_missing(city, as_):
    end(city.cells[1], Duty.CELL_CHIEF)
    end(city.cells[2], Duty.CLEANING)
    said = as_("dispatcher").get(MAP).content.decode()
    assert "2 格缺人" in said
    assert "无网格长" in said
    assert "无保洁单位" in said
    assert "古城中队" in said
    assert 'aria-current="page"' in said


def test_the_list_is_narrowed_to_a_street_and_to_what_is_missing(city, as_):
    street = Area.objects.create(
        code="331082002", name="大洋街道", level="street", parent=Area.objects.get(code="331082")
    )
    Cell.objects.filter(pk=city.cells[3].pk).update(area=street)
    end(city.cells[0], Duty.CLEANING)
    client = as_("dispatcher")
    rows = client.get(MAP, {"street": "331082002"}).context["rows"]
    assert [row.cell.code for row in rows] == ["古城-04"]
    rows = client.get(MAP, {"missing": "1"}).context["rows"]
    assert [row.cell.code for row in rows] == ["古城-01"]


def test_a_long_list_comes_in_pages(city, as_, monkeypatch):
    monkeypatch.setattr("grids.views.cells.LISTED", 3)
    client = as_("dispatcher")
    first = client.get(MAP).context
    assert [row.cell.code[-2:] for row in first["rows"]] == ["01", "02", "03"]
    assert first["newer"] == ""
    second = client.get(MAP + first["older"]).context
    assert [row.cell.code[-2:] for row in second["rows"]] == ["04"]
    assert (second["older"], second["newer"]) == ("", "?")


def test_without_cells_the_page_says_how_to_get_some(db, as_):
    CellGeneration.objects.update(valid_to=NOW)
    assert "先把网格导进来" in as_("admin").get(MAP).content.decode()


def test_the_map_costs_few_statements_whatever_the_number_of_cells(
    city, as_, django_assert_max_num_queries
):
    client = as_("dispatcher")
    # Seven of them read the edition in force and its people, which a server keeps until they
    # change.
    with django_assert_max_num_queries(15):
        client.get(MAP)
    assert len(statements_of(client, GEOJSON)) <= 6


# --- GeoJSON --------------------------------------------------------------------------------


def test_the_geojson_has_each_cell_with_teams_and_holes(city, as_):
    end(city.cells[1], Duty.CELL_CHIEF)
    features = json.loads(as_("dispatcher").get(GEOJSON).content)["features"]
    assert [one["properties"]["code"] for one in features] == [cell.code for cell in city.cells]
    assert features[0]["geometry"]["type"] == "Polygon"
    assert features[0]["properties"]["teams"]["late"]["enforcement"] == "古城中队"
    assert [one["properties"]["hole"] for one in features] == [False, True, False, False]


def test_the_browser_keeps_the_geojson_until_the_grid_changes(city, as_):
    client = as_("admin")
    first = client.get(GEOJSON)
    again = client.get(GEOJSON, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert send(client, city.cells[0], **chief_form(city)).status_code == 302
    changed = client.get(GEOJSON, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_near_a_cell_only_its_neighbours_are_sent(city, as_):
    features = json.loads(as_("dispatcher").get(GEOJSON, {"near": "古城-01"}).content)["features"]
    assert [one["properties"]["code"] for one in features] == ["古城-01", "古城-02"]


# --- A cell ---------------------------------------------------------------------------------


def test_a_cell_tells_who_answers_by_shift_and_what_changed(city, as_):
    client = as_("admin")
    cell = city.cells[0]
    send(client, cell, **chief_form(city))
    said = client.get(page(cell)).content.decode()
    assert "网格长 古城中队 李建国 换成 古城中队 陈立军" in said
    for words in ("早班", "中班", "晚班", "环卫处"):
        assert words in said


def test_htmx_gets_the_card_alone(city, as_):
    said = as_("dispatcher").get(page(city.cells[0]), headers={"HX-Request": "true"})
    assert "<html" not in said.content.decode()
    assert "谁负责" in said.content.decode()
    assert "HX-Request" in said["Vary"]


def test_a_cell_page_costs_few_statements(city, as_, django_assert_max_num_queries):
    client = as_("admin")
    with django_assert_max_num_queries(15):
        client.get(page(city.cells[0]))


def test_who_may_edit_puts_somebody_in_charge(city, as_):
    answer = send(as_("admin"), city.cells[0], **chief_form(city))
    assert (answer.status_code, answer["Location"]) == (302, page(city.cells[0]))
    assert chief(city.cells[0]) == "leader"


def test_said_twice_it_is_done_once(city, as_):
    key = str(uuid.uuid4())
    client, cell = as_("admin"), city.cells[0]
    form = chief_form(city, idempotency_key=key, version=1)
    assert send(client, cell, **form).status_code == 302
    assert send(client, cell, **form).status_code == 302
    assert Assignment.objects.filter(cell=cell, duty=Duty.CELL_CHIEF).count() == 2


def test_what_is_wrong_is_said_beside_the_field_and_kept(city, as_):
    for changes in ({"person": city.cleaner.pk}, {"team": ""}, {"since": "2026-01-01"}):
        answer = send(as_("admin"), city.cells[0], **chief_form(city, **changes))
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {next(iter(changes))}
        assert chief(city.cells[0]) == "officer"


def test_a_page_that_is_out_of_date_is_sent_back(city, as_):
    client, cell = as_("admin"), city.cells[0]
    answer = client.post(
        reverse("grids:cell_assign", args=[cell.code]),
        chief_form(city, idempotency_key=str(uuid.uuid4()), version=7),
        headers={"Referer": "http://testserver" + page(cell)},
    )
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver" + page(cell))
    assert chief(cell) == "officer"


def test_who_may_edit_ends_an_assignment(city, as_, hand):
    cell = city.cells[0]
    row = Assignment.objects.get(cell=cell, duty=Duty.CLEANING)
    path = reverse("grids:assignment_end", args=[cell.code, row.pk])
    assert send(as_("dispatcher"), cell, path).status_code == 403
    assert send(as_("admin"), cell, path).status_code == 302
    row.refresh_from_db()
    assert row.valid_to == hand()
    elsewhere = reverse("grids:assignment_end", args=[city.cells[1].code, row.pk])
    assert send(as_("admin"), cell, elsewhere).status_code == 404


# --- Rights ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["admin", "dispatcher", "supervisor", "leader", "officer"])
def test_everybody_of_the_bureau_may_look(city, as_, name):
    client = as_(name)
    for path in (MAP, GEOJSON, page(city.cells[0])):
        assert client.get(path).status_code == 200
    assert ("由他负责" in client.get(page(city.cells[0])).content.decode()) == (name == "admin")


def test_who_has_no_role_is_refused_and_does_not_see_the_desk(city, as_):
    client = as_("stranger")
    for path in (MAP, GEOJSON, page(city.cells[0])):
        assert client.get(path).status_code == 403


@pytest.mark.parametrize("name", ["dispatcher", "supervisor", "leader", "officer", "viewer"])
def test_who_may_only_look_is_refused_to_change(city, as_, name):
    assert send(as_(name), city.cells[0], **chief_form(city)).status_code == 403
    assert chief(city.cells[0]) == "officer"


def test_a_grant_for_another_area_does_not_know_the_cell(city, as_):
    elsewhere = Area.objects.create(code="331082009", name="别处", level="street")
    Grant.objects.create(
        user=city.stranger,
        role=Role.objects.get(code="admin"),
        area=elsewhere,
        valid_from=NOW - timedelta(days=1),
    )
    client = as_("stranger")
    assert client.get(MAP).status_code == 200
    assert json.loads(client.get(GEOJSON).content)["features"] == []
    assert client.get(page(city.cells[0])).status_code == 404
    assert send(client, city.cells[0], **chief_form(city)).status_code == 404
