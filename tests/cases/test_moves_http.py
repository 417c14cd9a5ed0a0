"""Moves made from the case page: done once, refused in words, with what was typed kept."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.choices import CaseState, OrderState
from cases.models import CaseEvent, Order
from citymgmt.choices import PhotoKind
from tests import builders

pytestmark = pytest.mark.django_db


def order_url(order: Order, move: str) -> str:
    return reverse("cases:order_move", args=[order.number, move])


def send(client, address: str, version: int, **typed):
    key = typed.pop("key", None) or uuid.uuid4()
    return client.post(address, {"idempotency_key": str(key), "version": version, **typed})


def fresh(order: Order) -> Order:
    return Order.objects.select_related("case").get(pk=order.pk)


def test_a_case_is_dispatched_with_words_to_a_team_and_person(city, as_):
    case = builders.case(city)
    response = send(
        as_("dispatcher"),
        reverse("cases:case_move", args=[case.number, "dispatch"]),
        case.version,
        team=city.teams["gucheng"].pk,
        person=city.officer.pk,
        instruction="今晚以前",
    )
    assert response.status_code == 302
    assert response["Location"] == reverse("cases:detail", args=[case.number])
    order = Order.objects.get(case=case)
    assert (order.team, order.person, order.instruction) == (
        city.teams["gucheng"],
        city.officer,
        "今晚以前",
    )


@pytest.mark.parametrize("team", ["", "x", "9" * 40, "-1", "٣"])
def test_a_team_that_is_none_is_refused_beside_the_form(city, as_, team):
    case = builders.case(city)
    address = reverse("cases:case_move", args=[case.number, "dispatch"])
    response = send(as_("dispatcher"), address, case.version, team=team, instruction="今晚以前")
    assert response.status_code == 422
    assert "今晚以前" in response.content.decode()
    assert not Order.objects.filter(case=case).exists()


def test_a_team_walks_its_order_from_assigning_to_submitting(city, as_):
    order = builders.issued(city, person=None)
    leader, officer = as_("leader"), as_("officer")
    assert (
        send(leader, order_url(order, "assign"), order.version, person=city.officer.pk).status_code
        == 302
    )
    assert send(officer, order_url(order, "receive"), fresh(order).version).status_code == 302
    after = builders.photo(city.officer, kind=PhotoKind.AFTER, seed=9)
    response = send(
        officer,
        order_url(order, "submit"),
        fresh(order).version,
        quantity="2.5",
        note="已收回",
        photos=[str(after.pk)],
    )
    assert response.status_code == 302
    row = fresh(order)
    assert (row.state, row.case.state) == (OrderState.SUBMITTED, CaseState.TO_CHECK)
    assert (str(row.quantity), row.result_note) == ("2.50", "已收回")


def test_a_check_passes_or_sends_back(city, as_):
    first, second = builders.submitted(city), builders.submitted(city)
    inspector = as_("inspector")
    assert send(inspector, order_url(first, "pass"), first.version).status_code == 302
    assert fresh(first).case.state == CaseState.CLOSED
    sent = send(inspector, order_url(second, "rework"), second.version, note="还有两筐")
    assert sent.status_code == 302
    assert fresh(second).state == OrderState.RECEIVED


def test_the_same_form_sent_twice_is_one_move_and_one_answer(city, as_):
    order = builders.submitted(city)
    client, key = as_("inspector"), uuid.uuid4()
    answers = [
        send(client, order_url(order, "pass"), order.version, key=key)["Location"] for _ in "12"
    ]
    assert answers[0] == answers[1]
    assert CaseEvent.objects.filter(case=order.case, name="order.passed").count() == 1


def test_a_refused_form_comes_back_with_what_was_typed_and_the_photos(city, as_):
    order = builders.received(city)
    after = builders.photo(city.officer, kind=PhotoKind.AFTER, seed=9)
    response = send(
        as_("officer"),
        order_url(order, "submit"),
        order.version,
        quantity="很多",
        note="店主把货收进店里了",
        photos=[str(after.pk)],
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert "店主把货收进店里了" in html
    assert str(after.pk) in html
    assert 'id="move-submit"' in html
    assert "data-modal" in html
    assert fresh(order).state == OrderState.RECEIVED


def test_a_service_s_refusal_stands_in_the_form(city, as_):
    order = builders.received(city)
    response = send(as_("officer"), order_url(order, "submit"), order.version, quantity="1")
    assert response.status_code == 422
    assert "请拍整改后的照片" in response.content.decode()


def test_the_words_of_a_refused_move_are_kept_where_somebody_was_quicker(city, as_):
    order = builders.submitted(city)
    old = order.version - 1
    response = send(as_("inspector"), order_url(order, "rework"), old, note="北侧没收干净")
    html = response.content.decode()
    assert response.status_code == 409
    assert "已被他人处理" in html
    assert "北侧没收干净" in html
    assert fresh(order).state == OrderState.SUBMITTED


@pytest.mark.parametrize(
    ("move", "builder", "typed"),
    [
        ("return", "received", {}),
        ("rework", "submitted", {}),
        ("rework", "submitted", {"note": "  "}),
    ],
)
def test_a_move_that_needs_a_reason_is_refused_without_one(city, as_, move, builder, typed):
    order = getattr(builders, builder)(city)
    person = "inspector" if move == "rework" else "officer"
    response = send(as_(person), order_url(order, move), order.version, **typed)
    assert response.status_code == 422
    assert fresh(order).state == order.state


def test_in_scope_without_the_right_is_403_and_out_of_scope_is_404(city, as_):
    order = builders.submitted(city)
    address = order_url(order, "pass")
    answers = {
        person: send(as_(person), address, order.version).status_code
        for person in ("leader", "officer", "dispatcher", "viewer", "other_leader", "stranger")
    }
    assert answers == {
        "leader": 403,
        "officer": 403,
        "dispatcher": 403,
        "viewer": 403,
        "other_leader": 404,
        "stranger": 404,
    }
    assert fresh(order).state == OrderState.SUBMITTED


def test_a_move_nobody_knows_and_a_move_by_reading_are_refused(city, as_):
    order = builders.issued(city)
    assert send(as_("leader"), order_url(order, "burn"), order.version).status_code == 404
    assert as_("leader").get(order_url(order, "receive")).status_code == 405


@pytest.mark.parametrize("missing", ["idempotency_key", "version"])
def test_a_form_without_key_or_version_does_nothing(city, as_, missing):
    order = builders.issued(city)
    typed = {"idempotency_key": str(uuid.uuid4()), "version": order.version}
    typed.pop(missing)
    response = as_("leader").post(order_url(order, "receive"), typed)
    assert response.status_code == 422
    assert "页面已过期" in response.content.decode()
    assert fresh(order).state == OrderState.ISSUED


def test_without_script_the_photos_come_with_the_form(city, as_):
    order = builders.received(city)
    file = SimpleUploadedFile("after.jpg", builders.jpeg(33), content_type="image/jpeg")
    response = send(
        as_("officer"), order_url(order, "submit"), order.version, quantity="1", files=[file]
    )
    assert response.status_code == 302
    assert fresh(order).state == OrderState.SUBMITTED


def test_somebody_else_s_photo_cannot_be_claimed(city, as_):
    order = builders.received(city)
    foreign = builders.photo(city.inspector, kind=PhotoKind.AFTER, seed=9)
    response = send(
        as_("officer"),
        order_url(order, "submit"),
        order.version,
        quantity="1",
        photos=[str(foreign.pk)],
    )
    assert response.status_code == 422
    assert str(foreign.pk) not in response.content.decode()


def test_a_move_leads_back_to_the_desk_it_was_made_from(city, as_):
    order = builders.issued(city)
    for wanted, leads in (("/board/", "/board/"), ("https://evil.example/", None)):
        order = builders.issued(city)
        response = send(as_("leader"), order_url(order, "receive"), order.version, next=wanted)
        own = reverse("cases:detail", args=[order.case.number])
        assert response["Location"] == (leads or own)


def test_who_loses_sight_of_the_case_by_his_move_is_led_to_the_list(city, as_):
    """An officer who gives back an order outside of his cells no longer sees the case."""
    from tests.city import IN_SECOND_CELL, SIDE, WEST

    far = (WEST + SIDE * 3.5, IN_SECOND_CELL[1])
    order = builders.received(city, by="inspector", lon=far[0], lat=far[1])
    response = send(as_("officer"), order_url(order, "return"), order.version, note="不归我")
    assert response["Location"] == reverse("cases:list")
