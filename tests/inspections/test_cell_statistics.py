"""按格统计: any days, by the cells of the filing or of now, and the same sums as the dashboard."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from cases import options
from cases.models import Case
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import StepKind
from grids.models import Area, CellGeneration, Grant
from grids.services.draft_asks import Ask
from grids.services.draft_publish import publish_draft
from grids.services.drafts import start_draft, take_step
from inspections.facts.shapes import Scope
from inspections.facts.windows import happened, local_midnight, summed
from tests import acts, builders
from tests.city import IN_FIRST_CELL, NOW, SIDE, SOUTH, WEST, City
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
PAGE = "/cell-statistics/"
DAY = timedelta(days=1)
WEST_END = {"lon": WEST + SIDE * 0.1, "lat": IN_FIRST_CELL[1]}


@pytest.fixture(autouse=True)
def _fresh_choices() -> None:
    options.street_options.forget()


@pytest.fixture
def redrawn(city: City, hand: Callable) -> City:
    """A month in which the first cell was cut in two: its west end is a cell of its own now."""
    builders.case(city, at=NOW - 3 * DAY, **WEST_END)
    builders.closed(city, at=NOW - 2 * DAY, **WEST_END)
    builders.closed(city, at=NOW - 2 * DAY)
    builders.closed_late(city, at=NOW - DAY)
    builders.case(city, at=NOW - DAY, lon=120.0, lat=28.0)
    builders.voided(city, at=NOW - DAY)
    builders.merged(city, at=NOW - DAY)
    order = builders.closed(city, at=NOW - 10 * DAY, **WEST_END)
    look = acts.plan(order.case, NOW - 9 * DAY)
    acts.rebound(city, look, NOW - 5 * DAY)
    draft = start_draft(actor=city.admin, at=NOW)
    lon = round((WEST + SIDE / 4) * 1e7)
    line = ((lon, round(SOUTH * 1e7) - 99), (lon, round((SOUTH + SIDE) * 1e7) + 99))
    ask = Ask(StepKind.SPLIT, (str(city.cells[0].pk),), line)
    take_step(draft_id=draft.pk, actor=city.admin, at=NOW, version=1, ask=ask)
    publish_draft(draft_id=draft.pk, actor=city.admin, at=NOW, version=2)
    hand.forward(days=12)
    builders.case(city, at=hand(), **WEST_END)
    raise_revision(GRID)
    return city


def lines(response) -> dict[str, tuple[int, int, str, int, int]]:
    return {
        one.code: (
            one.spell.filed,
            one.spell.closed,
            f"{one.spell.kept}/{one.spell.ended}",
            one.spell.rebounds,
            one.spell.open,
        )
        for one in response.context["lines"]
        if not one.spell.empty
    }


def test_a_period_of_before_is_told_by_the_cells_of_then_or_by_those_of_now(redrawn, as_):
    client = as_("viewer")
    span = {"from": "2026-11-08", "to": "2026-11-20"}
    then = client.get(PAGE, span)
    assert lines(then) == {"古城-01": (6, 4, "2/3", 1, 3), "古城-05": (0, 0, "0/0", 0, 1)}
    now = client.get(PAGE, span | {"cells": "now"})
    assert lines(now) == {"古城-01": (3, 2, "1/2", 0, 1), "古城-05": (3, 2, "1/1", 1, 3)}
    for response in (then, now):
        total = response.context["total"]
        assert (total.filed, total.closed, total.open) == (7, 4, 5)
        # What lies in no cell is no cell's, whichever edition is followed.
        assert (response.context["outside"].filed, response.context["outside"].open) == (1, 1)


def test_all_cells_come_to_what_the_roll_ups_say_of_the_same_days(redrawn, as_, hand):
    since, until = local_midnight(NOW - 12 * DAY), local_midnight(hand())
    sums = summed(Scope(), happened("span", ("filed", "closed"), since, until - DAY / 1440))
    span = {"from": "2026-11-08", "to": "2026-12-01"}
    for way in ("filed", "now"):
        response = as_("viewer").get(PAGE, span | {"cells": way})
        spells = [one.spell for one in response.context["lines"]]
        spells.append(response.context["outside"])
        counted = (sum(one.filed for one in spells), sum(one.closed for one in spells))
        assert counted == (sums.of("span", "filed"), sums.of("span", "closed")) != (0, 0)


def test_each_number_opens_exactly_its_cases(redrawn, as_):
    client = as_("viewer")
    for way in ("filed", "now"):
        response = client.get(PAGE, {"from": "2026-11-08", "to": "2026-11-20", "cells": way})
        for line in response.context["lines"]:
            for name in ("filed", "ended", "rebounds", "open"):
                listed = client.get(line.urls[name]).context
                assert listed["errors"] == []
                count = getattr(line.spell, name)
                assert listed["counts"]["rows"] == count, (way, line.code, name)


def test_the_file_says_what_the_page_says(redrawn, as_):
    asked = "?from=2026-11-08&to=2026-11-20&cells=now"
    client = as_("viewer")
    rows = list(
        csv.reader(io.StringIO(client.get(f"{PAGE}table.csv{asked}").content.decode("utf-8-sig")))
    )
    page = client.get(PAGE + asked)
    told = {row[0]: tuple(map(int, row[2:])) for row in rows[1:]}
    for code, (filed, closed, rate, rebounds, still_open) in lines(page).items():
        kept, ended = map(int, rate.split("/"))
        assert told[code] == (filed, closed, ended, kept, rebounds, still_open)
    assert told["合计"][:2] == (7, 4)
    assert told["不在任何网格"][0] == 1
    assert client.get(f"{PAGE}table.xlsx{asked}").content.startswith(b"PK")
    assert client.get(f"{PAGE}table.pdf{asked}").status_code == 404


def test_what_lies_in_cells_that_he_may_not_look_at_is_told_as_one_line(city, as_):
    other = Area.objects.create(code="331082002", name="大洋街道", level="street")
    Grant.objects.filter(user=city.viewer).update(area=other)
    builders.closed(city, at=NOW)
    builders.case(city, at=NOW)
    Case.objects.update(reporter=city.viewer)
    client = as_("viewer")
    page = client.get(PAGE)
    elsewhere, total = page.context["elsewhere"], page.context["total"]
    assert page.context["lines"] == []
    assert elsewhere == total
    assert (elsewhere.filed, elsewhere.closed, elsewhere.open) == (2, 1, 1)
    assert "别处的格" in page.content.decode()
    rows = csv.reader(io.StringIO(client.get(f"{PAGE}table.csv").content.decode("utf-8-sig")))
    told = {row[0]: row[2:] for row in rows}
    assert told["别处的格"] == told["合计"]
    assert as_("admin").get(PAGE).context["elsewhere"] is None


def test_what_makes_no_sense_is_said_and_a_long_span_is_cut(city, as_):
    client = as_("viewer")
    for asked, words in (
        ({"from": "x"}, "日期应写成"),
        ({"from": "2026-11-20", "to": "2026-11-01"}, "开始要不晚于结束"),
        ({"from": "2020-01-01", "to": "2026-11-01"}, "一次最多看 366 天"),
        ({"area": "331082999"}, "没有这个街道"),
    ):
        assert words in client.get(PAGE, asked).content.decode(), asked
    assert as_("stranger").get(PAGE).status_code == 403


def test_dashboard_and_case_map_follow_either_edition(redrawn, as_):
    client = as_("viewer")
    for path, name in (("/dashboard/map/", "map"), ("/cases/map/", "")):
        seen = {}
        for way in ("filed", "now"):
            response = client.get(
                path, {"cells": way, "tab": "open"} if not name else {"cells": way}
            )
            if name:
                cells = {cell.code: cell.open for cell in response.context["map"].cells}
            else:
                cells = {line.code: line.numbers.open for line, _urls in response.context["lines"]}
            seen[way] = (cells["古城-01"], cells["古城-05"])
            assert "按现行网格" in response.content.decode()
        assert seen == {"filed": (3, 1), "now": (1, 3)}, path


def test_the_list_is_narrowed_to_a_cell_of_now_and_shows_it_beside_that_of_then(redrawn, as_):
    client = as_("viewer")
    asked = {
        "tab": "all",
        "cell_now": "古城-05",
        "cell": "古城-01",
        "cols": "number,title,cell_now",
    }
    response = client.get("/cases/", asked)
    found = Case.objects.filter(lon=WEST_END["lon"], cell__code="古城-01")
    assert response.context["counts"]["rows"] == found.count() == 3
    said = unescape(re.sub("<[^>]+>", " ", response.content.decode()))
    assert "现行网格 古城-05" in said
    elsewhere = client.get("/cases/", asked | {"cell_now": "古城-02"})
    assert elsewhere.context["counts"]["rows"] == 0


def test_what_it_costs_does_not_grow_with_the_cells(redrawn, as_):
    client = as_("viewer")
    client.get(PAGE)
    assert len(statements_of(client, PAGE)) <= 16
    assert len(statements_of(client, PAGE + "?cells=now")) <= 20
    assert CellGeneration.objects.count() == 6
