"""Conditions of the case list: each narrows, several values mean any, menus offer what there is."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from cases.columns import COLUMNS
from cases.filters import CaseFilter
from cases.models import Case, Label
from cases.narrowing import CONTROLS, Kind
from cases.search import grams, query_grams
from cases.services import comments
from inspections.models import Outing
from tests import builders, outings, places
from tests.city import IN_THIRD_CELL, NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

URL = "/cases/"
DAY = timedelta(days=1)


def numbers(response) -> list[str]:
    return [row.case.number for row in response.context["rows"]]


def chips(response) -> list[str]:
    return [chip["text"] for chip in response.context["chips"]]


# A row that meets the condition and a row that does not, as changes of plain columns.
COLUMNS_OF = {
    "state": ("to_dispatch", {}, {"state": "suspended", "suspended_until": date(2027, 1, 1)}),
    "closing": ("forced", {"closing": "forced"}, {"closing": "passed"}),
    "on_time": ("false", {"on_time": False}, {"on_time": True}),
    "waived": ("true", {"overtime_waived": True}, {}),
    "rebound": ("true", {"rebound_count": 1}, {}),
    "extended": ("true", {"extension_count": 1}, {}),
    "instructed": ("true", {"open_instructions": 1}, {}),
    "supervised": ("true", {"supervised_due_at": NOW}, {}),
    "channel": ("hotline", {"channel": "hotline"}, {}),
    "limit": ("work_day", {"limit_kind": "work_day"}, {}),
    "rebounds": ("2", {"rebound_count": 2}, {"rebound_count": 1}),
    "reworks": ("3", {"rework_count": 3}, {"rework_count": 2}),
    "extensions": ("1", {"extension_count": 1}, {}),
    "urges": ("1", {"urge_count": 2}, {}),
    "supervisions": ("1", {"supervision_count": 1}, {}),
    "comments": ("2", {"comment_count": 2}, {"comment_count": 1}),
    "orders": ("2", {"order_count": 2}, {"order_count": 1}),
    "photos": ("3", {"photo_count": 3}, {"photo_count": 2}),
    "stage_due_from": ("2026-11-21", {"stage_due_at": NOW + DAY}, {"stage_due_at": NOW}),
    "stage_due_to": ("2026-11-20", {"stage_due_at": NOW}, {"stage_due_at": NOW + DAY}),
    "filed_from": ("2026-11-20", {}, {"filed_at": NOW - DAY}),
    "filed_to": ("2026-11-19", {"filed_at": NOW - DAY}, {}),
    "updated_from": ("2026-11-21", {"last_event_at": NOW + DAY}, {}),
    "updated_to": ("2026-11-20", {}, {"last_event_at": NOW + DAY}),
    "due_from": ("2026-11-21", {"state": "rectifying", "due_at": NOW + DAY}, {}),
    "due_to": ("2026-11-20", {"state": "rectifying", "due_at": NOW}, {}),
    "overdue": ("true", {"state": "rectifying", "due_at": NOW - DAY}, {}),
    "due_within": ("2", {"state": "rectifying", "due_at": NOW}, {}),
    "cell": ("古城-03", {}, {}),
    "cell_now": ("古城-03", {}, {}),
    "area": ("331082001", {}, {"area_code": "331083001"}),
    "suspended_to": (
        "2026-12-01",
        {"state": "suspended", "suspended_until": date(2026, 12, 1)},
        {"state": "suspended", "suspended_until": date(2026, 12, 2)},
    ),
    "suspended_from": (
        "2026-12-02",
        {"state": "suspended", "suspended_until": date(2026, 12, 2)},
        {"state": "suspended", "suspended_until": date(2026, 12, 1)},
    ),
    "supervised_due_from": (
        "2026-11-21",
        {"supervised_due_at": NOW + DAY},
        {"supervised_due_at": NOW},
    ),
    "supervised_due_to": (
        "2026-11-20",
        {"supervised_due_at": NOW},
        {"supervised_due_at": NOW + DAY},
    ),
    "instructions": ("2", {"instruction_count": 2}, {"instruction_count": 1}),
    "closed_from": ("2026-11-20", {"closed_at": NOW}, {"closed_at": NOW - DAY}),
    "closed_to": ("2026-11-19", {"closed_at": NOW - DAY}, {"closed_at": NOW}),
}
BY_OTHER_ROWS = {"q", "asked", "joined", "watched", "category", "team", "person", "reporter"}
BY_OTHER_ROWS |= {"filed_by", "party_of"}
# Asked by the tests of the rooms that added them.
BY_OTHER_ROWS |= {"label", "ledger", "ledger_import", "counted", "tile", "shop", "named"}
BY_OTHER_ROWS |= {"happened", "happened_from", "happened_to", "happened_until"}
BY_OTHER_ROWS |= {"handled_by", "worked_by", "team_alone"}
BY_OTHER_ROWS |= {"outing", "spot_check", "problem_ledger", "campaign"}
BY_OTHER_ROWS |= {"lookback", "hot_spot", "found_by", "accountability", "scored"}
"""Conditions on other rows than the case's own; the tests below and of the exceptions ask them."""


def test_every_condition_is_asked_by_a_test():
    assert {*COLUMNS_OF} | BY_OTHER_ROWS == {*CaseFilter.base_filters}


@pytest.mark.parametrize("name", COLUMNS_OF)
def test_a_condition_keeps_the_row_that_meets_it_alone(city, as_, name):
    value, met, unmet = COLUMNS_OF[name]
    ending = name.startswith(("closed", "closing", "on_time"))
    make = builders.closed if ending else builders.case
    lon, lat = IN_THIRD_CELL
    place = {"lon": lon, "lat": lat} if name in ("cell", "cell_now") else {}
    first, second = make(city, **place), make(city)
    kept, left = (row.case if ending else row for row in (first, second))
    # Made in another state than its stage's clock belongs to.
    Case.objects.update(stage_due_at=None, stage_warn_at=None)
    Case.objects.filter(pk=kept.pk).update(**met)
    Case.objects.filter(pk=left.pk).update(**unmet)
    response = as_("supervisor").get(URL, {name: value})
    assert response.context["errors"] == []
    assert numbers(response) == [kept.number]
    assert response.context["counts"]["rows"] == 1
    assert len(chips(response)) == 1


def test_of_several_values_any_matches(city, as_):
    lon, lat = IN_THIRD_CELL
    spill = builders.issued(city).case
    litter = builders.case(city, category_id=city.litter.pk)
    there = builders.issued(
        city, team="dayang", person="other_officer", by="inspector", lon=lon, lat=lat
    ).case
    client, pk = as_("dispatcher"), city.teams
    for asked, found in (
        ({"category": [city.spill.pk, city.litter.pk]}, {spill, litter, there}),
        ({"state": ["to_dispatch"]}, {litter}),
        ({"state": ["to_dispatch", "rectifying"]}, {spill, litter, there}),
        ({"team": [pk["gucheng"].pk]}, {spill}),
        ({"team": [pk["gucheng"].pk, pk["dayang"].pk]}, {spill, there}),
        ({"team": [pk["bureau"].pk]}, {spill, there}),
        ({"team_alone": [pk["gucheng"].pk]}, {spill}),
        ({"team_alone": [pk["bureau"].pk]}, set()),
        ({"person": [city.officer.pk, city.other_officer.pk]}, {spill, there}),
        ({"reporter": [city.inspector.pk]}, {there}),
        ({"cell": ["古城-01", "古城-03"]}, {spill, litter, there}),
        ({"cell": ["古城-03"]}, {there}),
        ({"area": ["331082001", "331082"]}, {spill, litter, there}),
    ):
        assert set(numbers(client.get(URL, asked))) == {case.number for case in found}, asked


def test_watched_cases_are_found(city, as_):
    case = builders.case(city)
    builders.case(city)
    comments.watch_case(case=case, actor=city.supervisor, at=NOW)
    assert numbers(as_("supervisor").get(URL, {"watched": "true"})) == [case.number]
    assert numbers(as_("viewer").get(URL, {"watched": "true"})) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"category": ["x"]},
        {"category": list(range(1, 60))},
        {"category": "9" * 30},
        {"person": "-1"},
        {"cell": "格" * 41},
        {"area": "33108"},
        {"rebounds": "0"},
        {"reworks": "1000"},
        {"closed_from": "1999-01-01"},
        {"limit": "eternity"},
        {"on_time": "maybe"},
    ],
)
def test_a_value_that_makes_no_sense_is_said_by_name_and_nothing_is_listed(city, as_, asked):
    builders.case(city)
    response = as_("dispatcher").get(URL, asked)
    assert len(response.context["errors"]) == 1
    assert numbers(response) == []
    label = str(CaseFilter.base_filters[next(iter(asked))].label)
    assert response.context["errors"][0].startswith(label)


def test_the_days_of_a_span_stand_on_one_chip_and_go_together(city, as_):
    response = as_("dispatcher").get(
        URL, {"filed_from": "2026-11-01", "filed_to": "2026-11-20", "closed_to": "2026-11-20"}
    )
    assert chips(response) == ["立案 2026-11-01 — 2026-11-20", "结案至 2026-11-20"]
    assert response.context["chips"][0]["url"] == f"{URL}?closed_to=2026-11-20"


def test_many_values_are_counted_on_the_chip_and_people_are_named(city, as_):
    ids = [city.officer.pk, city.leader.pk]
    states = ["to_dispatch", "rectifying", "to_check", "suspended"]
    response = as_("dispatcher").get(URL, {"person": ids, "state": states})
    assert chips(response) == ["状态 待派遣、整改中 等 4 个", "经办人 李建国、陈立军"]


# --- Search ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        ("紫阳", True),
        ("阳街", True),
        ("街11", True),
        ("118", True),
        ("１１８", True),
        ("LED", True),
        ("led灯", True),
        ("ＬＥＤ", True),
        ("水果 紫阳", True),
        ("水果，紫阳", True),
        ("水 紫阳", True),
        ("李建国", True),
        ("王建国", False),
        ("街紫", False),
        ("LEDX", False),
        ("119", False),
    ],
)
def test_any_two_characters_are_found_whatever_their_width_or_case(city, as_, words, finds):
    case = builders.issued(city, text="水果店的 LED灯 直射住户", address="紫阳街118号").case
    assert numbers(as_("dispatcher").get(URL, {"q": words})) == ([case.number] if finds else [])


def test_the_number_of_an_order_or_of_an_old_ledger_finds_its_case(city, as_):
    order, other = builders.issued(city), builders.case(city)
    Case.objects.filter(pk=other.pk).update(number="20261120T-0012")
    client = as_("dispatcher")
    for typed in (order.number, order.number.removeprefix("2026")):
        assert numbers(client.get(URL, {"q": typed})) == [order.case.number]
    for typed in ("20261120T-0012", "20261120t-00", "1120T-0012", "1120t-0012-1"):
        assert numbers(client.get(URL, {"q": typed})) == ["20261120T-0012"]


def test_the_longest_text_is_found_by_its_last_words(city, as_):
    text = "".join(chr(0x4E00 + n) for n in range(995)) + "榕树下"
    case = builders.case(city, text=text)
    for words in ("榕树", text[:2], text[500:502]):
        assert numbers(as_("dispatcher").get(URL, {"q": words})) == [case.number]


def test_grams_of_a_search_are_all_among_those_of_the_text():
    assert set(query_grams("ＬＥＤ灯 紫阳")) <= set(grams("紫阳街 led灯"))
    assert query_grams("街") == []


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("紫陽街髒亂，東側臺階佔用", "紫阳街脏乱"),
        ("紫陽街髒亂，東側臺階佔用", "台阶占用"),
        ("紫阳街脏乱，东侧台阶占用", "東側臺階"),
        ("店外經營", "經營"),
    ],
)
def test_traditional_and_simplified_characters_are_found_by_each_other(city, as_, written, typed):
    case = builders.case(city, text=written, address="赤城路 2 号")
    builders.case(city, category_id=city.litter.pk, text="别的事", address="别的路")
    assert numbers(as_("dispatcher").get(URL, {"q": typed})) == [case.number]


def test_whoever_handles_it_is_found_by_his_name_in_traditional_characters(city, as_):
    order = builders.issued(city)
    assert order.person.name == "李建国"
    assert numbers(as_("dispatcher").get(URL, {"q": "李建國"})) == [order.case.number]


def test_bigrams_of_before_are_folded_by_the_migration(city, as_):
    case = builders.case(city)
    Case.objects.filter(pk=case.pk).update(search_grams=["紫陽", "陽街"])
    migration = import_module("cases.migrations.0030_search_in_simplified")
    migration.fold(apps, None)
    assert numbers(as_("dispatcher").get(URL, {"q": "紫阳街"})) == [case.number]


# --- What it costs --------------------------------------------------------------------------


def test_each_condition_is_listed_within_eight_statements(city, as_, warm):
    order = builders.issued(city)
    case = order.case
    asked = {name: value for name, (value, *_others) in COLUMNS_OF.items()}
    asked |= dict.fromkeys(("asked", "joined", "watched", "ledger", "named"), "true")
    asked |= {"q": "早餐店", "label": "1", "ledger_import": "1", "shop": "S001"}
    asked |= {"tile": "14/13704/6810", "happened": "filed", "counted": "open_now"}
    asked |= {"happened_from": "2026-11-20", "happened_to": "2026-11-20"}
    asked |= {"category": case.category_id, "team": order.team_id, "person": order.person_id}
    asked |= {"reporter": case.reporter_id, "handled_by": order.team_id, "worked_by": order.team_id}
    asked |= {"happened_until": "14:00", "team_alone": order.team_id}
    asked |= {"filed_by": case.filed_by_id, "party_of": case.number}
    asked |= {"outing": "1", "spot_check": "1", "problem_ledger": "guowei", "campaign": "hundred"}
    asked |= {"lookback": "waiting", "hot_spot": "H20261120-0001", "found_by": "self"}
    asked |= {"accountability": "20261120-0001", "scored": "1.filed"}
    assert {*asked} == {*CaseFilter.base_filters}
    client = as_("supervisor")
    client.get(URL)
    spent = {name: len(statements_of(client, f"{URL}?{name}={asked[name]}")) for name in asked}
    assert {name: count for name, count in spent.items() if count > 8} == {}


def test_whoever_filed_it_is_a_condition(city, as_):
    case = builders.case(city)
    other = builders.case(city)
    assert case.filed_by != city.supervisor
    Case.objects.filter(pk=other.pk).update(filed_by=city.supervisor)
    response = as_("viewer").get(URL, {"filed_by": city.supervisor.pk})
    assert numbers(response) == [other.number]
    assert chips(response) == [f"立案人 {city.supervisor.name}"]


def test_the_party_of_a_case_opens_all_that_name_it_without_its_name_in_the_address(city, as_):
    first, second, other = (builders.case(city) for _number in range(3))
    Case.objects.filter(pk__in=[first.pk, second.pk]).update(party="王某")
    Case.objects.filter(pk=other.pk).update(party="李某")
    client = as_("dispatcher")
    page = client.get(reverse("cases:detail", args=[first.number])).content.decode()
    assert f"/cases/?tab=all&amp;party_of={first.number}" in page
    found = client.get(URL, {"tab": "all", "party_of": first.number})
    assert sorted(numbers(found)) == sorted([first.number, second.number])
    Case.objects.filter(pk=other.pk).update(party="")
    assert numbers(client.get(URL, {"party_of": other.number})) == []
    assert numbers(client.get(URL, {"party_of": "20990101-0001"})) == []


def test_a_party_is_not_asked_after_by_a_case_that_is_out_of_reach(city, as_):
    elsewhere = builders.case(city)
    out_of_reach = {"team_ids": [], "cell": None, "reporter": city.admin}
    Case.objects.filter(pk=elsewhere.pk).update(party="王某", **out_of_reach)
    mine = builders.issued(city)
    Case.objects.filter(pk=mine.case_id).update(party="王某")
    client = as_("leader")
    asked = {"tab": "all", "party_of": mine.case.number}
    assert numbers(client.get(URL, asked)) == [mine.case.number]
    assert numbers(client.get(URL, asked | {"party_of": elsewhere.number})) == []


# --- Menus ----------------------------------------------------------------------------------


def test_every_menu_is_fetched_whole_with_what_is_chosen(city, as_):
    builders.issued(city)
    client = as_("dispatcher")
    for control in CONTROLS:
        response = client.get(reverse("cases:choices", args=[control.name]), {"cell": "古城-02"})
        assert response.status_code == (200 if control.kind is Kind.MENU else 404), control.name
    html = client.get(reverse("cases:choices", args=["cell"]), {"cell": "古城-02"}).content.decode()
    assert html.count("checked") == 1
    assert "古城-04" in html
    assert client.get(reverse("cases:choices", args=["nonsense"])).status_code == 404
    assert as_("stranger").get(reverse("cases:choices", args=["cell"])).status_code == 403


def test_controls_and_conditions_belong_together():
    known = {*CaseFilter.base_filters}
    for control in CONTROLS:
        span = {f"{control.name}_from", f"{control.name}_to"}
        assert (span if control.kind is Kind.DAYS else {control.name}) <= known


# Asked by a tab, by the search, by the map, or by the page of what is asked for.
ASKED_ELSEWHERE = {"q", "overdue", "tile", "spot_check"}


def test_whatever_a_column_shows_is_asked_by_an_input_of_the_bar(city, as_):
    """By a control of its own or a tick: nobody has to know an address for it."""
    html = as_("supervisor").get(URL).content.decode()
    fetched = {each.name for each in CONTROLS if each.kind is Kind.MENU}
    for column in COLUMNS:
        for name in {*column.filters} - ASKED_ELSEWHERE:
            within = f'hx-get="{reverse("cases:choices", args=[name])}"' in html
            assert f'name="{name}"' in html or name in fetched or within, (column.key, name)


def test_the_panel_shows_what_is_asked_now_and_to_this_person(city, as_):
    """It is put together once for the same conditions: not for others, nor for others' rights."""
    asked = {"urges": "3", "waived": "true", "filed_from": "2026-11-01", "on_time": "false"}
    marks = (
        'name="urges" value="3"',
        'name="waived" value="true" checked',
        'name="filed_from" value="2026-11-01"',
        '<option value="false" selected>',
    )
    client = as_("dispatcher")
    for query, there in ((asked, True), ({}, False), (asked, True)):
        html = client.get(URL, query).content.decode()
        assert [mark in html for mark in marks] == [there] * len(marks)
        assert 'type="tel"' in html
        assert 'type="tel"' not in as_("viewer").get(URL, query).content.decode()
        assert 'type="tel"' not in client.get("/cases/map/", query).content.decode()
    Label.objects.create(name="国卫必查", tone="warn")
    assert "国卫必查" in client.get(URL).content.decode()


def test_menus_of_other_rooms_offer_what_there_is(city, as_, warm):
    """A shop that a case names, and an outing once it is done: before, it is a secret."""
    shop = places.shop(city)
    Case.objects.filter(pk=builders.case(city).pk).update(shop=shop)
    coming, done = outings.planned(city), outings.planned(city)
    Outing.objects.filter(pk=done.pk).update(state="done", ended_at=NOW)
    client = as_("supervisor")

    def offered(name):
        return client.get(reverse("cases:choices", args=[name])).content.decode()

    assert shop.code in offered("shop")
    assert done.number in offered("outing")
    assert coming.number not in offered("outing")
