"""The case list: who sees which cases, tabs, filters in the address, pages by key."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from cases.models import Case
from cases.views import listing
from tests import builders
from tests.city import IN_SECOND_CELL, NOW, SIDE, WEST

pytestmark = pytest.mark.django_db

URL = "/cases/"
IN_FOURTH_CELL = (WEST + SIDE * 3.5, IN_SECOND_CELL[1])


def numbers(response) -> list[str]:
    return [row.case.number for row in response.context["rows"]]


def tab_counts(response) -> dict[str, str]:
    return {str(tab["label"]): tab["count"] for tab in response.context["tabs"]}


def test_the_row_shows_class_place_team_person_state_and_clock(city, as_):
    builders.issued(city)
    html = as_("dispatcher").get(URL).content.decode()
    for words in (
        "店外经营",
        "紫阳街 118 号",
        "古城-01",
        "古城中队",
        "李建国",
        "整改中",
        "剩 2 小时",
    ):
        assert words in html
    assert "1120-0001" in html
    assert "14:00 派遣" in html


def test_each_person_sees_the_cases_in_his_scope(city, as_):
    ours = builders.issued(city).case.number
    theirs = builders.issued(
        city,
        team="dayang",
        person="other_officer",
        by="inspector",
        lon=IN_FOURTH_CELL[0],
        lat=IN_FOURTH_CELL[1],
    ).case.number
    seen = {
        name: set(numbers(as_(name).get(URL)))
        for name in ("viewer", "leader", "officer", "other_leader", "other_officer", "cleaner")
    }
    assert seen == {
        "viewer": {ours, theirs},
        "leader": {ours},
        "officer": {ours},
        "other_leader": {theirs},
        "other_officer": {theirs},
        "cleaner": {ours, theirs},  # his cells are all four
    }


def test_without_the_right_to_see_cases_there_is_a_clear_refusal(city, as_):
    response = as_("stranger").get(URL)
    assert response.status_code == 403
    assert "您还没有看案件的权限" in response.content.decode()


def test_an_empty_list_says_what_will_stand_there(city, as_):
    assert "还没有案件" in as_("dispatcher").get(URL).content.decode()
    assert "眼下没有等您办的案件" in as_("leader").get(URL, {"tab": "mine"}).content.decode()


def test_tabs_count_what_they_list(city, as_, hand):
    builders.case(city)
    builders.issued(city)
    builders.submitted(city)
    builders.closed(city)
    late = builders.issued(city, at=NOW - timedelta(hours=3))
    client = as_("supervisor")
    counts = tab_counts(client.get(URL))
    assert counts == {
        "全部案件": "5",
        "在办": "4",
        "要我办": "2",
        "已超时": "1",
        "2 小时内到期": "0",
        "督办": "0",
        "挂账": "0",
        "我关注的": "0",
        "反弹": "0",
        "已结案": "1",
    }
    assert numbers(client.get(URL, {"tab": "overdue"})) == [late.case.number]
    hand.forward(minutes=1)
    assert tab_counts(client.get(URL))["2 小时内到期"] == "1"


def test_what_is_mine_depends_on_what_i_may_do_next(city, as_):
    waiting, issued, submitted = (
        builders.case(city),
        builders.issued(city),
        builders.submitted(city),
    )
    mine = {
        name: set(numbers(as_(name).get(URL, {"tab": "mine"})))
        for name in ("dispatcher", "leader", "officer", "inspector", "viewer")
    }
    assert mine == {
        "dispatcher": {waiting.number},
        "leader": {issued.case.number},
        "officer": {issued.case.number},
        "inspector": {submitted.case.number},
        "viewer": set(),
    }


def test_filters_narrow_and_stand_as_chips_that_can_be_taken_away(city, as_):
    spill = builders.issued(city).case
    litter = builders.case(city, category_id=city.litter.pk, address="巾山路 5 号")
    client = as_("dispatcher")
    asked = {"category": city.litter.pk, "state": "to_dispatch"}
    response = client.get(URL, asked)
    assert numbers(response) == [litter.number]
    chips = {chip["text"]: chip["url"] for chip in response.context["chips"]}
    assert set(chips) == {"案由 暴露垃圾", "状态 待派遣"}
    without = client.get(chips["案由 暴露垃圾"])
    assert [chip["text"] for chip in without.context["chips"]] == ["状态 待派遣"]
    assert numbers(client.get(URL, {"team": city.teams["gucheng"].pk})) == [spill.number]


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        ("紫阳街", True),
        ("水果店", True),
        ("出店经营", True),
        ("1120-0001", True),
        ("望江路", False),
    ],
)
def test_search_finds_places_words_and_numbers(city, as_, words, finds):
    case = builders.case(city)
    assert numbers(as_("dispatcher").get(URL, {"q": words})) == ([case.number] if finds else [])


@pytest.mark.parametrize(
    "asked", [{"q": "街"}, {"state": "burnt"}, {"team": "x"}, {"filed_from": "yesterday"}]
)
def test_a_condition_that_makes_no_sense_is_said_and_nothing_is_listed(city, as_, asked):
    builders.case(city)
    response = as_("dispatcher").get(URL, asked)
    assert response.status_code == 200
    assert response.context["errors"]
    assert numbers(response) == []


@pytest.mark.parametrize("sort", ["latest", "filed", "due"])
def test_pages_by_key_miss_nothing_and_repeat_nothing(city, as_, monkeypatch, sort):
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)
    # Several share their moment, so that the id must decide.
    for minutes in (0, 0, 0, 1, 1, 2, 2, 2):
        builders.issued(city, at=NOW - timedelta(minutes=minutes), photos=0)
    client = as_("dispatcher")
    response = client.get(URL, {"sort": sort})
    pages = [numbers(response)]
    assert response.context["newer"] == ""
    while response.context["older"]:
        response = client.get(response.context["older"])
        pages.append(numbers(response))
    listed = [number for page in pages for number in page]
    assert [len(page) for page in pages] == [3, 3, 2]
    assert sorted(listed) == sorted(Case.objects.values_list("number", flat=True))
    back = client.get(response.context["newer"])
    assert numbers(back) == pages[1]
    assert numbers(client.get(back.context["newer"])) == pages[0]


def test_the_address_of_a_page_keeps_the_filters(city, as_, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    for _number in range(3):
        builders.case(city, photos=0)
    response = as_("dispatcher").get(URL, {"state": "to_dispatch", "q": "", "tab": "open"})
    query = parse_qs(urlsplit(response.context["older"]).query)
    assert set(query) == {"state", "tab", "after"}


def test_a_broken_page_address_is_refused_in_words(city, as_):
    for broken in ("1", "9" * 17 + "-1", "x-y", "1-2-3"):
        response = as_("dispatcher").get(URL, {"after": broken})
        assert response.status_code == 400
        assert "从第一页重新翻" in response.content.decode()


def test_htmx_gets_the_table_alone_and_the_clean_address(city, as_):
    builders.case(city)
    client = as_("dispatcher")
    asked = {"state": "to_dispatch", "q": "", "channel": ""}
    response = client.get(URL, asked, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert "<html" not in html
    assert "紫阳街" in html
    assert response["HX-Push-Url"] == "/cases/?state=to_dispatch"
    whole = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client.get(URL, headers=whole).content.decode()


def test_counting_stops_at_its_cap(city, as_, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED", 2)
    monkeypatch.setattr(listing, "TAB_COUNTED", 1)
    for _number in range(2):
        builders.case(city, photos=0)
    response = as_("dispatcher").get(URL)
    assert tab_counts(response)["全部案件"] == "2"
    assert "共 2 件" in response.content.decode()
    builders.case(city, photos=0)
    response = as_("dispatcher").get(URL)
    assert tab_counts(response)["全部案件"] == "1 万以上"
    assert tab_counts(response)["在办"] == "1+"
    assert "共 1 万以上" in response.content.decode()


def test_the_open_tab_says_as_much_as_the_foot_of_its_list(city, as_, monkeypatch):
    monkeypatch.setattr(listing, "TAB_COUNTED", 1)
    for _number in range(3):
        builders.case(city, photos=0)
    response = as_("dispatcher").get(URL, {"tab": "open"})
    assert tab_counts(response)["在办"] == "3"
    assert "共 3 件" in response.content.decode()
    # With a condition the list is of fewer cases than the tab.
    response = as_("dispatcher").get(URL, {"tab": "open", "state": "to_check"})
    assert tab_counts(response)["在办"] == "1+"


@pytest.mark.parametrize("person", ["supervisor", "leader", "officer", "inspector", "viewer"])
def test_fifty_cases_are_listed_with_at_most_eight_statements(
    city, as_, person, warm, django_assert_max_num_queries
):
    for minutes in range(50):
        builders.issued(city, at=NOW - timedelta(minutes=minutes), photos=minutes % 2)
    Case.objects.update(checker_ids=[city.inspector.pk])
    client = as_(person)
    client.get(reverse("cases:list"))
    with django_assert_max_num_queries(8):
        response = client.get(reverse("cases:list"))
    assert len(response.context["rows"]) == 50
