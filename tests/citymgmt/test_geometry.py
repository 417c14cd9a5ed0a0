"""Polygons from strangers, points in cells, distances, areas and map keys."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, shape

from citymgmt.cell_index import CellIndex
from citymgmt.geometry import (
    GeometryError,
    SegmentIndex,
    area_m2,
    bbox_around,
    distance_m,
    parse_polygon,
)
from citymgmt.zorder import morton, morton_ranges, tile_range

SQUARE = [[121.0, 28.0], [121.1, 28.0], [121.1, 28.1], [121.0, 28.1], [121.0, 28.0]]
HOLE = [[121.02, 28.02], [121.04, 28.02], [121.04, 28.04], [121.02, 28.04], [121.02, 28.02]]
BOW_TIE = [[121.0, 28.0], [121.1, 28.1], [121.1, 28.0], [121.0, 28.1], [121.0, 28.0]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def cell(west, south, side=1.0):
    east, north = west + side, south + side
    return polygon([[west, south], [east, south], [east, north], [west, north], [west, south]])


# --- Validation


def test_a_good_polygon_comes_back_clean():
    given_shape = polygon([[*p, 12.5] for p in reversed(SQUARE)]) | {"bbox": [1], "crs": "x"}
    clean = parse_polygon(given_shape)
    assert set(clean) == {"type", "coordinates"}
    assert clean["coordinates"][0][0] == [121.0, 28.0]
    assert shape(clean).exterior.is_ccw
    assert shape(clean).equals(shape(polygon(SQUARE)))
    assert parse_polygon(clean) == clean


def test_holes_and_parts_are_kept():
    parts = {"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [_moved(SQUARE)]]}
    clean = parse_polygon(parts)
    assert clean["type"] == "MultiPolygon"
    assert [len(part) for part in clean["coordinates"]] == [2, 1]


def _moved(ring, by=1):
    return [[lon + by, lat] for lon, lat in ring]


@pytest.mark.parametrize(
    ("geojson", "code"),
    [
        (None, "malformed"),
        ([], "malformed"),
        ("Polygon", "malformed"),
        ({}, "wrong_type"),
        ({"type": "Point", "coordinates": [1, 2]}, "wrong_type"),
        ({"type": ["Polygon"], "coordinates": []}, "wrong_type"),
        ({"type": "Polygon"}, "malformed"),
        (polygon(), "empty"),
        ({"type": "MultiPolygon", "coordinates": []}, "empty"),
        (polygon("abcd"), "malformed"),
        (polygon([1, 2, 3, 4]), "malformed"),
        (polygon([[121.0]] * 4), "malformed"),
        (polygon([[121.0, 28.0, 0, 0]] * 4), "malformed"),
        (polygon(SQUARE[:2] + SQUARE[:1]), "too_few_points"),
        (polygon([SQUARE[0]] * 5), "too_few_points"),
        (polygon([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[1], SQUARE[0]]), "too_few_points"),
        (polygon(SQUARE[:-1]), "not_closed"),
        (polygon(BOW_TIE), "self_intersection"),
        (polygon(SQUARE, _moved(HOLE)), "hole_outside"),
        (polygon(SQUARE, BOW_TIE), "self_intersection"),
        (polygon([["121", 28.0], *SQUARE[1:]]), "not_a_number"),
        (polygon([[True, 28.0], *SQUARE[1:]]), "not_a_number"),
        (polygon([[math.nan, 28.0], *SQUARE[1:]]), "not_a_number"),
        (polygon([[math.inf, 28.0], *SQUARE[1:]]), "not_a_number"),
        (polygon([[10**400, 28.0], *SQUARE[1:]]), "not_a_number"),
        (polygon([[200.0, 28.0], *SQUARE[1:]]), "out_of_range"),
        (polygon([[lat, lon] for lon, lat in SQUARE]), "swapped"),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, "self_intersection"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "empty"),
    ],
)
def test_a_bad_polygon_is_refused_with_its_reason(geojson, code):
    with pytest.raises(GeometryError) as caught:
        parse_polygon(geojson)
    assert caught.value.code == code


def test_a_crossing_is_shown_where_it_is():
    with pytest.raises(GeometryError) as caught:
        parse_polygon(polygon(BOW_TIE))
    assert caught.value.at == pytest.approx((121.05, 28.05))


@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon"])
def test_too_many_positions_are_refused(kind):
    turns = [2 * math.pi * i / 60 for i in range(60)]
    ring = [[121 + math.cos(t) / 10, 28 + math.sin(t) / 10] for t in turns]
    ring.append(ring[0])
    coordinates = [ring] if kind == "Polygon" else [[ring], [_moved(ring)]]
    parse_polygon({"type": kind, "coordinates": coordinates}, max_vertices=122)
    with pytest.raises(GeometryError) as caught:
        parse_polygon({"type": kind, "coordinates": coordinates}, max_vertices=60)
    assert caught.value.code == "too_many_points"


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=30,
)


@settings(deadline=None)
@given(st.sampled_from(["Polygon", "MultiPolygon"]), json_like)
def test_any_json_is_a_polygon_or_a_geometry_error(kind, coordinates):
    try:
        clean = parse_polygon({"type": kind, "coordinates": coordinates})
    except GeometryError:
        return
    assert shape(clean).is_valid


# --- Cells


GRID = [(10 * row + column, cell(column, row)) for row in range(4) for column in range(4)]


@settings(deadline=None)
@given(st.floats(-1, 5), st.floats(-1, 5))
def test_locate_gives_the_smallest_cell_that_holds_the_point(lon, lat):
    index = CellIndex(reversed(GRID))
    holders = [key for key, geojson in GRID if shape(geojson).intersects(Point(lon, lat))]
    if holders:
        assert index.locate(lon, lat) == min(holders)


def test_a_corner_of_four_cells_is_always_the_same_one():
    assert {CellIndex(items).locate(2, 2) for items in (GRID, GRID[::-1])} == {11}


def test_outside_and_nowhere_are_no_cell():
    index = CellIndex(GRID)
    assert index.locate(4.01, 2) is None
    assert index.locate(math.nan, 2) is None
    assert index.locate(math.inf, 2) is None
    assert CellIndex([]).locate(1, 1) is None


def test_a_hair_between_two_cells_is_no_hole():
    index = CellIndex([(1, cell(0, 0)), (2, cell(1 + 1e-12, 0))])
    assert index.locate(1 + 5e-13, 0.5) == 1


def test_many_points_are_answered_in_their_order():
    points = [(3.5, 0.5), (9, 9), (0.5, 3.5), (1, 1)]
    index = CellIndex(GRID)
    assert index.locate_many(points) == [3, None, 30, 0]
    assert index.locate_many(points) == [index.locate(*point) for point in points]
    assert index.locate_many([]) == []


def test_cells_may_have_holes_parts_and_text_ids():
    ring = parse_polygon({"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE]]})
    index = CellIndex([("古城-01", ring), ("古城-02", polygon(HOLE))])
    assert index.locate(121.03, 28.03) == "古城-02"
    assert index.locate(121.01, 28.01) == "古城-01"


# --- Segments


EAST = {"type": "LineString", "coordinates": [[121.14, 28.85], [121.15, 28.85]]}
NORTH = {"type": "LineString", "coordinates": [[121.15, 28.85], [121.15, 28.86]]}


def test_the_nearest_road_within_reach():
    index = SegmentIndex([(7, NORTH), (3, EAST)])
    near = index.nearest(121.1450, 28.8503, within_m=50)
    assert near.id == 3
    assert near.metres == pytest.approx(distance_m(121.145, 28.8503, 121.145, 28.85), rel=1e-3)
    assert index.nearest(121.1495, 28.857, within_m=100).id == 7
    assert index.nearest(121.1450, 28.8503, within_m=20) is None
    assert index.nearest(math.nan, 28.85, within_m=20) is None
    assert SegmentIndex([]).nearest(121, 28, within_m=20) is None


def test_a_shared_crossing_goes_to_the_smaller_id():
    for items in ([(7, NORTH), (3, EAST)], [(7, EAST), (3, NORTH)]):
        assert SegmentIndex(items).nearest(121.15001, 28.84999, within_m=20).id == 3


# --- Measures


def test_known_distance_and_area():
    # One degree of latitude on the mean sphere, and one minute square at the equator (WGS-84).
    assert distance_m(121, 28, 121, 29) == pytest.approx(111195.08, abs=0.1)
    minute = 1 / 60
    assert area_m2(cell(0, 0, minute)) == pytest.approx(1855.325 * 1842.904, rel=1e-5)


def test_a_hole_is_not_area_whatever_its_direction():
    whole, hole = area_m2(polygon(SQUARE)), area_m2(polygon(HOLE))
    for ring in (HOLE, HOLE[::-1]):
        assert area_m2(polygon(SQUARE, ring)) == pytest.approx(whole - hole)
    parts = {"type": "MultiPolygon", "coordinates": [[SQUARE], [_moved(SQUARE)[::-1]]]}
    assert area_m2(parts) == pytest.approx(2 * whole)


@settings(deadline=None)
@given(st.floats(-170, 170), st.floats(-80, 80), st.floats(1, 50_000), st.floats(0, 360))
def test_a_bbox_holds_the_circle(lon, lat, metres, bearing):
    west, south, east, north = bbox_around(lon, lat, metres)
    angle, turn, phi = metres / 6_371_008.8, math.radians(bearing), math.radians(lat)
    y = math.asin(
        math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(turn)
    )
    x = math.atan2(
        math.sin(turn) * math.sin(angle) * math.cos(phi),
        math.cos(angle) - math.sin(phi) * math.sin(y),
    )
    assert south - 1e-9 <= math.degrees(y) <= north + 1e-9
    assert west - 1e-9 <= lon + math.degrees(x) <= east + 1e-9


def test_a_bbox_at_a_pole_is_the_whole_cap():
    assert bbox_around(10, 89.9999, 5000)[::2] == (-180.0, 180.0)


# --- Keys


lons, lats = st.floats(-180, 180), st.floats(-90, 90)


def slippy_tile(lon, lat, z):
    """The textbook tile of a point."""
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return min(n - 1, int((lon + 180) / 360 * n)), min(n - 1, max(0, int(y)))


@settings(deadline=None)
@given(st.floats(-179.9, 179.9), st.floats(-84, 84), st.integers(0, 20))
def test_a_map_tile_is_one_range_of_keys(lon, lat, z):
    low, high = tile_range(z, *slippy_tile(lon, lat, z))
    assert low <= morton(lon, lat) < high
    assert morton(lon, lat) >> 2 * (31 - z) == low >> 2 * (31 - z)


@settings(deadline=None)
@given(lons, lats)
def test_a_key_fits_a_bigint(lon, lat):
    assert 0 <= morton(lon, lat) < 2**62


def test_tiles_of_one_level_share_nothing_and_leave_nothing_out():
    ranges = sorted(tile_range(2, x, y) for x in range(4) for y in range(4))
    assert ranges[0].low == 0
    assert ranges[-1].high == 2**62
    assert all(a.high == b.low for a, b in pairwise(ranges))


@pytest.mark.parametrize("tile", [(-1, 0, 0), (32, 0, 0), (3, 8, 0), (3, 0, -1)])
def test_a_tile_that_does_not_exist_is_refused(tile):
    with pytest.raises(ValueError, match="no tile"):
        tile_range(*tile)


@settings(deadline=None)
@given(
    st.tuples(lons, lons).map(sorted),
    st.tuples(lats, lats).map(sorted),
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(1, 30),
)
def test_ranges_hold_every_point_of_the_box(x, y, across, up, most):
    ranges = morton_ranges((x[0], y[0], x[1], y[1]), max_ranges=most)
    assert 1 <= len(ranges) <= most
    assert all(a.high < b.low for a, b in pairwise(ranges))
    lon = min(x[1], x[0] + across * (x[1] - x[0]))
    lat = min(y[1], y[0] + up * (y[1] - y[0]))
    key = morton(lon, lat)
    assert any(low <= key < high for low, high in ranges)


def test_more_ranges_are_tighter():
    box = (121.12, 28.84, 121.16, 28.87)
    sizes = [sum(r.high - r.low for r in morton_ranges(box, n)) for n in (1, 4, 16, 64)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 2**62 * (0.04 / 360) * (0.03 / 180) * 4


def test_an_empty_box_has_no_ranges():
    assert morton_ranges((121.2, 28, 121.1, 29)) == []
