"""Checking shops on the phone: found by name or by place, recorded once, with its slip."""

import hashlib
import re
from datetime import timedelta

import pytest

from citymgmt.choices import PhotoSubject
from citymgmt.models import IdempotencyRecord, Photo
from inspections.models import CheckPoint, ShopVisit
from tests import builders, places
from tests.city import IN_THIRD_CELL, NOW
from tests.statements import statements_of
from tests.uploading import Phone

pytestmark = pytest.mark.django_db
FORM = "0c0ffee0-0000-4000-8000-000000000063"


@pytest.fixture
def shop(city):
    places.checklist()
    return places.shop(city)


@pytest.fixture
def phone(city) -> Phone:
    return Phone(city.officer)


def told(*bad: str, **changes) -> dict:
    rows = CheckPoint.objects.filter(is_active=True)
    points = [{"point": row.pk, "ok": row.label not in bad} for row in rows]
    said = {"points": points, "result": "warned" if bad else "passed", "photos": []}
    return said | ({"fix_by": "2026-11-21"} if bad else {}) | changes


def send(phone: Phone, shop, *bad: str, **changes):
    return phone.post(f"/m/shops/{shop.code}/visit/", told(*bad, **changes), key=FORM)


def photo_of(phone: Phone, seed: int = 77):
    return phone.send(builders.jpeg(seed))


def listed(page: str) -> list[str]:
    return re.findall(r'href="/m/shops/([^/"]+)/"', page)


def test_the_list_has_the_shops_of_ones_cells_near_ones_and_found_ones(as_, city, shop):
    lon, lat = IN_THIRD_CELL
    far = places.shop(city, name="小李面馆", spot=places.Spot(lon, lat))
    browser = as_("officer")
    assert listed(browser.get("/m/shops/").content.decode()) == [shop.code]
    near = browser.get("/m/shops/", {"lon": lon, "lat": lat}).content.decode()
    assert listed(near) == [far.code]
    assert listed(browser.get("/m/shops/", {"q": "面馆"}).content.decode()) == [far.code]
    assert browser.get("/m/shops/", {"q": "\0"}).status_code == 404
    assert as_("viewer").get("/m/shops/").status_code == 403


def test_the_list_asks_as_much_for_one_as_for_nine(as_, city, shop):
    browser = as_("officer")
    browser.get("/m/shops/")
    one = len(statements_of(browser, "/m/shops/"))
    for n in range(8):
        places.visit(city, places.shop(city, name=f"店{n}"))
    assert len(statements_of(browser, "/m/shops/")) == one


def test_the_page_says_what_would_count_as_repeated(as_, city, shop):
    places.visit(city, shop, bad=["堆物"], at=NOW - timedelta(days=3))
    page = as_("officer").get(f"/m/shops/{shop.code}/").content.decode()
    assert page.count("data-point=") == 3
    assert "30 天内犯过 1 次，再犯算重复" in page
    assert "90 天内警示 1 次" in page
    assert 'data-day="2026-11-21"' in page


def test_all_in_order_needs_no_photo(phone, shop):
    answer = send(phone, shop)
    assert answer.status_code == 201, answer.content
    receipt = answer.json()["receipt"]
    assert (receipt["said"], receipt["photos"]) == ("合格，100 分", [])
    assert receipt["url"] == f"/m/shops/{shop.code}/"


def test_a_warning_is_kept_with_its_photo_and_leads_to_its_slip(as_, city, phone, shop):
    places.visit(city, shop, bad=["堆物"], at=NOW - timedelta(days=3))
    receipt = send(phone, shop, "堆物", photos=[photo_of(phone)]).json()["receipt"]
    visit = ShopVisit.objects.get(key=FORM)
    assert (visit.repeats, visit.score, visit.visitor) == (1, 70, city.officer)
    assert receipt["said"] == f"警示，70 分，重复 1 项，警示单 {visit.slip_number}"
    assert receipt["photos"] == [hashlib.sha256(builders.jpeg(77)).hexdigest()]
    assert as_("officer").get(receipt["url"]).status_code == 200
    assert Photo.objects.filter(subject_kind=PhotoSubject.SHOP_VISIT, subject_id=visit.pk).exists()


@pytest.mark.parametrize("forgotten", [False, True], ids=["known", "forgotten"])
def test_a_repeat_gets_the_same_receipt_and_no_second_slip(phone, shop, forgotten):
    photos = [photo_of(phone)]
    first = send(phone, shop, "堆物", photos=photos).json()
    if forgotten:
        IdempotencyRecord.objects.all().delete()
    again = send(phone, shop, "堆物", photos=photos).json()
    assert again["receipt"] == first["receipt"]
    assert ShopVisit.objects.count() == 1


@pytest.mark.parametrize(
    ("bad", "changes", "status", "field"),
    [
        (["堆物"], {}, 400, "photos"),
        (["堆物"], {"result": "passed"}, 400, "result"),
        ([], {"points": []}, 400, "points"),
        (["堆物"], {"fix_by": "2026-11-19", "result": "warned"}, 400, "photos"),
        ([], {"note": "字" * 301}, 400, "note"),
        ([], {"photos": [{"key": FORM, "sha256": "ab" * 32}]}, 409, None),
    ],
    ids=["no photo", "result", "points", "day", "long", "photo away"],
)
def test_what_cannot_stand_says_what_to_mend_and_keeps_nothing(
    phone, shop, bad, changes, status, field
):
    answer = send(phone, shop, *bad, **changes)
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)
    assert (ShopVisit.objects.count(), IdempotencyRecord.objects.count()) == (0, 0)


def test_a_shop_that_has_ended_is_read_and_not_recorded(as_, city, phone, shop):
    old = NOW - timedelta(days=9)
    type(shop).objects.filter(pk=shop.pk).update(valid_from=old, valid_to=NOW)
    assert "data-send" not in as_("officer").get(f"/m/shops/{shop.code}/").content.decode()
    assert send(phone, shop).json()["error"]["code"] == "ended"


def test_who_may_not_check_hears_so(city, shop):
    assert send(Phone(city.viewer), shop).status_code == 403
    assert send(Phone(city.people["stranger"]), shop).status_code == 404


def test_a_warned_shop_is_the_work_of_who_warned_it_until_it_is_checked_again(
    as_, city, shop, phone, hand
):
    day = timedelta(days=1)
    row = places.visit(city, shop, bad=["堆物"], at=NOW - day, fix_by=NOW.date())
    later = places.shop(city, name="小李面馆")
    places.visit(city, later, bad=["堆物"], fix_by=(NOW + day).date())
    page = as_("officer").get("/m/work/").content.decode()
    assert re.findall(r'data-key="(shop-\d+)"', page) == [f"shop-{row.pk}"]
    assert "今天复查" in page
    assert (f"/m/shops/{shop.code}/#ways" in page, "去复查" in page) == (True, True)
    assert "<b>1</b>门前三包" in as_("officer").get("/m/").content.decode()
    shown = as_("officer").get(f"/m/shops/{shop.code}/").content.decode()
    assert f'data-ends="shop-{row.pk}"' in shown
    assert "geo:28." in shown.partition('id="ways"')[2]
    assert 'data-key="shop-' not in as_("leader").get("/m/work/").content.decode()
    hand.forward(days=1)
    assert "过期没复查" in as_("officer").get("/m/work/").content.decode()
    assert send(phone, shop).status_code == 201
    assert f"shop-{row.pk}" not in as_("officer").get("/m/work/").content.decode()


def test_a_slip_is_printed_by_a_button_and_goes_to_the_shop_in_words(as_, city, shop):
    row = places.visit(city, shop, bad=["堆物"])
    page = as_("officer").get(f"/shop-slips/{row.slip_number}/").content.decode()
    assert page.count(" data-print ") == page.count(" data-share ") == 1
    assert (
        f"门前三包警示单 {row.slip_number}\n老王水果店：11-20 14:00 检查发现 堆物 不合格，"
        f"请在 2026-11-20 以前改正。\n检查人 {city.officer.name}</textarea>" in page
    )
