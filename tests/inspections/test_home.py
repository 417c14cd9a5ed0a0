"""今日: what waits for each role, over HTTP."""

from datetime import timedelta

import pytest

from tests import builders
from tests.city import NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db

TITLES = {
    "dispatcher": ["待受理", "待派遣", "要您定的"],
    "inspector": ["待核查", "我要回头看的", "我上报的"],
    "leader": ["队里要整改的", "我上报的"],
    "officer": ["我要整改的", "我上报的"],
    "stranger": [],
}


def titles(response) -> list[str]:
    return [section.title for section in response.context["sections"]]


def lines(response, title: str) -> list:
    return next(s.lines for s in response.context["sections"] if s.title == title)


@pytest.mark.parametrize("who", TITLES)
def test_each_role_finds_its_desks(city, as_, who):
    response = as_(who).get("/")
    assert response.status_code == 200
    assert titles(response) == TITLES[who]


def test_a_desk_shows_what_is_most_urgent_and_how_much_there_is(city, as_):
    for n in range(7):
        builders.issued(city, at=NOW - timedelta(minutes=10 * n))
    response = as_("leader").get("/")
    section = response.context["sections"][0]
    assert (section.count, len(section.lines)) == (7, 5)
    assert section.lines[0].clock.text.startswith("剩 1 小时")


def test_a_report_in_the_queue_leads_to_its_lane(city, as_):
    report = builders.report(city)
    response = as_("dispatcher").get("/")
    assert lines(response, "待受理")[0].url == f"/triage/?report={report.number}"
    assert not lines(response, "待派遣")


def test_the_reporter_sees_what_became_of_a_report(city, as_):
    builders.case(city)
    assert lines(as_("officer").get("/"), "我上报的")[0].chip.text == "已立案"


def test_the_figures_of_today_stand_beside_yesterdays(city, as_):
    builders.closed(city, at=NOW - timedelta(days=1))
    builders.issued(city, at=NOW - timedelta(hours=4))
    figures = as_("dispatcher").get("/").context["figures"]
    told = {figure["label"]: (figure["value"], figure["before"]) for figure in figures}
    assert told["今日上报"] == (1, 1)
    assert told["今日结案"] == (0, 1)
    assert told["已超时"] == (1, None)


def test_unread_notices_are_told(city, as_):
    builders.issued(city)
    page = as_("officer").get("/")
    assert len(page.context["notices"]) == 2
    assert "新整改单" in page.content.decode()
    assert "已立案" in page.content.decode()


@pytest.mark.parametrize("who", [name for name in TITLES if name != "stranger"])
def test_home_asks_at_most_fifteen_statements(city, as_, who):
    for n in range(3):
        at = NOW - timedelta(minutes=20 * n)
        builders.report(city, at=at)
        builders.case(city, at=at)
        builders.issued(city, at=at)
        builders.submitted(city, at=at)
        builders.closed(city, at=at)
    assert len(statements_of(as_(who), "/")) <= 15


def test_strangers_are_asked_to_sign_in(city, client):
    assert client.get("/").url.startswith("/login/")
