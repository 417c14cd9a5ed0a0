"""Cases by the day on which something happened, and the list of reports: what figures open."""

from datetime import timedelta

import pytest

from cases.models import Case
from tests import acts, builders
from tests.city import NOW
from tests.statements import statements_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = {"happened_from": "2026-11-20", "happened_to": "2026-11-20"}


def listed(client, **asked: object) -> set[str]:
    """The numbers of the cases that the list shows."""
    return {row.case.number for row in client.get("/cases/", asked).context["rows"]}


def test_a_case_is_found_by_the_day_on_which_it_was_filed_dispatched_and_closed(city, as_):
    old = builders.closed(city, at=NOW - DAY).case
    new = builders.closed(city, at=NOW - timedelta(hours=2)).case
    client = as_("viewer")
    for what in ("filed", "dispatched", "closed"):
        assert listed(client, happened=what, **TODAY) == {new.number}
        assert listed(client, happened=what) == {old.number, new.number}
        assert listed(client, happened=what, happened_to="2026-11-19") == {old.number}


def test_a_case_that_was_given_back_is_found_by_the_day_on_which_it_first_went_out(city, as_):
    order = builders.issued(city, at=NOW - DAY)
    acts.give_back(city, order, NOW - timedelta(hours=2))
    acts.send(city, order.case, "dayang", NOW - timedelta(hours=1))
    client = as_("viewer")
    assert listed(client, happened="dispatched", **TODAY) == set()
    yesterday = {"happened_to": "2026-11-19"}
    assert listed(client, happened="dispatched", **yesterday) == {order.case.number}
    assert listed(client, happened="dispatched") == {order.case.number}


def test_a_day_may_be_asked_to_the_end_of_a_minute(city, as_):
    within = builders.case(city, at=NOW + timedelta(seconds=59))
    builders.case(city, at=NOW + timedelta(seconds=60))
    asked = {"happened": "filed", **TODAY, "happened_until": "14:00"}
    assert listed(as_("viewer"), **asked) == {within.number}
    reports = {"created_to": "2026-11-20", "created_until": "14:00"}
    page = as_("viewer").get("/reports/", reports)
    assert (page.context["total"], page.context["rows"][0][0].case) == (1, within)


def test_what_is_not_counted_is_not_found(city, as_):
    kept = builders.case(city)
    builders.voided(city)
    lead = builders.merged(city).merged_into
    assert listed(as_("viewer"), happened="filed", **TODAY) == {kept.number, lead.number}


def test_a_case_that_came_back_is_found_also_by_its_closing(city, as_):
    order = builders.closed(city, at=NOW - timedelta(hours=3))
    look = acts.plan(order.case, NOW - timedelta(hours=2))
    acts.rebound(city, look, NOW)
    client = as_("viewer")
    for what in ("closed", "rebound"):
        assert listed(client, happened=what, **TODAY) == {order.case.number}


def test_a_team_finds_what_it_answered_for_and_what_it_worked_on(city, as_):
    order = builders.issued(city)
    acts.transfer(city, order, "dayang", NOW)
    client = as_("viewer")
    for team in ("gucheng", "dayang"):
        asked = {"worked_by": city.teams[team].pk}
        assert listed(client, **asked) == {order.case.number}
    assert listed(client, worked_by=city.teams["huanwei"].pk) == set()
    assert listed(client, handled_by=city.teams["dayang"].pk) == {order.case.number}


@pytest.mark.parametrize("asked", [{"happened": "everything"}, {"happened_from": "1999-01-01"}])
def test_a_condition_that_makes_no_sense_finds_nothing_and_says_so(city, as_, asked):
    builders.case(city)
    page = as_("viewer").get("/cases/", asked)
    assert (list(page.context["rows"]), bool(page.context["errors"])) == ([], True)


def test_nobody_finds_more_than_he_may_see(city, as_):
    builders.closed(city)
    assert Case.objects.count() == 1
    assert listed(as_("other_leader"), happened="closed") == set()


# --- Reports ----------------------------------------------------------------------------------


def test_reports_are_listed_by_day_and_state(city, as_):
    builders.report(city, at=NOW - DAY)
    builders.case(city)
    client = as_("viewer")
    rows = client.get("/reports/").context["rows"]
    assert [row.state for row, _number, _moment in rows] == ["filed", "pending"]
    today = client.get("/reports/", {"created_from": "2026-11-20"})
    assert (today.context["total"], len(today.context["rows"])) == (1, 1)
    assert client.get("/reports/", {"state": "pending"}).context["total"] == 1


def test_reports_are_seen_within_ones_scope(city, as_):
    builders.report(city)
    assert as_("leader").get("/reports/").context["total"] == 1
    assert as_("other_leader").get("/reports/").context["total"] == 0
    assert as_("stranger").get("/reports/").status_code == 403


def test_the_list_of_reports_asks_at_most_eight_statements(city, as_, warm):
    for _n in range(4):
        builders.report(city)
        builders.case(city)
    client = as_("dispatcher")
    client.get("/reports/")
    assert len(statements_of(client, "/reports/")) <= 8


def test_reports_are_paged_by_key(city, as_, monkeypatch):
    monkeypatch.setattr("cases.views.report_list.PAGE_SIZE", 2)
    for n in range(5):
        builders.report(city, at=NOW - timedelta(minutes=n))
    client, seen, address = as_("viewer"), [], "/reports/?state=pending"
    while address:
        page = client.get(address).context
        seen += [row.number for row, _number, _moment in page["rows"]]
        address = f"/reports/{page['older']}" if page["older"] else ""
    assert len(seen) == len(set(seen)) == 5
