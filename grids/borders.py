"""How many places of the boundaries in force are wrong, for the lines that tell the whole grid.

To find them takes seconds in a large grid, so the number is kept until a boundary changes;
who answers may change meanwhile as often as it likes.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import BigIntegerField, Count, F, Func, Sum, TextField, Value
from django.db.models.functions import Cast, Concat
from redis.exceptions import RedisError

from citymgmt.models import Revision
from citymgmt.services.revisions import GRID
from grids.choices import Ail
from grids.drafting import Board
from grids.edition import edition_at
from grids.health import Health, Item, health
from grids.models import AreaBoundary, CellGeneration

KEPT_SECONDS = 7 * 24 * 3600


def whole_health(at: datetime) -> Health:
    """The health of the whole grid at a moment, the faults of its boundaries among it as items
    without a word."""
    found = health(at)
    found.items += [Item(Ail.BORDERS)] * border_faults(at)
    return found


def border_faults(at: datetime) -> int:
    """How many gaps, overlaps and excesses the boundaries in force have; two statements where
    they were looked at before.

    The edition that is counted is never older than the mark: the revision is read after that.
    """
    name = f"grid:borders:{_mark(at)}"
    with suppress(RedisError, OSError):
        kept: int | None = cache.get(name)
        if kept is not None:
            return kept
    revision = Revision.objects.filter(name=GRID).values_list("value", flat=True).first() or 0
    count = len(Board(None, edition_at(at, revision)).seams())
    with suppress(RedisError, OSError):
        cache.set(name, count, KEPT_SECONDS)
    return count


def _mark(at: datetime) -> str:
    """Another text once a boundary in force, its division or the outline of one is another.

    A generation in force is never edited: its id stands for its shape.
    """
    cells = CellGeneration.objects.in_force(at).order_by()
    told = Concat(
        Cast("pk", TextField()),
        Value(":"),
        Cast("cell__area", TextField()),
        output_field=TextField(),
    )
    limits = AreaBoundary.objects.order_by()
    outline = Concat(F("area__code"), Cast("polygon", TextField()), output_field=TextField())
    state = [*_sums(cells, told), *_sums(limits, outline)]
    return hashlib.sha256(repr(state).encode()).hexdigest()[:32]


def _sums(rows: Any, told: Concat) -> Iterable[object]:
    """How many rows there are, and the sum of the hashes of what each tells."""
    number = Func(told, Value(0), function="hashtextextended", output_field=BigIntegerField())
    found = rows.annotate(hashed=number).aggregate(count=Count("pk"), sum=Sum("hashed"))
    return found["count"], str(found["sum"])
