"""核查: submitted orders with before and after, over HTTP."""

import uuid
from datetime import timedelta

import pytest

from grids.models import Membership
from tests import builders
from tests.city import LONG_AGO, NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

DESK = "/checks/"


def orders(response) -> list:
    return [item["order"] for item in response.context["items"]]


def form(order, **changes: object) -> dict[str, object]:
    """What a form of the desk sends."""
    return {
        "idempotency_key": str(uuid.uuid4()),
        "version": order.version,
        "next": DESK,
        "note": "",
    } | changes


def test_what_was_submitted_first_is_checked_first(city, as_):
    late = builders.submitted(city, at=NOW)
    early = builders.submitted(city, at=NOW - timedelta(hours=2))
    builders.received(city)
    response = as_("inspector").get(DESK)
    assert orders(response) == [early, late]
    assert [item["keys"] for item in response.context["items"]] == [True, False]


def test_before_and_after_stand_side_by_side(city, as_):
    order = builders.submitted(city)
    response = as_("inspector").get(DESK)
    item = response.context["items"][0]
    assert str(order.case.cover_id) in item["before"].thumb_url
    assert [photo.kind for photo in item["after"]] == ["after"]
    page = response.content.decode()
    assert "1 起" in page
    assert "货已收回店内" in page


def test_passing_closes_the_case_and_leads_back_to_the_desk(city, as_):
    order = builders.submitted(city)
    client = as_("inspector")
    response = client.post(f"/orders/{order.number}/pass/", form(order), follow=True)
    assert response.redirect_chain == [(DESK, 302)]
    assert "没有等着核查的" in response.content.decode()


def test_sending_back_takes_the_reason(city, as_):
    order = builders.submitted(city)
    client = as_("inspector")
    client.post(f"/orders/{order.number}/rework/", form(order, note="北侧还有两筐"))
    order.refresh_from_db()
    assert (order.state, order.rework_count) == ("received", 1)


def test_the_work_of_ones_own_team_is_shown_without_buttons_and_with_the_reason(city, as_):
    Membership.objects.create(
        user=city.supervisor, team=city.teams["gucheng"], post="member", valid_from=LONG_AGO
    )
    order = builders.submitted(city)
    client = as_("supervisor")
    response = client.get(DESK)
    item = response.context["items"][0]
    assert not item["may_check"]
    assert "由别的单位" in item["why_not"]
    assert f"/orders/{order.number}/pass/" not in response.content.decode()
    assert client.post(f"/orders/{order.number}/pass/", form(order)).status_code == 403


@pytest.mark.parametrize("who", ["officer", "leader", "dispatcher", "viewer", "admin", "stranger"])
def test_the_desk_is_closed_to_those_without_the_right(city, as_, who):
    assert as_(who).get(DESK).status_code == 403


def test_the_desk_asks_few_statements(city, as_):
    for n in range(22):
        builders.submitted(city, at=NOW - timedelta(minutes=n))
    client = as_("inspector")
    response = client.get(DESK)
    assert len(orders(response)) == 20
    assert response.context["more"]
    assert len(statements_of(client, DESK)) <= 10
