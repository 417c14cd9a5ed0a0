"""Lists and details: within scope, paged by key, in few statements whatever their length."""

import base64
import json

import pytest

from tests import builders
from tests.api.conftest import at_most, error_of

pytestmark = pytest.mark.django_db

LISTS = (
    "/reports/",
    "/cases/",
    "/orders/",
    "/lookbacks/",
    "/digests/",
    "/cells/",
    "/teams/",
    "/assignments/",
    "/categories/",
)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ["dispatcher", "leader"])
def test_a_list_takes_at_most_eight_statements_however_long(api, city, warm_calendar, path, name):
    for _ in range(3):
        builders.closed(city)
        builders.issued(city)
    machine = api(name)
    with at_most(8):
        assert machine.get(path).status_code == 200


@pytest.mark.parametrize("path", LISTS)
def test_without_a_token_nothing_is_read(client, path):
    refused = client.get(f"/api/v1{path}")
    assert refused.status_code == 401
    assert error_of(refused)["code"] == "not_authenticated"


@pytest.mark.parametrize("path", [path for path in LISTS if path != "/categories/"])
def test_without_the_right_to_view_nothing_is_read(api, path):
    refused = api("stranger").get(path)
    assert refused.status_code == 403
    assert error_of(refused)["code"] == "forbidden"


@pytest.mark.parametrize(
    "query",
    [
        {"stat": "closed"},
        {"page_size": "0"},
        {"page_size": "101"},
        {"page_size": "٣"},
        {"after": "x"},
        {"after": "%00"},
        {"after": base64.urlsafe_b64encode(b"[" * 100).decode()},
        {"after": base64.urlsafe_b64encode(json.dumps(["1", 2**70]).encode()).decode()},
        {"坏\x00": "1"},
    ],
)
@pytest.mark.parametrize("path", ["/cases/", "/cells/"])
def test_a_query_that_makes_no_sense_is_refused_in_words(api, path, query):
    refused = api("dispatcher").get(path, **query)
    assert refused.status_code == 400
    error_of(refused)


@pytest.mark.parametrize("value", ["x", "2026-11-20", "0001-01-01T00:00:00+08:00"])
@pytest.mark.parametrize("side", ["after", "before"])
def test_a_place_in_the_list_that_is_no_moment_is_refused(api, side, value):
    cursor = base64.urlsafe_b64encode(json.dumps([value, 1]).encode()).decode()
    refused = api("dispatcher").get("/cases/", **{side: cursor})
    assert refused.status_code == 400
    assert error_of(refused)["field"] == "cursor"


@pytest.mark.parametrize(
    "query",
    [
        {"state": "lost"},
        {"overdue": "maybe"},
        {"team": "9" * 40},
        {"person": "-1"},
        {"area": "33"},
        {"q": "水"},
        {"filed_from": "9999-12-31"},
        {"filed_to": "gestern"},
        {"due_within": "NaN"},
        {"cell": "x" * 41},
        {"cell": "x\x00"},
    ],
)
def test_a_filter_that_makes_no_sense_names_its_field(api, query):
    refused = api("dispatcher").get("/cases/", **query)
    assert refused.status_code == 400
    assert error_of(refused)["field"] == next(iter(query))


def test_cases_are_found_by_what_is_asked(api, city, hand):
    late = builders.issued(city).case
    done = builders.closed(city).case
    litter = builders.case(city, category_id=city.litter.pk, text="路口垃圾没有人收")
    dispatcher = api("dispatcher")
    hand.forward(hours=3)

    def found(**query: object) -> set[str]:
        answer = dispatcher.get("/cases/", **query)
        assert answer.status_code == 200, answer.json()
        return {row["number"] for row in answer.json()["results"]}

    everything = {late.number, done.number, litter.number}
    assert found() == everything
    assert found(overdue="true") == {late.number}
    assert found(overdue="false") == {done.number, litter.number}
    assert found(state=["closed", "to_dispatch"]) == {done.number, litter.number}
    assert found(q="没有人收") == {litter.number}
    assert found(q="出店经营") == {late.number, done.number}
    assert found(q=litter.number) == {litter.number}
    assert found(q="20261120") == everything
    assert found(category=city.litter.pk) == {litter.number}
    assert found(team=city.teams["gucheng"].pk) == {late.number, done.number}
    assert found(team=city.teams["bureau"].pk) == {late.number, done.number}
    assert found(team=city.teams["dayang"].pk) == set()
    assert found(person=city.officer.pk) == {late.number, done.number}
    assert found(cell="古城-01") == everything
    assert found(area="331082001") == everything
    assert found(channel="hotline") == set()
    assert found(filed_from="2026-11-21") == set()
    assert found(rebound="true") == set()


def test_pages_by_key_show_every_row_once_there_and_back(api, city, hand):
    made = [builders.case(city).number for _ in range(5)]
    hand.forward(minutes=1)
    made += [builders.case(city, at=hand.moment).number for _ in range(2)]
    dispatcher = api("dispatcher")
    page = dispatcher.get("/cases/", page_size="3").json()
    seen, pages = [], [page]
    assert page["previous"] is None
    while page["next"]:
        page = dispatcher.get(page["next"]).json()
        pages.append(page)
    for page in pages:
        seen += [row["number"] for row in page["results"]]
    assert seen == list(reversed(made))
    back = dispatcher.get(pages[-1]["previous"]).json()
    assert back["results"] == pages[-2]["results"]
    assert dispatcher.get(back["next"]).json()["results"] == pages[-1]["results"]


def test_each_person_sees_his_own_scope(api, city):
    order = builders.issued(city)
    paths = (f"/cases/{order.case.number}/", f"/orders/{order.number}/")
    for name in ("dispatcher", "leader", "officer", "viewer"):
        assert [api(name).get(path).status_code for path in paths] == [200, 200], name
    for name in ("other_leader", "other_officer"):
        assert [api(name).get(path).status_code for path in paths] == [404, 404], name
        assert api(name).get("/cases/").json()["results"] == []
        assert api(name).get("/orders/").json()["results"] == []


def test_a_case_page_takes_at_most_fifteen_statements(api, city, warm_calendar):
    order = builders.closed(city, photos=3)
    officer = api("officer")
    with at_most(15):
        shown = officer.get(f"/cases/{order.case.number}/").json()
    assert len(shown["reports"][0]["photos"]) == 3
    assert shown["standard"]["closing_condition"] == "取缔"
    assert shown["events"][0]["name_label"] == "立案"
    assert shown["cover_url"].startswith("/photos/")


def test_a_number_with_strange_characters_is_simply_not_there(api):
    for path in ("/cases/%00/", "/orders/a'b/", "/cells/%00/", "/cells/" + "x" * 300 + "/"):
        refused = api("dispatcher").get(path)
        assert refused.status_code == 404


def test_classes_are_found_by_what_people_say(api, city):
    officer = api("stranger")

    def names(**query: object) -> list[str]:
        return [row["name"] for row in officer.get("/categories/", **query).json()["results"]]

    assert names() == ["暴露垃圾", "店外经营"]
    assert names(q="出店") == ["店外经营"]
    assert names(q="垃圾") == ["暴露垃圾"]
    assert names(q="09") == ["店外经营"]
    assert names(q="100%") == []
    one = officer.get(f"/categories/{city.spill.pk}/").json()
    assert [row["limit_value"] for row in one["standards"]] == [2]
