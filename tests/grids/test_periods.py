"""Shapes begin and end at their moment by themselves, also in a process that keeps the grid."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from citymgmt.services import revisions
from grids import locate as locating
from grids import mapping
from grids.locate import locate
from grids.models import CellGeneration, RoadSegment
from tests.city import IN_FIRST_CELL, LONG_AGO, NOW, SIDE, SOUTH, WEST, City

pytestmark = pytest.mark.django_db

_get = revisions.Kept.get
TURN = NOW + timedelta(days=1)
SECOND = timedelta(seconds=1)
# Where no cell of the city is until the first one grows to the south.
SOUTH_OF_IT = (WEST + SIDE / 2, SOUTH - SIDE / 2)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[None]:
    """The grid is kept as in a running server, and nobody says that it changed."""
    for module in (locating, mapping):
        module._kept.drop()
    monkeypatch.setattr(revisions.Kept, "get", _get)
    settings.REVISION_SECONDS = 3600
    yield
    for module in (locating, mapping):
        module._kept.drop()


@pytest.fixture
def planned(city: City, kept: None) -> CellGeneration:
    """A larger second generation of the first cell, planned for tomorrow."""
    first = CellGeneration.objects.get(cell=city.cells[0])
    CellGeneration.objects.filter(pk=first.pk).update(valid_to=TURN)
    ring = [list(point) for point in first.polygon["coordinates"][0]]
    for point in ring:
        point[1] -= SIDE if point[1] == SOUTH else 0
    return CellGeneration.objects.create(
        cell=first.cell,
        number=2,
        polygon={"type": "Polygon", "coordinates": [ring]},
        lon=first.lon,
        lat=SOUTH,
        area_m2=first.area_m2 * 2,
        valid_from=TURN,
    )


def generation_at(point: tuple[float, float], at: datetime) -> int | None:
    return locate(*point, at=at).generation_id


def test_a_generation_begins_at_its_moment_and_not_before(city, planned):
    first = CellGeneration.objects.get(cell=city.cells[0], number=1)
    for at in (NOW, TURN - SECOND):
        assert generation_at(IN_FIRST_CELL, at) == first.pk
        assert generation_at(SOUTH_OF_IT, at) is None
    for at in (TURN, TURN + timedelta(days=9)):
        assert generation_at(IN_FIRST_CELL, at) == planned.pk
        assert generation_at(SOUTH_OF_IT, at) == planned.pk
    # A request that was on its way when it turned is still answered by its own moment.
    assert generation_at(IN_FIRST_CELL, TURN - SECOND) == first.pk


def test_a_segment_begins_and_ends_at_its_moment(city, kept):
    line = {"type": "LineString", "coordinates": [[WEST, SOUTH + SIDE / 2], IN_FIRST_CELL]}
    until = TURN + timedelta(days=1)
    segment = RoadSegment.objects.create(
        code="LD-01", name="紫阳街", grade="strict", line=line, valid_from=TURN, valid_to=until
    )
    for at, expected in (
        (NOW, None),
        (TURN, segment.pk),
        (until - SECOND, segment.pk),
        (until, None),
    ):
        assert locate(*IN_FIRST_CELL, at=at).segment_id == expected


def test_before_the_first_shape_there_is_no_grid(city, kept):
    assert generation_at(IN_FIRST_CELL, NOW) is not None
    assert generation_at(IN_FIRST_CELL, LONG_AGO - SECOND) is None


def test_the_map_shows_the_shape_of_the_moment(planned):
    code = planned.cell.code
    assert mapping.shaped_cells(TURN - SECOND)[code].bounds[1] == SOUTH
    assert mapping.shaped_cells(TURN)[code].bounds[1] == SOUTH - SIDE


def test_within_a_period_nothing_is_asked_of_the_database(planned):
    for at in (NOW, TURN):
        generation_at(IN_FIRST_CELL, at)
    with CaptureQueriesContext(connection) as asked:
        for at in (NOW, TURN - SECOND, TURN, TURN + timedelta(days=30)):
            generation_at(IN_FIRST_CELL, at)
    assert len(asked) == 0
