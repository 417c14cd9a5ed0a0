"""Figures and charts of a dashboard, on days that were lived through the services."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inspections import facts
from tests import builders
from tests.city import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
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


def test_figures_stand_beside_those_of_yesterday_and_a_week_ago_at_this_minute(city):
    for days, hours in ((0, -1), (1, -1), (1, -2), (1, 1), (7, -1), (7, 2), (7, 3)):
        builders.issued(city, at=NOW - timedelta(days=days) + timedelta(hours=hours))
    figures = facts.at_a_glance(NOW, ALL)
    for name in ("reported", "filed", "dispatched"):
        assert figures[name] == facts.Figure(1, 2, 1), name
    assert figures["rectifying"] == figures["open"] == facts.Figure(7, 5, 1)
    assert figures["overdue"] == facts.Figure(6, 4, 0)
