"""Patrols of the demonstration city: yesterday's and this morning's of some officers, through the
cells of their duty, sent as their phones would have sent them."""

import math
import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from shapely.geometry import Point as Shapely
from shapely.geometry import Polygon, shape

from citymgmt.models import User
from grids.access import access_of
from grids.choices import PatrolEnd
from grids.models import Cell, Patrol
from grids.patrol_duty import duty_of, shapes_of, sites_of
from grids.services.check_ins import Seen
from grids.services.patrol_measuring import measure_patrol
from grids.services.patrols import Point, Sent, may_patrol, take_patrol

WALKERS = 6
MINUTES = 100
STEP = timedelta(seconds=20)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# A minute of these is not heard of: a tunnel, a pocket.
SILENT = range(150, 190)
_PACE = 0.00022
_CORNERS = 6


def walk_the_streets(people: Sequence[User], *, until: datetime) -> None:
    """Patrols up to a moment: yesterday's of the first few who had cells to walk, and one each
    that still runs today."""
    rnd = random.Random("patrols")
    walkers = (person for person in dict.fromkeys(people) if _walks(person, until))
    for person in islice(walkers, WALKERS):
        _patrol(person, until - DAY, rnd, ended=True)
        _patrol(person, until - 2 * HOUR, rnd, ended=False)
    for pk in Patrol.objects.values_list("pk", flat=True):
        measure_patrol(patrol_id=pk, at=until)


def _walks(person: User, until: datetime) -> bool:
    goes = may_patrol(access_of(person, until), until)
    return goes and bool(duty_of(person.pk, until - 2 * HOUR).cells)


def _patrol(person: User, began: datetime, rnd: random.Random, *, ended: bool) -> None:
    duty = duty_of(person.pk, began)
    if not duty.cells:
        return
    points = list(_points(duty.cells, began, rnd))
    sites = sites_of([cell.pk for cell in duty.cells], began)[:3]
    seen = [
        Seen(_key(rnd), began + (n + 1) * timedelta(minutes=25), site.lon, site.lat, 9.0, site.pk)
        for n, site in enumerate(sites)
        if site.lon is not None and site.lat is not None
    ]
    last = points[-1].at
    told = Sent(
        key=_key(rnd),
        started_at=began,
        points=points,
        check_ins=seen,
        ended_at=last if ended else None,
        ending=PatrolEnd.HAND,
    )
    take_patrol(actor=person, at=last, told=told)


def _points(cells: Sequence[Cell], began: datetime, rnd: random.Random) -> Iterator[Point]:
    """A way round one cell, then round the next, at a walker's pace."""
    shapes = shapes_of([cell.pk for cell in cells], began)
    goals = [spot for polygon in shapes.values() for spot in _spots(shape(polygon))]
    lon, lat = goals[0].x, goals[0].y
    goal = 1
    for seq in range(MINUTES * 3):
        east, north = goals[goal].x - lon, goals[goal].y - lat
        away = math.hypot(east, north)
        if away < _PACE:
            goal = (goal + 1) % len(goals)
            continue
        lon += east / away * _PACE + rnd.gauss(0, _PACE / 5)
        lat += north / away * _PACE + rnd.gauss(0, _PACE / 5)
        if seq not in SILENT:
            yield Point(
                seq, began + seq * STEP, round(lon, 6), round(lat, 6), rnd.choice((6, 9, 14))
            )


def _spots(cell: Polygon) -> Iterator[Shapely]:
    """Where one goes in a cell: round its middle, half way to its outline."""
    middle = cell.representative_point()
    for part in range(_CORNERS):
        edge = cell.exterior.interpolate(part / _CORNERS, normalized=True)
        yield Shapely((middle.x + edge.x) / 2, (middle.y + edge.y) / 2)


def _key(rnd: random.Random) -> uuid.UUID:
    return uuid.UUID(int=rnd.getrandbits(128), version=4)
