"""单位人员 on the page: the tree, a team at a date, people and what is done to them."""

import re
from datetime import date, timedelta

import pytest

from citymgmt.models import User
from grids.models import Membership
from grids.services.leaves import register_leave
from tests.city import NOW
from tests.house.url_world import key
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def act(client, person, name, **given):
    url = f"/grid/people/{person.pk}/{name}/"
    return client.post(url, {"idempotency_key": key(), **given})


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def team_form(team, **changes):
    given = {
        "name": team.name,
        "kind": team.kind,
        "parent": team.parent_id or "",
        "duty_phone": team.duty_phone,
        "schedule": team.schedule_id or "",
        "is_active": "on",
        "version": team.version,
        "idempotency_key": key(),
    }
    return given | changes


def test_the_tree_shows_who_leads_and_who_is_away(city, as_):
    register_leave(
        person=city.officer,
        kind="annual",
        first=TODAY,
        last=TODAY,
        actor=city.admin,
        at=NOW,
        substitute=city.leader,
    )
    said = text(as_("viewer").get("/grid/teams/"))
    assert "古城中队" in said
    assert "陈立军" in said
    assert "李建国 到 11-20 陈立军 顶岗" in said


@pytest.mark.parametrize("page", ["/grid/teams/", "/grid/roster/"])
@pytest.mark.parametrize("who", ["admin", "leader"])
def test_pages_ask_few_statements(city, as_, page, who):
    for n in range(40):
        user = User.objects.create_user(username=f"many-{n}", name=f"众{n}")
        Membership.objects.create(user=user, team=city.teams["gucheng"], valid_from=NOW - 9 * DAY)
    most = 10 if page == "/grid/teams/" else 12
    address = page if page == "/grid/teams/" else f"{page}?team={city.teams['gucheng'].pk}"
    assert len(statements_of(as_(who), address)) <= most


def test_every_page_opens(city, as_):
    client = as_("admin")
    team, person = city.teams["gucheng"].pk, city.officer.pk
    for page in (
        f"/grid/teams/{team}/",
        f"/grid/teams/{team}/?day=2026-03-01",
        f"/grid/people/{person}/",
        "/grid/teams/new/",
        "/grid/tables/teams/",
        "/grid/tables/people/",
        f"/grid/roster/?team={team}&cell={person}:2026-11-21",
        "/grid/shifts/",
        f"/grid/shifts/?team={team}",
        "/grid/cards/",
        "/grid/cards/sheet/",
    ):
        assert client.get(page).status_code == 200, page
