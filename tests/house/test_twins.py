"""Each map has a twin in words, for the keyboard and for whoever does not see it."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path("templates")
MAP = re.compile(r"<c-map |dash/_drawing\.html")
# Where a map is drawn, and in which template what tells the same: a list or table, or, where a
# place is picked, fields to type it in.
TWINS = (
    ("cases/_map_card.html", "cases/_map_card.html", "data-map-points"),
    ("cases/_case_side.html", "cases/_case_near.html", "chip, told in lines %}"),
    ("cases/report_new.html", "cases/report_new.html", ':field="form.lat"'),
    ("grids/place_edit.html", "grids/place_edit.html", "{% for field in form %}"),
    ("grids/grid_import.html", "grids/_import_cells.html", "<table"),
    ("grids/cell.html", "grids/cell.html", "{% for each in beside %}"),
    ("grids/patrol.html", "grids/patrol.html", "{% for place, minutes, hours in places %}"),
    ("grids/places.html", "grids/_site_rows.html", "<table"),
    ("grids/places.html", "grids/_shop_rows.html", "<table"),
    ("grids/places.html", "grids/_segment_rows.html", "<table"),
    ("grids/_one_place_map.html", "grids/segment.html", "line.runs"),
    ("grids/_one_place_map.html", "grids/site.html", "{{ row.cell.code }}"),
    ("grids/_one_place_map.html", "grids/shop.html", "{{ row.cell.code }}"),
    ("inspections/hot_spot.html", "inspections/hot_spot.html", "{% for row, seen in happened %}"),
    ("inspections/dash/_map.html", "inspections/dash/_map.html", "{{ map.rows }}"),
    ("inspections/dash/_wall.html", "inspections/dash/_wall.html", "{{ map.spoken }}"),
)
# A page of examples.
NO_PAGE = {"styleguide/evidence.html"}


def drawn() -> set[str]:
    """The templates that draw a map."""
    paths = (path for path in TEMPLATES.rglob("*.html") if MAP.search(path.read_text()))
    return {str(path.relative_to(TEMPLATES)) for path in paths}


def test_every_map_is_known_with_its_twin():
    assert drawn() - NO_PAGE == {where for where, _template, _words in TWINS}


@pytest.mark.parametrize(("where", "template", "words"), TWINS)
def test_the_twin_of_a_map_is_there(where, template, words):
    assert words in (TEMPLATES / template).read_text(), where
