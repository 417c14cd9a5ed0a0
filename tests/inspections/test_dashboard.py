"""The dashboard of the bureau over HTTP: who reads it, what it says, where its figures lead."""

import csv
import io
import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from openpyxl import load_workbook

from cases import options
from cases.models import CaseEvent
from inspections.views.dashboard import CHARTS
from tests import acts, builders
from tests.city import IN_FIRST_CELL, NOW, SIDE, WEST, City, make_team
from tests.inspections.test_accountability import proposed
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
DASH = "/dashboard/"
PARTS = ("", "map/", "decisions/", "rooms/", "charts/")
READERS = ("supervisor", "viewer", "admin", "dispatcher")
HTMX = {"HTTP_HX_REQUEST": "true"}
LIVE = ("data-live", "data-live-tag")


@pytest.fixture(autouse=True)
def _fresh_choices() -> None:
    """Streets and teams are those of this test's city."""
    for each in (options.street_options, options.team_options):
        each.forget()
    cache.clear()


@pytest.fixture
def busy(city: City) -> City:
    """A day on which everything happened that a figure counts."""
    builders.report(city)
    builders.case(city, at=NOW - timedelta(hours=1))
    builders.issued(city, at=NOW - timedelta(hours=5))
    builders.issued(city, at=NOW - timedelta(minutes=30))
    builders.received(city, at=NOW - timedelta(minutes=50), team="dayang", person="other_officer")
    builders.submitted(city, at=NOW - timedelta(hours=1))
    builders.closed(city, at=NOW - timedelta(hours=3))
    builders.closed_late(city, at=NOW - timedelta(hours=7))
    builders.closed(city, at=NOW - timedelta(days=1, hours=2))
    builders.suspended(city, at=NOW - timedelta(hours=2))
    builders.merged(city, at=NOW - timedelta(hours=2))
    builders.voided(city, at=NOW - timedelta(hours=2))
    builders.forced(city, at=NOW - timedelta(hours=2))
    order = builders.closed(city, at=NOW - timedelta(days=10))
    look = acts.plan(order.case, NOW - timedelta(days=9))
    acts.rebound(city, look, NOW - timedelta(minutes=20))
    for days in (9, 12):
        rests = builders.closed(city, at=NOW - timedelta(days=days))
        acts.plan(rests.case, NOW - timedelta(days=days - 1))
    return city


def figures(response) -> dict[str, object]:
    return {figure.key: figure for figure in response.context["figures"]}


# --- Who reads it -----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["supervisor", "viewer", "admin"])
def test_whoever_oversees_the_bureau_begins_with_it(as_, who):
    assert as_(who).get("/").url == DASH


@pytest.mark.parametrize("who", ["dispatcher", "leader", "officer", "inspector"])
def test_everybody_else_begins_with_his_desk(as_, who):
    assert as_(who).get("/").status_code == 200


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("who", ["leader", "officer", "inspector", "stranger"])
def test_it_is_refused_to_whoever_does_not_see_the_whole_bureau(as_, who, part):
    assert as_(who).get(DASH + part).status_code == 403


def test_an_unknown_street_or_team_is_refused_in_words(as_):
    response = as_("viewer").get(DASH, {"team": "1 OR 1"})
    assert response.status_code == 400
    assert "没有这个街道或单位" in response.content.decode()


# --- What it costs ----------------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("who", READERS)
def test_each_part_asks_at_most_eight_statements(busy, as_, settings, monkeypatch, who, part):
    settings.REVISION_SECONDS = 60
    for kept in ("cases.cell_loads.KEPT_SECONDS", "inspections.rail.CAMPAIGN_SECONDS"):
        monkeypatch.setattr(kept, 3600)
    client = as_(who)
    client.get(DASH)
    # The rooms are counted once a minute for everybody.
    client.get(DASH + "rooms/")
    if part:
        client.defaults |= HTMX
    assert len(statements_of(client, DASH + part)) <= 8


def test_what_is_to_be_settled_costs_no_statement_of_its_own(busy, as_):
    client = as_("viewer")
    client.defaults |= HTMX
    client.get(DASH + "decisions/")
    before = len(statements_of(client, DASH + "decisions/"))
    row = proposed(busy)
    page = client.get(DASH + "decisions/").content.decode()
    assert row.number in page
    assert row.ground in page
    assert len(statements_of(client, DASH + "decisions/")) == before


def test_what_happens_between_the_page_and_its_first_poll_is_news_to_it(busy, as_):
    page = as_("supervisor").get(DASH).content.decode()
    address, tag = (unescape(re.search(rf'{name}="([^"]+)"', page)[1]) for name in LIVE)
    poll = Client()
    assert poll.get(address, headers={"If-None-Match": tag}).status_code == 304
    builders.case(busy, photos=0)
    assert poll.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_the_map_is_carried_again_only_when_it_changed(busy, as_):
    client = as_("supervisor")
    client.defaults |= HTMX | {"HTTP_ACCEPT_ENCODING": "gzip"}
    first = client.get(DASH + "map/")
    assert "no-cache" in first["Cache-Control"]
    assert "private" in first["Cache-Control"]
    again = client.get(DASH + "map/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    builders.case(busy, photos=0)
    changed = client.get(DASH + "map/", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


# --- Figures ----------------------------------------------------------------------------------

LISTED = re.compile(r"共 (\d+) 件")


@pytest.mark.parametrize("narrowed", [{}, {"team": "gucheng"}, {"area": "331082001"}], ids=str)
def test_each_figure_opens_exactly_what_it_counts(busy, as_, narrowed):
    asked = {**narrowed}
    if "team" in asked:
        asked["team"] = busy.teams[asked["team"]].pk
    client = as_("supervisor")
    shown = figures(client.get(DASH, asked))
    assert shown["reported"].value >= 1
    assert shown["overdue"].value >= 1
    assert shown["lookbacks_due"].value >= 1
    for key, figure in shown.items():
        page = client.get(figure.url)
        assert (key, page.status_code) == (key, 200)
        if key == "lookbacks_due":
            assert page.context["desk"].counts["due"] == figure.value
            continue
        listed = LISTED.search(page.content.decode())
        assert (key, int(listed[1]) if listed else 0) == (key, figure.value)


def test_each_row_of_a_chart_opens_exactly_what_it_counts(busy, as_):
    above = busy.teams["gucheng"]
    busy.teams["below"] = make_team("gucheng1", "古城一组", above.kind, above)
    builders.issued(busy, at=NOW - timedelta(hours=5), team="below", person=None)
    builders.case(busy, at=NOW - timedelta(days=5), category_id=busy.litter.pk)
    client = as_("supervisor")
    context = client.get(DASH + "charts/").context
    lines = [(row.line.name, row.url, row.line.open) for row in context["teams"].rows]
    lines += [(row.line.name, row.late_url, row.line.overdue) for row in context["teams"].rows]
    lines += [(row.name, row.url, row.count) for row in context["pareto"].rows if row.url]
    lines += [(row.label, row.url, row.count) for row in context["ageing"].rows]
    assert len(lines) > 10
    for name, url, count in lines:
        listed = LISTED.search(client.get(url).content.decode())
        assert (name, url, int(listed[1]) if listed else 0) == (name, url, count)


def test_the_list_tells_the_same_of_today_as_the_dashboard(busy, as_):
    client = as_("supervisor")
    shown = figures(client.get(DASH))
    today = client.get("/cases/").context["today"]
    assert today == {name: shown[name].value for name in ("filed", "closed")}
    assert today["closed"] >= 2


def test_figures_stand_beside_those_of_yesterday_and_of_the_week_before(busy, as_):
    shown = figures(as_("viewer").get(DASH))
    told = {key: [(then.word, then.value) for then in shown[key].beside] for key in shown}
    assert told["closed"] == [("昨日", 1), ("上周五", 0)]
    assert told["lookbacks_due"][0][0] == "昨日"


def test_each_figure_opens_those_cases_and_no_other(city, as_):
    """By their numbers, told apart beforehand: as many could be others."""
    reported = builders.report(city)
    waiting = builders.case(city, at=NOW - timedelta(hours=1)).number
    late = builders.issued(city, at=NOW - timedelta(hours=5)).case.number
    soon = builders.issued(city, at=NOW - timedelta(minutes=30)).case.number
    handed = builders.submitted(city, at=NOW - timedelta(hours=1)).case.number
    done = builders.closed(city, at=NOW - timedelta(hours=3)).case.number
    before = builders.closed(city, at=NOW - timedelta(days=1, hours=2)).case.number
    builders.voided(city, at=NOW - timedelta(hours=2))
    again = builders.closed(city, at=NOW - timedelta(days=10)).case
    acts.rebound(city, acts.plan(again, NOW - timedelta(days=9)), NOW - timedelta(minutes=20))
    back = again.number
    client = as_("supervisor")
    shown = figures(client.get(DASH))
    found = {}
    for key in {*shown} - {"reported", "lookbacks_due"}:
        rows = client.get(shown[key].url).context["rows"]
        found[key] = {row.case.number for row in rows}
    assert found == {
        "filed": {waiting, late, soon, handed, done},
        "dispatched": {late, soon, handed, done, back},
        "closed": {done},
        "rectifying": {late, soon, back},
        "to_check": {handed},
        "soon": {soon, back},
        "overdue": {late},
        "rebound": {back},
    }
    told = client.get(shown["reported"].url).context["rows"]
    assert reported.number in {row.number for row, _short, _at in told}
    yesterday = client.get(shown["closed"].beside[0].url).context["rows"]
    assert {row.case.number for row in yesterday} == {before}


@pytest.mark.parametrize("narrowed", [{}, {"team": "gucheng"}], ids=str)
def test_what_had_come_by_then_is_opened_to_the_minute(busy, as_, hand, narrowed):
    for days in (1, 7):
        # A minute before, within the minute, and a minute after it.
        for seconds in (-60, 40, 70):
            at = NOW - timedelta(days=days) + timedelta(seconds=seconds)
            acts.finish(busy, builders.issued(busy, at=at), at)
            old = builders.closed(busy, at=NOW - timedelta(days=9))
            acts.rebound(busy, acts.plan(old.case, at), at)
    hand.forward(seconds=30)
    asked = {name: busy.teams[team].pk for name, team in narrowed.items()}
    client = as_("supervisor")
    flows = 0
    for key, figure in figures(client.get(DASH, asked)).items():
        for then in figure.beside:
            if not then.url:
                assert key in ("rectifying", "to_check", "soon", "overdue", "lookbacks_due")
                continue
            flows += 1
            assert then.value >= 2
            listed = LISTED.search(client.get(then.url).content.decode())
            assert (key, then.word, int(listed[1])) == (key, then.word, then.value)
    assert flows == 10


def test_look_backs_lead_to_the_desk_only_where_it_is_open(busy, as_):
    assert figures(as_("supervisor").get(DASH))["lookbacks_due"].url == "/lookbacks/?scope=due"
    assert figures(as_("viewer").get(DASH))["lookbacks_due"].url == ""


def test_rates_stand_with_what_they_are_made_of(busy, as_):
    rates = {rate.key: rate for rate in as_("viewer").get(DASH).context["rates"]}
    assert set(rates) == {"closing", "on_time", "handling", "rework", "rebound"}
    part, whole = map(int, rates["on_time"].fraction.split("/"))
    assert 0 < part < whole
    assert rates["on_time"].percent == f"{part / whole:.1%}"
    assert rates["on_time"].small


# --- A bureau on its first day ----------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
def test_a_fresh_bureau_has_pages_without_a_figure(city, as_, part):
    text = as_("viewer").get(DASH + part, **HTMX).content.decode()
    told = {
        "": "—",
        "map/": "网格",
        "decisions/": "没有等您定的事",
        "rooms/": "没有结束的抽查",
        "charts/": "没有立案",
    }
    assert told[part] in text


# --- Decisions --------------------------------------------------------------------------------


def groups(response) -> dict[str, object]:
    return {group.title: group for group in response.context["groups"]}


def test_what_wants_a_decision_stands_with_its_button(busy, as_):
    found = groups(as_("supervisor").get(DASH + "decisions/"))
    assert found["超时未结"].count == 1
    act = found["超时未结"].lines[0].act
    assert (act.label, act.version is not None) == ("催 古城中队", True)
    assert found["今日反弹"].count == 1


def test_a_button_does_what_it_says_and_leads_back(busy, as_):
    client = as_("supervisor")
    page = client.get(DASH + "decisions/", **HTMX)
    act = groups(page)["超时未结"].lines[0].act
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page.content.decode())[1]
    form = {"version": act.version, "idempotency_key": key, "next": page.context["back"]}
    assert client.post(act.url, form).url == DASH
    (urged,) = CaseEvent.objects.filter(name="case.urged")
    assert (urged.actor, urged.at) == (busy.supervisor, NOW)
    assert groups(client.get(DASH + "decisions/"))["超时未结"].count == 1


def test_a_request_is_approved_where_it_stands(city, as_):
    order = builders.received(city)
    acts.ask_extension(city, order, NOW)
    client = as_("supervisor")
    line = groups(client.get(DASH + "decisions/"))["待审批"].lines[0]
    assert (line.act.label, line.title) == ("准延期", "延期：店外经营，紫阳街 118 号")
    form = {"version": line.act.version, "idempotency_key": str(uuid.uuid4()), "next": DASH}
    assert client.post(line.act.url, form).url == DASH
    order.refresh_from_db()
    assert order.extension_count == 1
    assert "待审批" not in groups(client.get(DASH + "decisions/"))


def test_who_only_looks_is_offered_words_not_deeds(busy, as_):
    line = groups(as_("viewer").get(DASH + "decisions/"))["超时未结"].lines[0]
    assert (line.act.label, line.act.version) == ("批示", None)


# --- The map ----------------------------------------------------------------------------------


def test_the_map_tells_each_cell_as_often_as_the_list(busy, as_):
    client = as_("supervisor")
    panel = client.get(DASH + "map/?cell=古城-01").context["map"]
    assert panel.chosen.code == "古城-01"
    assert panel.chosen.chief == "李建国"
    listed = LISTED.search(client.get(panel.chosen.url).content.decode())
    assert panel.chosen.open == int(listed[1])


@pytest.mark.parametrize(
    ("shade", "levels"),
    [
        ("open", [1, 2, 0, 0]),
        ("overdue", [1, 0, 0, 0]),
        ("density", [1, 2, 1, 1]),
        ("rate", [0, 0, 1, 5]),
        ("nonsense", [1, 2, 0, 0]),
    ],
)
def test_each_cell_is_shaded_by_what_is_asked(city, as_, shade, levels):
    """One late, two that wait, one closed in time, one closed late: a cell each."""

    def within(number: int) -> dict[str, float]:
        return {"lon": WEST + SIDE * (number + 0.5), "lat": IN_FIRST_CELL[1]}

    builders.issued(city, at=NOW - timedelta(hours=5), **within(0))
    for _number in range(2):
        builders.case(city, **within(1))
    builders.closed(city, at=NOW - timedelta(hours=3), **within(2))
    builders.closed_late(city, at=NOW - timedelta(hours=6), **within(3))
    panel = as_("viewer").get(f"{DASH}map/?shade={shade}").context["map"]
    current = [choice.key for choice in panel.shades if choice.current]
    assert current == [shade if shade != "nonsense" else "open"]
    told = {cell.code: cell.level for cell in panel.cells}
    assert [told[f"古城-0{number}"] for number in (1, 2, 3, 4)] == levels


# --- Charts and their files -------------------------------------------------------------------


@pytest.mark.parametrize("chart", CHARTS)
def test_a_download_has_the_numbers_of_its_chart(busy, as_, chart):
    client = as_("viewer")
    sheet = client.get(DASH + "charts/").context[chart].sheet
    said = client.get(f"{DASH}charts/{chart}.csv")
    rows = list(csv.reader(io.StringIO(said.content.decode("utf-8-sig"))))
    assert rows[0] == list(sheet.columns)
    assert rows[1:] == [["" if v is None else str(v) for v in row] for row in sheet.rows]
    book = load_workbook(io.BytesIO(client.get(f"{DASH}charts/{chart}.xlsx").content))
    values = [list(row) for row in book.active.values]
    assert values[0] == list(sheet.columns)
    assert [[None if v == "" else v for v in row] for row in sheet.rows] == values[1:]


def test_each_chart_has_its_table_on_the_page(busy, as_):
    client = as_("viewer")
    page = client.get(DASH + "charts/", **HTMX)
    html = page.content.decode()
    shown = [unescape(cell) for cell in re.findall(r"<t[dh](?: [^>]*)?>([^<]*)</t[dh]>", html)]
    for chart in ("trend", "hours"):
        rows = page.context[chart].sheet.rows
        said = ["—" if value is None else str(value) for row in rows for value in row]
        starts = [place for place, cell in enumerate(shown) if cell == said[0]]
        assert any(shown[place : place + len(said)] == said for place in starts), chart
    # The others are tables themselves, with a bar in each row.
    for chart in CHARTS:
        rows = page.context[chart].sheet.rows
        assert rows
        names = [next(value for value in row if isinstance(value, str)) for row in rows]
        assert all(name in html for name in names), chart
    text = unescape(page.content.decode())
    assert text.count("<table") >= len(CHARTS)
    for chart in CHARTS:
        for kind in ("xlsx", "csv"):
            assert f"/dashboard/charts/{chart}.{kind}" in text


@pytest.mark.parametrize("file", ["trend.pdf", "nothing.csv"])
def test_an_unknown_file_is_not_found(as_, file):
    assert as_("viewer").get(f"{DASH}charts/{file}").status_code == 404


def test_a_name_that_looks_like_a_formula_stays_a_name(busy, as_):
    team = busy.teams["gucheng"]
    team.name = "=1+1"
    team.save(update_fields=["name"])
    client = as_("viewer")
    assert "'=1+1" in client.get(f"{DASH}charts/teams.csv").content.decode()
    book = load_workbook(io.BytesIO(client.get(f"{DASH}charts/teams.xlsx").content))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in cells] == ["s"]


def test_every_part_travels_compressed(busy, as_):
    for part in PARTS:
        answer = as_("viewer").get(DASH + part, HTTP_ACCEPT_ENCODING="gzip", **HTMX)
        assert answer["Content-Encoding"] == "gzip"
