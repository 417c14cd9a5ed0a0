"""派单板: who has what in hand, over HTTP."""

import uuid
from datetime import timedelta

import pytest

from cases.models import Order
from tests import builders
from tests.city import IN_THIRD_CELL, NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

BOARD = "/board/"


def held(response) -> dict[str, list[Order]]:
    """The orders by the name over their column."""
    return {
        column.person.name if column.person else "": [card.order for card in column.cards]
        for column in response.context["columns"]
    }


def test_a_leader_sees_the_orders_of_his_team_by_person(city, as_):
    free = builders.issued(city, person=None)
    taken = builders.received(city)
    builders.issued(city, team="dayang", person="other_officer")
    columns = held(as_("leader").get(BOARD))
    assert columns == {"": [free], "李建国": [taken], "陈立军": []}


def test_the_most_urgent_order_stands_on_top(city, as_):
    later = builders.issued(city, at=NOW)
    sooner = builders.issued(city, at=NOW - timedelta(hours=3))
    response = as_("leader").get(BOARD)
    assert held(response)["李建国"] == [sooner, later]
    assert (response.context["overdue"], response.context["issued"]) == (1, 2)


def test_an_officer_sees_his_own_and_what_nobody_in_his_cells_has_taken(city, as_):
    own = builders.issued(city)
    free = builders.issued(city, person=None)
    builders.issued(city, person="leader")
    assert held(as_("officer").get(BOARD)) == {"": [free], "李建国": [own]}
    assert as_("cleaner").get(BOARD).context["total"] == 1


def test_an_officer_cannot_look_at_another_team(city, as_):
    builders.issued(city, team="dayang", person="other_officer")
    response = as_("officer").get(BOARD, {"team": "dayang"})
    assert response.context["total"] == 0


def test_a_leader_cannot_look_at_another_team(city, as_):
    builders.issued(city, team="dayang", person="other_officer")
    response = as_("leader").get(BOARD, {"team": "dayang"})
    assert (response.context["team"], response.context["total"]) == (city.teams["gucheng"], 0)


@pytest.mark.parametrize("who", ["dispatcher", "admin", "supervisor"])
def test_whoever_runs_the_bureau_chooses_a_team(city, as_, who):
    order = builders.issued(city, team="dayang", person="other_officer")
    response = as_(who).get(BOARD)
    assert response.context["team"] == city.teams["dayang"]
    assert held(response)["陈丽红"] == [order]
    assert as_(who).get(BOARD, {"team": "gucheng"}).context["total"] == 0


def test_the_leader_hands_an_order_to_a_person_and_stays_on_the_board(city, as_):
    order = builders.issued(city, person=None)
    client = as_("leader")
    card = client.get(BOARD).context["columns"][0].cards[0]
    assert card.may_assign
    sent = {
        "idempotency_key": str(uuid.uuid4()),
        "version": order.version,
        "person": city.officer.pk,
        "next": BOARD,
    }
    response = client.post(f"/orders/{order.number}/assign/", sent)
    assert response.url == BOARD
    assert held(client.get(BOARD))["李建国"] == [order]


def test_an_officer_receives_what_is_his(city, as_):
    order = builders.issued(city)
    client = as_("officer")
    card = client.get(BOARD).context["columns"][0].cards[0]
    assert (card.may_receive, card.may_assign) == (True, False)
    sent = {"idempotency_key": str(uuid.uuid4()), "version": order.version, "next": BOARD}
    client.post(f"/orders/{order.number}/receive/", sent)
    order.refresh_from_db()
    assert order.state == "received"


def test_a_reader_of_the_board_has_no_buttons(city, as_):
    builders.issued(city)
    columns = as_("dispatcher").get(BOARD).context["columns"]
    cards = [card for column in columns for card in column.cards]
    assert [(card.may_assign, card.may_receive) for card in cards] == [(False, False)]


@pytest.mark.parametrize("who", ["inspector", "viewer", "stranger"])
def test_the_board_is_closed_to_others(city, as_, who):
    assert as_(who).get(BOARD).status_code == 403


@pytest.mark.parametrize("who", ["leader", "officer", "dispatcher"])
def test_the_board_asks_at_most_twelve_statements(city, as_, who):
    for n in range(12):
        builders.issued(city, at=NOW - timedelta(minutes=n), person=["officer", None][n % 2])
    assert len(statements_of(as_(who), BOARD)) <= 12


def test_open_cases_are_counted_by_cell_within_ones_scope(city, as_):
    builders.issued(city, at=NOW - timedelta(hours=5))
    builders.issued(city)
    lon, lat = IN_THIRD_CELL
    builders.issued(city, team="dayang", person="other_officer", lon=lon, lat=lat)
    builders.closed(city)
    everything = as_("viewer").get("/cases/cell-counts/").json()["cells"]
    assert everything == {
        "古城-01": {"open": 2, "overdue": 1},
        "古城-03": {"open": 1, "overdue": 0},
    }
    assert "古城-03" not in as_("leader").get("/cases/cell-counts/").json()["cells"]
