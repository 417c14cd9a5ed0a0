"""The form of the conditions: whoever adds one loses none of those that are there."""

from html.parser import HTMLParser

import pytest
from django_filters import MultipleChoiceFilter

from cases.caselist import MOST_QUERY
from cases.filters import FLAGS, CaseFilter
from cases.models import SavedView
from tests import builders
from tests.city import NOW
from tests.house.url_world import key

pytestmark = pytest.mark.django_db

LIST, MAP = "/cases/", "/cases/map/"


class Form(HTMLParser):
    """What a browser would send of the form of the conditions."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._within = False
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._within = given.get("class") == "filters"
        if not self._within:
            return
        if tag == "select":
            self._select = given["name"]
        if tag == "option" and "selected" in given:
            self._send(self._select, given["value"])
        ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
        if tag == "input" and ticked and "name" in given:
            self._send(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._within &= tag != "form"

    def _send(self, name: str, value: str) -> None:
        if value:
            self.sent.setdefault(name, []).append(value)


def asked_of_each(flag: str) -> dict[str, list[str]]:
    """Every condition that the list knows, with two values where it takes several."""
    asked = {}
    for name, item in CaseFilter.base_filters.items():
        several = isinstance(item, MultipleChoiceFilter)
        asked[name] = [flag] if name in FLAGS else ["7", "8"] if several else ["7"]
    return asked


@pytest.mark.parametrize("url", [LIST, MAP])
@pytest.mark.parametrize("flag", ["true", "false"])
def test_the_form_carries_every_condition_of_the_address_once(city, as_, url, flag):
    asked = asked_of_each(flag)
    # One that its menu can show, beside one that it cannot.
    asked["state"] = ["to_verify", "8"]
    asked |= {"cells": ["now"], "cols": ["title,due"], "tab": ["open"], "phone": ["x"]}
    if url == MAP:
        # The map has no phone, and carries the list's order, which has no input there.
        asked |= {"sort": ["filed"]}
        del asked["phone"]
    sent = Form(as_("supervisor").get(url, asked).content.decode()).sent
    assert {name: sorted(values) for name, values in sent.items()} == {
        name: sorted(values) for name, values in asked.items()
    }


def test_of_two_answers_to_a_yes_or_no_the_last_one_holds(city, as_):
    response = as_("supervisor").get(LIST, {"on_time": ["false", "true"]})
    assert response.context["view"].query == "on_time=true"


def test_a_view_that_is_too_long_is_refused_and_never_widened(city, as_):
    builders.issued(city, at=NOW)
    client = as_("supervisor")
    long = "&" * MOST_QUERY + "state=closed"
    for path, sent in (
        ("/cases/export/", {"query": long, "format": "csv"}),
        ("/cases/views/save/", {"query": long, "name": "全部"}),
        ("/bulk/ask/urge/", {"view": long}),
    ):
        response = client.post(path, {"idempotency_key": key(), **sent})
        assert response.status_code == 400, path
        assert "条件太多" in response.content.decode(), path
    columns = client.get(LIST, {"query": long, "col": ["title"]})
    assert columns.status_code == 400
    assert not SavedView.objects.exists()


def test_a_view_longer_than_may_be_kept_is_refused_where_it_would_be_kept(city, as_):
    order = builders.issued(city, at=NOW)
    client = as_("supervisor")
    # Fifty cells, as somebody ticks them in the menu.
    cells = "&".join(f"cell=古城-北-第-{n:02}-网格" for n in range(50))
    long = f"{cells}&state=closed"
    for path, sent in (
        ("/cases/export/", {"query": long, "ids": str(order.case_id), "format": "csv"}),
        ("/cases/views/save/", {"query": long, "name": "全部"}),
    ):
        response = client.post(path, {"idempotency_key": key(), **sent})
        assert response.status_code in (400, 422), path
        assert "条件太多" in response.content.decode(), path


@pytest.mark.parametrize("sort", ["-due", "due", "-latest"])
def test_an_order_that_was_turned_round_stays_so(city, as_, sort):
    builders.issued(city, at=NOW)
    response = as_("supervisor").get(LIST, {"sort": sort, "state": "rectifying"})
    assert Form(response.content.decode()).sent["sort"] == [sort]
