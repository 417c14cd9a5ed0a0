"""What changed in a view since it was shown: asked for cheaply, counted for the asker alone."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from cases import news
from cases.services import supervision
from tests import acts, builders
from tests.city import NOW

pytestmark = pytest.mark.django_db

URL = "/cases/news/"


def live() -> str:
    return reverse("cases:live", args=[news.ticket()])


def seen(*rows) -> str:
    """What a page that was just fetched says it shows."""
    cases = [acts.case_now(row) for row in rows]
    return ",".join(f"{case.pk}.{case.version}" for case in cases)


def heard(client, **asked) -> int:
    return client.get(URL, {"since": NOW.isoformat(), **asked}).json()["count"]


def test_nothing_happened_is_said_without_a_word(city, as_):
    builders.issued(city)
    client = as_("officer")
    first = client.get(live())
    again = client.get(live(), headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert again.content == b""


def test_the_poll_costs_one_statement(city, django_assert_num_queries):
    builders.issued(city)
    with django_assert_num_queries(1):
        Client().get(live())


def test_what_happens_between_the_page_and_its_first_poll_is_news_to_it(city, as_):
    order = builders.issued(city)
    page = as_("dispatcher").get("/cases/").content.decode()
    tag = unescape(re.search(r'data-news-tag="([^"]+)"', page)[1])
    poll = Client()
    assert poll.get(live(), headers={"If-None-Match": tag}).status_code == 304
    acts.receive(city, order, NOW)
    assert poll.get(live(), headers={"If-None-Match": tag}).status_code == 200


def test_whatever_happens_to_any_case_changes_the_answer(city):
    order = builders.issued(city)
    client = Client()
    before = client.get(live())["ETag"]
    acts.receive(city, order, NOW)
    assert client.get(live(), headers={"If-None-Match": before}).status_code == 200


# Named by hand: a signature holds the second at which it was made, and each worker collects anew.
@pytest.mark.parametrize(
    "ticket",
    ["", "forged", signing.dumps("list", salt="other")],
    ids=["empty", "forged", "signed for another use"],
)
def test_a_forged_ticket_hears_nothing(city, ticket):
    assert Client().get(f"/cases/live/{ticket}/").status_code == 404


def test_an_old_ticket_hears_nothing(city, monkeypatch):
    address = live()
    monkeypatch.setattr(news, "LASTS", timedelta(seconds=-1))
    assert Client().get(address).status_code == 404


def test_what_changed_or_came_into_the_view_is_counted_once(city, as_, hand):
    first, second = builders.issued(city), builders.issued(city)
    shown = seen(first, second)
    client = as_("dispatcher")
    assert heard(client, shown=shown) == 0
    hand.forward(minutes=1)
    supervision.urge_case(
        case_id=first.case_id, actor=city.supervisor, at=hand(), version=None, note=""
    )
    builders.issued(city, at=hand())
    assert heard(client, shown=shown) == 2


def test_what_left_the_view_by_its_change_is_counted(city, as_, hand):
    order = builders.submitted(city)
    shown = seen(order)
    hand.forward(minutes=1)
    acts.check(city, order, hand())
    assert heard(as_("dispatcher"), shown=shown, state="to_check") == 1


def test_what_happens_out_of_sight_is_not_counted(city, as_, hand):
    hand.forward(minutes=1)
    builders.issued(city, at=hand())
    assert heard(as_("dispatcher")) == 1
    assert heard(as_("other_officer")) == 0


def test_many_are_counted_up_to_a_bound(city, as_, hand, monkeypatch):
    monkeypatch.setattr(news, "MOST", 2)
    hand.forward(minutes=1)
    for _each in range(3):
        builders.case(city, at=hand())
    assert heard(as_("dispatcher")) == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"since": ""},
        {"since": "2026-11-20"},
        {"since": "2026-13-40T00:00:00+08:00"},
        {"since": "2026-11-20T10:00:00"},
        {"since": NOW.isoformat(), "shown": "1"},
        {"since": NOW.isoformat(), "shown": "1.1," * 900},
        {"since": NOW.isoformat(), "shown": "9" * 30 + ".1"},
    ],
)
def test_what_no_page_asks_is_refused_in_words(city, as_, asked):
    response = as_("dispatcher").get(URL, asked, headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert "刷新" in response.json()["error"]["message"]


def test_the_page_carries_what_the_question_needs(city, as_):
    case = acts.case_now(builders.issued(city))
    body = as_("dispatcher").get("/cases/?state=rectifying").content.decode()
    assert f'data-id="{case.pk}" data-version="{case.version}"' in body
    assert 'data-query="state=rectifying"' in body
    assert "/cases/live/" in body


def test_fetching_the_same_view_anew_is_no_step_to_go_back_over(city, as_):
    client = as_("dispatcher")
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/cases/?state=closed"}
    again = client.get("/cases/?state=closed", headers=headers)
    other = client.get("/cases/?state=voided", headers=headers)
    assert (again["HX-Replace-Url"], other["HX-Push-Url"]) == (
        "/cases/?state=closed",
        "/cases/?state=voided",
    )
