"""Made-up walks over the small city."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from citymgmt.models import User
from grids.models import Patrol
from grids.services.patrols import Point, Sent, take_patrol
from tests.city import IN_FIRST_CELL, NOW

KEY = uuid.UUID("0c0ffee0-0000-4000-8000-000000000034")
STEP = timedelta(seconds=20)
# About 20 metres to the east.
EAST = 0.0002


def walk(
    count: int = 30,
    *,
    start: tuple[float, float] = IN_FIRST_CELL,
    at: datetime = NOW,
    east: float = EAST,
    first: int = 0,
) -> list[Point]:
    """Points every 20 seconds to the east."""
    lon, lat = start
    return [
        Point(first + n, at + (first + n) * STEP, lon + (first + n) * east, lat, 8.0)
        for n in range(count)
    ]


def sent(points: Sequence[Point] = (), **changes: Any) -> Sent:
    """A batch of a patrol that began now."""
    return Sent(**({"key": KEY, "started_at": NOW, "points": points} | changes))


def patrolled(
    actor: User, points: Sequence[Point], *, at: datetime = NOW, **changes: Any
) -> Patrol:
    """A patrol that has ended, all of it here."""
    given = {"key": uuid.uuid4(), "started_at": points[0].at, "ended_at": points[-1].at}
    told = sent(points, **(given | {"ending": "hand"} | changes))
    take_patrol(actor=actor, at=at, told=told)
    return Patrol.objects.get(key=told.key)
