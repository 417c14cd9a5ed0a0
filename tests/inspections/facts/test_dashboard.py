"""Figures and charts of a dashboard, on days that were lived through the services."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from citymgmt.clock import LOCAL
from inspections import facts
from inspections.facts.cells import by_cell, standing_by_cell
from tests import acts, builders
from tests.city import NOW

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ALL = facts.Scope()


def test_an_empty_bureau_has_zeros_and_no_shares(city):
    board = facts.read(NOW, ALL)
    assert set(board.figures.values()) == {facts.Figure(0, 0, 0)}
    assert {rate.now.share for rate in board.rates.values()} == {None}
    assert (board.pareto.rows, board.teams.rows, board.time_to_close.rows) == ((), (), ())


def test_a_board_takes_three_statements(city):
    builders.closed(city)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        facts.read(NOW + DAY, ALL)
    assert len(asked) == 3


def test_today_and_yesterday_are_counted_by_the_hour(city):
    builders.closed(city, at=NOW - 3 * HOUR)
    builders.issued(city, at=NOW - 5 * HOUR)
    builders.case(city, at=NOW - DAY)
    builders.case(city, at=NOW - 2 * DAY)
    board = facts.read(NOW, ALL)
    assert [sum(board.today_by_hour), sum(board.yesterday_by_hour)] == [2, 1]
    filed = (NOW - 5 * HOUR).astimezone(LOCAL).hour
    assert board.today_by_hour[filed] == 1


def test_the_cells_of_the_wall_stand_as_those_of_the_dashboard(city):
    builders.issued(city, at=NOW - 5 * HOUR)
    builders.closed(city, at=NOW - 3 * HOUR)
    builders.suspended(city)
    rows = Case.objects.all()
    whole = by_cell(NOW, ALL, rows)
    standing = standing_by_cell(NOW, ALL, rows)
    assert {pk: (one.open, one.overdue) for pk, one in standing.items()} == {
        pk: (one.open, one.overdue) for pk, one in whole.items()
    }
    assert [(one.open, one.overdue) for one in standing.values()] == [(2, 1)]


def test_figures_stand_beside_those_of_yesterday_and_a_week_ago_at_this_minute(city):
    for days, hours in ((0, -1), (1, -1), (1, -2), (1, 1), (7, -1), (7, 2), (7, 3)):
        builders.issued(city, at=NOW - timedelta(days=days) + timedelta(hours=hours))
    figures = facts.at_a_glance(NOW, ALL)
    for name in ("reported", "filed", "dispatched"):
        assert figures[name] == facts.Figure(1, 2, 1), name
    assert figures["rectifying"] == figures["open"] == facts.Figure(7, 5, 1)
    assert figures["overdue"] == facts.Figure(6, 4, 0)


def test_rates_have_their_numerator_and_denominator(city):
    builders.closed(city, at=NOW - 2 * DAY)
    builders.closed_late(city, at=NOW - 2 * DAY)
    builders.issued(city, at=NOW - DAY)
    acts.rework(city, builders.submitted(city, at=NOW - DAY), NOW - DAY + HOUR)
    rates = facts.read(NOW, ALL).rates
    told = {name: (rate.now.numerator, rate.now.denominator) for name, rate in rates.items()}
    assert told == {
        "closing": (2, 4),
        "on_time": (1, 4),
        "handling": (3, 5),
        "handling_on_time": (2, 5),
        "rework": (1, 4),
        "rebound": (0, 0),
    }
    # Yesterday at this minute nothing had run out yet; a week ago there was nothing at all.
    assert rates["on_time"].yesterday == facts.Rate(1, 2)
    assert rates["on_time"].week_before.share is None


def test_a_trend_has_its_running_day_and_the_means_of_seven(city):
    for days in (0, 1, 1, 3, 9):
        builders.case(city, at=NOW - days * DAY)
    builders.closed(city, at=NOW - 2 * DAY)
    days = facts.read(NOW, ALL, trend_days=3).trend.days
    assert [(day.day.day, day.filed, day.closed) for day in days] == [
        (18, 1, 1),
        (19, 2, 0),
        (20, 1, 0),
    ]
    assert [day.filed_mean for day in days] == [2 / 7, 4 / 7, None]
    assert [day.closed_mean for day in days] == [1 / 7, 1 / 7, None]


def test_classes_come_by_frequency_with_their_cumulative_share(city):
    for category in (city.spill, city.spill, city.spill, city.litter):
        builders.case(city, category_id=category.pk)
    pareto = facts.read(NOW, ALL).pareto
    assert [(row.name, row.count, row.cumulative) for row in pareto.rows] == [
        ("店外经营", 3, 0.75),
        ("暴露垃圾", 1, 1.0),
    ]
    assert pareto.total == 4


def test_teams_are_ranked_where_there_is_enough_to_compare(city, monkeypatch):
    monkeypatch.setattr("inspections.facts.charts.SMALL", 2)
    builders.closed(city, at=NOW - DAY)
    builders.closed_late(city, at=NOW - DAY)
    builders.closed(city, at=NOW - DAY, team="dayang", person="other_officer")
    builders.issued(city, at=NOW - HOUR, team="dayang", person="other_officer")
    teams = facts.read(NOW, ALL).teams
    first, second = teams.rows
    assert (first.name, first.rank, first.on_time) == ("古城中队", 1, facts.Rate(1, 2))
    assert (second.name, second.rank, second.is_small) == ("大洋中队", None, True)
    assert (second.given_today, second.open, second.overdue) == (1, 1, 0)
    assert (teams.on_time, teams.open, teams.overdue) == (facts.Rate(2, 3), 1, 0)


def test_hours_sources_and_ages_are_those_of_the_cases(city):
    builders.case(city, at=NOW, channel="sensor")
    builders.issued(city, at=NOW - 2 * DAY)
    builders.case(city, at=NOW - 20 * DAY)
    acts.suspend(city, builders.case(city, at=NOW - 7 * DAY), NOW, (NOW + DAY).date())
    board = facts.read(NOW, ALL)
    friday = board.hours.cells[4]
    assert (friday[14], sum(friday), board.hours.total) == (2, 2, 4)
    assert (board.today_by_hour[14], sum(board.today_by_hour)) == (1, 1)
    assert [(row.channel, row.count) for row in board.sources.rows] == [
        ("patrol", 3),
        ("sensor", 1),
    ]
    assert board.sources.sensors == facts.Rate(1, 4)
    ages = [(row.since_days, row.count, row.overdue, row.suspended) for row in board.ageing]
    assert ages == [(0, 1, 0, 0), (1, 1, 1, 0), (3, 0, 0, 0), (7, 1, 0, 1), (15, 1, 0, 0)]
    second = board.ageing[1]
    assert (second.filed_from.day, second.filed_to.day) == (18, 19)
    assert board.ageing[-1].filed_from is None


def test_the_time_to_close_is_told_by_class(city):
    for _number in range(3):
        builders.closed(city, at=NOW - DAY)
    builders.closed_late(city, at=NOW - DAY)
    (row,) = facts.read(NOW, ALL).time_to_close.rows
    assert (row.name, row.count, row.is_small) == ("店外经营", 4, True)
    assert row.median == pytest.approx(3600, rel=0.25)
    assert row.ninetieth == pytest.approx(4 * 3600, rel=0.25)
