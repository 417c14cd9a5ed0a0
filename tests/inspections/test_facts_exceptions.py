"""A day with every exception in it, counted by hand; home and digest say the same."""

from datetime import datetime, timedelta

import pytest

from cases.models import Case
from grids.access import access_of
from inspections import facts
from tests import acts, builders
from tests.city import LOCAL, NOW, City

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
UNTIL = datetime(2026, 11, 20, 18, 0, tzinfo=LOCAL)


def figures(until: datetime = UNTIL, team=None) -> facts.Json:
    return facts.figures(facts.Period(until - DAY, until, team))


@pytest.fixture
def lived(city: City) -> dict[str, Case]:
    """Nine problems: what became of each says its name. The limit is two hours."""
    cases = {}
    lead = builders.received(city)
    cases["lead"] = lead.case
    cases["joined"] = acts.join(city, builders.case(city), lead.case, NOW)
    acts.finish(city, lead, NOW + HOUR)
    cases["voided"] = acts.void(city, builders.issued(city).case, NOW)
    cases["forced"] = acts.force_close(city, builders.issued(city).case, NOW + HOUR)
    late = acts.finish(city, builders.received(city), NOW + 3 * HOUR)
    acts.approve(city, acts.appeal(city, late, NOW + 3 * HOUR), NOW + 3 * HOUR)
    cases["waived"] = late.case
    cases["self-handled"] = acts.self_handle(city, NOW, quantity="3")
    cases["assisted"] = builders.case(city)
    acts.send(city, cases["assisted"], "gucheng", NOW, "dayang")
    for order, quantity in zip(acts.orders_of(cases["assisted"]), ("2", "5"), strict=True):
        acts.finish(city, order, NOW + HOUR, quantity)
    resting = builders.received(city)
    cases["resting"] = acts.suspend(city, resting.case, NOW + HOUR, (NOW + 9 * DAY).date())
    moved = builders.issued(city)
    acts.transfer(city, moved, "dayang", NOW + HOUR)
    cases["transferred"] = moved.case
    return cases


def test_a_day_with_every_exception_is_counted_by_hand(lived):
    totals = figures()["totals"]
    assert {name: totals[name] for name in totals if totals[name]} == {
        "reported": 9,
        # Without what was void, and what was joined to another.
        "filed": 7,
        # lead, forced, waived, assisted, resting, transferred: each problem once.
        "dispatched": 6,
        # lead, waived, self-handled, assisted.
        "submitted": 4,
        # The same and what was forced.
        "closed": 5,
        # Without what was forced; with the waived overtime.
        "closed_on_time": 4,
        # resting and transferred; only the latter is late.
        "open": 2,
        "overdue": 1,
    }


def test_the_raw_overtime_of_what_was_waived_stays(lived):
    case = acts.case_now(lived["waived"])
    assert (case.on_time, case.overtime_waived) == (False, True)
    assert acts.orders_of(case)[0].on_time is False


def test_who_assisted_adds_quantities_and_no_problems(lived):
    said = figures()
    assert said["quantities"]["rows"] == [
        # 1 lead, 1 waived, 3 self-handled, 2 and 5 assisted.
        {"category": "店外经营", "unit": "起", "now": "12", "since": "12"}
    ]
    numbers = [row["number"] for row in said["problems"]["rows"]]
    assert sorted(numbers) == sorted(
        lived[name].number
        for name in ("lead", "forced", "waived", "assisted", "resting", "transferred")
    )


def test_each_team_answers_for_the_problems_it_has_in_the_end(lived):
    names = ("name", "found", "closed", "on_time", "open", "overdue", "should")
    assert [tuple(row[name] for name in names) for row in figures()["teams"]] == [
        ("大洋中队", 1, 0, 0, 1, 1, 1),
        ("古城中队", 5, 5, 4, 1, 0, 5),
    ]


@pytest.mark.parametrize(("team", "numbers"), [("gucheng", (5, 5, 1)), ("dayang", (1, 0, 1))])
def test_a_team_s_own_digest_says_of_it_what_the_bureau_s_says(city, lived, team, numbers):
    totals = figures(team=city.teams[team])["totals"]
    assert (totals["dispatched"], totals["closed"], totals["open"]) == numbers


def test_home_and_digest_are_equal(city, lived):
    today, totals = facts.today(UNTIL, access_of(city.viewer)), figures()["totals"]
    for name in ("reported", "filed", "closed", "overdue"):
        assert today[name].now == totals[name], name


def test_a_closing_stays_counted_on_its_day_after_a_rebound(city):
    order = builders.closed(city)
    look = acts.plan(order, NOW + HOUR)
    acts.rebound(city, look, NOW + 2 * HOUR)
    assert facts.today(UNTIL, access_of(city.viewer))["closed"].now == 1
    totals = figures()["totals"]
    assert (totals["closed"], totals["dispatched"], totals["rebounds"]) == (1, 2, 1)


def test_an_appeal_waives_the_overtime_of_its_round_only(city):
    first = acts.finish(city, builders.received(city), NOW + 3 * HOUR)
    look = acts.plan(first, NOW + 3 * HOUR)
    acts.approve(city, acts.appeal(city, first, NOW + 3 * HOUR), NOW + 3 * HOUR)
    acts.rebound(city, look, look.opens_at)
    second = acts.orders_of(first.case)[-1]
    acts.finish(city, second, look.opens_at + 5 * HOUR)
    assert figures()["totals"]["closed_on_time"] == 1
    later = figures(look.opens_at + 6 * HOUR)["totals"]
    assert (later["closed"], later["closed_on_time"]) == (1, 0)


def test_a_problem_whose_lead_was_given_back_waits_and_is_not_open(city):
    case = builders.case(city)
    lead = acts.send(city, case, "gucheng", NOW, "dayang")
    acts.give_back(city, lead, NOW + HOUR)
    totals = figures()["totals"]
    assert (totals["open"], totals["waiting"], totals["overdue"]) == (0, 1, 0)
    assert facts.today(UNTIL, access_of(city.viewer))["overdue"].now == 0


def test_what_is_late_by_an_assisting_order_is_one_late_problem_of_the_lead(city):
    case = builders.case(city)
    lead = acts.send(city, case, "gucheng", NOW, "dayang")
    acts.finish(city, lead, NOW + HOUR)
    said = figures()
    assert (said["totals"]["open"], said["totals"]["overdue"]) == (1, 1)
    assert [(row["name"], row["overdue"]) for row in said["teams"]] == [("古城中队", 1)]
    assert facts.today(UNTIL, access_of(city.viewer))["overdue"].now == 1


def test_a_handing_out_on_a_later_day_is_the_later_team_s_problem_of_that_day(city):
    order = builders.received(city)
    acts.transfer(city, order, "dayang", UNTIL + HOUR)
    assert [row["team"] for row in figures()["problems"]["rows"]] == ["古城中队"]
    assert [row["team"] for row in figures(UNTIL + DAY)["problems"]["rows"]] == ["大洋中队"]
