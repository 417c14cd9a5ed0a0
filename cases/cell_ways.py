"""In which cell a case counts: in that of its filing, or in the one in which its place lies now.

A case keeps the cell and the generation in which it was filed. Where that generation is in force
still, both are the same; only cases of older generations, and those that lay outside of all
cells, are located anew: a few, however many cases there are. Nothing of it is stored, so that
a new edition is followed the moment it holds.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Aggregate, Q, QuerySet

from cases.choices import CellWay
from cases.querysets import CaseQuerySet, among
from grids.locate import cell_codes, cell_ids
from grids.models import CellGeneration

Numbers = dict[str, int]


def counted_by_cell(
    rows: QuerySet, at: datetime, way: str, numbers: Mapping[str, Aggregate], prefix: str = ""
) -> dict[int, Numbers]:
    """Counts of cases, or of rows that have one at the end of `prefix`, by the id of a cell;
    cells without any are left out.

    One statement; by the cells of now one more for the cases that have to be located.
    """
    placed = rows.order_by()
    if way != CellWay.NOW:
        return _by_id(placed.filter(**{f"{prefix}cell__isnull": False}), prefix, numbers)
    found = _by_id(placed.filter(_stayed(at, prefix)), prefix, numbers)
    place = (f"{prefix}lon", f"{prefix}lat")
    counts = list(placed.filter(_moved(at, prefix)).values(*place).annotate(**numbers))
    ids = cell_ids([(one[place[0]], one[place[1]]) for one in counts], at=at)
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
    moved = list(rows.order_by().filter(_moved(at)).values_list("pk", "lon", "lat"))
    told = cell_codes([(lon, lat) for _pk, lon, lat in moved], at=at)
    wanted = set(codes)
    ids = [pk for (pk, _lon, _lat), code in zip(moved, told, strict=True) if code in wanted]
    return rows.filter(stayed | Q(pk__in=ids))


def _by_id(rows: QuerySet, prefix: str, numbers: Mapping[str, Aggregate]) -> dict[int, Numbers]:
    found: dict[int, Numbers] = {}
    for one in rows.values(f"{prefix}cell_id").annotate(**numbers):
        found[one.pop(f"{prefix}cell_id")] = one
    return found


def _stayed(at: datetime, prefix: str = "") -> Q:
    """The condition that the boundary of the filing is in force still."""
    standing = CellGeneration.objects.in_force(at).values("pk")
    return Q(**{f"{prefix}cell_generation__in": standing})


def _moved(at: datetime, prefix: str = "") -> Q:
    """The condition that a case has a place, and its boundary was another one or none."""
    standing = CellGeneration.objects.in_force(at).values("pk")
    older = CellGeneration.objects.exclude(pk__in=standing).values("pk")
    elsewhere = Q(**{f"{prefix}cell_generation__isnull": True})
    # As an array, which the index of generations serves; as a condition each case would be read.
    elsewhere |= among(older, f"{prefix}cell_generation")
    return elsewhere & Q(**{f"{prefix}lon__isnull": False, f"{prefix}lat__isnull": False})
