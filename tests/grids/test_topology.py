"""Drawing cells: what is seamless stays seamless, whatever the sequence of acts."""

import random
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st
from shapely import MultiPoint, voronoi_polygons
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from grids.mending import fill, halve, trim
from grids.meshes import SLIVER_M2, Mesh, Patch, TopologyError, healed
from grids.rings import (
    areal,
    from_geojson,
    from_lists,
    points_of,
    polygon_of,
    shape_of,
    square_metres,
    to_geojson,
)
from grids.seams import EDGE_M2, GAP, OUTSIDE, OVERLAP, Limit, Seam, find_seams, seam_at
from grids.topology import draw, merge, move, remove, split

WEST, SOUTH, SIDE = 1_211_200_000, 288_500_000, 100_000


def square(column: int, row: int = 0, side: int = SIDE):
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    ring = ((west, south), (west + side, south), (west + side, south + side), (west, south + side))
    return ((ring,),)


def four() -> Mesh:
    """Two by two squares: a b below, c d above."""
    return Mesh({"a": square(0), "b": square(1), "c": square(0, 1), "d": square(1, 1)})


def town(seed: int, cells: int = 12) -> Mesh:
    """Seamless cells of a Voronoi drawing, in whole units."""
    rnd = random.Random(seed)
    spots = [(rnd.randrange(SIDE * 4), rnd.randrange(SIDE * 4)) for _ in range(cells)]
    box = shapely.box(0, 0, SIDE * 4, SIDE * 4)
    faces = voronoi_polygons(MultiPoint(spots), extend_to=box).geoms
    corner = np.array([WEST, SOUTH])
    drawn = [shapely.transform(face.intersection(box), lambda p: p + corner) for face in faces]
    whole = {f"k{i:02d}": shape_of(face) for i, face in enumerate(drawn)}
    mesh = Mesh({key: shape for key, shape in whole.items() if shape})
    return mesh.changed(healed(mesh, {key: mesh[key] for key in mesh}))


def corner(mesh: Mesh) -> tuple[int, int]:
    return WEST + SIDE, SOUTH + SIDE


def kinds(mesh: Mesh, *limits: Limit) -> list[str]:
    return [seam.kind for seam in find_seams(mesh, limits)]


def area(mesh: Mesh) -> float:
    return sum(square_metres(mesh.polygon(key)) for key in mesh)


# --- Single acts ----------------------------------------------------------------------------


def test_a_corner_moves_in_all_cells_that_meet_there():
    mesh = four()
    moved = mesh.changed(move(mesh, corner(mesh), (WEST + SIDE + 9000, SOUTH + SIDE - 7000)))
    for key in "abcd":
        assert (WEST + SIDE + 9000, SOUTH + SIDE - 7000) in points_of(moved[key])
    assert kinds(moved) == []
    assert area(moved) == pytest.approx(area(mesh), rel=1e-6)


def test_a_border_bends_in_both_cells_where_it_is_pulled():
    mesh = four()
    patch = move(mesh, (WEST + SIDE, SOUTH + SIDE // 2), (WEST + SIDE + 20_000, SOUTH + SIDE // 2))
    assert sorted(patch) == ["a", "b"]
    assert kinds(mesh.changed(patch)) == []


def test_a_vertex_of_one_side_alone_becomes_one_of_both_when_it_moves():
    (ring,) = square(0)[0]
    # A point a centimetre off the border of b, on the side of a only.
    bent = (ring[0], ring[1], (WEST + SIDE + 1, SOUTH + 30_000), *ring[2:])
    mesh = Mesh({"a": ((bent,),), "b": square(1)})
    patch = move(mesh, (WEST + SIDE + 1, SOUTH + 30_000), (WEST + SIDE - 8000, SOUTH + 30_000))
    assert sorted(patch) == ["a", "b"]
    assert kinds(mesh.changed(patch)) == []


def test_a_vertex_put_down_beside_another_cell_is_welded_to_its_corner():
    mesh = Mesh({"a": square(0), "b": square(2)})
    near = (WEST + 2 * SIDE + 3, SOUTH - 2)
    moved = mesh.changed(move(mesh, (WEST + SIDE, SOUTH), near))
    assert (WEST + 2 * SIDE, SOUTH) in points_of(moved["a"])


def test_a_vertex_pulled_across_a_cell_that_does_not_have_it_is_shown_as_an_overlap():
    mesh = Mesh({"a": square(0), "b": square(2)})
    moved = mesh.changed(
        move(mesh, (WEST + SIDE, SOUTH + SIDE), (WEST + SIDE * 5 // 2, SOUTH + SIDE // 2))
    )
    assert kinds(moved) == [OVERLAP]


def test_a_border_that_would_cross_itself_is_refused_with_its_place():
    mesh = four()
    with pytest.raises(TopologyError) as refused:
        move(mesh, (WEST, SOUTH), (WEST + SIDE * 3, SOUTH + SIDE // 2))
    assert refused.value.code == "self_crossing"
    assert refused.value.at is not None


def test_a_vertex_that_divides_nothing_is_taken_away_and_a_junction_is_kept():
    mesh = four()
    middle = (WEST + SIDE, SOUTH + SIDE // 2)
    bent = mesh.changed(move(mesh, middle, (WEST + SIDE + 9000, SOUTH + SIDE // 2)))
    straight = bent.changed(remove(bent, (WEST + SIDE + 9000, SOUTH + SIDE // 2)))
    assert {key: straight[key] for key in straight} == {key: mesh[key] for key in mesh}
    with pytest.raises(TopologyError, match="junction"):
        remove(mesh, corner(mesh))


def test_a_split_makes_two_cells_and_leaves_the_border_seamless():
    mesh = four()
    line = [(WEST - 500, SOUTH + 33_333), (WEST + 61_111, SOUTH + 40_000), (WEST + SIDE, SOUTH + 7)]
    patch = split(mesh, "a", line, ["new"])
    after = mesh.changed(patch)
    assert sorted(patch) == ["a", "b", "new"]
    assert kinds(after) == []
    assert square_metres(after.polygon("a")) > square_metres(after.polygon("new"))


def test_a_line_that_does_not_cross_the_cell_splits_nothing():
    inside = [(WEST + 20_000, SOUTH + 20_000), (WEST + 70_000, SOUTH + 60_000)]
    with pytest.raises(TopologyError, match="not_across"):
        split(four(), "a", inside, ["new"])


def test_cells_that_only_touch_at_a_corner_are_not_merged():
    with pytest.raises(TopologyError, match="apart"):
        merge(four(), ["a", "d"])


def test_a_drawn_cell_keeps_clear_of_its_neighbours_and_takes_their_corners():
    mesh = Mesh({"a": square(0)})
    rough = [
        (WEST + SIDE - 20_000, SOUTH + 2),
        (WEST + 2 * SIDE, SOUTH + 100),
        (WEST + 2 * SIDE, SOUTH + SIDE),
        (WEST + SIDE - 20_000, SOUTH + SIDE),
    ]
    after = mesh.changed(draw(mesh, rough, "new"))
    assert kinds(after) == []
    assert shapely.intersection(after.polygon("a"), after.polygon("new")).area == 0
    with pytest.raises(TopologyError, match="nothing_left"):
        draw(after, [(x, y + 10) for x, y in square(0, 0, 50_000)[0][0]], "other")


# --- Problems and what mends them -----------------------------------------------------------


def hollow() -> Mesh:
    """Three by three squares without the one in the middle."""
    whole = {f"{x}{y}": square(x, y) for x in range(3) for y in range(3)}
    del whole["11"]
    return Mesh(whole)


def test_a_gap_in_a_ring_of_cells_is_found_and_filled():
    mesh = hollow()
    (gap,) = find_seams(mesh)
    assert (gap.kind, len(gap.keys)) == (GAP, 4)
    after = mesh.changed(fill(mesh, gap.place, gap.keys[0]))
    assert kinds(after) == []


def test_a_small_hole_is_found_beside_whatever_else_is_wrong():
    mesh = hollow()
    (ring,) = mesh["00"][0]
    x, y = WEST + 30_000, SOUTH + 30_000
    pit = ((x, y), (x, y + 250), (x + 250, y + 250), (x + 250, y))
    pitted = mesh.changed({"00": ((ring, pit),)})
    # Of the pit no limit knows: it is too small a place for one.
    limit = Limit("", "街道", shapely.box(WEST, SOUTH, WEST + SIDE * 4, SOUTH + SIDE * 3))
    small = SLIVER_M2, EDGE_M2
    for limits, gaps in ((), 2), ((limit,), 3):
        seams = find_seams(pitted, limits)
        assert [seam.kind for seam in seams] == [GAP] * gaps
        assert [seam.keys for seam in seams if small[0] < seam.square_metres < small[1]] == [
            ("00",)
        ]


def test_a_gap_at_the_edge_is_found_where_the_outline_is_known():
    mesh = Mesh({"a": square(0), "b": square(1)})
    limit = Limit(
        "",
        "街道",
        polygon_of(square(0, 0)).union(polygon_of(square(1, 0))).union(polygon_of(square(2, 0))),
    )
    assert kinds(mesh) == []
    assert kinds(mesh, limit) == [GAP]
    outside = Mesh({"a": square(0), "b": square(1), "c": square(3)})
    assert kinds(outside, limit) == [GAP, OUTSIDE]
    untiled = Limit("", "县", limit.shape, tiled=False)
    assert kinds(mesh, untiled) == []


def test_what_lies_outside_is_cut_off():
    mesh = Mesh({"a": square(0), "b": square(1)})
    narrow = shapely.box(WEST, SOUTH, WEST + SIDE * 3 // 2, SOUTH + SIDE)
    limit = Limit("", "街道", narrow)
    assert kinds(mesh, limit) == [OUTSIDE]
    after = mesh.changed(trim(mesh, "b", narrow))
    assert kinds(after, limit) == []


def test_an_overlap_is_shared_along_its_middle():
    mesh = Mesh({"a": square(0), "b": square(1)})
    (ring,) = square(1)[0]
    wide = ((WEST + SIDE - 10_000, SOUTH), *ring[1:3], (WEST + SIDE - 10_000, SOUTH + SIDE))
    mesh = mesh.changed({"b": ((wide,),)})
    assert kinds(mesh) == [OVERLAP]
    after = mesh.changed(halve(mesh, "a", "b"))
    assert kinds(after) == []
    assert (WEST + SIDE - 5_000, SOUTH) in points_of(after["a"])
    assert (WEST + SIDE - 5_000, SOUTH + SIDE) in points_of(after["b"])


def test_a_cell_within_another_is_taken_out_of_it():
    mesh = Mesh({"a": square(0), "b": square(0, 0, 50_000)})
    after = mesh.changed(halve(mesh, "a", "b"))
    assert kinds(after) == []
    assert area(after) == pytest.approx(square_metres(mesh.polygon("a")), rel=1e-4)


def test_a_sliver_is_mended_by_the_act_that_leaves_it():
    mesh = Mesh({"a": square(0), "b": square(1)})
    # Seven centimetres beside the border of b: less than a square metre in all, but no weld.
    (ring,) = square(0)[0]
    short = (
        ring[0],
        (ring[1][0] - 7, ring[1][1]),
        (ring[2][0] - 7, ring[2][1] - 60_000),
        *ring[2:],
    )
    mesh = mesh.changed({"a": ((short,),)})
    after = mesh.changed(move(mesh, (WEST, SOUTH), (WEST + 100, SOUTH)))
    left = unary_union([after.polygon(key) for key in after])
    assert sum(square_metres(shapely.Polygon(r)) for r in getattr(left, "interiors", ())) < 1


# --- Any sequence of acts -------------------------------------------------------------------


def act(mesh: Mesh, rnd: random.Random, count: int) -> Patch | None:
    """Some act somewhere; None where it is refused."""
    key = rnd.choice(sorted(mesh))
    spots = sorted(points_of(mesh[key]))
    west, south, east, north = mesh.polygon(key).bounds
    try:
        match rnd.randrange(7):
            case 0 | 1:
                source, reach = rnd.choice(spots), rnd.choice((90, 900, 9000))
                return move(mesh, source, tuple(c + rnd.randrange(-reach, reach) for c in source))
            case 2:
                line = [
                    (west - 10, rnd.uniform(south, north)),
                    (east + 10, rnd.uniform(south, north)),
                ]
                return split(mesh, key, [(round(x), round(y)) for x, y in line], [f"n{count}"])
            case 3:
                other = rnd.choice([k for k in mesh.near(mesh.polygon(key).bounds) if k != key])
                return merge(mesh, [key, other])
            case 4:
                return remove(mesh, rnd.choice(spots))
            case 5:
                return mend(mesh, rnd)
            case _:
                a, b = rnd.choice(spots), rnd.choice(spots)
                ring = [
                    a,
                    b,
                    (round((west + east) / 2), round(north + 5000)),
                    (round(east), round(south)),
                ]
                return draw(mesh, ring, f"n{count}")
    except (TopologyError, IndexError):
        return None


def mend(mesh: Mesh, rnd: random.Random) -> Patch | None:
    """One of the faults there are, mended as the editor does; a cell cut to where it lies."""
    seam = rnd.choice(find_seams(mesh))
    if seam.kind == OVERLAP:
        return halve(mesh, *seam.keys)
    if rnd.random() < 0.2:
        key = rnd.choice(seam.keys)
        west, south, east, north = mesh.polygon(key).bounds
        return trim(mesh, key, shapely.box(west, south, east, (south + 9 * north) / 10))
    return fill(mesh, seam.place, seam.keys[0])


def jarred(mesh: Mesh, rnd: random.Random) -> Mesh:
    """The mesh with a vertex that one cell alone has elsewhere, as files bring them: an overlap
    or a hole that nobody drew."""
    key = rnd.choice(sorted(mesh))
    source = rnd.choice(sorted(points_of(mesh[key])))
    to = tuple(c + rnd.randrange(-400, 400) for c in source)
    rings = [[[to if p == source else p for p in ring] for ring in part] for part in mesh[key]]
    shape = from_lists(rings)
    return mesh.changed({key: shape}) if polygon_of(shape).is_valid else mesh


def unlisted(mesh: Mesh, whole: BaseGeometry, listed: list[Seam]) -> list[tuple[str, float]]:
    """Places that two cells cover or none does and that are not listed, found the slow way."""
    polygons = [mesh.polygon(key) for key in mesh]
    twice = [a.intersection(b) for a, b in combinations(polygons, 2)]
    wrong = {OVERLAP: twice, GAP: [whole.difference(unary_union(polygons))]}
    told = {kind: [one.place for one in listed if one.kind == kind] for kind in wrong}
    left = [
        (kind, piece)
        for kind, places in wrong.items()
        for place in places
        for part in areal(place)
        for piece in areal(part.difference(unary_union(told[kind])))
    ]

    def least(kind: str, piece: BaseGeometry) -> float:
        at_edge = kind == GAP and piece.dwithin(whole.boundary, 5)
        return EDGE_M2 if at_edge else SLIVER_M2

    sizes = [(kind, square_metres(piece), piece) for kind, piece in left]
    return [(kind, size) for kind, size, piece in sizes if size >= least(kind, piece)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 10))
@example(561, 6)  # Two that overlap and touch along a line as well are halved.
def test_no_sequence_of_acts_leaves_an_overlap_or_a_hole_that_is_not_listed(seed, steps):
    rnd = random.Random(seed)
    ground = town(seed)
    mesh = jarred(ground, rnd)
    # Each mesh that was, and a copy of what it was then: an act leaves it alone.
    back: list[tuple[Mesh, dict[str, object]]] = []
    for count in range(steps):
        patch = act(mesh, rnd, count)
        if patch is not None:
            back.append((mesh, {key: mesh[key] for key in mesh}))
            mesh = mesh.changed(patch)
    seams = find_seams(mesh)
    whole = unary_union([ground.polygon(key) for key in ground])
    limit = find_seams(mesh, [Limit("", "", whole)])
    # Random points: in exactly one cell, or on a border, or in a place that is listed.
    west, south, east, north = whole.bounds
    for _ in range(150):
        spot = shapely.Point(rnd.uniform(west, east), rnd.uniform(south, north))
        held = [key for key in mesh if mesh.polygon(key).contains(spot)]
        if len(held) == 1 or any(mesh.polygon(key).boundary.dwithin(spot, 5) for key in mesh):
            continue
        assert any(seam.place.intersects(spot) for seam in limit), (held, spot)
    # And the whole ground, to the square metre: all that is unlisted is less than a sliver.
    assert unlisted(mesh, whole, limit) == []
    for one in mesh:
        assert mesh.polygon(one).is_valid
    for one, was in back:
        assert {key: one[key] for key in one} == was
    assert all(seam.square_metres >= SLIVER_M2 for seam in seams)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_split_then_merge_gives_the_cell_back(seed):
    rnd = random.Random(seed)
    mesh = town(seed)
    key = rnd.choice(sorted(mesh))
    west, south, east, north = mesh.polygon(key).bounds
    line = [
        (round(west) - 10, round(rnd.uniform(south, north))),
        (round((west + east) / 2), round(rnd.uniform(south, north))),
        (round(east) + 10, round(rnd.uniform(south, north))),
    ]
    try:
        patch = split(mesh, key, line, ["new"])
    except TopologyError:
        # Too many of these, and hypothesis says so.
        reject()
    halves = mesh.changed(patch)
    assert find_seams(halves) == find_seams(mesh)
    again = halves.changed(merge(halves, [key, "new"]))
    assert "new" not in again
    assert shapely.symmetric_difference(again.polygon(key), mesh.polygon(key)).area < 4 * SIDE
    # A cut that ends between vertices leaves no trace at all.
    if not any(
        shapely.LineString(line).dwithin(shapely.Point(p), 10) for p in points_of(mesh[key])
    ):
        for one in mesh:
            assert same_rings(again, mesh, one)


def same_rings(one: Mesh, other: Mesh, key: str) -> bool:
    return one.polygon(key).normalize().equals_exact(other.polygon(key).normalize(), 0)


@given(st.integers(0, 500))
@settings(max_examples=10, deadline=None)
def test_a_shape_is_the_same_after_a_way_through_degrees_and_json(seed):
    mesh = town(seed, 5)
    for key in mesh:
        assert from_geojson(to_geojson(mesh[key])) == mesh[key]
        assert (
            from_lists([[list(map(list, ring)) for ring in part] for part in mesh[key]])
            == mesh[key]
        )


def test_a_problem_is_found_by_its_place():
    mesh = hollow()
    seams = find_seams(mesh)
    middle = (WEST + SIDE * 1.5, SOUTH + SIDE * 1.5)
    assert seam_at(seams, GAP, middle) is seams[0]
    assert seam_at(seams, GAP, (WEST, SOUTH)) is None
