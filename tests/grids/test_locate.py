"""Point → cell: one answer, the same each time, whoever was there first, at whatever moment."""

import random
import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import shapely
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from citymgmt import settings as declared
from citymgmt.cell_index import CellIndex
from citymgmt.services import revisions
from citymgmt.services.revisions import GRID, Kept, raise_revision
from grids import locate as module
from grids.locate import cell_codes, locate
from grids.models import CellGeneration, RoadSegment
from grids.services.cells import import_cells
from inspections.demo.city_cells import build_cells
from tests.city import IN_FIRST_CELL, IN_SECOND_CELL, NOW, SIDE, SOUTH, WEST
from tests.grids.files import collection, feature, square
from tests.grids.imports import beside

_get = Kept.get
BORDER = (WEST + SIDE, SOUTH + SIDE / 2)


# --- Seamless cells -------------------------------------------------------------------------

CITY = [(cell.code, shapely.Polygon(cell.ring)) for cell in build_cells()]
INDEX = CellIndex(CITY)
SHAPES = INDEX.shapes
WHOLE = shapely.union_all(SHAPES).buffer(1e-7)
BOUNDS = WHOLE.bounds


@settings(deadline=None, max_examples=300)
@given(st.floats(BOUNDS[0], BOUNDS[2]), st.floats(BOUNDS[1], BOUNDS[3]))
def test_a_random_point_is_in_exactly_one_cell_or_outside_of_all(lon, lat):
    point = shapely.Point(lon, lat)
    inside = [code for code, shape in zip(INDEX.ids, SHAPES, strict=True) if shape.contains(point)]
    assert len(inside) <= 1
    found = INDEX.locate(lon, lat)
    if inside:
        assert [found] == inside
    elif WHOLE.contains(point):
        # On a border, or in the hair beside it.
        assert SHAPES[INDEX.ids.index(found)].distance(point) <= 2e-7
    else:
        assert found is None


@settings(deadline=None, max_examples=40)
@given(st.randoms(use_true_random=False), st.integers(0, len(CITY) - 1), st.floats(0, 1))
def test_on_a_border_the_order_of_loading_tells_nothing(dice, which, along):
    shuffled = dice.sample(CITY, len(CITY))
    place = SHAPES[which].boundary.interpolate(along, normalized=True)
    corner = SHAPES[which].boundary.coords[0] if along < 0.5 else (place.x, place.y)
    index = CellIndex(shuffled)
    for lon, lat in ((place.x, place.y), corner[:2]):
        assert index.locate(lon, lat) == INDEX.locate(lon, lat)
        touching = [
            code
            for code, shape in zip(INDEX.ids, SHAPES, strict=True)
            if shape.intersects(shapely.Point(lon, lat))
        ]
        if touching:
            assert INDEX.locate(lon, lat) == min(touching)


def test_many_at_once_are_answered_as_one_by_one():
    dice = random.Random(3)
    points = [
        (dice.uniform(BOUNDS[0], BOUNDS[2]), dice.uniform(BOUNDS[1], BOUNDS[3]))
        for _n in range(500)
    ]
    corners = [point for shape in SHAPES[:9] for point in shape.boundary.coords][:200]
    points += [(float("nan"), 1.0), (float("inf"), 1.0), *corners]
    assert INDEX.locate_many(points) == [INDEX.locate(*point) for point in points]


# --- The grid of the database ---------------------------------------------------------------


@pytest.mark.django_db
def test_on_a_border_the_first_code_answers_whichever_was_drawn_anew(city):
    assert locate(*BORDER, at=NOW).cell_code == "古城-01"
    old = CellGeneration.objects.get(cell__code="古城-01")
    ring = [[WEST + 0.001, SOUTH], *old.polygon["coordinates"][0][1:-1]]
    smaller = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    later = NOW + timedelta(hours=1)
    import_cells(collection(feature(smaller, code="古城-01", name="第1片")), at=later)
    newest = CellGeneration.objects.get(cell__code="古城-01", valid_to__isnull=True)
    assert newest.pk > max(
        CellGeneration.objects.exclude(pk=newest.pk).values_list("pk", flat=True)
    )
    assert locate(*BORDER, at=later).generation_id == newest.pk
    assert locate(*BORDER, at=NOW).generation_id == old.pk


@pytest.mark.django_db
def test_a_past_moment_is_answered_by_the_generation_of_then(city):
    far = (WEST + 0.009, SOUTH + 0.009)
    shrunk = feature(square(WEST, SOUTH, 0.008), code="古城-01", name="第1片")
    moments = [NOW + timedelta(days=days) for days in (1, 2)]
    import_cells(collection(shrunk), at=moments[0])
    whole = feature(square(WEST, SOUTH, SIDE), code="古城-01", name="第1片")
    import_cells(collection(whole), at=moments[1])
    first, second, third = CellGeneration.objects.filter(cell__code="古城-01").order_by("number")
    asked = (NOW, moments[0], moments[1], moments[0] - timedelta(microseconds=1))
    assert [locate(*IN_FIRST_CELL, at=at).generation_id for at in asked] == [
        first.pk, second.pk, third.pk, first.pk,
    ]  # fmt: skip
    assert [locate(*far, at=at).cell_code for at in asked] == ["古城-01", "", "古城-01", "古城-01"]
    assert cell_codes([far, IN_SECOND_CELL], at=moments[0]) == ["", "古城-02"]


@pytest.mark.django_db
def test_nothing_is_asked_of_the_database_while_the_grid_is_fresh(city):
    locate(*IN_FIRST_CELL, at=NOW)
    with CaptureQueriesContext(connection) as asked:
        assert locate(*IN_FIRST_CELL, at=NOW).cell_code == "古城-01"
        assert cell_codes([IN_SECOND_CELL, (0.0, 0.0)], at=NOW) == ["古城-02", ""]
    assert len(asked) == 0


@pytest.mark.django_db
def test_only_shapes_that_are_new_are_read(city):
    locate(*IN_FIRST_CELL, at=NOW)
    before = _shapes_by_code()
    import_cells(collection(feature(beside(1), code="古城-05", name="第5片")), at=NOW)
    with CaptureQueriesContext(connection) as asked:
        assert locate(WEST + 4.5 * SIDE, SOUTH + SIDE / 2, at=NOW).cell_code == "古城-05"
    read = [one["sql"] for one in asked if "IN (" in one["sql"] and "polygon" in one["sql"]]
    new = CellGeneration.objects.get(cell__code="古城-05")
    assert len(read) == 1
    assert f"IN ({new.pk})" in read[0]
    after = _shapes_by_code()
    assert before
    assert all(after[code] is shape for code, shape in before.items())


def _shapes_by_code():
    grid = module._last[0]
    return dict(zip(grid.rows.codes, grid.cells.kept, strict=True))


@pytest.mark.django_db
def test_a_shape_that_was_written_over_is_read_again(city):
    locate(*IN_FIRST_CELL, at=NOW)
    moved = square(WEST + 1, SOUTH)
    CellGeneration.objects.filter(cell__code="古城-01").update(polygon=moved)
    assert locate(*IN_FIRST_CELL, at=NOW).cell_code == ""
    assert locate(WEST + 1 + SIDE / 2, SOUTH + SIDE / 2, at=NOW).cell_code == "古城-01"


@pytest.mark.django_db
def test_another_process_knows_of_a_change_within_five_seconds(city, monkeypatch, settings):
    watch = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(Kept, "get", _get)
    monkeypatch.setattr(revisions, "time", SimpleNamespace(monotonic=lambda: watch.seconds))
    # As it stands in the settings where nobody says otherwise.
    source = Path(declared.__file__).read_text(encoding="utf-8")
    (usual,) = re.findall(r'env.float\("REVISION_SECONDS", default=([\d.]+)\)', source)
    settings.REVISION_SECONDS = float(usual)
    assert settings.REVISION_SECONDS < 5
    monkeypatch.setattr(module, "_kept", Kept(GRID, module._kept._build))
    assert locate(*IN_FIRST_CELL, at=NOW).cell_code == "古城-01"
    with transaction.atomic():
        CellGeneration.objects.filter(cell__code="古城-01").update(valid_to=NOW)
        raise_revision(GRID)
    assert locate(*IN_FIRST_CELL, at=NOW).cell_code == "古城-01"
    watch.seconds += 5
    assert locate(*IN_FIRST_CELL, at=NOW).cell_code == ""


@pytest.mark.django_db
def test_a_road_is_found_within_reach_and_wins_nothing_beyond_it(city):
    line = {
        "type": "LineString",
        "coordinates": [[WEST, SOUTH + 0.002], [WEST + SIDE, SOUTH + 0.002]],
    }
    road = RoadSegment.objects.create(
        code="路-1", name="紫阳街", grade="strict", line=line, valid_from=NOW
    )
    near, beyond = (WEST + 0.005, SOUTH + 0.0021), (WEST + 0.005, SOUTH + 0.0023)
    assert locate(*near, at=NOW).segment_id == road.pk
    assert locate(*beyond, at=NOW).segment_id is None
    assert locate(WEST - 0.00005, SOUTH + 0.002, at=NOW).segment_id == road.pk
