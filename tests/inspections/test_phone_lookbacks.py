"""The inspector's phone: his look-backs, one page each, and a result that is kept exactly once."""

import hashlib
import re
from datetime import timedelta

import pytest

from cases.models import Order
from citymgmt.choices import PhotoSubject
from citymgmt.models import IdempotencyRecord, Photo
from inspections.models import LookBack
from inspections.services.lookbacks import record_lookback
from tests import builders
from tests.city import IN_FIRST_CELL, IN_THIRD_CELL
from tests.statements import statements_of
from tests.uploading import Phone

pytestmark = pytest.mark.django_db
FORM = "0c0ffee0-0000-4000-8000-000000000007"


@pytest.fixture
def due(planned, city, hand):
    """A look-back of the inspector whose day has come."""
    row = planned()
    LookBack.objects.filter(pk=row.pk).update(inspector=city.inspector)
    hand.to(row.opens_at + timedelta(hours=1))
    return LookBack.objects.select_related("case").get(pk=row.pk)


@pytest.fixture
def phone(city) -> Phone:
    return Phone(city.inspector)


def url_of(row: LookBack) -> str:
    return f"/m/lookbacks/{row.pk}/"


def told(row: LookBack, photos, **changes) -> dict:
    said = {"result": "rebound", "note": "又摆出来了", "version": row.version}
    return said | {"photos": photos} | changes


def send(phone: Phone, row: LookBack, **changes):
    form = told(row, changes.pop("photos", []), **changes)
    return phone.post(f"{url_of(row)}record/", form, key=FORM)


def photo_of(phone: Phone, seed: int = 99, **said):
    return phone.send(builders.jpeg(seed), kind="recheck", **said)


def test_the_list_has_his_own_by_the_time_left_and_leads_to_each(as_, city, due, planned, hand):
    later = planned(at=hand() - timedelta(days=3, hours=5))
    LookBack.objects.filter(pk=later.pk).update(
        inspector=city.inspector, due_at=due.due_at + timedelta(hours=2)
    )
    other = planned(lon=IN_THIRD_CELL[0], lat=IN_THIRD_CELL[1])
    LookBack.objects.filter(pk=other.pk).update(inspector=city.supervisor)
    page = as_("inspector").get("/m/lookbacks/").content.decode()
    assert re.findall(r'href="(/m/lookbacks/\d+/)"', page) == [url_of(due), url_of(later)]
    assert f'data-lon="{due.case.lon:.6f}"' in page
    assert url_of(due) in as_("inspector").get("/m/").content.decode()


def test_the_list_asks_as_much_for_one_as_for_nine(as_, city, due, planned):
    browser = as_("inspector")
    browser.get("/m/lookbacks/")
    one = len(statements_of(browser, "/m/lookbacks/"))
    for _row in range(8):
        planned()
    LookBack.objects.update(inspector=city.inspector)
    assert len(statements_of(browser, "/m/lookbacks/")) == one


def test_a_page_has_the_old_photos_and_what_each_result_sets_going(as_, due):
    page = as_("inspector").get(url_of(due)).content.decode()
    assert page.count("/thumb/") == 2
    assert ("整改前" in page, "整改后" in page) == (True, True)
    assert 'data-button="报反弹，再派古城中队"' in page
    assert re.search(
        r'data-does="原案件再派一单：给 古城中队.*?开新单，限 .*?；给古城中队记反弹 1 次"', page
    )
    needs = dict(
        re.findall(r'data-result="(\w+)"[^>]*?(data-needs-photo)?(?: data-needs-note)? aria', page)
    )
    assert needs == {
        "held": "data-needs-photo",
        "rebound": "data-needs-photo",
        "false": "data-needs-photo",
        "unverified": "",
    }
    assert re.search(r'data-metres="50" data-hours="4" data-lon="[\d.]+"', page)


def test_a_rebound_is_kept_with_its_photo_and_the_receipt_says_what_became_of_it(phone, due):
    content = builders.jpeg(99)
    answer = send(phone, due, photos=[photo_of(phone)])
    assert answer.status_code == 201, answer.content
    receipt = answer.json()["receipt"]
    order = Order.objects.get(case=due.case, is_rebound=True)
    assert receipt["photos"] == [hashlib.sha256(content).hexdigest()]
    assert (receipt["form"], receipt["url"]) == (FORM, url_of(due))
    assert receipt["said"] == f"反弹，新单 {order.number} 已派给古城中队"
    due.refresh_from_db()
    assert (due.result, due.note, due.new_order) == ("rebound", "又摆出来了", order)
    photo = Photo.objects.get(subject_kind=PhotoSubject.LOOKBACK, subject_id=due.pk)
    assert photo.kind == "recheck"


def test_a_photo_from_another_place_is_marked(phone, due):
    lon, lat = IN_FIRST_CELL
    after = Photo.objects.filter(subject_id=due.order_id, kind="after")
    assert after.update(claimed_lon=lon, claimed_lat=lat) == 1
    lon, lat = IN_THIRD_CELL
    send(phone, due, photos=[photo_of(phone, lon=lon, lat=lat, accuracy_m=5)])
    due.refresh_from_db()
    assert due.differences == ["far", "hours"]
    assert due.apart_m > 50


@pytest.mark.parametrize("forgotten", [False, True], ids=["known", "forgotten"])
def test_a_repeat_gets_the_same_receipt_and_opens_no_second_order(phone, due, forgotten):
    photos = [photo_of(phone)]
    first = send(phone, due, photos=photos).json()
    if forgotten:
        IdempotencyRecord.objects.all().delete()
    again = send(phone, due, photos=photos).json()
    assert again["receipt"] == first["receipt"]
    assert Order.objects.filter(case=due.case, is_rebound=True).count() == 1


def test_what_another_recorded_meanwhile_is_not_taken_for_his(phone, city, due, hand):
    photos = [photo_of(phone)]
    record_lookback(
        lookback_id=due.pk,
        actor=city.supervisor,
        at=hand(),
        version=None,
        move="unverified",
        note="关门",
    )
    answer = send(phone, due, photos=photos)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert not Order.objects.filter(is_rebound=True).exists()


def test_a_shut_door_needs_no_photo_but_a_word(phone, due):
    bare = send(phone, due, result="unverified", note="")
    assert (bare.status_code, bare.json()["error"]["field"]) == (400, "note")
    receipt = send(phone, due, result="unverified", note="关门").json()["receipt"]
    assert (receipt["photos"], receipt["said"]) == ([], "无法核实")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"photos": []}, 400, "photos"),
        ({"result": "fine"}, 400, "result"),
        ({"version": "x"}, 400, "version"),
        ({"note": "字" * 501}, 400, "note"),
        ({"more": 1}, 400, "more"),
        ({"photos": [{"key": FORM, "sha256": "ab" * 32}]}, 409, None),
    ],
    ids=["no photo", "result", "version", "long", "unknown", "photo away"],
)
def test_what_cannot_stand_says_what_to_mend_and_keeps_nothing(phone, due, changes, status, field):
    answer = send(phone, due, **changes)
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)
    due.refresh_from_db()
    assert (due.state, IdempotencyRecord.objects.count()) == ("planned", 0)


def test_who_may_not_see_it_hears_so_in_json_and_the_phone_gives_it_back_to_mend(city, due):
    stranger = Phone(city.people["stranger"])
    answer = send(stranger, due, result="unverified")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "lookback")
    assert "改派" in answer.json()["error"]["message"]


def test_what_is_done_is_read_on_the_phone_too(phone, as_, due):
    send(phone, due, photos=[photo_of(phone)])
    page = as_("inspector").get(url_of(due)).content.decode()
    assert "data-open" not in page
    assert "又摆出来了" in page
