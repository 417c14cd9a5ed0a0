"""The case map: markers count what the list counts, cells open exactly their cases, rights hold."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import clusters
from cases.models import Case
from citymgmt import clock
from citymgmt.services.revisions import GRID, raise_revision
from citymgmt.tiles import MAX_ZOOM
from grids.models import Area, Assignment, Cell, CellGeneration, Grant
from tests import builders
from tests.cases.test_list_columns import component
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, IN_THIRD_CELL, NOW, SIDE, SOUTH, WEST
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

MAP = "/cases/map/"
CARD = "/cases/map/card/"
CLUSTERS = "/cases/map/clusters.json"
CELLS = "/cases/map/cells.json"
CITY_BOX = f"{WEST - SIDE},{SOUTH - SIDE},{WEST + 6 * SIDE},{SOUTH + 2 * SIDE}"
WORLD = "-180,-90,180,90"


def at(place: tuple[float, float], **more: object) -> dict[str, object]:
    return {"lon": place[0], "lat": place[1], **more}


def markers(client, zoom: int = 12, box: str = CITY_BOX, **asked: object) -> dict:
    response = client.get(CLUSTERS, {"zoom": zoom, "box": box, **asked})
    assert response.status_code == 200, response.content.decode()
    return json.loads(response.content)


def listed(client, url: str) -> int:
    response = client.get(url)
    assert response.status_code == 200
    return response.context["total"]


@pytest.fixture
def spread(city):
    """Cases in three cells: to dispatch, late, closed, void, and one without a place."""
    builders.case(city, **at(IN_FIRST_CELL))
    builders.case(
        city, category_id=city.litter.pk, **at((IN_FIRST_CELL[0] + 1e-4, IN_FIRST_CELL[1]))
    )
    builders.issued(city, at=NOW - timedelta(hours=5), **at(IN_SECOND_CELL))
    builders.closed(city, **at(IN_SECOND_CELL))
    builders.closed_late(city, **at(IN_THIRD_CELL))
    builders.voided(city, **at(IN_THIRD_CELL))
    builders.case(city, lon=None, lat=None)
    return city


# --- Markers --------------------------------------------------------------------------------


FILTERS = (
    {},
    {"tab": "open"},
    {"tab": "overdue"},
    {"tab": "closed"},
    {"state": "closed"},
    {"counted": "true"},
    {"counted": "false"},
    {"cell": "古城-02"},
    {"q": "紫阳街"},
    {"filed_from": "2026-11-20", "filed_to": "2026-11-20"},
    {"closed_from": "2026-11-20"},
)


@pytest.mark.parametrize("asked", FILTERS, ids=str)
@pytest.mark.parametrize("zoom", [0, 9, 13, 17, MAX_ZOOM])
def test_markers_add_up_to_the_list_but_for_cases_without_a_place(spread, as_, asked, zoom):
    client = as_("supervisor")
    drawn = markers(client, zoom, **asked)
    placed = [
        row
        for row in Case.objects.filter(pk__in=[line.case.pk for line in _lines(client, asked)])
        if row.morton is not None
    ]
    assert sum(item["count"] for item in drawn["items"]) == drawn["total"] == len(placed)
    assert not drawn["about"]


def _lines(client, asked):
    return client.get("/cases/", asked).context["rows"]


@pytest.mark.parametrize("zoom", [9, 13, 18])
def test_each_marker_opens_exactly_its_cases(spread, as_, zoom):
    client = as_("supervisor")
    drawn = markers(client, zoom, tab="open")
    assert drawn["items"]
    for item in drawn["items"]:
        assert listed(client, drawn["list"].replace("-tile-", item["tile"])) == item["count"]
        assert ("case" in item) == (item["count"] == 1)
        if "case" in item:
            assert client.get(item["case"]["url"]).status_code == 200


def test_overdue_ones_are_counted_and_one_alone_is_named(spread, as_):
    items = markers(as_("supervisor"), 16, tab="open")["items"]
    late = next(item for item in items if item["overdue"])
    assert (late["count"], late["near"]) == (1, "古城-02")
    assert late["case"]["state"] == "已超时"
    assert late["case"]["title"] == "店外经营"


degrees = st.tuples(st.floats(WEST - 0.02, WEST + 0.06), st.floats(SOUTH - 0.02, SOUTH + 0.03))


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(degrees, degrees, st.integers(0, MAX_ZOOM))
def test_in_any_box_each_case_inside_stands_behind_exactly_one_marker(spread, one, other, zoom):
    box = (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[0], other[0]),
        max(one[1], other[1]),
    )
    window = clusters.parse_window(",".join(map(repr, box)), str(zoom))
    found = clusters.clusters_in(Case.objects.all(), window, clock.now())
    inside = Case.objects.filter(lon__range=(box[0], box[2]), lat__range=(box[1], box[3]))
    for row in inside:
        holders = [
            item for item in found.items if item.tile.keys.low <= row.morton < item.tile.keys.high
        ]
        assert len(holders) == 1
    by_tile = [
        Case.objects.filter(morton__gte=item.tile.keys.low, morton__lt=item.tile.keys.high).count()
        for item in found.items
    ]
    assert [item.count for item in found.items] == by_tile


def test_beyond_what_is_counted_a_sample_stands_for_all_and_is_called_so(spread, as_, monkeypatch):
    template = Case.objects.filter(state="closed").first()
    rows = []
    for number in range(1500):
        template.pk, template.number = None, f"20990101-{number:04d}"
        rows.append(
            Case(**{f.attname: getattr(template, f.attname) for f in Case._meta.concrete_fields})
        )
    Case.objects.bulk_create(rows)
    monkeypatch.setattr(clusters, "COUNTED", 1000)
    drawn = markers(as_("supervisor"), 12)
    assert drawn["about"]
    assert 700 < drawn["total"] < 2600
    near = markers(as_("supervisor"), 12, tab="open")
    assert not near["about"]


@pytest.mark.parametrize(
    ("box", "zoom", "words"),
    [
        ("170,10,-170,20", "5", "180 度"),
        ("1,2,3", "5", "四个经纬度"),
        ("a,b,c,d", "5", "四个经纬度"),
        ("nan,1,2,3", "5", "四个经纬度"),
        ("1,20,2,10", "5", "不在地球上"),
        ("200,1,210,2", "5", "不在地球上"),
        ("", "5", "四个经纬度"),
        (WORLD, "99", "缩放级别"),
        (WORLD, "", "缩放级别"),
        (WORLD, "五", "缩放级别"),
    ],
)
def test_a_box_that_is_none_is_refused_in_words(city, as_, box, zoom, words):
    response = as_("viewer").get(
        CLUSTERS, {"box": box, "zoom": zoom}, headers={"Accept": "application/json"}
    )
    assert response.status_code == 400
    assert words in json.loads(response.content)["error"]["message"]


def test_a_box_of_the_whole_earth_at_the_closest_zoom_has_no_more_tiles_than_a_screen(spread):
    window = clusters.parse_window(WORLD, str(MAX_ZOOM))
    assert (window.right - window.left + 1) * (window.bottom - window.top + 1) <= 4096


@pytest.mark.parametrize("tile", ["1/2/3", "x", "40/0/0", "3/1", "99/99/99", "1/0/0/0", "-1/0/0"])
def test_a_tile_that_is_none_is_said_beside_the_list(city, as_, tile):
    said = as_("viewer").get("/cases/", {"tile": tile}).content.decode()
    assert "地图上没有这一块" in said


# --- Cells ----------------------------------------------------------------------------------


def test_each_number_of_a_cell_opens_exactly_its_cases(spread, as_):
    client = as_("supervisor")
    for line, urls in client.get(MAP).context["lines"]:
        numbers = line.numbers
        for name in ("open", "overdue", "filed", "closed"):
            assert listed(client, urls[name]) == getattr(numbers, name), (line.code, name)


def test_the_cells_tell_what_stands_what_came_and_what_was_in_time(spread, as_):
    lines = {line.code: line for line, _urls in as_("supervisor").get(MAP).context["lines"]}
    first, second, third = (lines[f"古城-0{number}"] for number in (1, 2, 3))
    assert (first.numbers.open, first.numbers.overdue, first.numbers.filed) == (2, 0, 2)
    assert (second.numbers.open, second.numbers.overdue, second.numbers.filed) == (1, 1, 2)
    assert second.rate == "100.0% 1/1"
    # The void one is not counted.
    assert (third.numbers.filed, third.rate) == (1, "0.0% 0/1")
    assert lines["古城-04"].rate == "—"
    area = CellGeneration.objects.get(cell__code="古城-01").area_m2
    assert first.density == f"{2 / area * 1e6:.1f}"


@pytest.mark.parametrize(
    ("shade", "levels"),
    [
        ("open", {"古城-01": [2, "2"], "古城-02": [1, "1"], "古城-03": [0, "0"]}),
        ("overdue", {"古城-01": [0, "0"], "古城-02": [1, "1"]}),
        ("density", {"古城-04": [0, "0.0"]}),
        ("rate", {"古城-01": [0, "—"], "古城-02": [1, "100.0% 1/1"], "古城-03": [4, "0.0% 0/1"]}),
    ],
)
def test_cells_are_shaded_by_what_is_asked(spread, as_, shade, levels):
    body = json.loads(as_("supervisor").get(CELLS, {"shade": shade}).content)
    assert {code: body["cells"][code] for code in levels} == levels
    assert [level for level, _text in body["bands"]] == [0, 1, 2, 3, 4]


def test_the_tab_narrows_markers_and_leaves_the_cells_alone(spread, as_):
    client = as_("supervisor")
    whole = json.loads(client.get(CELLS, {"shade": "open"}).content)["cells"]
    of_tab = json.loads(client.get(CELLS, {"shade": "open", "tab": "closed"}).content)["cells"]
    assert of_tab == whole
    narrowed = json.loads(
        client.get(CELLS, {"shade": "open", "category": spread.litter.pk}).content
    )["cells"]
    assert narrowed["古城-01"] == [1, "1"]


def test_what_a_cell_is_called_stays_text_and_a_mark_is_as_the_component(spread, as_):
    nasty = "<script>alert(1)</script>&\"'"
    Cell.objects.filter(code="古城-01").update(name=nasty)
    raise_revision(GRID)
    Assignment.objects.filter(cell__code="古城-01").update(valid_to=NOW)
    html = as_("supervisor").get(MAP).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert component("mark", "缺人", tone="warn") in html


def test_the_table_is_sorted_by_the_number_that_is_asked(spread, as_):
    client = as_("supervisor")

    def order(**asked):
        return [line.code for line, _urls in client.get(MAP, asked).context["lines"]]

    assert order()[:2] == ["古城-01", "古城-02"]
    assert order(by="overdue")[0] == "古城-02"
    assert order(by="rate") == ["古城-03", "古城-02", "古城-01", "古城-04"]
    assert order(by="code") == ["古城-01", "古城-02", "古城-03", "古城-04"]
    assert order(by="nonsense", page="x") == ["古城-01", "古城-02", "古城-03", "古城-04"]


def test_the_card_names_who_answers_now(spread, as_, hand):
    said = as_("supervisor").get(f"{MAP}cells/古城-02/").content.decode()
    for words in ("古城-02", "超时 1", "网格长", "古城中队", "看这 1 件"):
        assert words in said
    Assignment.objects.filter(cell=spread.cells[1]).update(valid_to=NOW)
    said = as_("supervisor").get(f"{MAP}cells/古城-02/").content.decode()
    assert "现在没有人负责" in said


# --- Rights ---------------------------------------------------------------------------------


def test_each_person_has_his_own_cases_on_the_map(city, as_):
    builders.issued(city, **at(IN_FIRST_CELL))
    builders.issued(
        city, team="dayang", person="other_officer", by="inspector", **at(IN_THIRD_CELL)
    )
    seen = {
        name: markers(as_(name))["total"]
        for name in ("viewer", "leader", "officer", "other_leader", "cleaner")
    }
    assert seen == {"viewer": 2, "leader": 1, "officer": 1, "other_leader": 1, "cleaner": 2}
    cells = json.loads(as_("leader").get(CELLS).content)["cells"]
    assert (cells["古城-01"], cells["古城-03"]) == ([1, "1"], [0, "0"])


@pytest.mark.parametrize("path", [MAP, CARD, CLUSTERS, CELLS, f"{MAP}cells/古城-01/"])
def test_without_the_right_to_see_cases_there_is_no_map(city, as_, path):
    assert as_("stranger").get(path).status_code == 403


def test_a_cell_outside_of_a_persons_area_is_not_there(city, as_):
    street = Area.objects.create(
        code="331082009", name="别处街道", level="street", parent=Area.objects.get(code="331082")
    )
    Grant.objects.filter(user=city.viewer).update(area=street)
    client = as_("viewer")
    assert client.get(f"{MAP}cells/古城-01/").status_code == 404
    assert client.get(MAP).context["lines"] == []


def test_who_may_not_look_at_the_grid_has_markers_only(spread, as_):
    role = Grant.objects.get(user=spread.viewer).role
    role.capabilities = [each for each in role.capabilities if each != "grid.view"]
    role.save()
    client = as_("viewer")
    said = client.get(MAP).content.decode()
    assert "data-cells-url" in said
    assert "/grid/cells.geojson" not in said
    assert markers(client)["total"] == 6


# --- Cost -----------------------------------------------------------------------------------


def test_the_map_costs_few_statements(spread, as_, warm):
    client = as_("supervisor")
    client.get(MAP)
    assert len(statements_of(client, MAP)) <= 13
    assert len(statements_of(client, CARD)) <= 5
    assert len(statements_of(client, f"{CLUSTERS}?box={WORLD}&zoom=12")) <= 6
    # However many stand alone and are told by name.
    for step in range(1, 5):
        builders.case(spread, photos=0, **at((IN_FIRST_CELL[0], SOUTH + step * 1e-3)))
    assert sum("case" in each for each in markers(client, 20, tab="open")["items"]) >= 3
    assert len(statements_of(client, f"{CLUSTERS}?box={CITY_BOX}&zoom=20&tab=open")) <= 6
    assert len(statements_of(client, f"{CELLS}?shade=rate")) <= 6
    assert len(statements_of(client, f"{MAP}cells/古城-02/")) <= 12


def test_a_look_closer_is_served_by_the_index_of_places(spread):
    window = clusters.parse_window(CITY_BOX, "16")
    with CaptureQueriesContext(connection) as captured:
        clusters.clusters_in(Case.objects.open(), window, NOW)
    sql = captured.captured_queries[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "morton" in plan or "case_standing_on_map" in plan, plan


# --- Around a case --------------------------------------------------------------------------


def test_a_case_page_tells_what_else_stands_within_two_hundred_metres(city, as_, hand):
    def beside(degrees: float, **more: object) -> Case:
        return builders.case(city, **at((IN_FIRST_CELL[0] + degrees, IN_FIRST_CELL[1])), **more)

    middle = beside(0)
    near, nearer, far = beside(0.0015), beside(0.0005), beside(0.003)
    old = builders.closed(city, at=NOW - timedelta(days=40), **at(IN_FIRST_CELL)).case
    gone = builders.voided(city, **at(IN_FIRST_CELL))
    client = as_("supervisor")
    said = client.get(f"/cases/{middle.number}/near/")
    numbers = [line[0].case.number for line in said.context["lines"]]
    assert numbers == [nearer.number, near.number]
    assert not {far.number, old.number, gone.number, middle.number} & set(numbers)
    assert [line[0].metres for line in said.context["lines"]] == [49, 146]
    body = client.get(f"/cases/{middle.number}/place/near.geojson").json()
    assert [one["properties"].get("near", False) for one in body["features"]] == [True, True, False]
    assert (
        f"/cases/{middle.number}/near/" in client.get(f"/cases/{middle.number}/").content.decode()
    )


def test_the_page_says_how_many_are_on_no_map(spread, as_):
    client = as_("supervisor")
    assert "另有 1 件没有定位" in client.get(MAP).content.decode()
    assert "没有定位" not in client.get(MAP, {"tab": "closed"}).content.decode()


def test_only_neighbours_in_scope_are_told_and_none_of_a_case_out_of_it(city, as_):
    border, lat = WEST + 2 * SIDE, IN_SECOND_CELL[1]
    ours = builders.issued(city, **at((border - 0.0005, lat))).case
    beyond = at((border + 0.0005, lat))
    builders.issued(city, team="dayang", person="other_officer", by="inspector", **beyond)
    assert as_("leader").get(f"/cases/{ours.number}/near/").context["lines"] == []
    assert len(as_("viewer").get(f"/cases/{ours.number}/near/").context["lines"]) == 1
    assert as_("other_leader").get(f"/cases/{ours.number}/near/").status_code == 404


def test_a_case_without_a_place_has_no_neighbours(city, as_):
    lost = builders.case(city, lon=None, lat=None)
    client = as_("viewer")
    assert client.get(f"/cases/{lost.number}/near/").context["lines"] == []
    assert "/near/" not in client.get(f"/cases/{lost.number}/").content.decode()
