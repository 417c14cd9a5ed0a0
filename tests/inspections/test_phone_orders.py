"""The officer's phone: his work by the time left, one order a page, and what is sent of it once."""

import hashlib
import re
import threading
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.db import connection

from cases.models import Comment, Order, Request
from cases.services.checking import rework_order
from cases.services.rectification import assign_order, receive_order, submit_order
from cases.services.requests import approve_request, ask_extension
from citymgmt.choices import PhotoSubject
from citymgmt.models import IdempotencyRecord, Notice, Photo
from citymgmt.offsets import gcj_to_bd, wgs_to_gcj
from grids.models import Membership
from tests import builders
from tests.city import IN_FIRST_CELL, NOW
from tests.statements import statements_of
from tests.uploading import Phone

pytestmark = pytest.mark.django_db
FORM = "0c0ffee0-0000-4000-8000-00000000000{}"


@pytest.fixture
def order(city) -> Order:
    """An order of the squadron's that nobody has taken yet."""
    return builders.issued(city)


@pytest.fixture
def phone(city) -> Phone:
    return Phone(city.officer)


def url_of(row: Order) -> str:
    return f"/m/orders/{row.pk}/"


def send(phone: Phone, row: Order, act: str, form: int = 1, **changes):
    told = {"act": act, "rework": row.rework_count, "person": row.person_id, "photos": []}
    if act == "submit":
        told |= {"quantity": "2", "note": "货已搬回店内"}
    return phone.post(f"{url_of(row)}send/", told | changes, key=FORM.format(form))


def after(phone: Phone, seed: int = 99, **said):
    return phone.send(builders.jpeg(seed), kind="after", **said)


def test_the_work_is_listed_by_the_time_left_with_place_and_clock(as_, city, order):
    Order.objects.filter(pk=order.pk).update(due_at=order.due_at + timedelta(hours=1))
    sooner = builders.issued(city)
    page = as_("officer").get("/m/work/").content.decode()
    assert re.findall(r'data-key="(order-\d+)"', page) == [
        f"order-{sooner.pk}",
        f"order-{order.pk}",
    ]
    assert re.search(r'class="chip tone-\w+">剩 ', page)
    assert f'data-lon="{order.case.lon:.6f}"' in page
    assert page.count("/thumb/") == 2


def test_the_work_asks_as_much_for_one_order_as_for_nine(as_, city, order):
    browser = as_("officer")
    browser.get("/m/work/")
    one = len(statements_of(browser, "/m/work/"))
    for _order in range(8):
        builders.issued(city)
    assert len(statements_of(browser, "/m/work/")) == one


def test_an_order_shows_how_it_was_and_the_way_there_in_the_coordinates_of_each_map(
    as_, city, order
):
    page = unquote(as_("officer").get(url_of(order)).content.decode().replace("&amp;", "&"))
    lon, lat = IN_FIRST_CELL
    gcj = wgs_to_gcj(lon, lat)
    bd = gcj_to_bd(*gcj)
    assert f"geo:{lat:.6f},{lon:.6f}?q=" in page
    assert f"to={gcj[0]:.6f},{gcj[1]:.6f}," in page
    assert f"latlng:{bd[1]:.6f},{bd[0]:.6f}|" in page
    assert re.search(r'data-ghost="/photos/[\w-]+/display/', page)
    assert "来不及怎么办" in page
    assert f"延期由中队负责人（{city.leader.name}）申请" in page
    assert "批准后延到" in as_("leader").get(url_of(order)).content.decode()


def test_an_order_is_read_in_few_statements(as_, city, order):
    browser = as_("leader")
    browser.get(url_of(order))
    assert len(statements_of(browser, url_of(order))) <= 16


def test_an_order_that_was_put_right_is_sent_once_and_its_receipt_names_each_photo(phone, order):
    content = builders.jpeg(99)
    photos = [after(phone)]
    answer = send(phone, order, "submit", photos=photos)
    assert answer.status_code == 201, answer.content
    receipt = answer.json()["receipt"]
    assert receipt["photos"] == [hashlib.sha256(content).hexdigest()]
    assert (receipt["url"], receipt["number"]) == (url_of(order), order.number)
    order.refresh_from_db()
    # Who had no signal to say that he saw it says so with what he did.
    assert (order.state, order.received_at, order.person) == ("submitted", NOW, phone.user)
    assert (order.quantity, order.result_note) == (2, "货已搬回店内")
    IdempotencyRecord.objects.all().delete()
    assert (
        send(phone, order, "submit", photos=photos).json()["receipt"]["photos"]
        == (receipt["photos"])
    )
    assert Photo.objects.filter(subject_kind=PhotoSubject.ORDER).count() == 1


def test_what_came_back_is_sent_again_even_with_the_same_picture(phone, city, order):
    send(phone, order, "submit", 1, photos=[after(phone)])
    rework_order(order_id=order.pk, actor=city.supervisor, at=NOW, version=None, note="还有一筐")
    again = Order.objects.get(pk=order.pk)
    assert (again.state, again.rework_count) == ("received", 1)
    assert send(phone, again, "submit", 2, photos=[after(phone)]).status_code == 201
    again.refresh_from_db()
    assert again.state == "submitted"


def test_what_came_in_any_order_stands_as_if_it_had_come_in_turn(phone, order):
    seen = Order.objects.get(pk=order.pk)
    assert send(phone, seen, "submit", 2, photos=[after(phone)]).status_code == 201
    late = send(phone, seen, "receive", 3)
    assert (late.status_code, late.json()["receipt"]["said"]) == (201, f"已签收 {order.number}")


def test_an_extension_that_was_granted_meanwhile_is_no_reason_to_refuse_the_work(
    phone, city, order
):
    seen = Order.objects.get(pk=order.pk)
    asked = ask_extension(order_id=order.pk, actor=city.leader, at=NOW, version=None, note="等吊车")
    approve_request(request_id=asked.pk, actor=city.dispatcher, at=NOW, version=None)
    assert Order.objects.get(pk=order.pk).version > seen.version
    assert send(phone, seen, "submit", photos=[after(phone)]).status_code == 201


def test_a_leader_asks_for_more_time_once_and_hears_when_it_is_too_late(city, order, hand):
    phone = Phone(city.leader)
    first = send(phone, order, "ask-extension", note="等吊车").json()["receipt"]
    IdempotencyRecord.objects.all().delete()
    again = send(phone, order, "ask-extension", note="等吊车").json()["receipt"]
    assert (again["said"], Request.objects.count()) == (first["said"], 1)
    assert send(Phone(city.officer), order, "ask-extension", 2, note="等吊车").status_code == 403
    hand.to(order.due_at + timedelta(minutes=1))
    late = send(phone, order, "ask-extension", 3, note="还在等吊车")
    assert (late.status_code, "已经超时" in late.json()["error"]["message"]) == (400, True)


def another_submits(city, order):
    colleague = city.leader
    receive_order(order_id=order.pk, actor=colleague, at=NOW, version=None)
    submit_order(
        order_id=order.pk, actor=colleague, at=NOW, version=None, result=builders.done(colleague)
    )


def another_submits_and_it_comes_back(city, order):
    another_submits(city, order)
    rework_order(order_id=order.pk, actor=city.supervisor, at=NOW, version=None, note="还有一筐")


def it_becomes_anothers(city, order):
    assign_order(
        order_id=order.pk, actor=city.leader, at=NOW, version=None, person_id=city.leader.pk
    )


@pytest.mark.parametrize(
    ("act", "meanwhile"),
    [
        ("receive", it_becomes_anothers),
        ("submit", it_becomes_anothers),
        ("submit", another_submits),
        ("submit", another_submits_and_it_comes_back),
    ],
)
def test_what_another_did_meanwhile_comes_back_in_words(phone, city, order, act, meanwhile):
    seen, photos = Order.objects.get(pk=order.pk), [after(phone)] if act == "submit" else []
    meanwhile(city, order)
    answer = send(phone, seen, act, photos=photos)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert "已被他人处理" in answer.json()["error"]["message"]
    assert not Photo.objects.filter(uploader=phone.user, subject_kind=PhotoSubject.ORDER).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_the_same_order_at_once_one_wins_and_the_other_hears_it(city):
    row, heard, together = builders.issued(city), [], threading.Barrier(2)

    def go(user, seed: int) -> None:
        try:
            phone = Phone(user)
            photos = [after(phone, seed)]
            together.wait(20)
            answer = send(phone, row, "submit", photos=photos)
            heard.append((answer.status_code, answer.json().get("error", {}).get("code")))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=go, args=each) for each in ((city.officer, 91), (city.leader, 92))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(heard, key=str) == [(201, None), (409, "conflict")]
    assert Photo.objects.filter(subject_kind=PhotoSubject.ORDER).count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"photos": []}, 400, "photos"),
        ({"act": "pass"}, 400, "act"),
        ({"rework": -1}, 400, "rework"),
        ({"quantity": "-1"}, 400, "quantity"),
        ({"quantity": None}, 400, "quantity"),
        ({"note": "字" * 501}, 400, "note"),
        ({"more": 1}, 400, "more"),
        ({"photos": [{"key": FORM.format(9), "sha256": "ab" * 32}]}, 409, None),
    ],
    ids=["no photo", "act", "rework", "less than nothing", "no number", "long", "unknown", "away"],
)
def test_what_cannot_stand_says_what_to_mend_and_keeps_nothing(
    phone, order, changes, status, field
):
    changes = {"photos": [after(phone)]} | changes
    answer = send(phone, order, changes.pop("act", "submit"), **changes)
    assert (answer.status_code, answer.json()["error"]["field"]) == (status, field)
    order.refresh_from_db()
    assert (order.state, IdempotencyRecord.objects.count()) == ("issued", 0)


def test_an_order_of_another_team_is_given_back_in_words(city, order):
    answer = send(Phone(city.people["other_officer"]), order, "receive")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "order")
    assert "改派" in answer.json()["error"]["message"]


def test_what_is_done_is_read_on_the_phone_too(phone, as_, order):
    send(phone, order, "submit", photos=[after(phone)])
    page = as_("officer").get(url_of(order)).content.decode()
    assert "data-open" not in page
    assert ("货已搬回店内" in page, "改了 2" in page) == (True, True)


def test_the_leader_hears_once_from_the_phone_that_it_cannot_be_made(phone, city, order):
    answer = send(phone, order, "tell-leader", note="等吊车")
    assert answer.status_code == 201, answer.content
    assert answer.json()["receipt"]["said"] == f"已告诉中队负责人 {order.number} 来不及"
    IdempotencyRecord.objects.all().delete()
    assert send(phone, order, "tell-leader", note="等吊车").status_code == 201
    comment = Comment.objects.get(case=order.case_id)
    assert list(comment.mentioned.all()) == [city.leader]
    notice = Notice.objects.get(user=city.leader, kind="case.mentioned")
    assert f"{order.number} 来不及在" in notice.text
    assert "等吊车" in notice.text


def test_where_nobody_leads_the_number_of_the_team_stands_in_place_of_the_tap(
    phone, as_, city, order
):
    Membership.objects.filter(team=order.team).update(post="member")
    type(order.team).objects.filter(pk=order.team_id).update(duty_phone="0576-85110110")
    page = as_("officer").get(url_of(order)).content.decode()
    assert "data-tell" not in page
    assert 'href="tel:0576-85110110"' in page
    answer = send(phone, order, "tell-leader")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "leader")
