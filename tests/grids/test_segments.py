"""Road segments from GeoJSON: all or nothing, nothing the second time, errors by feature."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from citymgmt.errors import Forbidden
from citymgmt.models import Revision
from citymgmt.spreadsheets import TableError
from grids.locate import locate
from grids.models import RoadSegment
from grids.services.segments import import_segments
from inspections.demo.city_cells import STREETS, streets_as_geojson
from tests.city import NOW

pytestmark = pytest.mark.django_db

LINE = [[121.12, 28.85], [121.13, 28.86]]


def feature(code: str, line: object = LINE, **properties: object) -> dict[str, Any]:
    named = {"code": code, "name": f"{code}街", "grade": "一类街"} | properties
    geometry = {"type": "LineString", "coordinates": line} if isinstance(line, list) else line
    return {"type": "Feature", "properties": named, "geometry": geometry}


def packed(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def refusals(data: bytes) -> list[str]:
    with pytest.raises(TableError) as refused:
        import_segments(data, at=NOW)
    return [str(error) for error in refused.value.errors]


def state() -> tuple[list[Any], list[Any]]:
    return list(RoadSegment.objects.values()), list(Revision.objects.values())


def test_the_streets_of_the_demonstration_come_in_once(db, tmp_path, hand):
    file = tmp_path / "segments.geojson"
    file.write_text(json.dumps(streets_as_geojson(STREETS)))
    out = io.StringIO()
    call_command("import_segments", str(file), stdout=out)
    assert out.getvalue().strip() == "14 个路段：新增 14，更改 0，未变 0。"
    before = state()
    hand.forward(days=1)
    out = io.StringIO()
    call_command("import_segments", str(file), stdout=out)
    assert out.getvalue().strip() == "14 个路段：与现有的一致，没有变化。"
    assert state() == before


def test_a_segment_is_found_as_soon_as_it_is_imported(city):
    point = (121.125, 28.855)
    assert locate(*point, at=NOW).segment_id is None
    import_segments(packed(feature("甲")), at=NOW)
    assert locate(*point, at=NOW).segment_id == RoadSegment.objects.get().pk


def test_what_changed_follows_and_the_others_stay(db):
    import_segments(packed(feature("甲"), feature("乙")), at=NOW)
    moved = [*LINE, [121.14, 28.86]]
    later = NOW + timedelta(days=1)
    outcome = import_segments(packed(feature("甲", moved, grade="strict")), at=later)
    assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 1, 0)
    first, second = RoadSegment.objects.order_by("pk")
    assert (first.grade, first.line["coordinates"], first.valid_from) == ("strict", moved, NOW)
    assert (second.code, second.grade) == ("乙", "first")


def test_a_broken_file_imports_nothing_and_names_every_feature_and_property(db):
    area = {"type": "Polygon", "coordinates": [[*LINE, [121.2, 28.8], LINE[0]]]}
    said = refusals(
        packed(
            feature("甲"),
            feature("甲", area),
            feature("a b", [[28, 121], [28, 122]], grade="特级"),
            feature("丙", [LINE[0], LINE[0]], name=""),
            feature("丁", [LINE[0], ["x", 28]]),
            "not a feature",
        )
    )
    for words in (
        "第 2 个路段「code」：甲 与第 1 个路段重复",
        "第 2 个路段「geometry」：应是线（LineString）",
        "第 3 个路段「code」：应是 1 到 30 个",
        "第 3 个路段「geometry」：经度和纬度写反了",
        "第 3 个路段「grade」：不认识这个等级，应为：严管街、一类街、二类街。",
        "第 4 个路段「geometry」：线的点太少",
        "第 4 个路段「name」：应有 1 到 60 个字",
        "第 5 个路段「geometry」：坐标里有不是数字的内容",
        "第 6 个路段「geometry」：坐标的写法不对",
    ):
        assert any(one.startswith(words) for one in said), words
    assert not RoadSegment.objects.exists()


def test_a_segment_out_of_use_does_not_come_back_unsaid(db):
    import_segments(packed(feature("甲")), at=NOW - timedelta(days=1))
    RoadSegment.objects.update(valid_to=NOW)
    assert "第 1 个路段「code」：这个路段已停用，请换一个编码。" in refusals(packed(feature("甲")))


def test_an_empty_file_is_refused_in_words(db):
    assert refusals(b'{"features": []}') == ["文件里一个路段也没有，请补上后再导入。"]


def test_the_command_ends_with_an_error_and_its_words(db, tmp_path):
    file = tmp_path / "segments.geojson"
    file.write_bytes(packed(feature("甲", grade="")))
    with pytest.raises(CommandError, match="没有导入任何内容"):
        call_command("import_segments", str(file))


def test_only_who_may_edit_the_whole_grid_imports(city):
    with pytest.raises(Forbidden):
        import_segments(packed(feature("甲")), at=NOW, actor=city.dispatcher)
    assert import_segments(packed(feature("甲")), at=NOW, actor=city.admin).created == 1
