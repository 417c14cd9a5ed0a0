"""Files of cells: what they would do, all or nothing, from a day on, and never twice."""

import json
from datetime import date, datetime, timedelta

import pytest

from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import Revision
from grids.choices import CellChange, GridImportState
from grids.locate import locate
from grids.models import Area, Assignment, Cell, CellGeneration, GridImport
from grids.services import grid_import_runs as runs
from grids.services.cells import import_cells
from grids.services.grid_import_preview import unpacked_drawing, unpacked_rows
from grids.services.grid_imports import (
    Told,
    drop_grid_import,
    map_grid_import,
    start_grid_import,
    upload_grid_import,
)
from tests.city import LOCAL, NOW, SIDE, SOUTH, WEST
from tests.grids import files
from tests.grids.files import collection, feature, shape_zip, square
from tests.grids.hostile import BOW, ONE_FEATURE, SOUND, WHOLE_FILE
from tests.grids.imports import beside, city_feature, city_file, imported, uploaded

pytestmark = pytest.mark.django_db

EMPTY = dict.fromkeys(CellChange.values, 0)


def state_of_the_grid() -> tuple:
    """All that an import may change."""
    return (
        list(Cell.objects.order_by("pk").values()),
        list(CellGeneration.objects.order_by("pk").values()),
        list(Assignment.objects.order_by("pk").values()),
        Revision.objects.filter(name="grid").values_list("value", flat=True).first(),
    )


def changes_of(row: GridImport) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in unpacked_rows(bytes(row.rows)):
        found.setdefault(one.change, []).append(one.code)
    return found


def drawn(row: GridImport) -> list[dict]:
    return json.loads(unpacked_drawing(bytes(row.drawn)))["features"]


# --- Wrong files ----------------------------------------------------------------------------


def test_no_wrong_file_changes_anything_and_each_is_answered_in_words(city):
    before = state_of_the_grid()
    said: dict[str, str] = {}
    for what, case in WHOLE_FILE.items():
        data = case.make()
        try:
            row = upload_grid_import(
                actor=city.admin, at=NOW, name=case.name, data=data, system=case.chosen
            )
        except DomainError as refused:
            said[what] = str(refused)
            continue
        # Too large to be read while the person waits.
        assert (row.state, runs.is_small(data)) == (GridImportState.CHECKING, False), what
        assert runs.run_grid_import(import_id=row.pk, at=NOW)
        row.refresh_from_db()
        assert row.state == GridImportState.WRONG, what
        said[what] = row.findings["errors"][0][2]
    assert {what for what in said if WHOLE_FILE[what].words not in said[what]} == set()
    assert said.keys() == WHOLE_FILE.keys()
    assert state_of_the_grid() == before


def test_no_wrong_feature_lets_anything_in_and_each_is_named(city):
    before = state_of_the_grid()
    for what, case in ONE_FEATURE.items():
        row = uploaded(city, case.make())
        assert row.state == GridImportState.WRONG, what
        said = [words for _number, _column, words in row.findings["errors"]]
        assert any(case.words in words for words in said), (what, said)
        with pytest.raises(Conflict):
            start_grid_import(import_id=row.pk, actor=city.admin, at=NOW, version=row.version)
    assert state_of_the_grid() == before


def test_an_odd_file_is_taken_with_a_word_where_there_is_one(city):
    CellGeneration.objects.get(cell__code="古城-01").delete()
    for what, case in SOUND.items():
        row = uploaded(city, case.make())
        assert row.state == GridImportState.READY, (what, row.findings)
        assert row.findings["solid"] is bool(case.words), what


# --- What would change ----------------------------------------------------------------------


def test_new_changed_gone_and_same_are_told_apart(city):
    moved = square(WEST, SOUTH, 0.008)
    data = collection(
        feature(moved, code="古城-01", name="第1片"),
        city_feature(2, name="新名"),
        city_feature(3),
        feature(beside(1), code="古城-05", name="第5片"),
    )
    row = uploaded(city, data)
    assert row.state == GridImportState.READY
    assert changes_of(row) == {
        "changed": ["古城-01", "古城-02"],
        "new": ["古城-05"],
        "gone": ["古城-04"],
        "same": ["古城-03"],
    }
    words = {one.code: one.words for one in unpacked_rows(bytes(row.rows))}
    assert words["古城-01"] == ("边界改为第 2 版",)
    assert words["古城-02"] == ("名称原为 第2片",)
    former = [one for one in drawn(row) if one["properties"].get("former")]
    assert [one["properties"]["former"] for one in former] == ["古城-01"]


def test_the_import_opens_generations_from_the_chosen_day_and_keeps_the_old_ones(city):
    before = CellGeneration.objects.get(cell__code="古城-01")
    data = city_file(
        feature(square(WEST, SOUTH, 0.008), code="古城-01", name="第1片"), without=(1,)
    )
    monday = date(2026, 11, 23)
    row = imported(city, data, since=monday)
    begins = datetime(2026, 11, 23, tzinfo=LOCAL)
    assert (row.state, row.valid_from) == (GridImportState.DONE, begins)
    old, new = CellGeneration.objects.filter(cell__code="古城-01")
    assert (old.pk, old.valid_to, old.polygon) == (before.pk, begins, before.polygon)
    assert (new.valid_from, new.number) == (begins, 2)
    lost = (WEST + 0.009, SOUTH + 0.009)
    assert locate(*lost, at=NOW).generation_id == old.pk
    assert locate(*lost, at=begins).generation_id is None
    assert locate(WEST, SOUTH, at=begins).generation_id == new.pk


def test_the_same_file_again_changes_nothing(city):
    data = city_file(feature(beside(1), code="古城-05", name="第5片"))
    imported(city, data)
    before = state_of_the_grid()
    row = imported(city, data, at=NOW + timedelta(hours=1))
    assert row.counts == EMPTY | {"same": 5, "total": 5, "closed": 0}
    assert state_of_the_grid() == before


def test_cells_that_are_gone_end_only_if_asked_and_with_them_who_answers(city):
    data = city_file(without=(4,))
    row = imported(city, data)
    assert (row.counts["gone"], row.counts["closed"]) == (1, 0)
    assert CellGeneration.objects.in_force(NOW).count() == 4
    row = imported(city, data, at=NOW + timedelta(hours=1), close_gone=True)
    assert row.counts["closed"] == 1
    later = NOW + timedelta(hours=1)
    assert CellGeneration.objects.in_force(later).count() == 3
    assert not Assignment.objects.in_force(later).filter(cell__code="古城-04").exists()
    assert Assignment.objects.in_force(NOW).filter(cell__code="古城-04").count() == 3


def test_a_cell_that_ended_comes_back_under_its_code(city):
    imported(city, city_file(without=(4,)), close_gone=True)
    later = NOW + timedelta(days=1)
    polygon = CellGeneration.objects.get(cell__code="古城-04").polygon
    row = uploaded(city, city_file(feature(polygon, code="古城-04"), without=(4,)), at=later)
    assert changes_of(row)["new"] == ["古城-04"]
    start_grid_import(import_id=row.pk, actor=city.admin, at=later, version=row.version)
    assert list(
        CellGeneration.objects.filter(cell__code="古城-04").values_list("number", flat=True)
    ) == [1, 2]


def test_gone_is_only_said_of_streets_that_the_file_has(city):
    county = Area.objects.get(code="331082")
    Area.objects.create(code="331082002", name="大洋街道", level="street", parent=county)
    data = collection(feature(beside(1), code="大洋-01", street_code="331082002"))
    assert uploaded(city, data).counts == EMPTY | {"new": 1, "total": 1}


def test_an_overlap_names_both_cells_and_marks_the_place(city):
    data = collection(feature(square(WEST + SIDE / 2, SOUTH), code="斜-01", name="斜片"))
    row = uploaded(city, data)
    [[number, column, words], _second] = row.findings["errors"]
    assert (number, column) == (1, "geometry")
    assert "斜-01 与 古城-01 重叠" in words
    pins = [one for one in drawn(row) if one["geometry"]["type"] == "Point"]
    assert len(pins) == 2


# --- Borders that cross themselves ----------------------------------------------------------

CROSSED = {"type": "Polygon", "coordinates": [BOW]}


def test_a_border_that_crosses_itself_is_drawn_and_mended_only_if_asked(city):
    row = uploaded(city, collection(feature(CROSSED, code="结-01")))
    assert (row.state, row.findings["mendable"]) == (GridImportState.WRONG, 1)
    shapes = {one["geometry"]["type"] for one in drawn(row)}
    assert {"LineString", "Point"} <= shapes
    told = Told(row.mapping, mend=True)
    row = map_grid_import(
        import_id=row.pk, actor=city.admin, at=NOW, version=row.version, told=told
    )
    assert (row.state, row.findings["mended"]) == (GridImportState.READY, 1)
    start_grid_import(import_id=row.pk, actor=city.admin, at=NOW, version=row.version)
    stored = CellGeneration.objects.get(cell__code="结-01")
    assert stored.polygon["type"] == "MultiPolygon"
    assert locate(121.03, 28.05, at=NOW).cell_code == "结-01"
    assert locate(121.05, 28.09, at=NOW).cell_code == ""


# --- What the properties mean ---------------------------------------------------------------


def test_properties_that_nobody_knows_are_asked_for(city):
    data = collection(
        {
            "type": "Feature",
            "properties": {"某某": "甲-01", "地名": "东门", "哪里": "古城街道"},
            "geometry": beside(1),
        }
    )
    row = uploaded(city, data)
    assert row.state == GridImportState.MAPPING
    assert row.samples == {"某某": "甲-01", "地名": "东门", "哪里": "古城街道"}
    with pytest.raises(DomainError, match="请选哪一项是网格编码"):
        map_grid_import(
            import_id=row.pk, actor=city.admin, at=NOW, version=row.version, told=Told()
        )
    told = Told({"code": ["某某"], "name": ["地名"], "area": ["哪里"]})
    row = map_grid_import(
        import_id=row.pk, actor=city.admin, at=NOW, version=row.version, told=told
    )
    assert row.state == GridImportState.READY
    start_grid_import(import_id=row.pk, actor=city.admin, at=NOW, version=row.version)
    cell = Cell.objects.get(code="甲-01")
    assert (cell.name, cell.area.code) == ("东门", "331082001")


def test_a_silent_file_takes_division_from_the_choice_or_from_the_code(city):
    bare = {"type": "Feature", "properties": {"编码": "甲-01"}, "geometry": beside(1)}
    row = uploaded(city, collection(bare))
    assert row.findings["errors"] == [[1, "area", "不能为空，请填写所在街道或社区的代码。"]]
    told = Told(row.mapping, street="331082001")
    row = map_grid_import(
        import_id=row.pk, actor=city.admin, at=NOW, version=row.version, told=told
    )
    assert row.state == GridImportState.READY
    official = bare | {"properties": {"编码": "331082001001001"}}
    assert uploaded(city, collection(official)).state == GridImportState.READY


def test_a_shapefile_of_a_surveying_office_comes_in(city):
    CellGeneration.objects.get(cell__code="古城-01").delete()
    row = imported(city, shape_zip(epsg=4490))
    assert row.state == GridImportState.DONE
    assert CellGeneration.objects.get(cell__code="甲-01").polygon == files.square()


# --- Who, when, and how often ---------------------------------------------------------------


def test_only_who_may_change_the_whole_grid_imports(city):
    for person in ("dispatcher", "leader", "viewer"):
        with pytest.raises(Forbidden):
            upload_grid_import(
                actor=city.people[person], at=NOW, name="x", data=city_file(), system=""
            )


def test_the_past_is_not_changed(city):
    row = uploaded(city, city_file())
    for since, words in ((date(2026, 11, 19), "不能早于今天"), (date(2028, 1, 1), "最多排到一年")):
        with pytest.raises(DomainError, match=words):
            start_grid_import(
                import_id=row.pk, actor=city.admin, at=NOW, version=row.version, since=since
            )


def test_a_change_that_is_planned_already_is_not_overtaken(city):
    reshaped = feature(square(WEST, SOUTH, 0.008), code="古城-01", name="第1片")
    imported(city, city_file(reshaped, without=(1,)), since=date(2026, 11, 23))
    other = feature(square(WEST, SOUTH, 0.007), code="古城-01", name="第1片")
    row = uploaded(city, collection(other))
    assert "现行边界自 2026-11-23 00:00 起启用" in row.findings["errors"][0][2]


def test_a_cell_that_is_to_end_is_not_changed_before(city):
    imported(city, city_file(without=(4,)), since=date(2026, 11, 23), close_gone=True)
    other = feature(square(WEST + 3 * SIDE, SOUTH, 0.007), code="古城-04")
    row = uploaded(city, collection(other))
    assert "已排定 2026-11-23 00:00 停用" in row.findings["errors"][0][2]


def test_what_became_wrong_meanwhile_is_found_before_anything_is_stored(city):
    row = uploaded(city, collection(feature(beside(1), code="古城-05")))
    import_cells(collection(feature(beside(1), code="别人-01")), at=NOW)
    before = state_of_the_grid()
    row = start_grid_import(import_id=row.pk, actor=city.admin, at=NOW, version=row.version)
    assert row.state == GridImportState.WRONG
    assert "古城-05 与 别人-01 重叠" in row.findings["errors"][0][2]
    assert state_of_the_grid() == before


def test_a_stale_page_imports_nothing(city):
    row = uploaded(city, city_file())
    with pytest.raises(Conflict):
        start_grid_import(import_id=row.pk, actor=city.admin, at=NOW, version=row.version - 1)
    drop_grid_import(import_id=row.pk, actor=city.admin, version=row.version)
    with pytest.raises(Conflict):
        start_grid_import(import_id=row.pk, actor=city.admin, at=NOW, version=None)


def test_a_large_file_waits_for_the_worker_and_a_lost_one_is_found_again(city, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE_BYTES", 0)
    row = uploaded(city, city_file(feature(beside(1), code="古城-05")))
    assert row.state == GridImportState.CHECKING
    assert runs.due_grid_imports(at=NOW, limit=9) == [row.pk]
    GridImport.objects.update(claimed_at=NOW)
    assert not runs.run_grid_import(import_id=row.pk, at=NOW)
    later = NOW + runs.LEASE + timedelta(seconds=1)
    assert runs.run_grid_import(import_id=row.pk, at=later)
    row.refresh_from_db()
    assert row.state == GridImportState.READY
    start_grid_import(import_id=row.pk, actor=city.admin, at=later, version=row.version)
    assert not Cell.objects.filter(code="古城-05").exists()
    assert runs.run_grid_import(import_id=row.pk, at=later)
    assert Cell.objects.filter(code="古城-05").exists()
    assert not runs.run_grid_import(import_id=row.pk, at=later)


def test_what_breaks_three_times_is_given_back_with_a_word(city, monkeypatch):
    row = uploaded(city, city_file(feature(beside(1), code="古城-05")))
    before = state_of_the_grid()
    GridImport.objects.update(state=GridImportState.IMPORTING, valid_from=NOW, attempts=0)

    def broken(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(runs, "store_plan", broken)
    for turn in range(2):
        at = NOW + turn * (runs.LEASE + timedelta(seconds=1))
        with pytest.raises(ZeroDivisionError):
            runs.run_grid_import(import_id=row.pk, at=at)
    assert runs.run_grid_import(import_id=row.pk, at=NOW + 3 * runs.LEASE)
    row.refresh_from_db()
    assert row.state == GridImportState.WRONG
    assert "什么也没有导入" in row.findings["errors"][0][2]
    assert state_of_the_grid() == before


def test_files_that_nobody_finished_are_given_up_after_thirty_days(city):
    row = uploaded(city, city_file())
    assert runs.purge_grid_imports(at=NOW + timedelta(days=29)) == 0
    assert runs.purge_grid_imports(at=NOW + timedelta(days=31)) == 1
    row.refresh_from_db()
    assert (row.state, bytes(row.content)) == (GridImportState.DROPPED, b"")
