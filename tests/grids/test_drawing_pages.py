"""The drawing board over HTTP: what the map reads, acts, refusals with their place, rights."""

import gzip
import json
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from citymgmt.models import Role
from citymgmt.services.revisions import GRID, raise_revision
from grids import outline
from grids.choices import Duty
from grids.drafting import Board, open_draft
from grids.models import Area, Assignment, Cell, CellGeneration, Grant, GridDraft, GridDraftStep
from grids.services.drafts import start_draft
from grids.views import drawing
from tests.city import NOW, SIDE, SOUTH, WEST, City

pytestmark = pytest.mark.django_db

MAP, SHAPES = "/grid/", "/grid/shapes.json"
CORNER = [WEST + SIDE, SOUTH]


def across(index: int) -> list[list[float]]:
    lon = WEST + SIDE * (index + 0.25)
    return [[lon, SOUTH - 0.001], [lon, SOUTH + SIDE + 0.001]]


def split(city: City, index: int = 1) -> dict[str, Any]:
    return {"kind": "split", "keys": [str(city.cells[index].pk)], "points": across(index)}


def act(client, ask: object, path: str = "grids:draft_act", **more: Any):
    draft = GridDraft.objects.order_by("-pk").first()
    version = draft.version if draft else 1
    body = {"ask": ask, "version": version, "idempotency_key": str(uuid.uuid4())} | more
    return client.post(reverse(path), json.dumps(body), content_type="application/json")


def form(**more: Any) -> dict[str, Any]:
    draft = GridDraft.objects.order_by("-pk").first()
    version = draft.version if draft else 1
    return {"idempotency_key": str(uuid.uuid4()), "version": version} | more


@pytest.fixture
def draft(city) -> GridDraft:
    return start_draft(actor=city.admin, at=NOW)


# --- What the map reads ---------------------------------------------------------------------


def test_the_map_gets_every_cell_in_whole_units_with_its_teams(city, as_):
    content = json.loads(as_("viewer").get(SHAPES).content)
    assert [cell[1] for cell in content["cells"]] == [f"古城-0{n}" for n in (1, 2, 3, 4)]
    key, _code, _name, area, chief, holes, teams, rings = content["cells"][0]
    assert (key, area, chief, holes) == (str(city.cells[0].pk), "古城街道", "李建国", [])
    assert [content["teams"][teams[part]] for part in range(3)] == ["古城中队"] * 3
    west, south = round(WEST * 1e7), round(SOUTH * 1e7)
    assert rings[0][0][:4] == [west, south, round(SIDE * 1e7), 0]


def test_the_browser_keeps_the_cells_until_the_draft_moves_on(city, as_, draft):
    client = as_("admin")
    first = client.get(SHAPES, {"draft": "1"})
    kept = {"If-None-Match": first["ETag"]}
    assert client.get(SHAPES, {"draft": "1"}, headers=kept).status_code == 304
    assert act(client, split(city)).status_code == 200
    after = client.get(SHAPES, {"draft": "1"}, headers=kept)
    assert after.status_code == 200
    assert len(json.loads(after.content)["cells"]) == 5
    # What is in force is as it was, for everybody.
    assert len(json.loads(client.get(SHAPES).content)["cells"]) == 4


def test_the_cells_are_packed_once_for_all_who_may_look_at_the_same(city, as_, monkeypatch):
    monkeypatch.setattr(outline, "KEPT_SECONDS", 60)
    cache.clear()
    first = as_("viewer").get(SHAPES, headers={"Accept-Encoding": "gzip"})
    assert first["Content-Encoding"] == "gzip"
    plain = gzip.decompress(first.content)
    assert len(json.loads(plain)["cells"]) == 4
    monkeypatch.setattr(drawing, "board_outline", None)
    assert as_("dispatcher").get(SHAPES).content == plain
    raise_revision(GRID)
    with pytest.raises(TypeError):
        as_("viewer").get(SHAPES)
    cache.clear()


def test_who_may_not_draw_sees_the_map_in_force_without_tools(city, as_, draft):
    act(as_("admin"), split(city))
    client = as_("viewer")
    assert len(json.loads(client.get(SHAPES, {"draft": "1"}).content)["cells"]) == 4
    said = client.get(MAP).content.decode()
    assert "data-tool" not in said
    assert "geoman" not in said
    assert "现行第 1 版" in said
    assert 'data-tool="split"' in as_("admin").get(MAP).content.decode()


def test_an_editor_may_look_at_what_is_in_force(city, as_, draft):
    act(as_("admin"), split(city))
    said = as_("admin").get(MAP, {"edition": "now"}).content.decode()
    assert "data-tool" not in said
    assert 'href="/grid/"' in said


def test_the_page_tells_what_differs_and_what_is_missing(city, as_, draft):
    Assignment.objects.filter(cell=city.cells[3], duty=Duty.CELL_CHIEF).delete()
    act(as_("admin"), split(city))
    said = as_("admin").get(MAP).content.decode()
    assert "第 2 版 草稿" in said
    assert "2026-12-01 起用" in said
    assert "2 格边界" in said
    assert "无网格长" in said
    assert "街道、社区的边界不知道" in said
    assert "发布第 2 版" in said


def test_the_panel_tells_of_a_piece_whose_people_it_takes_over(city, as_, draft):
    answer = act(as_("admin"), split(city)).json()
    new = next(cell[0] for cell in answer["cells"]["cells"] if cell[1] == "古城-05")
    said = as_("admin").get(reverse("grids:cell_panel", args=[new]), {"draft": "1"})
    said = said.content.decode()
    assert "古城-05" in said
    assert "沿用 古城-02 的人" in said
    assert "李建国" in said
    assert as_("viewer").get(reverse("grids:cell_panel", args=[new])).status_code == 404


def test_the_panel_offers_whom_the_neighbours_have(city, as_, draft):
    Assignment.objects.filter(cell=city.cells[1], duty=Duty.CLEANING).delete()
    key = str(city.cells[1].pk)
    said = as_("admin").get(reverse("grids:cell_panel", args=[key]), {"draft": "1"})
    assert "填 环卫处 朱敏" in said.content.decode()


def test_the_history_of_a_cell_tells_out_of_which_it_came(city, as_, hand, draft):
    client = as_("admin")
    act(client, split(city))
    assert client.post(reverse("grids:draft_publish"), form()).status_code == 302
    hand.forward(days=12)
    said = client.get("/grid/cells/古城-05/").content.decode()
    assert "由 古城-02 拆出" in said
    assert "划定网格" not in said
    assert "拆出 古城-05" in client.get("/grid/cells/古城-02/").content.decode()


# --- Acts -----------------------------------------------------------------------------------


def test_an_act_answers_with_the_cells_that_changed_and_the_new_version(city, as_, draft):
    answer = act(as_("admin"), split(city)).json()
    assert answer["said"] == "从 古城-02 拆出 古城-05"
    assert answer["version"] == draft.version + 1
    assert (answer["undo"], answer["redo"]) == (True, False)
    assert {"古城-02", "古城-05"} <= {cell[1] for cell in answer["cells"]["cells"]}
    assert answer["problems"] == []
    assert "发布第 2 版" in answer["panel"]
    answer = act(as_("admin"), {"kind": "undo"}).json()
    assert (
        answer["cells"]["gone"] == [key for key in answer["cells"]["gone"] if key[0] == "n"] != []
    )


def test_an_act_that_came_twice_is_made_once(city, as_, draft):
    client, key = as_("admin"), str(uuid.uuid4())
    sent = {"version": 1, "idempotency_key": key}
    first = act(client, split(city), **sent)
    again = act(client, split(city), **sent)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["cells"] == first.json()["cells"]
    assert GridDraftStep.objects.count() == 1


def test_a_refusal_has_its_place_and_an_old_version_is_a_conflict(city, as_, draft):
    client = as_("admin")
    far = [WEST + SIDE * 3, SOUTH + SIDE / 2]
    refused = act(client, {"kind": "move", "points": [[WEST, SOUTH], far]})
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "self_crossing"
    assert refused.json()["error"]["at"] == pytest.approx([WEST + SIDE, SOUTH], abs=SIDE)
    assert act(client, split(city), version=7).status_code == 409
    unknown = {"kind": "merge", "keys": [str(city.cells[0].pk), "99999"]}
    assert act(client, unknown).status_code == 404
    assert not GridDraftStep.objects.exists()


def test_while_one_draws_the_server_tells_what_would_be_wrong_and_keeps_nothing(city, as_, draft):
    CellGeneration.objects.filter(cell=city.cells[1]).update(valid_to=NOW)
    client = as_("admin")
    pulled = {"kind": "move", "points": [CORNER, [WEST + SIDE * 2.5, SOUTH + SIDE / 2]]}
    (problem,) = act(client, pulled, "grids:draft_check").json()["problems"]
    assert problem["kind"] == "overlap"
    assert problem["place"]["type"] in ("Polygon", "MultiPolygon")
    assert open_draft().version == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"ask": NaN}', b"[" * 100_000, b"x" * 70_000])
def test_a_body_that_is_no_act_is_refused_in_words(city, as_, draft, body):
    answer = as_("admin").post(reverse("grids:draft_act"), body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]


def test_a_cell_out_of_scope_is_not_there_and_one_out_of_right_is_forbidden(city, as_, draft):
    street = Area.objects.create(
        code="331082002", name="大洋街道", level="street", parent=Area.objects.get(code="331082")
    )
    Cell.objects.filter(pk__in=[city.cells[2].pk, city.cells[3].pk]).update(area=street)
    grants = Grant.objects.filter(user=city.viewer)
    grants.update(role=Role.objects.get(code="admin"), area=street)
    client = as_("viewer")
    assert act(client, split(city, 0)).status_code == 404
    assert client.get(reverse("grids:cell_panel", args=[city.cells[0].pk])).status_code == 404
    corner = [WEST + SIDE * 2, SOUTH]
    moved = {"kind": "move", "points": [corner, [corner[0] + 0.001, SOUTH]]}
    assert act(client, moved).status_code == 403
    assert act(client, split(city, 3)).status_code == 200
    content = json.loads(client.get(SHAPES, {"draft": "1"}).content)
    assert "古城-01" not in [cell[1] for cell in content["cells"]]


def test_a_draft_that_is_wrong_is_not_published_and_says_where(city, as_, draft):
    client = as_("admin")
    row = CellGeneration.objects.get(cell=city.cells[3])
    row.polygon["coordinates"][0][0][0] -= 0.002
    row.polygon["coordinates"][0][-1][0] -= 0.002
    row.save()
    act(client, split(city))
    assert "还差 1 处，不能发布" in client.get(MAP).content.decode()
    answer = client.post(
        reverse("grids:draft_publish"), form(), headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400
    assert "古城-03、古城-04 重叠" in answer.json()["error"]["message"]
    assert open_draft() is not None


def test_the_day_is_changed_and_the_draft_given_up_by_forms(city, as_, draft):
    client = as_("admin")
    day = client.post(reverse("grids:draft_day"), form(starts_on="2026-12-24"))
    assert day.status_code == 302
    assert f"{open_draft().starts_on}" == "2026-12-24"
    bad = client.post(
        reverse("grids:draft_day"), form(starts_on="x"), headers={"Accept": "application/json"}
    )
    assert bad.status_code == 400
    assert client.post(reverse("grids:draft_drop"), form()).status_code == 302
    assert open_draft() is None


def test_pages_and_acts_cost_few_statements(city, as_, draft, django_assert_max_num_queries):
    client = as_("admin")
    act(client, split(city))
    with django_assert_max_num_queries(26):
        client.get(MAP)
    with django_assert_max_num_queries(20):
        client.get(SHAPES, {"draft": "1"})
    with django_assert_max_num_queries(60):
        act(client, {"kind": "move", "points": [CORNER, [WEST + SIDE + 0.0005, SOUTH]]})
    assert Board(open_draft()).seams() == []
