"""Columns of the case list: each shows, sorts and exports by the one definition."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.template import Context, Template
from django_cotton.compiler_regex import CottonCompiler

from cases import cells
from cases.cells import Reader
from cases.choices import CaseState, Closing
from cases.columns import COLUMN_BY_KEY, COLUMNS, DEFAULT_COLUMNS, chosen_columns
from cases.filters import CaseFilter
from cases.models import Case
from cases.presenters import Chip, ClockView
from cases.sorting import SORT_BY_KEY, SORTS
from cases.views import listing
from citymgmt.choices import Tone
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db

URL = "/cases/"


def numbers(response) -> list[str]:
    return [row.case.number for row in response.context["rows"]]


@pytest.fixture
def some_cases(city):
    """Cases in several states, whose counts differ."""
    made = [
        builders.issued(city, at=NOW - timedelta(minutes=n), photos=n % 2).case for n in range(6)
    ]
    made.append(builders.closed(city, at=NOW - timedelta(hours=4)).case)
    made.append(builders.case(city, at=NOW - timedelta(hours=1)))
    for n, row in enumerate(made[:6]):
        counts = ("rebound_count", "rework_count", "extension_count", "urge_count")
        Case.objects.filter(pk=row.pk).update(**dict.fromkeys(counts, n // 2))
        Case.objects.filter(pk=row.pk).update(supervised_due_at=NOW + timedelta(hours=n // 2))
    return made


# Shown, and told by another column's condition: pictures, free text (the search), a place.
UNASKED = {"photo", "text", "code", "lon", "lat"}


# --- The definition -------------------------------------------------------------------------


def test_every_column_names_orders_and_conditions_that_there_are():
    for column in COLUMNS:
        assert not column.sort or column.sort in SORT_BY_KEY, column.key
        known = {*CaseFilter.base_filters}
        assert set(column.filters) <= known, column.key
        assert bool(column.filters) != (column.key in UNASKED), column.key
    assert len(COLUMN_BY_KEY) == len(COLUMNS)


def test_columns_are_chosen_in_their_order_and_what_is_unknown_is_left_out():
    assert [each.key for each in chosen_columns(["due", "nonsense", "title", "due"])] == [
        "due",
        "title",
    ]
    assert [each.key for each in chosen_columns(["state"])] == ["title", "state"]
    assert chosen_columns(["nonsense"]) == DEFAULT_COLUMNS


def component(name: str, words: str = "", **context: object) -> str:
    attributes = " ".join(f':{key}="{key}"' for key in context)
    source = f"<c-{name} {attributes}>{words}</c-{name}>"
    compiled = Template(CottonCompiler().process(source))
    return compiled.render(Context(context)).strip()


@pytest.mark.parametrize("tone", Tone.values)
def test_cells_are_marked_up_as_the_components_are(tone):
    view = Chip(tone, "<整改中>")
    assert cells.chip(view) == component("chip", "&lt;整改中&gt;", tone=tone)
    assert cells.mark(view) == component("mark", "&lt;整改中&gt;", tone=tone, size="apart")
    running = ClockView(tone, "剩 3 分", 'a "title"', NOW)
    noted = ClockView(tone, "剩 3 分", "", NOW, None, "暂定：没有通知")
    for clock in (running, noted, ClockView(tone, "按期")):
        assert cells.clock_of(clock) == component("clock", clock=clock)


def test_what_people_typed_stays_text_in_every_column(city, as_):
    nasty = "<script>alert(1)</script>&\"'"
    case = builders.issued(city, address=nasty, text=nasty).case
    for column in COLUMNS:
        html = as_("dispatcher").get(URL, {"cols": f"title,{column.key}"}).content.decode()
        assert case.number[4:] in html or column.key != "number"
        assert "<script>alert" not in html
    reader = Reader(NOW, user_id=city.dispatcher.pk, areas={case.area_code: nasty})
    row = Case.objects.showing({"category", "filed_by", "reporter", "text"}).get(pk=case.pk)
    for named in (row.category, row.lead_team, row.lead_person, row.filed_by, row.reporter):
        named.name = nasty
    row.category.code = row.cell.code = nasty
    for column in COLUMNS:
        cell = column.cell(reader, row)
        assert "<script>" not in cell, column.key
        assert "\"'" not in cell, column.key


# --- On the page ----------------------------------------------------------------------------


def test_each_column_is_shown_within_eight_statements(
    some_cases, as_, warm, django_assert_max_num_queries
):
    client = as_("supervisor")
    client.get(URL)
    # With it the grid, which a server keeps in memory.
    client.get(URL, {"cols": "title,cell_now"})
    for column in COLUMNS:
        asked = {"cols": f"title,{column.key}", "pin": column.key}
        with django_assert_max_num_queries(8):
            response = client.get(URL, asked)
        assert len(response.context["rows"]) == 8
        heads = [head.column.key for head in response.context["heads"]]
        assert heads[0] == column.key
        assert str(column.label) in response.content.decode()


def test_all_columns_at_once_are_shown_within_eight_statements(
    some_cases, as_, warm, django_assert_max_num_queries
):
    client = as_("leader")
    asked = {"cols": ",".join(column.key for column in COLUMNS)}
    client.get(URL, asked)
    with django_assert_max_num_queries(8):
        client.get(URL, asked)


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
def test_pages_by_key_miss_nothing_in_any_order(some_cases, as_, monkeypatch, turned):
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)
    client = as_("supervisor")
    for sort in SORTS:
        response = client.get(URL, {"sort": f"{'-' if turned else ''}{sort.key}"})
        listed = numbers(response)
        while response.context["older"]:
            response = client.get(response.context["older"])
            listed += numbers(response)
        sign = "-" if sort.order.descending != turned else ""
        rows = Case.objects.filter(sort.only).order_by(f"{sign}{sort.order.column}", f"{sign}id")
        assert listed == list(rows.values_list("number", flat=True)), sort.key


def test_a_head_sorts_and_the_second_time_turns_the_order(some_cases, as_):
    client = as_("supervisor")

    def head(response, key):
        return next(each for each in response.context["heads"] if each.column.key == key)

    response = client.get(URL)
    assert head(response, "latest").way == "descending"
    assert head(response, "state").url == ""
    due = head(response, "clock")
    response = client.get(due.url)
    assert head(response, "clock").way == "ascending"
    assert "只列在走钟的" in response.content.decode()
    response = client.get(head(response, "clock").url)
    assert head(response, "clock").way == "descending"
    assert response.context["here"] == f"{URL}?sort=-due"


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ({"filed_to": "2026-11-20"}, "filed"),
        ({"closed_to": "2026-11-20"}, "closed"),
        ({"updated_to": "2026-11-20"}, "latest"),
    ],
)
def test_an_order_that_no_index_serves_beside_a_condition_is_not_offered(
    some_cases, as_, asked, offered
):
    response = as_("supervisor").get(URL, asked | {"sort": "rebounds"})
    sorts = {sort.key for sort in response.context["sorts"]}
    assert response.context["sort"].key == offered
    assert "rebounds" not in sorts
    assert {"latest", "filed", "closed"} & sorts == {offered}
    heads = {head.column.key: head.url for head in response.context["heads"]}
    assert (heads["number"] != "") == (offered == "filed")


def test_the_chooser_sends_columns_in_their_order_and_the_address_holds_them(some_cases, as_):
    client = as_("supervisor")
    response = client.get(
        URL,
        {
            "query": "state=rectifying&after=abc&sort=due",
            "col": ["number", "title", "due"],
            "pinned": ["number", "state"],
        },
    )
    assert response.status_code == 302
    query = parse_qs(urlsplit(response["Location"]).query)
    assert query == {
        "state": ["rectifying"],
        "sort": ["due"],
        "cols": ["number,title,due"],
        "pin": ["number"],
    }
    usual = [column.key for column in DEFAULT_COLUMNS]
    response = client.get(URL, {"col": usual})
    assert response["Location"] == URL


def test_states_and_closings_of_the_filters_cover_all_words():
    assert {*CaseFilter.base_filters["state"].extra["choices"]} == {*CaseState.choices}
    assert {*CaseFilter.base_filters["closing"].extra["choices"]} == {*Closing.choices}
