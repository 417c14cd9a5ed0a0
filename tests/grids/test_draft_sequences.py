"""Whatever is drawn, taken back and published: what is wrong with the borders is told."""

import random
from datetime import timedelta

import pytest
import shapely
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citymgmt.errors import DomainError
from grids.borders import border_faults
from grids.choices import StepKind
from grids.drafting import Board, open_draft
from grids.edition import edition_at
from grids.models import Area, AreaBoundary, CellGeneration
from grids.rings import areal, points_of, polygon_of, shape_of, square_metres
from grids.seams import EDGE_M2, OUTSIDE, OVERLAP
from grids.services.draft_asks import parse_ask
from grids.services.draft_publish import publish_draft
from grids.services.drafts import start_draft, take_step
from tests.city import NOW, SIDE, SOUTH, WEST, City
from tests.grids.test_topology import unlisted

pytestmark = pytest.mark.django_db

UNIT = 1e-7
EAST, NORTH = WEST + SIDE * 4, SOUTH + SIDE


def limit() -> shapely.Polygon:
    """The street of the city: it ends where its four cells do. In whole units."""
    return shapely.box(*(round(each / UNIT) for each in (WEST, SOUTH, EAST, NORTH)))


@given(seed=st.integers(0, 10_000), steps=st.integers(1, 8))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_sequence_of_acts_hides_what_is_wrong_with_the_borders(city, seed, steps):
    rnd = random.Random(seed)
    with transaction.atomic():
        _bounded()
        if rnd.random() < 0.5:
            _jarred(city, rnd)
        at = NOW
        start_draft(actor=city.admin, at=at)
        for _step in range(steps):
            at += timedelta(days=1)
            _act(city, rnd, at)
        draft = open_draft()
        for board in (Board(draft), Board(None, edition_at(at + timedelta(days=400)))):
            _all_is_told(board)
        cache.clear()
        late = at + timedelta(days=400)
        assert border_faults(late) == len(Board(None, edition_at(late)).seams())
        # What an example did to the city is taken back.
        transaction.set_rollback(True)
    cache.clear()


def _bounded() -> None:
    ring = [[WEST, SOUTH], [EAST, SOUTH], [EAST, NORTH], [WEST, NORTH], [WEST, SOUTH]]
    area = Area.objects.get(code="331082001")
    AreaBoundary.objects.create(area=area, polygon={"type": "Polygon", "coordinates": [ring]})


def _jarred(city: City, rnd: random.Random) -> None:
    """One cell has a side elsewhere than its neighbour, as files bring them."""
    row = CellGeneration.objects.get(cell=city.cells[rnd.randrange(4)])
    aside = rnd.choice([-1, 1]) * rnd.uniform(2e-5, 1e-3)
    ring = row.polygon["coordinates"][0]
    west = min(point[0] for point in ring)
    row.polygon["coordinates"][0] = [[x + aside * (x == west), y] for x, y in ring]
    row.save()


def _act(city: City, rnd: random.Random, at) -> None:
    """An act of the editor, or the publishing of what is drawn; one that is refused is none."""
    draft = open_draft()
    try:
        # An act that the database refuses leaves nothing behind.
        with transaction.atomic():
            if rnd.random() < 0.2:
                publish_draft(draft_id=draft.pk, actor=city.admin, at=at, version=draft.version)
                start_draft(actor=city.admin, at=at)
                return
            told = _told(Board(draft), rnd)
            take_step(
                draft_id=draft.pk,
                actor=city.admin,
                at=at,
                version=draft.version,
                ask=parse_ask(told),
            )
    except DomainError:
        return


def _told(board: Board, rnd: random.Random) -> dict[str, object]:
    keys = sorted(board.mesh)
    key = rnd.choice(keys)
    seams = board.seams()
    if seams and rnd.random() < 0.4:
        seam = rnd.choice(seams)
        kind = {OVERLAP: StepKind.HALVE, OUTSIDE: StepKind.TRIM}.get(seam.kind, StepKind.FILL)
        spot = [seam.at[0] * UNIT, seam.at[1] * UNIT]
        return {"kind": kind, "keys": list(seam.keys[:1]), "points": [spot]}
    west, south, east, north = (each * UNIT for each in board.mesh.polygon(key).bounds)
    across = rnd.uniform(west, east)
    x, y = rnd.choice(sorted(points_of(board.mesh[key])))
    aside = [x * UNIT + rnd.uniform(-3e-3, 3e-3), y * UNIT + rnd.uniform(-3e-3, 3e-3)]
    ring = [[across, south], [across + SIDE, south], [across + SIDE, north], [across, north]]
    return rnd.choice(
        [
            {"kind": StepKind.MOVE, "points": [[x * UNIT, y * UNIT], aside]},
            {"kind": StepKind.MOVE, "points": [[x * UNIT, y * UNIT], aside]},
            {"kind": StepKind.REMOVE, "points": [[x * UNIT, y * UNIT]]},
            {
                "kind": StepKind.SPLIT,
                "keys": [key],
                "points": [[across, south - 1e-3], [across, north + 1e-3]],
            },
            {"kind": StepKind.MERGE, "keys": rnd.sample(keys, min(2, len(keys)))},
            {"kind": StepKind.DRAW, "points": ring},
            {"kind": StepKind.UNDO},
            {"kind": StepKind.REDO},
        ]
    )


def _all_is_told(board: Board) -> None:
    seams = board.seams()
    assert unlisted(board.mesh, limit(), seams) == []
    told = shapely.union_all([seam.place for seam in seams if seam.kind == OUTSIDE])
    for key in board.mesh:
        beyond = board.mesh.polygon(key).difference(limit())
        left = [square_metres(piece) for piece in areal(beyond.difference(told))]
        assert [size for size in left if size >= EDGE_M2] == [], key
        assert polygon_of(shape_of(board.mesh.polygon(key))).is_valid
