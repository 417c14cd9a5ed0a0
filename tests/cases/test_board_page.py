"""派单板: who has what in hand, over HTTP."""

import uuid
from datetime import timedelta

import pytest

from cases.models import Order
from cases.presenters import Thumb
from cases.services import requests, supervision
from cases.views import board_cards
from citymgmt.choices import Tone
from citymgmt.models import Notice, Role
from grids.choices import Duty, Shift
from grids.models import Assignment, Grant
from tests import builders
from tests.cases.test_list_columns import component
from tests.city import IN_THIRD_CELL, LONG_AGO, NOW
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


def test_who_may_also_look_at_everything_is_not_given_what_nobody_has_elsewhere(city, as_):
    role = Role.objects.get(code="viewer")
    Grant.objects.create(user=city.officer, role=role, valid_from=LONG_AGO)
    mine = builders.issued(city)
    free = builders.issued(city, person=None)
    beyond = {"lon": IN_THIRD_CELL[0], "lat": IN_THIRD_CELL[1]}
    builders.issued(city, team="dayang", person=None, by="inspector", **beyond)
    response = as_("officer").get(BOARD)
    shown = {order for orders in held(response).values() for order in orders}
    assert shown == {mine, free}


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


def columns_of(response) -> dict[str, object]:
    return {
        column.person.name if column.person else "": column
        for column in response.context["columns"]
    }


def test_a_load_is_the_work_in_hand_beside_what_is_left_of_the_shift(city, as_, settings):
    settings.ORDER_USUAL_MINUTES = 45
    for _n in range(2):
        builders.issued(city)
    column = columns_of(as_("leader").get(BOARD))["李建国"]
    assert (column.minutes, column.left, column.load_words) == (90, 240, "1.5 / 4.0 工时")
    assert (column.load, column.tone) == (37, "doing")


def test_a_class_with_a_history_is_reckoned_by_its_own_median(city, as_):
    for n in range(5):
        builders.submitted(city, at=NOW - timedelta(days=2, hours=n), after=timedelta(minutes=25))
    builders.issued(city)
    assert columns_of(as_("leader").get(BOARD))["李建国"].minutes == 25


def test_a_suspended_order_is_no_work(city, as_):
    builders.suspended(city)
    assert builders.issued(city, person=None)
    response = as_("leader").get(BOARD)
    assert columns_of(response)["李建国"].minutes == 0


def test_who_is_not_on_shift_is_folded_away_with_his_reason(city, as_):
    Assignment.objects.filter(duty=Duty.ENFORCEMENT, person=city.officer).update(
        shift=Shift.LATE, starts_minute=1200, ends_minute=360
    )
    builders.issued(city)
    client = as_("leader")
    response = client.get(BOARD)
    assert list(columns_of(response)) == ["", "陈立军"]
    (away,) = response.context["away"]
    assert (away.person, away.presence.words, len(away.held)) == (
        city.officer,
        "晚班 20:00 上班",
        1,
    )
    assert list(columns_of(client.get(BOARD, {"shift": "all"}))) == ["", "陈立军", "李建国"]


def test_at_night_everybody_is_there_to_be_given_something(city, as_, hand):
    builders.issued(city)
    hand.to(NOW + timedelta(hours=9))
    assert list(columns_of(as_("leader").get(BOARD))) == ["", "李建国", "陈立军"]


def test_a_filter_leaves_out_cards_but_no_load(city, as_):
    soon = builders.issued(city, at=NOW - timedelta(minutes=110))
    builders.issued(city)
    response = as_("leader").get(BOARD, {"show": "soon"})
    assert held(response)["李建国"] == [soon]
    column = columns_of(response)["李建国"]
    assert (column.minutes, column.hidden) == (80, 40)
    assert response.context["total"] == 2
    assert held(as_("leader").get(BOARD, {"show": "rebound"}))["李建国"] == []


def test_an_order_that_nobody_has_names_who_answers_there(city, as_):
    builders.issued(city, person=None)
    (card,) = as_("leader").get(BOARD).context["columns"][0].cards
    first = card.hints[0]
    assert (first.person, first.answers, first.key) == (city.officer, True, "1")
    assert as_("dispatcher").get(BOARD).context["hinted"] == 0


def test_a_request_on_its_way_stands_beside_the_board(city, as_):
    order = builders.received(city)
    requests.ask_extension(
        order_id=order.pk, actor=city.leader, at=NOW, version=None, note="店主外出"
    )
    (mine,) = as_("dispatcher").get(BOARD).context["asides"]
    assert (mine.what, mine.url) == ("等您审批：延期", "/requests/")
    (theirs,) = as_("leader").get(BOARD).context["asides"]
    assert (theirs.what, theirs.where) == ("等审批：延期", "紫阳街 118 号")


def test_an_instruction_to_answer_stands_beside_the_board(city, as_):
    order = builders.issued(city)
    supervision.instruct_case(
        case_id=order.case_id, actor=city.viewer, at=NOW, version=None, note="抓紧"
    )
    (aside,) = as_("leader").get(BOARD).context["asides"]
    assert aside.what == "等您答复批示"
    assert order.case.number in aside.url


def assign(client, order: Order, **changes: object):
    """One POST of the board."""
    sent = {"idempotency_key": str(uuid.uuid4()), "version": order.version} | changes
    return client.post(f"/board/{order.number}/assign/", sent, HTTP_ACCEPT="application/json")


def test_one_post_gives_an_order_to_a_person_and_answers_with_its_card(city, as_):
    order = builders.issued(city, person=None)
    client, key = as_("leader"), str(uuid.uuid4())
    first = assign(client, order, person=city.officer.pk, idempotency_key=key)
    again = assign(client, order, person=city.officer.pk, idempotency_key=key)
    for answer in (first, again):
        assert answer.status_code == 200
        assert f'data-person="{city.officer.pk}"' in answer.content.decode()
    assert Order.objects.get().version == order.version + 1
    assert list(order.case.events.filter(name="order.assigned")) != []


def test_without_a_person_the_order_goes_back_to_nobody(city, as_):
    order = builders.issued(city)
    answer = assign(as_("leader"), order)
    assert 'data-person=""' in answer.content.decode()
    order.refresh_from_db()
    assert (order.person, order.case.lead_person) == (None, None)
    assert (
        "收回 李建国 手上的单" in as_("leader").get(f"/cases/{order.case.number}/").content.decode()
    )
    told = Notice.objects.get(kind="order.unassigned")
    assert told.user == city.officer
    refused = assign(as_("leader"), order)
    assert refused.status_code == 400
    assert refused.json()["error"]["field"] == "person"


def test_who_comes_second_hears_so_and_nothing_changes(city, as_):
    order = builders.issued(city, person=None)
    assign(as_("leader"), order, person=city.officer.pk)
    late = assign(as_("leader"), order, person=city.leader.pk)
    assert late.status_code == 409
    assert Order.objects.get().person == city.officer


@pytest.mark.parametrize(
    ("changes", "field"), [({"person": "x"}, "person"), ({"version": "x"}, "version")]
)
def test_what_cannot_be_is_refused_by_its_field(city, as_, changes, field):
    order = builders.issued(city, person=None)
    answer = assign(as_("leader"), order, **({"person": city.officer.pk} | changes))
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


def test_somebody_of_another_team_is_refused(city, as_):
    order = builders.issued(city, person=None)
    answer = assign(as_("leader"), order, person=city.other_officer.pk)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "person")


def test_the_board_is_fetched_again_without_its_frame(city, as_):
    builders.issued(city)
    response = as_("leader").get(BOARD, HTTP_HX_REQUEST="true")
    assert b"<html" not in response.content
    assert "李建国" in response.content.decode()


def test_what_stands_on_a_card_is_marked_up_as_the_components_are():
    thumb = Thumb(thumb_url="/p/1?a=1&b=2", display_url="/p/2?a=1&b=2")
    for shown in (thumb, None):
        there = {} if shown is None else {"photo": shown}
        made = component("photo", size="thumb", group="order-1", **there)
        assert board_cards.photo(shown, "order-1") == made
    for tone in Tone.values:
        assert board_cards.mark(tone, "返工 <2>") == component("mark", "返工 &lt;2&gt;", tone=tone)


def test_what_people_typed_stays_text_on_a_card(city, as_):
    nasty = "<script>alert(1)</script>&\"'"
    order = builders.issued(city, person=None, address=nasty)
    html = as_("leader").get("/board/").content.decode()
    assert order.number in html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
