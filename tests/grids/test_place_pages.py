"""The pages of streets, places and shops: lists, cards, files, layers, and what they cost."""

import json
import uuid
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from citymgmt.choices import PhotoKind
from grids.choices import SiteKind
from grids.models import Area, Grant, Pledge, RoadSegment, Shop, ShopContactLook, Site
from grids.services.placing import Spot
from inspections.models import ShopRule
from tests import builders, places
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

LIST = "/grid/places/"


def listed(client, **query: object) -> str:
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return answer.content.decode()


def form(row=None, **given: object) -> dict[str, object]:
    version = {} if row is None else {"version": row.version}
    return {"idempotency_key": str(uuid.uuid4())} | version | given


@pytest.fixture
def street(city) -> RoadSegment:
    return places.segment(starts_minute=420, ends_minute=1320, visits=3, visits_per="day")


# --- Lists ------------------------------------------------------------------------------------


def test_streets_are_listed_with_what_they_ask_for_and_their_cells(city, street, as_):
    said = listed(as_("viewer"))
    for words in ("严管街", "07:00-22:00，每日 3 次", "古城-01", "未定"):
        assert words in said
    assert "古城-03" not in said
    assert street.name in listed(as_("viewer"), cell="古城-02")
    assert street.code not in listed(as_("viewer"), cell="古城-03").split("<table")[-1]


def test_each_ledger_lists_its_own(city, as_):
    places.site(city)
    places.site(city, name="夜市", kind=SiteKind.VENDING, capacity=24, hours=(1020, 1380))
    places.shop(city)
    client = as_("viewer")
    sites, stalls, shops = (listed(client, tab=tab) for tab in ("sites", "vending", "shops"))
    assert "哲商小学" in sites
    assert "夜市" not in sites
    assert "17:00-23:00" in stalls
    assert "老王水果店" in shops


def test_a_list_is_searched_by_two_characters_of_name_address_or_by_code(city, as_):
    places.shop(city)
    places.shop(city, name="小林面馆", address="靖江路 3 号", trade="面食")
    client = as_("viewer")
    assert "小林面馆" not in listed(client, tab="shops", q="水果")
    assert "小林面馆" in listed(client, tab="shops", q="靖江")
    assert "老王水果店" in listed(client, tab="shops", q="DP00001")
    assert "至少输入两个连着的字" in listed(client, tab="shops", q="王")
    assert "没有符合条件的" in listed(client, tab="shops", q="不存在的店")


def test_shops_are_narrowed_by_how_their_pledge_stands(city, as_):
    today = NOW.date()
    for name, until in (
        ("有效店", today + timedelta(days=90)),
        ("将到期店", today + timedelta(days=10)),
        ("过期店", today - timedelta(days=1)),
    ):
        row = places.shop(city, name=name)
        Pledge.objects.create(
            shop=row, signed_on=date(2026, 1, 1), valid_until=until, recorded_at=NOW
        )
    places.shop(city, name="没签店")
    client = as_("viewer")
    names = ("有效店", "将到期店", "过期店", "没签店")
    for pledge, wanted in (
        ("none", {"没签店"}),
        ("current", {"有效店", "将到期店"}),
        ("expiring", {"将到期店"}),
        ("expired", {"过期店"}),
    ):
        said = listed(client, tab="shops", pledge=pledge)
        assert {name for name in names if f">{name}<" in said} == wanted


def test_the_list_marks_and_finds_who_does_not_mend(city, as_):
    ShopRule.objects.update_or_create(pk=1, defaults={"stubborn_count": 1})
    places.checklist()
    row = places.shop(city)
    places.shop(city, name="小林面馆")
    places.visit(city, row, bad=["堆物"])
    client = as_("viewer")
    assert listed(client, tab="shops").count("屡次不整改</span>") == 1
    found = listed(client, tab="shops", stubborn="1")
    assert "老王水果店" in found
    assert "小林面馆" not in found


def test_ended_ones_stay_away_until_asked_for(city, as_, hand):
    row = places.shop(city)
    Shop.objects.filter(pk=row.pk).update(valid_to=hand.forward(hours=1))
    hand.forward(hours=1)
    assert "老王水果店" not in listed(as_("viewer"), tab="shops")
    assert "老王水果店" in listed(as_("viewer"), tab="shops", ended="1")


def test_a_grant_for_another_area_sees_none_of_it(city, as_):
    other = Area.objects.create(code="331082009", name="别处街道", level="street")
    Grant.objects.filter(user=city.viewer).update(area=other)
    row = places.shop(city)
    client = as_("viewer")
    assert "老王水果店" not in listed(client, tab="shops")
    assert client.get(reverse("grids:shop", args=[row.code])).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["tab=x&grade=y&kind=z&pledge=%01", "tab=shops&cell=%01&q=%01%01", "tab=shops&after=nonsense"],
)
def test_an_address_that_makes_no_sense_breaks_nothing(city, as_, query):
    assert as_("viewer").get(f"{LIST}?{query}").status_code in (200, 400)


def test_a_long_list_is_paged_by_key(city, as_):
    Shop.objects.bulk_create(
        Shop(code=f"S{n:03d}", name=f"店{n}", address="x", valid_from=NOW) for n in range(60)
    )
    client = as_("viewer")
    first = listed(client, tab="shops")
    assert "S049" in first
    assert "S050" not in first
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = client.get(LIST + older.replace("&amp;", "&")).content.decode()
    assert "S050" in second
    assert "S049" not in second


# --- Cards ------------------------------------------------------------------------------------


def test_a_card_of_a_shop_keeps_the_phone_behind_a_noted_look(city, as_):
    row = places.shop(city)
    page = reverse("grids:shop", args=[row.code])
    for name in ("dispatcher", "officer", "viewer"):
        assert "13800000000" not in as_(name).get(page).content.decode()
    address = reverse("grids:shop_contact", args=[row.code])
    shown = as_("dispatcher").post(address, headers={"HX-Request": "true"}).content.decode()
    assert "13800000000" in shown
    assert ShopContactLook.objects.get().user == city.dispatcher
    assert as_("officer").post(address).status_code == 403
    assert ShopContactLook.objects.count() == 1


def test_the_form_of_a_shop_does_not_tell_the_phone_and_keeps_it(city, as_):
    row = places.shop(city)
    address = reverse("grids:shop_edit", args=[row.code])
    client = as_("admin")
    assert "13800000000" not in client.get(address).content.decode()
    given = form(row, name="老王鲜果", address=row.address, lon=row.lon, lat=row.lat)
    assert client.post(address, given).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.contact.phone) == ("老王鲜果", "13800000000")


def test_who_has_an_older_version_of_a_shop_hears_it(city, as_):
    row = places.shop(city)
    address = reverse("grids:shop_edit", args=[row.code])
    given = {"name": "老王鲜果", "address": row.address}
    assert as_("admin").post(address, form(row, **given)).status_code == 302
    assert as_("admin").post(address, form(row, **given)).status_code == 409


def test_what_is_wrong_in_a_form_is_said_at_its_field(city, street, as_):
    address = reverse("grids:segment_edit", args=[street.code])
    given = form(street, name="紫阳街", grade="strict", hours="早到晚", visits="3")
    answer = as_("admin").post(address, given)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "应是起止时刻" in said
    assert 'value="早到晚"' in said


def test_a_new_place_is_put_on_the_map(city, as_):
    address = reverse("grids:place_new", args=["sites"])
    lon, lat = IN_SECOND_CELL
    given = form(name="汽车站", kind="station", lon=lon, lat=lat)
    answer = as_("admin").post(address, given)
    row = Site.objects.get()
    assert answer.headers["Location"] == reverse("grids:site", args=[row.code])
    assert row.cell == city.cells[1]
    assert as_("admin").get(reverse("grids:place_new", args=["segments"])).status_code == 404


def test_a_pledge_is_signed_on_the_card_with_its_photo(city, as_):
    row = places.shop(city)
    address = reverse("grids:shop_pledge", args=[row.code])
    days = {"kind": "three", "signed_on": "2026-11-01", "valid_until": "2027-10-31"}
    client = as_("officer")
    answer = client.post(address, form(row, **days))
    assert answer.status_code == 422
    assert "请拍下签好的责任书" in answer.content.decode()
    shot = builders.photo(city.officer, kind=PhotoKind.DOCUMENT)
    assert client.post(address, form(row, **days, photos=str(shot.pk))).status_code == 302
    page = client.get(reverse("grids:shop", args=[row.code])).content.decode()
    assert "责任书有效" in page
    assert f"/photos/{shot.pk}/thumb/" in page


# --- Files ------------------------------------------------------------------------------------


def test_a_wrong_sheet_is_answered_by_row_and_column_and_a_right_one_taken(city, as_):
    address = reverse("grids:place_import", args=["shops"])
    client = as_("admin")
    row = {"name": "甲店", "address": "紫阳街 1 号"}
    wrong = SimpleUploadedFile("a.xlsx", places.sheet("shops", row, row | {"lon": "东"}))
    answer = client.post(address, form(file=wrong))
    assert answer.status_code == 422
    assert "一行也没有导入" in answer.content.decode()
    assert not Shop.objects.exists()
    right = SimpleUploadedFile("a.xlsx", places.sheet("shops", row))
    assert client.post(address, form(file=right)).status_code == 302
    assert Shop.objects.count() == 1


def test_contacts_leave_the_house_only_with_the_right_and_are_noted(city, as_):
    places.shop(city)
    address = reverse("grids:place_export", args=["shops"])
    assert as_("viewer").post(address, {"contacts": "1"}).status_code == 403
    answer = as_("dispatcher").post(address, {"contacts": "1"})
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert (ShopContactLook.objects.get().shop, ShopContactLook.objects.get().shops) == (None, 1)
    plain = as_("viewer").post(address)
    assert plain.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert ShopContactLook.objects.count() == 1


# --- Layers -----------------------------------------------------------------------------------


def layer(client, kind: str, **query: str) -> dict:
    answer = client.get(reverse("grids:places_geojson", args=[kind]), query)
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_layers_tell_word_grade_and_where_the_card_is(city, street, as_):
    places.site(city)
    row = places.shop(city)
    client = as_("officer")
    (line,) = layer(client, "segments")["features"]
    assert line["properties"]["title"] == "严管街 紫阳街"
    assert line["properties"]["grade"] == "strict"
    (sign,) = layer(client, "sites")["features"]
    assert sign["properties"]["sign"] == "校"
    (dot,) = layer(client, "shops", box="121.12,28.85,121.13,28.86")["features"]
    assert dot["properties"]["url"] == reverse("grids:shop", args=[row.code])
    assert "13800000000" not in json.dumps(dot)
    assert layer(client, "shops", box="120,27,120.1,27.1")["features"] == []
    assert layer(client, "segments", box="120,27,120.1,27.1")["features"] == []


@pytest.mark.parametrize("box", ["x", "1,2,3", "10,0,5,1", "nan,nan,nan,nan", "0,0,999,1"])
def test_a_box_that_is_none_is_refused(city, as_, box):
    address = reverse("grids:places_geojson", args=["shops"])
    assert as_("officer").get(address, {"box": box}).status_code == 400


def test_a_window_with_too_many_shops_says_that_there_are_more(city, as_, monkeypatch):
    monkeypatch.setattr("grids.place_layers.MOST", 1)
    places.shop(city)
    places.shop(city, name="小林面馆", spot=Spot(*IN_FIRST_CELL))
    data = layer(as_("officer"), "shops")
    assert (len(data["features"]), data["more"]) == (1, True)


# --- Cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tab", "most"), [("segments", 9), ("sites", 9), ("shops", 13)])
def test_a_list_asks_as_much_for_many_rows_as_for_one(city, street, as_, tab, most):
    client = as_("supervisor")
    places.site(city)
    places.shop(city)
    few = len(statements_of(client, f"{LIST}?tab={tab}"))
    for n in range(5):
        places.segment(code=f"LD-1{n}")
        places.site(city, name=f"校{n}")
        places.shop(city, name=f"店{n}")
    assert len(statements_of(client, f"{LIST}?tab={tab}")) == few <= most


def test_cards_and_layers_cost_a_bounded_number_of_statements(city, street, as_):
    row, site = places.shop(city), places.site(city)
    places.pledge(city, row)
    client = as_("supervisor")
    for address, most in (
        (reverse("grids:shop", args=[row.code]), 16),
        (reverse("grids:segment", args=[street.code]), 11),
        (reverse("grids:site", args=[site.code]), 8),
        (reverse("grids:places_geojson", args=["shops"]), 6),
        (reverse("cases:shop_cases", args=[row.code]), 7),
        (reverse("inspections:shop_visits", args=[row.code]), 11),
    ):
        assert len(statements_of(client, address)) <= most, address
