"""What the public reads: only if it is switched on, sums alone, nothing of anybody, cheap."""

import csv
import io
import json
import re

import pytest
from django.core.cache import cache
from django.test import Client

from cases.models import Case, Report
from citymgmt.models import User
from inspections.demo.scores import NOTE, score_months
from tests import builders
from tests.city import IN_SECOND_CELL, NOW
from tests.house import campaign_world
from tests.inspections.scores import at, busy_month, changed
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

PAGES = ("/open/", "/open/data.json", "/open/data.csv")


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


@pytest.fixture
def open_city(city):
    """A month that is closed, a campaign with a result, and a page that is switched on."""
    busy_month(city)
    changed(city, small=1)
    score_months(supervisor=city.supervisor, until=NOW)
    campaign_world.entry(city)
    return city


def told() -> dict:
    return json.loads(Client().get("/open/data.json").content)


def test_there_is_no_page_until_an_administrator_switches_it_on(city, as_):
    assert {Client().get(page).status_code for page in PAGES} == {404}
    address = "/admin/inspections/publicityterms/1/change/"
    form = {"is_open": "on", "shows_teams": "on", "note": ""}
    # Who may not is led to where others sign in.
    assert as_("supervisor").post(address, form)["Location"].startswith("/admin/login/")
    assert Client().get("/open/").status_code == 404
    assert as_("admin").post(address, form).status_code == 302
    assert "这个月没有立案。" in Client().get("/open/").content.decode()
    found = told()
    assert (found["chiefs"], found["on_time"]["percent"]) == (None, None)


def test_figures_are_those_counted_by_hand_and_nothing_else_leaves(open_city):
    found = told()
    assert (found["month"], found["filed"], found["closed"]) == ("2026 年 10 月", 5, 4)
    assert found["on_time"] == {"part": 3, "whole": 4, "percent": 75.0}
    assert found["on_time_year_before"] == {"part": 0, "whole": 0, "percent": None}
    assert found["classes"] == [{"name": "店外经营", "part": 5, "whole": 5, "percent": 100.0}]
    assert [row for row in found["days"] if row["filed"]] == [
        {"day": "2026-10-31", "filed": 1, "closed": 0}
    ]
    assert found["teams"] == {
        "month": "2026 年 10 月",
        "rows": [
            {"name": "大洋中队", "part": 2, "whole": 2, "percent": 100.0},
            {"name": "古城中队", "part": 3, "whole": 5, "percent": 60.0},
        ],
    }
    (campaign,) = found["campaigns"]
    assert campaign["results"]
    assert {row["chief"] for row in found["chiefs"]} == {"李师傅", "陈师傅"}
    page = Client().get("/open/").content.decode()
    for words in ("75.0", "上年同月没有数", "大洋中队", "店外经营", NOTE):
        assert words in page

    _tells_nothing_of_anybody()
    _tables_say_the_same(found)
    _is_kept_and_cheap()


def test_a_year_later_the_rate_stands_beside_that_of_the_same_month(open_city, hand):
    hand.to(NOW.replace(year=NOW.year + 1))
    builders.closed(open_city, at=at(8).replace(year=NOW.year + 1))
    found = told()
    assert found["month"] == "2027 年 10 月"
    assert found["on_time"] == {"part": 1, "whole": 1, "percent": 100.0}
    assert found["on_time_year_before"] == {"part": 3, "whole": 4, "percent": 75.0}
    assert "同比 +25.0 个百分点" in Client().get("/open/").content.decode()


def _tables_say_the_same(found: dict) -> None:
    """The CSV holds every figure of the JSON, each beside what it is."""
    text = Client().get("/open/data.csv").content.decode("utf-8-sig")
    rows = [tuple(row) for row in csv.reader(io.StringIO(text))]

    def rate(row: dict) -> list[str]:
        return ["" if row[key] is None else str(row[key]) for key in ("part", "whole", "percent")]

    month, teams = found["month"], found["teams"]
    expected = [
        ("全局", "立案", month, str(found["filed"]), "", ""),
        ("全局", "结案", month, str(found["closed"]), "", ""),
        ("全局", "按期办结率", month, *rate(found["on_time"])),
        ("全局", "按期办结率，上年同月", month, *rate(found["on_time_year_before"])),
    ]
    for label, name in (("每日立案", "filed"), ("每日结案", "closed")):
        expected += [(label, "", row["day"], str(row[name]), "", "") for row in found["days"]]
    for label, when, part in (
        ("案由构成", month, found["classes"]),
        ("单位处置率", teams["month"], teams["rows"]),
    ):
        expected += [(label, row["name"], when, *rate(row)) for row in part]
    for each in found["campaigns"]:
        for row in each["results"]:
            said = f"{each['name']} {row['name']}（{row['unit']}）"
            expected.append(("专项行动成果", said, each["to"], row["amount"], "", ""))
    for row in found["chiefs"]:
        where = f"{row['street']} {row['name']} {row['cell']}"
        expected.append(("网格长", where, row["team"], row["chief"], "", ""))
    assert rows[1:] == expected


def _tells_nothing_of_anybody() -> None:
    people = set(User.objects.values_list("name", flat=True))
    cases = set(Case.objects.values_list("number", flat=True))
    cases |= set(Case.objects.values_list("address", flat=True))
    cases |= set(Case.objects.values_list("text", flat=True))
    cases |= set(Report.objects.values_list("number", flat=True))
    for page in PAGES:
        said = Client().get(page).content.decode("utf-8-sig")
        assert {words for words in people | cases if words and words in said} == set()
        assert str(IN_SECOND_CELL[0]) not in said
        # No telephone number: whatever has eleven digits in a row.
        assert re.findall(r"1[3-9][0-9]{9}", said) == []


def _is_kept_and_cheap() -> None:
    first = Client().get("/open/")
    assert first["Cache-Control"] == "public, max-age=300"
    assert not first.cookies
    again = Client().get("/open/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for page in PAGES:
        assert len(statements_of(Client(), page)) == 1
    cache.clear()
    assert len(statements_of(Client(), "/open/")) <= 16
