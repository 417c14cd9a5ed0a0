"""Announcing a campaign."""

from datetime import timedelta

import pytest

from citymgmt.errors import DomainError, Forbidden
from inspections.models import Campaign
from inspections.services.campaigns import Dates, create_campaign
from tests.city import NOW, City

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
DATES = Dates(TODAY, TODAY + timedelta(days=30), TODAY + timedelta(days=20))


def announce(city: City, *, by: str = "admin", **changes: object) -> Campaign:
    asked = {"code": "guowei", "name": "国卫复审迎检", "dates": DATES, "teams": []}
    return create_campaign(**(asked | changes), actor=city.people[by])


def test_a_campaign_has_its_dates_and_its_groups(city):
    row = announce(city, teams=[city.teams["gucheng"], city.teams["dayang"]])
    row.refresh_from_db()
    assert (row.starts_on, row.ends_on, row.inspection_on) == (
        DATES.starts_on,
        DATES.ends_on,
        DATES.inspection_on,
    )
    assert set(row.teams.all()) == {city.teams["gucheng"], city.teams["dayang"]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": ""}, "code"),
        ({"code": "国卫"}, "code"),
        ({"code": "x" * 31}, "code"),
        ({"name": " "}, "name"),
        ({"name": "长" * 61}, "name"),
        ({"dates": Dates(TODAY, TODAY - timedelta(days=1))}, "ends_on"),
    ],
)
def test_what_cannot_be_is_refused_and_names_the_field(city, changes, field):
    with pytest.raises(DomainError) as refused:
        announce(city, **changes)
    assert refused.value.field == field
    assert not Campaign.objects.exists()


def test_a_code_that_is_taken_is_refused_in_words(city):
    announce(city)
    with pytest.raises(DomainError, match="已有专项行动在用") as refused:
        announce(city, name="别的行动")
    assert refused.value.field == "code"
    assert Campaign.objects.get().name == "国卫复审迎检"


@pytest.mark.parametrize("by", ["dispatcher", "leader", "viewer"])
def test_only_who_runs_campaigns_announces(city, by):
    with pytest.raises(Forbidden):
        announce(city, by=by)
    assert not Campaign.objects.exists()
