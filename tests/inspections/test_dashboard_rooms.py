"""The card of the rooms on the dashboard: each count is that of the room's own page."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from cases import options
from tests import builders, outings
from tests.city import NOW, City
from tests.inspections.test_accountability import decided
from tests.inspections.test_campaign_work import begun
from tests.inspections.test_problem_ledgers import filled
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
ROOMS = "/dashboard/rooms/"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """Nothing of another test's minute is kept."""
    for each in (options.street_options, options.team_options):
        each.forget()
    cache.clear()


@pytest.fixture
def later(hand):
    """A minute after all of it was done: a period holds what was before its end."""

    def wait() -> None:
        hand.to(NOW + timedelta(minutes=1))

    return wait


def panel(client, query=""):
    return client.get(ROOMS + query).context["rooms"]


def test_outings_are_counted_as_in_their_list_and_lead_to_exactly_those(city: City, as_, later):
    outings.done(city, bad=["摊位不出线"])
    old = outings.done(city, at=NOW - timedelta(days=40))
    later()
    supervisor = as_("supervisor")
    found = panel(supervisor)
    assert (found.outings["outings"], found.outings["problems"], found.rate) == (1, 1, "100.0%")
    listed = supervisor.get(found.outings_url).context
    assert [row.number == old.number for row in listed["rows"]] == [False]
    assert len(supervisor.get("/outings/?scope=done").context["rows"]) == 2
    assert len(supervisor.get("/outings/?scope=done&since=yesterday").context["rows"]) == 2


def test_a_campaign_and_a_ledger_stand_as_on_their_pages(city: City, as_, later):
    campaign = begun(city, categories=[city.spill])
    builders.case(city)
    ledger = filled(city)
    later()
    supervisor = as_("supervisor")
    found = panel(supervisor)
    (said,) = found.campaigns
    counts = supervisor.get(said.url).context["counts"]
    assert (said.name, said.count, said.done) == (campaign.name, counts.filed, counts.closed)
    assert counts.filed == len(supervisor.get(said.count_url).context["rows"]) == 1
    (one,) = found.ledgers
    whole = supervisor.get(one.url).context["whole"]
    assert (one.name, one.done, one.count) == (ledger.name, whole.signed, whole.total)


def test_accountability_is_told_by_level_and_opens_to_whom_its_papers_are_open(
    city: City, as_, later
):
    row = decided(city)
    later()
    supervisor, dispatcher = as_("supervisor"), as_("dispatcher")
    found = panel(supervisor)
    assert found.decided == 1
    assert row.get_level_display() in found.levels
    assert row.number in supervisor.get(ROOMS).content.decode()
    assert row.number not in dispatcher.get(ROOMS).content.decode()


def test_a_street_is_told_that_the_rooms_have_none(city: City, as_):
    words = "只按单位分，不按街道"
    supervisor = as_("supervisor")
    assert words in supervisor.get(f"{ROOMS}?area=331082001").content.decode()
    assert words not in supervisor.get(ROOMS).content.decode()


def test_whoever_asks_again_within_a_minute_counts_nothing_anew(city: City, as_):
    begun(city, categories=[city.spill])
    filled(city)
    outings.done(city)
    supervisor = as_("supervisor")
    supervisor.get(ROOMS)
    assert len(statements_of(supervisor, ROOMS)) <= 7
