"""What was walked, against a slow reference that steps along the track, and hand-made walks."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grids.coverage import Fix, Gap, Mark, Rules, apart_m, read_track, walks

LON, LAT = 121.145, 28.858
NORTH_M = math.radians(1) * 6_371_008.8
EAST_M = NORTH_M * math.cos(math.radians(LAT))
RULES = Rules()
STEP_M = 0.5


def fix(at: float, east: float, north: float = 0.0, accuracy: float = 5.0) -> Fix:
    """A point so many metres east and north of the middle."""
    return Fix(at, LON + east / EAST_M, LAT + north / NORTH_M, accuracy)


def degrees(points):
    return [[LON + east / EAST_M, LAT + north / NORTH_M] for east, north in points]


def square(west: float, south: float, side: float = 100.0) -> dict:
    corners = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    ring = [(west + east, south + north) for east, north in corners]
    return {"type": "Polygon", "coordinates": [degrees(ring)]}


def street(*points) -> dict:
    return {"type": "LineString", "coordinates": degrees(points)}


# --- What counts ----------------------------------------------------------------------------------


def test_time_and_way_in_a_cell_are_those_between_its_borders():
    """150 m at 1 m/s from 50 m west of a cell that is 100 m wide."""
    track = read_track([fix(at, at - 50, 50) for at in range(0, 151, 15)], RULES)
    ((cell,), _none) = walks(track, RULES, [square(0, 0)], [])
    assert cell.seconds == pytest.approx(100, abs=0.5)
    assert cell.metres == pytest.approx(100, abs=0.5)
    assert (cell.first_at, cell.last_at, cell.walked) == (45, 150, True)


def test_who_stands_still_in_a_cell_is_there_all_the_time():
    track = read_track([fix(at, 50, 50) for at in range(0, 101, 20)], RULES)
    ((cell, other), _none) = walks(track, RULES, [square(0, 0), square(200, 0)], [])
    assert (cell.seconds, cell.metres, cell.walked) == (100, 0, True)
    assert (other.seconds, other.first_at, other.walked) == (0, None, False)


def test_a_silence_is_not_walked():
    fixes = [fix(0, 10, 50), fix(20, 20, 50), fix(20 + 601, 80, 50), fix(641, 90, 50)]
    track = read_track(fixes, RULES)
    ((cell,), _none) = walks(track, RULES, [square(0, 0)], [])
    assert track.gaps == (Gap(20, 621),)
    assert cell.seconds == 40
    held = read_track([fixes[0], fixes[1], fix(620, 80, 50)], RULES)
    assert (held.gaps, held.seconds) == ((), 620)


def test_a_jump_is_dropped_and_what_is_too_coarse_and_what_comes_twice():
    fixes = [
        fix(0, 0),
        fix(20, 900),
        fix(40, 30),
        fix(40, 31),
        fix(60, 40, accuracy=101),
        fix(80, 60),
    ]
    track = read_track(fixes, RULES)
    assert track.marks == (Mark.KEPT, Mark.JUMP, Mark.KEPT, Mark.AGAIN, Mark.COARSE, Mark.KEPT)
    assert track.metres == pytest.approx(60, abs=0.1)


def test_points_that_agree_after_a_jump_are_where_somebody_is():
    """He took a car: the way of it is not walked, what he walks there is."""
    fixes = [fix(0, 0), fix(20, 20), *(fix(40 + n * 20, 5000 + n * 20) for n in range(4))]
    track = read_track(fixes, RULES)
    assert set(track.marks) == {Mark.KEPT}
    assert [len(leg) for leg in track.legs] == [2, 4]
    assert track.metres == pytest.approx(80, abs=0.1)


def test_how_exact_points_are_counts_for_how_fast_one_was():
    """90 m in one second is no jump where each may be 50 m off."""
    coarse = [fix(0, 0, accuracy=50), fix(1, 90, accuracy=50), fix(20, 10)]
    assert read_track(coarse, RULES).marks[1] == Mark.KEPT
    exact = [each._replace(accuracy_m=5.0) for each in coarse]
    assert read_track(exact, RULES).marks[1] == Mark.JUMP


def test_points_come_in_any_order():
    fixes = [fix(at, at) for at in range(0, 200, 20)]
    there = read_track(fixes, RULES)
    back = read_track(fixes[::-1], RULES)
    assert (back.legs, back.order) == (there.legs, tuple(range(9, -1, -1)))


@pytest.mark.parametrize(
    ("until", "share", "walked"), [(500, 1.0, True), (345, 0.74, True), (300, 0.65, False)]
)
def test_the_share_of_a_street_within_reach_of_the_track(until, share, walked):
    """A street of 500 m, walked on the pavement 10 m beside it."""
    track = read_track([fix(at, at, 10) for at in range(0, until + 1, 15)], RULES)
    _none, (way,) = walks(track, RULES, [], [street((0, 0), (500, 0))])
    reached = until - until % 15 + math.sqrt(25**2 - 10**2)
    assert way.share == pytest.approx(min(1.0, reached / 500), abs=0.002)
    assert way.share == pytest.approx(share, abs=0.02)
    assert way.walked == walked


@pytest.mark.parametrize("fixes", [[], [fix(0, 50, 50)]], ids=["none", "one"])
def test_no_way_is_no_walk(fixes):
    track = read_track(fixes, RULES)
    (cell,), (way,) = walks(track, RULES, [square(0, 0)], [street((0, 0), (9, 0))])
    assert (cell.walked, way.walked, cell.seconds, way.share, track.metres) == (
        False,
        False,
        0,
        0,
        0,
    )


# --- Against a slow reference ---------------------------------------------------------------------


def slow_links(fixes: list[Fix], rules: Rules) -> list[tuple[Fix, Fix]]:
    """The links of points that are exact, in order and never too fast: only gaps part them."""
    pairs = itertools.pairwise(fixes)
    return [(one, other) for one, other in pairs if other.at - one.at <= rules.gap_s]


def steps(one: Fix, other: Fix) -> list[tuple[float, float, float]]:
    """Middles of short steps along a link in metres, and the share of each."""
    count = max(1, math.ceil(apart_m(one, other) / STEP_M))
    found = []
    for n in range(count):
        share = (n + 0.5) / count
        lon = one.lon + share * (other.lon - one.lon)
        lat = one.lat + share * (other.lat - one.lat)
        found.append(((lon - LON) * EAST_M, (lat - LAT) * NORTH_M, 1 / count))
    return found


def slow_seconds(links, inside) -> float:
    return sum(
        (other.at - one.at) * share
        for one, other in links
        for east, north, share in steps(one, other)
        if inside(east, north)
    )


def to_piece(east: float, north: float, one, other) -> float:
    """Metres from a point to a straight piece."""
    (ax, ay), (bx, by) = one, other
    length = (bx - ax) ** 2 + (by - ay) ** 2
    along = 0.0 if not length else ((east - ax) * (bx - ax) + (north - ay) * (by - ay)) / length
    along = min(1.0, max(0.0, along))
    return math.hypot(east - ax - along * (bx - ax), north - ay - along * (by - ay))


def slow_share(links, line: list[tuple[float, float]]) -> float:
    """Share of a street that lies within reach of a link, stepped along."""
    flat = [
        tuple(((each.lon - LON) * EAST_M, (each.lat - LAT) * NORTH_M) for each in link)
        for link in links
    ]
    reached = whole = 0
    for one, other in itertools.pairwise(line):
        count = max(1, math.ceil(math.dist(one, other)))
        for n in range(count):
            share = (n + 0.5) / count
            east = one[0] + share * (other[0] - one[0])
            north = one[1] + share * (other[1] - one[1])
            whole += 1
            reached += any(to_piece(east, north, *link) <= RULES.reach_m for link in flat)
    return reached / whole


@st.composite
def made_up_walks(draw):
    """Up to 12 points, each at a walker's pace from the last, some after a silence."""
    fixes = [fix(0, draw(st.integers(-150, 150)), draw(st.integers(-150, 150)))]
    for _n in range(draw(st.integers(0, 11))):
        waits = draw(st.sampled_from([5, 20, 20, 60, 599, 601, 900]))
        reach = min(1.4 * waits, 120)
        turn = draw(st.floats(0, 2 * math.pi))
        far = draw(st.floats(0, 1)) * reach
        last = fixes[-1]
        east = (last.lon - LON) * EAST_M + far * math.cos(turn)
        north = (last.lat - LAT) * NORTH_M + far * math.sin(turn)
        fixes.append(fix(last.at + waits, east, north))
    return fixes


@settings(max_examples=60, deadline=None)
@given(made_up_walks(), st.integers(-200, 100), st.integers(-200, 100), st.floats(-200, 200))
def test_made_up_walks_agree_with_a_slow_reference(fixes, west, south, slant):
    line = [(-200.0, slant), (0.0, 0.0), (200.0, -slant)]
    track = read_track(fixes, RULES)
    (cell,), (way,) = walks(track, RULES, [square(west, south)], [street(*line)])
    links = slow_links(fixes, RULES)
    assert track.links == links

    def inside(east: float, north: float) -> bool:
        return west <= east <= west + 100 and south <= north <= south + 100

    def beside(east: float, north: float) -> bool:
        pieces = itertools.pairwise(line)
        return min(to_piece(east, north, *piece) for piece in pieces) <= RULES.reach_m

    # A border may cut a step, at both ends of each link.
    slack = 0.5 + sum(2 * (b.at - a.at) / max(1, apart_m(a, b) / STEP_M) for a, b in links)
    assert cell.seconds == pytest.approx(slow_seconds(links, inside), abs=slack)
    assert way.seconds == pytest.approx(slow_seconds(links, beside), abs=2 * slack)
    assert way.share == pytest.approx(slow_share(links, line), abs=0.02)
