"""Streets, places and shops from Excel: all or nothing, and again without doubling."""

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from citymgmt.errors import Forbidden
from citymgmt.spreadsheets import TableError
from grids.choices import PlaceAct, PlaceKind
from grids.models import PlaceEdit, Pledge, RoadSegment, Shop, ShopContact, Site
from grids.place_export import table_of, template_of
from grids.place_lists import Asked, rows_of
from grids.policies import Access, Reach
from grids.services.place_import import import_places
from tests import places
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, NOW

pytestmark = pytest.mark.django_db

SHOP: dict[str, Any] = {
    "name": "老王水果店",
    "address": "紫阳街 118 号",
    "lon": IN_FIRST_CELL[0],
    "lat": IN_FIRST_CELL[1],
    "trade": "水果",
    "frontage_m": "4.5",
    "person": "王建国",
    "phone": "13800000000",
    "signed_on": date(2026, 3, 1),
}
OTHER = SHOP | {"name": "小林面馆", "address": "紫阳街 120 号", "phone": "", "signed_on": None}
SCHOOL = {"name": "哲商小学", "kind": "学校", "lon": IN_FIRST_CELL[0], "lat": IN_FIRST_CELL[1]}
NIGHT_MARKET = {"name": "夜市", "capacity": 24, "hours": "17:00-23:00", "goods": "小吃"}
STREET = {
    "code": "LD-01",
    "name": "紫阳街",
    "grade": "严管街",
    "hours": "07:00-22:00",
    "visits": 3,
    "visits_per": "每日",
    "line": "121.125 28.855，121.135 28.855",
}


def bring(city, kind: str, *rows: dict[str, Any], at=NOW):
    return import_places(places.sheet(kind, *rows), kind=kind, at=at, actor=city.admin)


def errors(city, kind: str, *rows: dict[str, Any]) -> list[tuple[int, str, str]]:
    with pytest.raises(TableError) as refused:
        bring(city, kind, *rows)
    return [(each.line, each.column, each.message) for each in refused.value.errors]


def test_shops_come_with_contact_and_pledge_and_their_places(city):
    street = places.segment()
    outcome = bring(city, PlaceKind.SHOPS, SHOP, OTHER)
    assert (outcome.created, outcome.changed, outcome.unchanged) == (2, 0, 0)
    shop = Shop.objects.get(name="老王水果店")
    assert (shop.code, shop.cell, shop.segment) == ("DP00001", city.cells[0], street)
    assert str(shop.frontage_m) == "4.5"
    assert shop.contact.person == "王建国"
    pledge = shop.pledges.get()
    assert (pledge.signed_on, pledge.valid_until) == (date(2026, 3, 1), date(2027, 3, 1))
    assert shop.edits.get().act == PlaceAct.IMPORTED
    other = Shop.objects.get(name="小林面馆")
    assert not other.pledges.exists()


def test_the_same_file_again_changes_nothing(city):
    bring(city, PlaceKind.SHOPS, SHOP, OTHER)
    outcome = bring(city, PlaceKind.SHOPS, SHOP, OTHER)
    assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 0, 2)
    assert (Shop.objects.count(), Pledge.objects.count(), PlaceEdit.objects.count()) == (2, 1, 2)


def test_what_is_other_in_the_file_follows_and_is_noted(city):
    bring(city, PlaceKind.SHOPS, SHOP, OTHER)
    moved = {"lon": IN_SECOND_CELL[0], "trade": "果品", "phone": "13911112222"}
    renewed = moved | {"signed_on": "2026/11/01", "valid_until": "2027-10-31"}
    outcome = bring(city, PlaceKind.SHOPS, SHOP | renewed, OTHER)
    assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 1, 1)
    shop = Shop.objects.get(name="老王水果店")
    assert (shop.cell, shop.trade, shop.version) == (city.cells[1], "果品", 2)
    assert ShopContact.objects.get(shop=shop).phone == "13911112222"
    assert Pledge.objects.filter(shop=shop, ended_at__isnull=True).get().signed_on == date(
        2026, 11, 1
    )
    changes = shop.edits.order_by("-pk")[0].changes
    assert changes["trade"] == ["水果", "果品"]
    assert "13911112222" not in str(changes)


def test_one_wrong_row_keeps_all_out_and_is_named_by_row_and_column(city):
    wrong = SHOP | {"name": "丙", "address": "紫阳街 122 号", "lon": "一百二", "phone": "打店里"}
    found = errors(city, PlaceKind.SHOPS, SHOP, wrong, OTHER)
    assert [(line, column) for line, column, _message in found] == [(3, "电话"), (3, "经度")]
    assert not Shop.objects.exists()
    assert not ShopContact.objects.exists()
    assert not PlaceEdit.objects.exists()


@pytest.mark.parametrize(
    ("changes", "column", "said"),
    [
        ({"name": ""}, "店名", "不能为空"),
        ({"cell": "没有-01"}, "网格", "没有编码为 没有-01 的网格"),
        ({"segment": "LD-99"}, "路段", "没有编码为 LD-99 的在用路段"),
        ({"lon": None}, "经度", "要一起填"),
        ({"lat": 99}, "纬度", "超出范围"),
        ({"frontage_m": "很宽"}, "门面宽度（米）", "应是米数"),
        ({"frontage_m": "NaN"}, "门面宽度（米）", "0 到 1000"),
        ({"signed_on": "去年"}, "签订日期", "应是日期"),
        ({"signed_on": "2026-12-31"}, "签订日期", "不能晚于今天"),
        ({"signed_on": None, "valid_until": "2027-01-01"}, "签订日期", "就要填签订日期"),
        ({"pledge_kind": "门前八包"}, "责任书种类", "不认识"),
        ({"code": "a/b"}, "编码", "短横"),
    ],
)
def test_what_is_wrong_is_said_at_its_column(city, changes, column, said):
    found = errors(city, PlaceKind.SHOPS, SHOP | changes)
    assert [each[1] for each in found] == [column]
    assert said in found[0][2]


def test_a_row_twice_in_the_file_is_named(city):
    found = errors(city, PlaceKind.SHOPS, SHOP, OTHER, SHOP)
    assert found == [(4, "店名", "与第 2 行重复，请删去一行。")]


def test_a_shop_without_a_point_stands_in_the_cell_that_is_named(city):
    bring(city, PlaceKind.SHOPS, SHOP | {"lon": None, "lat": None, "cell": "古城-02"})
    shop = Shop.objects.get()
    assert (shop.cell, shop.area_code, shop.lon) == (city.cells[1], "331082001", None)


def test_a_closed_shop_under_its_code_is_refused_and_by_its_name_is_a_new_one(city, hand):
    row = places.shop(city)
    Shop.objects.filter(pk=row.pk).update(valid_to=hand.forward(hours=1))
    later = hand.forward(hours=1)
    with pytest.raises(TableError):
        bring(city, PlaceKind.SHOPS, SHOP | {"code": row.code}, at=later)
    assert bring(city, PlaceKind.SHOPS, SHOP, at=later).created == 1


def test_key_places_and_vending_sites_come_from_sheets_of_their_own(city):
    assert bring(city, PlaceKind.SITES, SCHOOL).created == 1
    assert bring(city, PlaceKind.VENDING, NIGHT_MARKET).created == 1
    stalls = Site.objects.get(kind="vending")
    assert (stalls.capacity, stalls.starts_minute, stalls.ends_minute) == (24, 1020, 1380)
    assert bring(city, PlaceKind.SITES, SCHOOL).unchanged == 1
    found = errors(city, PlaceKind.SITES, SCHOOL | {"kind": "便民摊点"})
    assert [each[1] for each in found] == ["类别"]
    found = errors(city, PlaceKind.VENDING, NIGHT_MARKET | {"capacity": "很多", "hours": "晚上"})
    assert [each[1] for each in found] == ["摊位数", "开放时段"]


def test_streets_come_with_their_demands_and_need_a_line_only_when_new(city):
    assert bring(city, PlaceKind.SEGMENTS, STREET).created == 1
    row = RoadSegment.objects.get()
    assert (row.grade, row.starts_minute, row.visits, row.visits_per) == ("strict", 420, 3, "day")
    assert row.line["coordinates"] == [[121.125, 28.855], [121.135, 28.855]]
    assert bring(city, PlaceKind.SEGMENTS, STREET | {"line": ""}).unchanged == 1
    again = STREET | {"line": "", "visits": 2, "visits_per": "周"}
    assert bring(city, PlaceKind.SEGMENTS, again).changed == 1
    row.refresh_from_db()
    assert (row.visits, row.visits_per, row.version) == (2, "week", 2)
    found = errors(city, PlaceKind.SEGMENTS, STREET | {"code": "LD-02", "line": ""})
    assert [each[1] for each in found] == ["走向"]
    found = errors(city, PlaceKind.SEGMENTS, STREET | {"line": "28.855 121.125，28.9 121.2"})
    assert [each[1] for each in found] == ["走向"]


@pytest.mark.parametrize("kind", PlaceKind.values)
def test_what_is_no_sheet_is_refused_and_nothing_is_changed(city, kind):
    for data in (b"", b"<html></html>", b"PK\x03\x04broken"):
        with pytest.raises(TableError):
            import_places(data, kind=kind, at=NOW, actor=city.admin)


@pytest.mark.parametrize("name", ["dispatcher", "leader", "viewer"])
def test_only_who_keeps_the_whole_grid_imports(city, name):
    with pytest.raises(Forbidden):
        import_places(places.sheet("shops", SHOP), kind="shops", at=NOW, actor=city.people[name])


# --- Out and in again ---------------------------------------------------------------------------

ALL = Access(1, (Reach(frozenset(["grid.view"])),))


def taken_out(kind: str, *, contacts: bool = False) -> bytes:
    rows = rows_of(Asked(kind), ALL, NOW).order_by("code")
    if kind == PlaceKind.SEGMENTS:
        rows = rows.defer(None)
    return b"".join(table_of(kind, rows, contacts=contacts))


def test_what_is_taken_out_comes_in_again_without_a_change(city):
    places.segment()
    bring(city, PlaceKind.SHOPS, SHOP, OTHER)
    bring(city, PlaceKind.SITES, SCHOOL)
    bring(city, PlaceKind.VENDING, NIGHT_MARKET)
    bring(city, PlaceKind.SEGMENTS, STREET)
    for kind in PlaceKind.values:
        outcome = import_places(taken_out(kind), kind=kind, at=NOW, actor=city.admin)
        assert not outcome.touched, kind
        assert outcome.unchanged, kind


def test_an_export_tells_a_phone_only_where_that_was_asked(city):
    bring(city, PlaceKind.SHOPS, SHOP)
    plain, whole = (
        [
            [cell.value for cell in row]
            for row in openpyxl.load_workbook(BytesIO(data)).worksheets[0].iter_rows()
        ]
        for data in (taken_out("shops"), taken_out("shops", contacts=True))
    )
    assert "13800000000" not in plain[1]
    assert "13800000000" in whole[1]


@pytest.mark.parametrize("kind", PlaceKind.values)
def test_a_template_is_taken_as_it_is_downloaded(city, kind):
    data = b"".join(template_of(kind))
    assert import_places(data, kind=kind, at=NOW, actor=city.admin).created == 1
