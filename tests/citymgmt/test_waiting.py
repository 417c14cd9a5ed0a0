"""Counting what waits: one statement, none further than its cap."""

from datetime import timedelta

import pytest

from cases.models import Case, Report
from citymgmt import counting
from citymgmt.counting import FULL_SECONDS, KEPT_SECONDS, count_capped, counted_lately, kept_parts
from citymgmt.services.notices import notify
from citymgmt.waiting import NOTICES, waiting
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db


def test_many_counts_are_one_statement(city, django_assert_num_queries):
    builders.case(city, photos=0)
    builders.report(city, photos=0)
    asked = {
        "cases": (Case.objects.all(), 9),
        "reports": (Report.objects.filter(state="pending").order_by("created_at"), 9),
        "nothing": (Case.objects.none(), 9),
    }
    with django_assert_num_queries(1):
        counts = count_capped(asked)
    assert counts == {"cases": 1, "reports": 1, "nothing": 0}


def test_counting_goes_no_further_than_the_cap(city):
    for _number in range(4):
        builders.report(city, photos=0)
    assert count_capped({"reports": (Report.objects.all(), 2)}) == {"reports": 3}


def test_where_nothing_can_be_there_nothing_is_asked(city, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert count_capped({"nothing": (Case.objects.none(), 9)}) == {"nothing": 0}
        assert count_capped({}) == {}


def test_percent_signs_in_a_condition_stay_what_they_are(city):
    builders.case(city, photos=0, address="100%街 5 号")
    asked = {"found": (Case.objects.filter(address__contains="100%"), 9)}
    assert count_capped(asked) == {"found": 1}


def test_what_waits_is_counted_once_a_request(city, django_assert_num_queries):
    builders.issued(city)
    notify(users=[city.leader], kind="x", text="x", path="/", dedupe_key="x", at=NOW)
    person = city.leader
    waiting(person)
    with django_assert_num_queries(0):
        counts = waiting(person)
    assert (counts[NOTICES], counts["orders"], counts["cases"]) == (1, 1, 1)
    assert "checks" not in counts


def test_a_kept_count_is_built_once_and_asked_at_the_present_moment(city):
    case = builders.issued(city).case
    built = []

    def ask(at):
        built.append(at)
        return {"late": (Case.objects.filter(due_at__lt=at), 9)}

    def count(at):
        return count_capped({}, kept_parts("late cases", at, lambda: ask(at)))["late"]

    second = timedelta(seconds=1)
    assert count(case.due_at) == 0
    # The same statement, a second later.
    assert count(case.due_at + second) == 1
    assert built == [case.due_at]
    later = case.due_at + KEPT_SECONDS * second
    assert count(later) == 1
    # A clock that was put back does not get what was built later.
    assert count(case.due_at - second) == 0
    assert built == [case.due_at, later, case.due_at - second]


def test_of_many_only_the_newest_are_kept(monkeypatch):
    monkeypatch.setattr(counting, "_MOST_KEPT", 3)
    monkeypatch.setattr(counting, "_kept", {})

    def keep(key, seconds):
        kept_parts(key, NOW + timedelta(seconds=seconds), lambda: {"any": (Case.objects.all(), 9)})
        return list(counting._kept)

    keep("first", 0)
    keep("second", 5)
    keep("third", 10)
    assert keep("fourth", KEPT_SECONDS) == ["second", "third", "fourth"]
    assert keep("fifth", KEPT_SECONDS + 1) == ["fifth"]


def test_what_is_asked_under_two_names_is_counted_once(city, django_assert_num_queries):
    for _number in range(2):
        builders.report(city, photos=0)
    rows = Report.objects.filter(state="pending")
    with django_assert_num_queries(1) as asked:
        counts = count_capped({"one": (rows, 9), "same": (rows, 9), "other": (rows, 0)})
    assert counts == {"one": 2, "same": 2, "other": 1}
    assert asked.captured_queries[0]["sql"].count("COUNT(*)") == 2


def test_what_was_kept_counts_what_there_is_now(city):
    def count():
        ask = {"reports": (Report.objects.filter(state="pending"), 9)}
        return count_capped({}, kept_parts("reports", NOW, lambda: ask))

    assert count() == {"reports": 0}
    builders.report(city, photos=0)
    assert count() == {"reports": 1}


@pytest.fixture
def passing(monkeypatch):
    """Seconds that pass when the test says so, and nothing known from before."""
    seconds = [0.0]
    monkeypatch.setattr(counting.time, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(counting, "_full", {})
    return seconds


def test_more_than_the_cap_is_told_again_for_a_minute_without_counting(
    city, passing, django_assert_num_queries
):
    reports = [builders.report(city, photos=0) for _number in range(3)]
    asked = {"reports": (Report.objects.filter(state="pending"), 2)}
    assert counted_lately(asked) == {"reports": 3}
    Report.objects.filter(pk=reports[0].pk).update(state="rejected")
    passing[0] = FULL_SECONDS - 1
    with django_assert_num_queries(0):
        assert counted_lately(asked) == {"reports": 3}
    assert count_capped(asked) == {"reports": 2}
    passing[0] = FULL_SECONDS
    assert counted_lately(asked) == {"reports": 2}


def test_a_number_below_the_cap_and_one_reckoned_from_the_moment_are_counted_each_time(
    city, passing, django_assert_num_queries
):
    for _number in range(3):
        builders.report(city, photos=0)
    pending = Report.objects.filter(state="pending")
    asked = {"few": (pending, 3), "now": (pending.filter(created_at__lte=NOW), 1)}
    assert counted_lately(asked) == {"few": 3, "now": 2}
    with django_assert_num_queries(1):
        assert counted_lately(asked) == {"few": 3, "now": 2}


def test_what_was_more_than_one_cap_says_nothing_of_another(city, passing):
    for _number in range(3):
        builders.report(city, photos=0)
    rows = Report.objects.filter(state="pending")
    assert counted_lately({"one": (rows, 1)}) == {"one": 2}
    assert counted_lately({"one": (rows, 5), "same": (rows, 1)}) == {"one": 3, "same": 2}


def test_of_what_was_more_than_its_cap_not_everything_is_remembered(city, passing, monkeypatch):
    monkeypatch.setattr(counting, "_MOST_FULL", 2)
    for _number in range(3):
        builders.report(city, photos=0)
    for cap in range(3):
        counted_lately({"any": (Report.objects.all(), cap)})
    assert len(counting._full) == 3
    counted_lately({"any": (Report.objects.filter(state="pending"), 1)})
    assert len(counting._full) == 1
