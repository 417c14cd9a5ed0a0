"""The daily digest tells the health of the grid, frozen; those of before stay as they were."""

from datetime import timedelta

import pytest

from grids.choices import Ail, Duty
from grids.models import Assignment
from inspections.papers import paper_of
from tests.city import City
from tests.inspections.test_digests import DAY, UNTIL, compose

pytestmark = pytest.mark.django_db
NO_LOAD = {"filed": 0, "busiest": []}


def test_the_bureaus_digest_freezes_what_is_wrong_with_who_answers(city: City):
    rows = Assignment.objects.filter(cell=city.cells[0], duty=Duty.CELL_CHIEF)
    kept = list(rows)
    rows.delete()
    digest = compose()
    assert digest.figures["grid"] == {"cells": 4, "wrong": {Ail.NO_CHIEF: 1}, "load": NO_LOAD}
    Assignment.objects.bulk_create(kept)
    digest.refresh_from_db()
    words = "网格责任：4 格中，没有网格长 1，请尽快补上。"
    assert words in paper_of(digest).overall


def test_the_digest_tells_how_it_stands_at_the_end_of_its_period(city: City):
    rows = Assignment.objects.filter(cell=city.cells[0], duty=Duty.CELL_CHIEF)
    # At the beginning of the period he was there, a minute before its end he no more is.
    rows.update(valid_to=UNTIL - timedelta(minutes=1))
    Assignment.objects.filter(cell=city.cells[1], duty=Duty.CLEANING).update(valid_to=UNTIL + DAY)
    wrong = {Ail.NO_CHIEF: 1, Ail.COMING: 1}
    assert compose().figures["grid"] == {"cells": 4, "wrong": wrong, "load": NO_LOAD}


def test_a_healthy_grid_is_told_in_one_line_and_a_teams_digest_has_none(city: City):
    words = "网格责任：4 格每项必有的职责都有人，边界没有缝隙和重叠。"
    assert words in paper_of(compose()).overall
    assert compose(city.teams["gucheng"]).figures["grid"] is None


def test_a_digest_of_before_reads_as_it_did(city: City):
    digest = compose()
    # Of when the load was not told, and nobody had looked at the borders.
    del digest.figures["grid"]["load"]
    assert "网格责任：4 格每项必有的职责都有人。" in paper_of(digest).overall
    del digest.figures["grid"]
    assert not [line for line in paper_of(digest).overall if "网格责任" in line]
