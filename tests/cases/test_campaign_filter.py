"""Cases of a campaign: in list, column, export menu, map and API, and as many as its page says."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from cases.columns import COLUMN_BY_KEY
from cases.models import Case
from inspections.facts import running_campaign
from inspections.facts.campaigns import cases_of, counts_of
from inspections.models import Campaign
from tests import acts, builders
from tests.city import IN_THIRD_CELL, NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
LIST = "/cases/"


@pytest.fixture
def campaign(city) -> Campaign:
    """Ten days of one class in the street of the first cells."""
    row = Campaign.objects.create(
        code="hundred", name="百日攻坚", starts_on=date(2026, 11, 15), ends_on=date(2026, 11, 24)
    )
    row.categories.set([city.spill])
    row.areas.set([city.cells[0].area])
    return row


@pytest.fixture
def mixed(city, campaign) -> Case:
    """One case of the campaign; beside it another class, street, day, and one that is void."""
    inside = builders.case(city)
    builders.case(city, category_id=city.litter.pk)
    elsewhere = builders.case(city, lon=IN_THIRD_CELL[0], lat=IN_THIRD_CELL[1])
    Case.objects.filter(pk=elsewhere.pk).update(area_code="331099001001")
    builders.case(city, at=NOW - timedelta(days=6))
    acts.void(city, builders.case(city), NOW)
    return inside


def numbers(response) -> list[str]:
    return [row.case.number for row in response.context["rows"]]


def test_the_list_shows_its_cases_alone_and_as_many_as_its_page_counts(as_, mixed, campaign):
    client = as_("supervisor")
    response = client.get(LIST, {"tab": "all", "campaign": "hundred"})
    assert numbers(response) == [mixed.number]
    assert [chip["text"] for chip in response.context["chips"]] == ["专项行动 百日攻坚"]
    assert counts_of(cases_of(campaign), NOW).filed == 1
    page = client.get("/campaigns/hundred/").content.decode()
    for name in ("cases:list", "cases:map"):
        assert f"{reverse(name)}?tab=all&amp;campaign=hundred" in page
    assert numbers(client.get(LIST, {"tab": "all", "campaign": "unknown"})) == []


def test_a_campaign_of_a_major_class_has_every_class_below_it(as_, city, mixed, campaign):
    campaign.categories.clear()
    campaign.majors = [city.litter.major_code]
    campaign.save()
    found = numbers(as_("supervisor").get(LIST, {"tab": "all", "campaign": "hundred"}))
    assert len(found) == counts_of(cases_of(campaign), NOW).filed > 0


def test_the_column_names_it_where_the_filter_would_find_it(as_, mixed, campaign):
    response = as_("supervisor").get(LIST, {"tab": "all", "cols": "number,campaign"})
    value = COLUMN_BY_KEY["campaign"].sheet[0].value
    told = {row.case.number: value(None, row.case) for row in response.context["rows"]}
    assert {number for number, words in told.items() if words} == {mixed.number}
    assert told[mixed.number] == "百日攻坚"
    assert "百日攻坚" in response.content.decode()


def test_map_menu_and_api_know_it_too(as_, mixed):
    client = as_("supervisor")
    page = client.get(reverse("cases:map"), {"tab": "all", "campaign": "hundred"})
    assert "专项行动 百日攻坚" in page.content.decode()
    menu = client.get(reverse("cases:choices", args=["campaign"])).content.decode()
    assert 'value="hundred"' in menu
    rows = client.get("/api/v1/cases/", {"campaign": "hundred"}).json()["results"]
    assert [row["number"] for row in rows] == [mixed.number]


def test_the_dashboard_leads_to_the_cases_of_the_campaign_that_runs(as_, mixed, monkeypatch):
    # Which one runs is kept for a minute, for all tests alike.
    monkeypatch.setattr("inspections.views.dashboard.campaign_on", running_campaign)
    page = as_("supervisor").get("/dashboard/charts/", HTTP_HX_REQUEST="true").content.decode()
    assert f"{LIST}?tab=all&amp;campaign=hundred" in page


def test_filter_and_column_ask_nothing_more(as_, mixed, warm):
    client = as_("supervisor")
    for query in ("", "&campaign=hundred", "&campaign=hundred&cols=number,campaign"):
        client.get(f"{LIST}?tab=all{query}")
    plain, narrowed, shown = (
        len(statements_of(client, f"{LIST}?tab=all{query}"))
        for query in ("", "&campaign=hundred", "&campaign=hundred&cols=number,campaign")
    )
    assert plain == narrowed == shown <= 8
