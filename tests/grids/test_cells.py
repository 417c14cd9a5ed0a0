"""Cells from GeoJSON: generations, overlaps, and every error by feature and property."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from citymgmt.errors import Forbidden
from citymgmt.models import Revision
from citymgmt.spreadsheets import TableError
from grids.locate import locate
from grids.models import Cell, CellGeneration
from grids.services.cells import import_cells
from grids.services.divisions import import_divisions
from inspections.demo.city_cells import as_geojson, build_cells
from tests.city import NOW
from tests.public_data import DIVISIONS

pytestmark = pytest.mark.django_db


@pytest.fixture
def divisions(db: None) -> None:
    import_divisions(DIVISIONS.read_bytes())


def square(west: float, south: float, side: float = 0.01) -> dict[str, Any]:
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(code: str, geometry: object, **properties: object) -> dict[str, Any]:
    named = {"code": code, "name": f"{code}片", "street_code": "331082001"} | properties
    return {"type": "Feature", "properties": named, "geometry": geometry}


def packed(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def refusals(data: bytes) -> list[str]:
    with pytest.raises(TableError) as refused:
        import_cells(data, at=NOW)
    return [str(error) for error in refused.value.errors]


def test_the_91_cells_of_the_demonstration_come_in_and_are_found(divisions, tmp_path):
    file = tmp_path / "cells.geojson"
    file.write_text(json.dumps(as_geojson(build_cells())))
    out = io.StringIO()
    call_command("import_cells", str(file), stdout=out)
    assert out.getvalue().strip() == "91 个网格：新增 91，更改 0，未变 0。"
    assert Cell.objects.count() == CellGeneration.objects.count() == 91
    for row in CellGeneration.objects.select_related("cell"):
        assert locate(row.lon, row.lat, at=NOW).cell_code == row.cell.code


def test_a_second_run_changes_nothing_and_says_so(divisions, tmp_path, hand):
    file = tmp_path / "cells.geojson"
    file.write_text(json.dumps(as_geojson(build_cells())))
    call_command("import_cells", str(file), stdout=io.StringIO())
    before = list(CellGeneration.objects.values()), Revision.objects.get(name="grid").value
    hand.forward(days=1)
    out = io.StringIO()
    call_command("import_cells", str(file), stdout=out)
    assert out.getvalue().strip() == "91 个网格：与现有的一致，没有变化。"
    assert before == (
        list(CellGeneration.objects.values()),
        Revision.objects.get(name="grid").value,
    )


def test_a_changed_polygon_is_a_new_generation_and_the_old_one_ends(divisions, hand):
    import_cells(packed(feature("甲", square(121, 28)), feature("乙", square(122, 28))), at=NOW)
    later = hand.forward(days=2)
    outcome = import_cells(packed(feature("甲", square(121, 28, 0.02))), at=later)
    assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 1, 0)
    first, second = CellGeneration.objects.filter(cell__code="甲")
    assert (first.valid_to, second.valid_from, second.valid_to) == (later, later, None)
    assert (first.number, second.number) == (1, 2)
    assert second.area_m2 == pytest.approx(first.area_m2 * 4, rel=0.001)
    assert CellGeneration.objects.get(cell__code="乙").valid_to is None
    assert locate(121.015, 28.015, at=later).generation_id == second.pk


def test_a_new_name_is_no_new_generation(divisions):
    import_cells(packed(feature("甲", square(121, 28))), at=NOW)
    import_cells(packed(feature("甲", square(121, 28), name="东门片")), at=NOW)
    assert Cell.objects.get().name == "东门片"
    assert CellGeneration.objects.count() == 1


def test_overlapping_cells_are_refused_naming_both_and_the_place(divisions):
    import_cells(packed(feature("甲", square(121, 28))), at=NOW)
    [said] = refusals(packed(feature("乙", square(121.005, 28.005))))
    assert said.startswith("第 1 个网格「geometry」：乙 与 甲 重叠 27")
    assert "在 121.00" in said
    assert not Cell.objects.filter(code="乙").exists()


def test_cells_that_share_a_border_do_not_overlap(divisions):
    import_cells(packed(feature("甲", square(121, 28)), feature("乙", square(121.01, 28))), at=NOW)
    assert Cell.objects.count() == 2


def test_a_broken_file_imports_nothing_and_names_every_feature_and_property(divisions):
    bow = {
        "type": "Polygon",
        "coordinates": [[[121, 28], [121.1, 28.1], [121.1, 28], [121, 28.1], [121, 28]]],
    }
    open_ring = square(121.5, 28)
    open_ring["coordinates"][0].pop()
    said = refusals(
        packed(
            feature("甲", square(121.2, 28)),
            feature("甲", bow),
            feature("a b", square(28, 121)),
            feature("丙", open_ring, street_code=""),
            feature("丁", square(121.7, 28), name="", area_code="999"),
            "not a feature",
        )
    )
    for words in (
        "第 2 个网格「code」：甲 与第 1 个网格重复",
        "第 2 个网格「geometry」：边界自己与自己相交，请改画。（121.050000, 28.050000 处）",
        "第 3 个网格「code」：应是 1 到 30 个",
        "第 3 个网格「geometry」：经度和纬度写反了",
        "第 4 个网格「geometry」：边界没有闭合",
        "第 4 个网格「street_code」：不能为空",
        "第 5 个网格「name」：应有 1 到 60 个字",
        "第 5 个网格「area_code」：没有“999”这个区划",
        "第 6 个网格「code」：应是",
    ):
        assert any(one.startswith(words) for one in said), words
    assert not Cell.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件是空的"),
        (b"{\n  12", "第 2 行：第 3 个字符处不是完整的 JSON"),
        (b"[1]", "不是 GeoJSON 的 FeatureCollection"),
        (b'{"features": []}', "一个网格也没有"),
        (b'{"features": [NaN]}', "文件里有 NaN，不是数字"),
        (b"\xff\xfe{}", "不是 UTF-8 编码的 GeoJSON"),
        (b"[" * 100_000, "括号套得太深"),
    ],
)
def test_what_is_no_geojson_is_refused_in_words(db, data, words):
    assert words in refusals(data)[0]


def test_the_command_ends_with_an_error_and_its_words(divisions, tmp_path):
    file = tmp_path / "cells.geojson"
    file.write_bytes(packed(feature("甲", square(121, 28), street_code="1")))
    with pytest.raises(CommandError, match="没有导入任何内容"):
        call_command("import_cells", str(file))


def test_only_who_may_edit_the_whole_grid_imports(city, hand):
    data = packed(feature("新-01", square(121.5, 28)))
    with pytest.raises(Forbidden):
        import_cells(data, at=hand(), actor=city.dispatcher)
    assert import_cells(data, at=hand(), actor=city.admin).created == 1
