"""How the cells stand: numbers by cell of the cases that a list holds, for shades and a table.

Numbers are of rows as they are now, so each opens exactly its cases in the list. Filings and
closings are those of the last `DAYS` local days, today included.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Value

from cases.cell_ways import counted_by_cell
from cases.choices import CellWay
from cases.querysets import CaseQuerySet
from citymgmt import clock
from citymgmt.filters import midnight

STANDING, FILED, CLOSED = "standing", "filed", "closed"
"""The kinds of numbers: what stands open, what was filed, what was closed."""

DAYS = 30
SMALL = 20
"""A rate of fewer closings is shown as a small sample."""


@dataclass(slots=True)
class CellNumbers:
    """The numbers of one cell. `on_time` of the `closed` were in time or are counted so."""

    open: int = 0
    overdue: int = 0
    filed: int = 0
    closed: int = 0
    on_time: int = 0

    @property
    def rate(self) -> float | None:
        """On-time closings in percent; None where nothing was closed."""
        return 100 * self.on_time / self.closed if self.closed else None

    @property
    def small(self) -> bool:
        """Whether the rate stands on too few closings to compare it."""
        return self.closed < SMALL

    def density(self, area_m2: float) -> float | None:
        """Filings a square kilometre; None where the area is not known."""
        return self.filed / area_m2 * 1_000_000 if area_m2 else None


def first_day(at: datetime) -> datetime:
    """The first moment of the days that filings and closings are counted of."""
    return midnight(at.astimezone(clock.LOCAL).date() - timedelta(days=DAYS - 1))


def numbers_by_cell(
    rows: CaseQuerySet,
    at: datetime,
    *,
    cell_ids: Collection[int] | None = None,
    wanted: Collection[str] = (STANDING, FILED, CLOSED),
    way: str = CellWay.FILED,
) -> Mapping[int, CellNumbers]:
    """The numbers of each cell that has any, by the cells of the filing or of now (`way`); a
    statement for each kind that is wanted, by the cells of now two."""
    if cell_ids is not None and way == CellWay.FILED:
        rows = rows.filter(cell__in=cell_ids)
    found: dict[int, CellNumbers] = defaultdict(CellNumbers)
    for kind in wanted:
        part, numbers = _READERS[kind](rows, at)
        for cell, counts in counted_by_cell(part, at, way, numbers).items():
            for name, count in counts.items():
                setattr(found[cell], name, count)
    return {pk: one for pk, one in found.items() if cell_ids is None or pk in cell_ids}


_Part = tuple[CaseQuerySet, dict[str, Count]]


# Rows are counted as such, so that an index alone answers.
_ROW = Value(1)


def _standing(rows: CaseQuerySet, at: datetime) -> _Part:
    late = Count(_ROW, filter=Q(due_at__lt=at))
    return rows.open(), {"open": Count(_ROW), "overdue": late}


def _filed(rows: CaseQuerySet, at: datetime) -> _Part:
    return rows.counted().filter(filed_at__gte=first_day(at)), {"filed": Count(_ROW)}


def _closed(rows: CaseQuerySet, at: datetime) -> _Part:
    good = Count(_ROW, filter=Q(on_time=True) | Q(overtime_waived=True))
    closed = rows.counted().filter(closed_at__gte=first_day(at))
    return closed, {"closed": Count(_ROW), "on_time": good}


_READERS = {STANDING: _standing, FILED: _filed, CLOSED: _closed}


def commonest_class(rows: CaseQuerySet, at: datetime) -> tuple[str, int] | None:
    """The class of which most was filed in those days, and how many; None where nothing was."""
    filed = rows.counted().filter(filed_at__gte=first_day(at)).order_by()
    return (
        filed.values_list("category__name")
        .annotate(n=Count("pk"))
        .order_by("-n", "category")[:1]
        .first()
    )
