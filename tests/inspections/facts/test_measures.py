"""Durations in steps, moments in stretches, and the page of the docs that tells of them."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from inspections.management.commands.document_facts import Command
from inspections.management.facts_page import page
from inspections.measures import (
    BOUNDS,
    MEASURES,
    Fact,
    Key,
    Kind,
    cells_of,
    day_of,
    keys_of,
    quantile,
    step_of,
    week_of,
)
from tests.city import LOCAL

AT = datetime(2026, 11, 20, 16, 30, 45, tzinfo=UTC)


@given(st.lists(st.integers(0, 700 * 86400), min_size=1, max_size=60), st.sampled_from((0.5, 0.9)))
def test_a_quantile_lies_in_the_step_of_the_true_one(seconds, share):
    steps: dict[int, int] = {}
    for value in seconds:
        step = step_of(timedelta(seconds=value))
        steps[step] = steps.get(step, 0) + 1
    ordered = sorted(seconds)
    true = ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
    step = step_of(timedelta(seconds=true))
    low = BOUNDS[step - 1] if step else 0
    assert low <= quantile(steps, share) <= BOUNDS[step]


def test_nothing_has_no_quantile():
    assert quantile({}, 0.5) == 0


def test_a_common_spread_is_told_to_a_tenth():
    lot = Random(1)
    seconds = sorted(lot.lognormvariate(9, 0.8) for _n in range(4000))
    steps: dict[int, int] = {}
    for value in seconds:
        step = step_of(timedelta(seconds=value))
        steps[step] = steps.get(step, 0) + 1
    for share in (0.5, 0.9):
        assert quantile(steps, share) == pytest.approx(seconds[int(4000 * share)], rel=0.1)


def test_a_day_and_a_week_begin_at_local_midnight():
    # Half past midnight of a Saturday in the bureau.
    assert day_of(AT, LOCAL) == datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert week_of(AT, LOCAL) == datetime(2026, 11, 15, 16, tzinfo=UTC)


def fact(measure: str, street: str = "331082001") -> Fact:
    return Fact(measure, AT, 1, frozenset({7, 9}), street, 9, 3, "patrol", 12)


def keys(one: Fact) -> list[Key]:
    return [key for cell in cells_of(one, LOCAL) for key in keys_of(cell)]


@pytest.mark.parametrize("measure", MEASURES)
def test_a_fact_stands_in_every_scope_it_belongs_to(measure):
    found = keys(fact(measure))
    scopes = {(key.team, key.street) for key in found}
    assert scopes == {(team, street) for team in (0, 7, 9) for street in ("", "331082001")}
    assert {key.kind for key in found} == set(MEASURES[measure].kinds)
    assert len(found) == len(set(found))


def test_what_stands_in_no_street_is_counted_once_a_team():
    scopes = [(key.team, key.street) for key in keys(fact("aged", ""))]
    assert sorted(scopes) == [(0, ""), (7, ""), (9, "")]


def test_rows_are_told_apart_as_their_kind_says():
    axes = {key.kind: key.axis for name in MEASURES for key in keys(fact(name))}
    assert axes == {
        Kind.MINUTE: "",
        Kind.HOUR: "",
        Kind.DAY: "",
        Kind.TOTAL: "",
        Kind.DAY_CLASS: "3",
        Kind.DAY_SOURCE: "patrol",
        Kind.DAY_TEAM: "9",
        Kind.TOTAL_TEAM: "9",
        Kind.WEEK_CLASS_STEP: "3:12",
    }


def test_the_page_of_the_docs_is_what_the_tables_say_today():
    assert Command.target.read_text(encoding="utf-8") == page()
    call_command("document_facts", "--check")
