"""Readers by themselves: what is refused, what a system does, that nothing is lost on the way."""

import math

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from citymgmt.geometry import parse_polygon
from citymgmt.offsets import gcj_to_bd, wgs_to_gcj
from citymgmt.spreadsheets import TableError
from grids.formats.base import OutCell
from grids.formats.reading import read_file
from grids.formats.systems import CHOICES, declared_by_name, declared_by_prj
from grids.formats.writing import FORMATS, write_file
from tests.grids import files
from tests.grids.hostile import SOUND, WHOLE_FILE

PAIRS = [(kind, system) for kind, one in FORMATS.items() for system in one.systems]


@pytest.mark.parametrize("what", WHOLE_FILE)
def test_a_wrong_file_is_refused_in_words(what):
    case = WHOLE_FILE[what]
    with pytest.raises(TableError) as refused:
        read_file(case.make(), chosen=case.chosen, noun="网格")
    assert case.words in str(refused.value)


@pytest.mark.parametrize("what", SOUND)
def test_an_odd_file_is_read_all_the_same(what):
    read = read_file(SOUND[what].make(), noun="网格")
    [feature] = read.features
    assert {"甲-01", "东门片", "331082001"} <= set(feature.properties.values())
    assert feature.is_solid is ("3-D" in what)
    found = shapely.geometry.shape(parse_polygon(feature.geometry))
    assert found.equals(shapely.geometry.shape(files.square()))


def corner(read) -> tuple[float, float]:
    """The corner of the square that lies south-west."""
    shape = shapely.geometry.shape(parse_polygon(read.features[0].geometry))
    return shape.bounds[0], shape.bounds[1]


# All that surveying offices here send: both kinds of zones, with the zone's number and without.
ZONES = [*range(4491, 4502), *range(4502, 4513), *range(4513, 4534), *range(4534, 4555)]


@pytest.mark.parametrize("epsg", ZONES)
def test_every_gauss_krueger_zone_is_read(epsg):
    crs = CRS.from_epsg(epsg)
    west, south = round(crs.area_of_use.west + 0.5, 1), 30.0
    there = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    ring = [list(there.transform(*point)) for point in files.rings(west, south)[0]]
    read = read_file(files.shape_zip(epsg=epsg, corners=[ring]))
    shape = shapely.geometry.shape(parse_polygon(read.features[0].geometry))
    assert shape.bounds == pytest.approx((west, south, west + 0.01, south + 0.01), abs=2e-9)


@pytest.mark.parametrize(
    ("text", "system"),
    [
        (files.prj(4326), "wgs84"),
        (files.prj(4490), "cgcs2000"),
        (files.prj(3857), "mercator"),
        # As QGIS and old programs write it.
        (
            'GEOGCS["WGS84",DATUM["D_unknown",SPHEROID["WGS84",6378137,298.257223563]],'
            'PRIMEM["Greenwich",0],UNIT["Degree",0.0174532925199433]]',
            "wgs84",
        ),
        (CRS.from_epsg(4490).to_wkt("WKT2_2019", pretty=True), "cgcs2000"),
    ],
)
def test_a_prj_says_its_system(text, system):
    assert declared_by_prj(text) == system


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "wgs84"),
        ("urn:ogc:def:crs:EPSG::4490", "cgcs2000"),
        ("EPSG:3857", "mercator"),
        ("EPSG:4528", "epsg:4528"),
    ],
)
def test_a_name_says_its_system(name, system):
    assert declared_by_name(name) == system


def test_a_shift_that_was_chosen_comes_on_top_of_what_the_file_says():
    for system in ("gcj02", "bd09"):
        shifted = [[list(wgs_to_gcj(*point)) for point in files.rings()[0]]]
        if system == "bd09":
            shifted = [[list(gcj_to_bd(*point)) for point in shifted[0]]]
        read = read_file(files.shape_zip(corners=shifted), chosen=system)
        assert corner(read) == pytest.approx((files.WEST, files.SOUTH), abs=2e-9)
        metres = Transformer.from_crs(4326, 3857, always_xy=True)
        flat = [[list(metres.transform(*point)) for point in shifted[0]]]
        read = read_file(files.shape_zip(epsg=3857, corners=flat), chosen=system)
        assert corner(read) == pytest.approx((files.WEST, files.SOUTH), abs=2e-9)


def test_holes_go_into_the_shell_around_them():
    outer, other = files.rings(121, 28, 0.1)[0], files.rings(122, 28, 0.1)[0]
    holes = [files.square(lon, 28.02, 0.01)["coordinates"][0] for lon in (122.02, 121.02, 121.05)]
    read = read_file(files.shape_zip(corners=[outer, other, *holes]))
    shape = shapely.geometry.shape(parse_polygon(read.features[0].geometry))
    assert [len(part.interiors) for part in shape.geoms] == [2, 1]


# --- Round trips ----------------------------------------------------------------------------


@st.composite
def polygons(draw) -> dict:
    """A cell as people draw them: dented, sometimes with a hole, sometimes in two parts."""

    def star(x: float, y: float, size: float) -> list[list[float]]:
        radii = draw(st.lists(st.floats(0.5, 1), min_size=3, max_size=9))
        turns = [math.tau * n / len(radii) for n in range(len(radii))]
        ring = [
            [x + size * r * math.cos(turn), y + size * r * math.sin(turn)]
            for r, turn in zip(radii, turns, strict=True)
        ]
        return [*ring, ring[0]]

    lon, lat = draw(st.floats(74, 134)), draw(st.floats(18, 53))
    parts = []
    for east in range(draw(st.integers(1, 2))):
        x = lon + east * 0.05
        rings = [star(x, lat, 0.02)]
        # Half of the smallest radius lies inside of a star, but for triangles.
        if len(rings[0]) > 6 and draw(st.booleans()):
            rings.append(star(x, lat, 0.002)[::-1])
        parts.append(rings)
    if len(parts) == 1:
        return parse_polygon({"type": "Polygon", "coordinates": parts[0]})
    return parse_polygon({"type": "MultiPolygon", "coordinates": parts})


def positions(polygon: dict) -> list[list[float]]:
    """All positions of a polygon in order."""
    whole = polygon["coordinates"]
    parts = [whole] if polygon["type"] == "Polygon" else whole
    return [point for part in parts for ring in part for point in ring]


@pytest.mark.parametrize(("kind", "system"), PAIRS)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(polygon=polygons())
def test_what_goes_out_comes_back(kind, system, polygon):
    cells = [OutCell("网-01", "紫阳街“北”段, 一", "331082001", polygon)]
    data = write_file(cells, kind=kind, system=system)
    said_by_file = system in ("wgs84", "cgcs2000", "mercator") or kind == "geojson"
    read = read_file(data, chosen="" if said_by_file else system)
    [feature] = read.features
    assert list(feature.properties.values())[:3] in (
        ["网-01", "紫阳街“北”段, 一", "331082001"],
        ["紫阳街“北”段, 一", "网-01", "331082001"],
    )
    again = parse_polygon(feature.geometry)
    assert again["type"] == polygon["type"]
    if system in ("wgs84", "cgcs2000"):
        assert again == polygon
    else:
        # A tenth of a millimetre on the ground.
        before, after = positions(polygon), positions(again)
        assert len(before) == len(after)
        for old, new in zip(before, after, strict=True):
            assert new == pytest.approx(old, abs=1e-9, rel=0)
            assert new == [round(new[0], 9), round(new[1], 9)]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("system", CHOICES)
def test_what_was_kept_to_nine_decimals_comes_back_to_the_last_digit(kind, system):
    if system not in FORMATS[kind].systems:
        pytest.skip("KML knows degrees only")
    ring = [[121.123456789, 28.87654321], [121.2, 28.876543211], [121.15, 28.9], None]
    ring[3] = ring[0]
    polygon = parse_polygon({"type": "Polygon", "coordinates": [ring]})
    data = write_file([OutCell("甲", "乙", "331082", polygon)], kind=kind, system=system)
    [feature] = read_file(data, chosen="" if system == "mercator" else system).features
    assert parse_polygon(feature.geometry) == polygon
