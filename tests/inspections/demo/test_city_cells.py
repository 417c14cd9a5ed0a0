"""The demonstration city's map: seamless, numbered, the same each time."""

import random
from collections import Counter
from itertools import pairwise

import pytest
from shapely import LineString, Point, Polygon, STRtree, unary_union

from inspections.demo.city_cells import (
    RIVER,
    STREETS,
    as_geojson,
    build_cells,
    nearest_street,
    point_along,
    point_in,
)

CELLS = build_cells()
SHAPES = [Polygon(cell.ring) for cell in CELLS]


def test_there_are_91_cells_in_five_streets():
    assert Counter(cell.street_code for cell in CELLS) == {
        "331082001": 27,
        "331082002": 22,
        "331082003": 16,
        "331082004": 13,
        "331082005": 13,
    }
    assert len({cell.code for cell in CELLS}) == len({cell.name for cell in CELLS}) == 91
    assert CELLS[0].code == "古城-01"


def test_cells_leave_no_gap_and_do_not_overlap():
    city = unary_union(SHAPES)
    assert city.geom_type == "Polygon"
    assert len(city.interiors) == 0
    assert sum(shape.area for shape in SHAPES) == pytest.approx(city.area, rel=1e-12)


def test_each_cell_is_one_sound_closed_ring_of_six_decimals():
    for cell, shape in zip(CELLS, SHAPES, strict=True):
        assert shape.is_valid
        assert cell.ring[0] == cell.ring[-1]
        assert all(point == (round(point[0], 6), round(point[1], 6)) for point in cell.ring)


def test_neighbours_share_the_very_same_edges():
    edges = Counter(frozenset(edge) for cell in CELLS for edge in pairwise(cell.ring))
    outline = {frozenset(edge) for edge in pairwise(unary_union(SHAPES).exterior.coords)}
    assert set(edges.values()) == {1, 2}
    assert all(edge in outline for edge, times in edges.items() if times == 1)


def test_the_city_is_about_nine_by_six_kilometres():
    west, south, east, north = unary_union(SHAPES).bounds
    assert (west + east) / 2 == pytest.approx(121.145, abs=0.002)
    assert (south + north) / 2 == pytest.approx(28.858, abs=0.002)
    assert (east - west) * 97.5 == pytest.approx(9, abs=0.3)
    assert (north - south) * 110.86 == pytest.approx(6, abs=0.3)


def test_the_river_parts_jiangnan_from_the_other_streets():
    south = unary_union([s for c, s in zip(CELLS, SHAPES, strict=True) if c.code[:2] == "江南"])
    north = unary_union([s for c, s in zip(CELLS, SHAPES, strict=True) if c.code[:2] != "江南"])
    bank = south.intersection(north)
    assert LineString(RIVER).buffer(0.0002).contains(bank)


def test_streets_have_a_grade_and_run_through_cells():
    assert len(STREETS) >= 12
    assert {street.grade for street in STREETS} == {"严管街", "一类街", "二类街"}
    tree = STRtree(SHAPES)
    for street in STREETS:
        assert len(tree.query(LineString(street.line), predicate="intersects")) >= 3
        assert unary_union(SHAPES).contains(LineString(street.line))


def test_a_second_call_gives_the_same_and_cannot_spoil_the_first():
    again = build_cells()
    assert again == CELLS
    again.clear()
    assert len(build_cells()) == 91


def test_geojson_carries_what_the_importer_needs():
    collection = as_geojson(CELLS)
    assert collection["type"] == "FeatureCollection"
    feature = collection["features"][0]
    assert feature["properties"] == {
        "code": CELLS[0].code,
        "name": CELLS[0].name,
        "street_code": CELLS[0].street_code,
    }
    assert feature["geometry"]["type"] == "Polygon"
    assert feature["geometry"]["coordinates"][0][0] == list(CELLS[0].ring[0])


def test_points_fall_inside_their_cell_and_repeat_with_the_seed():
    for cell, shape in zip(CELLS, SHAPES, strict=True):
        point = point_in(cell.ring, random.Random(cell.code))
        assert shape.contains(Point(point))
        assert point == point_in(cell.ring, random.Random(cell.code))


def test_a_point_beside_a_street_finds_that_street_again():
    street = STREETS[0]
    lon, lat = point_along(street.line, 0.4, offset_m=20)
    found, metres = nearest_street(lon, lat)
    assert found.name == street.name == "紫阳街"
    assert metres == pytest.approx(20, abs=3)
