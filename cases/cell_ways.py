"""In which cell a case counts: in that of its filing, or in the one in which its place lies now.

A case keeps the cell and the generation in which it was filed. Where that generation is in force
still, both are the same; only cases of older generations, and those that lay outside of all
cells, are located anew: a few, however many cases there are. Nothing of it is stored, so that
a new edition is followed the moment it holds.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import Aggregate, Q

from cases.choices import CellWay
from cases.querysets import CaseQuerySet
from grids.locate import cell_codes, cell_ids
from grids.models import CellGeneration

Numbers = dict[str, int]


def counted_by_cell(
    rows: CaseQuerySet, at: datetime, way: str, **numbers: Aggregate
) -> dict[int, Numbers]:
    """Counts of cases by the id of a cell; cells without any are left out.

    `numbers` are counts whose conditions name columns of the case. One statement; by the cells
    of now one more for the cases that have to be located.
    """
    placed = rows.order_by()
    if way != CellWay.NOW:
        return _by_id(placed.filter(cell__isnull=False), **numbers)
    found = _by_id(placed.filter(_stayed(at)), **numbers)
    moved = _moved(placed, at).values("lon", "lat").annotate(**numbers)
    counts = list(moved)
    ids = cell_ids([(one["lon"], one["lat"]) for one in counts], at=at)
    for cell_id, one in zip(ids, counts, strict=True):
        if cell_id is None:
            continue
        mine = found.setdefault(cell_id, dict.fromkeys(numbers, 0))
        for name in numbers:
            mine[name] += one[name]
    return found


def lying_in(rows: CaseQuerySet, codes: Collection[str], at: datetime, way: str) -> CaseQuerySet:
    """The cases that count in some cells, by their codes; by the cells of now one statement for
    those that have to be located."""
    if way != CellWay.NOW:
        return rows.filter(cell__code__in=codes)
    mine = CellGeneration.objects.in_force(at).filter(cell__code__in=codes)
    stayed = Q(cell_generation__in=list(mine.values_list("pk", flat=True)))
    moved = list(_moved(rows.order_by(), at).values_list("pk", "lon", "lat"))
    told = cell_codes([(lon, lat) for _pk, lon, lat in moved], at=at)
    wanted = set(codes)
    ids = [pk for (pk, _lon, _lat), code in zip(moved, told, strict=True) if code in wanted]
    return rows.filter(stayed | Q(pk__in=ids))


def _by_id(rows: CaseQuerySet, **numbers: Aggregate) -> dict[int, Numbers]:
    found: dict[int, Numbers] = defaultdict(dict)
    for one in rows.values("cell_id").annotate(**numbers):
        found[one.pop("cell_id")] = one
    return dict(found)


def _stayed(at: datetime) -> Q:
    """The condition that the boundary of the filing is in force still."""
    return Q(cell_generation__in=CellGeneration.objects.in_force(at).values("pk"))


def _moved(rows: CaseQuerySet, at: datetime) -> CaseQuerySet:
    """Cases with a place whose boundary was another one, or that lay in none."""
    older = CellGeneration.objects.exclude(pk__in=CellGeneration.objects.in_force(at).values("pk"))
    elsewhere = Q(cell_generation__isnull=True) | Q(cell_generation__in=older.values("pk"))
    return rows.filter(elsewhere, lon__isnull=False, lat__isnull=False)
