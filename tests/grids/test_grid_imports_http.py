"""The pages of files of cells: sent, looked at, mended, imported; a day's cells taken out."""

import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from grids.choices import GridImportState
from grids.formats.writing import FORMATS
from grids.models import Cell, CellGeneration, GridImport
from grids.services import grid_import_runs as runs
from tests.city import NOW, SIDE, SOUTH, WEST
from tests.grids.files import collection, feature, square
from tests.grids.hostile import BOW
from tests.grids.imports import beside, city_file, imported, uploaded
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

LIST = "/grid/imports/"
WRONG = collection(
    feature({"type": "Polygon", "coordinates": [BOW]}, code="结-01"),
    feature(beside(1), code="", name="没有编码"),
    feature(square(WEST + SIDE / 2, SOUTH), code="斜-01", street_code="331082001"),
)


def send(client, data: bytes, name: str = "网格.geojson", **more: str):
    file = SimpleUploadedFile(name, data)
    return client.post(LIST, {"idempotency_key": str(uuid.uuid4()), "file": file, **more})


def act(client, row: GridImport, name: str, **form: object):
    row.refresh_from_db()
    asked = {"idempotency_key": str(uuid.uuid4()), "version": row.version} | form
    return client.post(reverse(f"grids:{name}", args=[row.pk]), asked)


def page(client, row: GridImport, query: str = "") -> str:
    answer = client.get(reverse("grids:grid_import", args=[row.pk]) + query)
    return answer.content.decode()


def test_a_file_is_sent_looked_at_and_imported(city, as_):
    client = as_("admin")
    answer = send(client, city_file(feature(beside(1), code="古城-05")))
    row = GridImport.objects.get()
    assert answer.url == reverse("grids:grid_import", args=[row.pk])
    said = page(client, row)
    assert "导入 1 格" in said
    assert "WGS-84 经纬度，文件没写，按它读" in said
    preview = json.loads(client.get(reverse("grids:import_preview", args=[row.pk])).content)
    changes = {
        one["properties"]["code"]: one["properties"]["change"] for one in preview["features"]
    }
    assert changes["古城-05"] == "new"
    assert changes["古城-01"] == "same"
    act(client, row, "import_start", since="2026-11-20")
    assert "已导入：新 1，变 0，无变化 4" in page(client, row)
    assert Cell.objects.filter(code="古城-05").exists()


def test_wrong_cells_come_first_in_the_list_and_the_map_marks_them(city, as_):
    client = as_("admin")
    row = uploaded(city, WRONG)
    said = page(client, row)
    assert "3 格里有 3 格要改" in said
    for words in ("边界自己与自己相交", "应是 1 到 30 个汉字", "斜-01 与 古城-01 重叠"):
        assert words in said
    assert "改好了，再上传" in said
    assert "修好它们，再看一遍" in said
    assert "确认导入" not in said
    assert "没有这样的网格" in page(client, row, "?change=new")
    assert "文件里没有它" in page(client, row, "?change=gone")


def test_what_is_no_file_of_cells_is_said_beside_the_field(city, as_):
    client = as_("admin")
    for data, words in ((b"<html>", "这是一个网页"), (b"", "0 字节"), (b"PK\x03\x04x", "已损坏")):
        answer = send(client, data)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    answer = client.post(LIST, {"idempotency_key": str(uuid.uuid4())})
    assert "请选择网格文件" in answer.content.decode()
    assert not GridImport.objects.exists()


def test_the_properties_are_corrected_on_the_page(city, as_):
    client = as_("admin")
    row = uploaded(city, city_file(feature(beside(1), code="古城-05", 别名="河西")))
    refused = act(client, row, "import_map", **{"col-code": "", "street": "", "system": ""})
    assert refused.status_code == 422
    assert "请选哪一项是网格编码" in refused.content.decode()
    told = {"col-code": "code", "col-name": "别名", "col-area": "street_code"}
    act(client, row, "import_map", **told, street="", system="gcj02")
    row.refresh_from_db()
    assert row.options["system"] == "gcj02"
    assert "GCJ-02（高德、腾讯）" in page(client, row)


def test_borders_that_cross_themselves_are_mended_by_a_button(city, as_):
    client = as_("admin")
    crossed = {"type": "Polygon", "coordinates": [BOW]}
    row = uploaded(city, collection(feature(crossed, code="结-01")))
    told = {"col-code": "code", "col-name": "name", "col-area": "street_code", "mend": "on"}
    act(client, row, "import_map", **told)
    assert "自相交的边界已修好" in page(client, row, "?change=new")


def test_a_day_that_is_over_is_refused_beside_its_field(city, as_):
    client = as_("admin")
    row = uploaded(city, city_file(feature(beside(1), code="古城-05")))
    for since, words in (("2026-11-01", "不能早于今天"), ("gestern", "日期的写法不对")):
        answer = act(client, row, "import_start", since=since)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    row.refresh_from_db()
    assert row.state == GridImportState.READY


def test_cells_that_are_gone_end_by_a_tick(city, as_):
    client = as_("admin")
    row = uploaded(city, city_file(without=(3, 4)))
    assert "文件里没有的 2 格到那时停用" in page(client, row)
    act(client, row, "import_start", since="2026-11-20", close_gone="on")
    assert "停用 2" in page(client, row)
    assert CellGeneration.objects.in_force(NOW).count() == 2


def test_a_long_import_shows_how_far_it_is_and_then_loads_the_page_anew(city, as_, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE_BYTES", 0)
    client = as_("admin")
    row = uploaded(city, city_file(feature(beside(1), code="古城-05")))
    progress = reverse("grids:import_progress", args=[row.pk])
    assert "正在读文件" in page(client, row)
    assert "正在读文件" in client.get(progress).content.decode()
    runs.run_grid_import(import_id=row.pk, at=NOW)
    act(client, row, "import_start", since="2026-11-20")
    assert "已存 0 格，文件里共 5 格" in client.get(progress).content.decode()
    runs.run_grid_import(import_id=row.pk, at=NOW)
    answer = client.get(progress)
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_the_same_form_sent_twice_is_one_import(city, as_):
    client = as_("admin")
    row = uploaded(city, city_file(feature(beside(1), code="古城-05")))
    form = {"idempotency_key": str(uuid.uuid4()), "version": row.version, "since": "2026-11-20"}
    url = reverse("grids:import_start", args=[row.pk])
    assert [client.post(url, form).status_code for _turn in range(2)] == [302, 302]
    assert CellGeneration.objects.filter(cell__code="古城-05").count() == 1


def test_a_file_is_given_up(city, as_):
    client = as_("admin")
    row = uploaded(city, WRONG)
    assert act(client, row, "import_drop").url == LIST
    assert "已放弃" in client.get(LIST).content.decode()
    assert "什么也没有变" in page(client, row)
    assert act(client, row, "import_drop").status_code == 409


def test_the_list_is_paged_and_nonsense_in_the_address_is_its_first_page(city, as_, monkeypatch):
    monkeypatch.setattr("grids.views.imports.ROWS", 2)
    client = as_("admin")
    row = uploaded(city, city_file())
    first = page(client, row, "?change=same")
    assert "古城-01" in first
    assert "古城-03" not in first
    assert "after=2#cells" in first
    assert "古城-03" in page(client, row, "?change=same&after=2")
    for nonsense in ("-1", "x", "99999999", "²"):
        assert "古城-01" in page(client, row, f"?change=same&after={nonsense}")


# --- Out ------------------------------------------------------------------------------------


def download(client, **asked: str):
    wanted = {"kind": "geojson", "system": "wgs84", "day": "2026-11-20"} | asked
    return client.get("/grid/export/", wanted)


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_taken_out_and_sent_again_changes_nothing(city, as_, kind):
    client = as_("admin")
    for system in FORMATS[kind].systems:
        answer = download(client, kind=kind, system=system)
        assert answer.status_code == 200
        name = f"cells-2026-11-20-{system}.{FORMATS[kind].suffix}"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        chosen = system if system in ("gcj02", "bd09") else ""
        row = uploaded(city, answer.content, system=chosen)
        assert row.counts["same"] == row.counts["total"] == 4, (system, row.findings)


def test_the_cells_of_another_day_are_those_of_that_day(city, as_):
    client = as_("admin")
    reshaped = feature(square(WEST, SOUTH, 0.008), code="古城-01", name="第1片")
    imported(city, city_file(reshaped, without=(1,)))
    yesterday = json.loads(download(client, day="2026-11-19").content)
    today = json.loads(download(client).content)
    first, now = (one["features"][0]["geometry"] for one in (yesterday, today))
    assert (first == now, now) == (False, square(WEST, SOUTH, 0.008))
    refused = download(client, day="2020-01-01")
    assert refused.status_code == 422
    assert "那一天还没有网格" in refused.content.decode()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"kind": "dwg"}, "dwg"),
        ({"system": "mars"}, "mars"),
        ({"day": "gestern"}, "日期的写法不对"),
        ({"kind": "kml", "system": "mercator"}, "KML 写不了这个坐标系"),
    ],
)
def test_what_cannot_be_taken_out_is_said_beside_the_field(city, as_, asked, words):
    answer = download(as_("admin"), **asked)
    assert answer.status_code == 422
    assert words in answer.content.decode()


# --- Who, and what it costs -----------------------------------------------------------------


def test_the_way_there_is_shown_to_those_who_may(city, as_):
    for person, may in (("admin", True), ("viewer", False)):
        client = as_(person)
        assert (LIST in client.get("/grid/").content.decode()) is may
        assert client.get(LIST).status_code == (200 if may else 403)
        assert download(client).status_code == (200 if may else 403)


def test_the_pages_ask_little(city, as_):
    client = as_("admin")
    wrong = uploaded(city, WRONG)
    ready = uploaded(city, city_file(feature(beside(1), code="古城-05")))
    for row in (wrong, ready):
        assert len(statements_of(client, reverse("grids:grid_import", args=[row.pk]))) <= 12
    assert len(statements_of(client, LIST)) <= 10
