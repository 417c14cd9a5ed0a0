"""Who sees a problem before it is dispatched, and rights that hold here and not there."""

import pytest
from django.urls import reverse

from cases.models import Case, Order, Report
from citymgmt.choices import Capability
from citymgmt.models import ApiToken, Role
from grids.access import access_of, forget_access
from grids.models import Grant
from tests import builders
from tests.city import IN_FIRST_CELL, IN_THIRD_CELL, LONG_AGO, NOW

pytestmark = pytest.mark.django_db

PHONE = "13812345678"


def seen(city, name, rows):
    forget_access(city.people[name])
    return set(rows.objects.visible_to(access_of(city.people[name])))


def told(city, where, **changes):
    lon, lat = where
    contact = {"channel": "hotline", "contact_phone": PHONE}
    return builders.report(city, by="dispatcher", lon=lon, lat=lat, **(contact | changes))


def test_a_leader_sees_reports_and_cases_of_his_cells_before_anybody_is_sent(city):
    ours, theirs, nowhere = (
        told(city, IN_FIRST_CELL),
        told(city, IN_THIRD_CELL),
        told(city, (None, None)),
    )
    assert seen(city, "leader", Report) == {ours}
    assert seen(city, "other_leader", Report) == {theirs}
    assert nowhere.team_ids == []
    assert seen(city, "viewer", Report) == {ours, theirs, nowhere}
    lon, lat = IN_THIRD_CELL
    cases = builders.case(city), builders.case(city, lon=lon, lat=lat)
    assert [seen(city, who, Case) for who in ("leader", "other_leader")] == [
        {cases[0]},
        {cases[1]},
    ]


def test_a_case_sent_to_another_team_is_seen_by_both_and_its_order_by_that_team(city):
    order = builders.issued(city, team="dayang", person="other_officer")
    for who in ("leader", "other_leader"):
        assert seen(city, who, Case) == {order.case}
    assert seen(city, "leader", Order) == set()
    assert seen(city, "other_leader", Order) == {order}


@pytest.fixture
def half(city):
    """Somebody who sees everything, and has the further rights in the first squadron only."""
    role = Role.objects.create(
        code="half",
        name="半权",
        capabilities=[
            Capability.CONTACT_VIEW,
            Capability.PHOTO_ORIGINAL,
            Capability.REPORT_FILE,
            Capability.ORDER_CHECK,
        ],
    )
    Grant.objects.create(
        user=city.viewer, role=role, team=city.teams["gucheng"], valid_from=LONG_AGO
    )
    return city.viewer


def test_contact_and_original_are_shown_where_the_right_holds(city, as_, half):
    client = as_("viewer")
    for where, here in ((IN_FIRST_CELL, True), (IN_THIRD_CELL, False)):
        report = told(city, where)
        page = client.get(reverse("cases:report_detail", args=[report.number]))
        assert bool(page.context["may_look"]) is here
        assert bool(page.context["photos"][0].original_url) is here
        lane = client.get(reverse("cases:triage"), {"report": report.number})
        assert lane.context["report"] == report
        assert bool(lane.context["may_look"]) is here
        assert bool(lane.context["photos"][0].original_url) is here


def test_the_check_desk_addresses_originals_where_the_right_holds(city, as_, half):
    lon, lat = IN_THIRD_CELL
    builders.submitted(city)
    builders.submitted(city, team="dayang", person="other_officer", lon=lon, lat=lat)
    items = as_("viewer").get(reverse("cases:checks")).context["items"]
    shown = {item["order"].team.code: bool(item["after"][0].original_url) for item in items}
    assert shown == {"gucheng": True, "dayang": False}


def test_the_api_addresses_originals_where_the_right_holds(city, half, client):
    _row, secret = ApiToken.issue(user=half, label="test", at=NOW)

    def ask(path):
        answer = client.get(f"/api/v1{path}", headers={"Authorization": f"Token {secret}"})
        assert answer.status_code == 200, answer.content
        return answer.json()

    for where, team, person, here in (
        (IN_FIRST_CELL, "gucheng", "officer", True),
        (IN_THIRD_CELL, "dayang", "other_officer", False),
    ):
        lon, lat = where
        order = builders.submitted(city, team=team, person=person, lon=lon, lat=lat)
        case = order.case
        report = case.reports.get()
        photos = [
            *ask(f"/reports/{report.number}/")["photos"],
            *ask(f"/orders/{order.number}/")["photos"],
            ask(f"/photos/{case.cover_id}/"),
        ]
        assert len(photos) == 3
        assert {bool(photo["original_url"]) for photo in photos} == {here}
