"""Writing what a file of cells changes: new generations, names, and cells that are closed."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db.models import F, Max
from shapely.geometry import shape

from citymgmt.geometry import area_m2
from citymgmt.services.importing import Outcome
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import CellChange
from grids.models import Assignment, Cell, CellGeneration
from grids.services.cell_plan import Plan, Planned

BATCH = 500
Tell = Callable[[int], None]


def store_plan(plan: Plan, *, close_gone: bool = False, tell: Tell | None = None) -> Outcome:
    """Write a plan in which nothing is wrong; `tell` hears how many cells are stored.

    A changed border closes the generation in force and opens a new one; a name or a division is
    changed at once. With `close_gone` cells that are not in the file end at the same moment, and
    with them whoever answers for them.
    """
    new = [row for row in plan.rows if row.code not in plan.cells]
    created = Cell.objects.bulk_create(
        (Cell(code=row.code, name=row.name, area=row.area) for row in new), batch_size=BATCH
    )
    renamed = _renamed(plan)
    Cell.objects.bulk_update(renamed, ["name", "area"], batch_size=BATCH)
    cells = plan.cells | {cell.code: cell for cell in created}
    reshaped = [row for row in plan.rows if row.reshaped]
    _open_generations(reshaped, cells, plan.at, tell)
    gone = [row.pk for row in plan.gone] if close_gone else []
    if gone:
        _close(plan, gone)
    changed = sum(row.change == CellChange.CHANGED for row in plan.rows)
    # A cell that rested and has a shape again is no new row, but new on the map.
    fresh = sum(row.change == CellChange.NEW for row in plan.rows)
    outcome = Outcome(fresh, changed, len(plan.rows) - fresh - changed, len(gone))
    if outcome.touched:
        raise_revision(GRID)
    return outcome


def _renamed(plan: Plan) -> list[Cell]:
    found = []
    for row in plan.rows:
        cell = plan.cells.get(row.code)
        if cell is None or row.area is None or (cell.name, cell.area) == (row.name, row.area):
            continue
        cell.name, cell.area = row.name, row.area
        found.append(cell)
    return found


def _open_generations(
    reshaped: Sequence[Planned], cells: dict[str, Cell], at: datetime, tell: Tell | None
) -> None:
    ended = [row.current.pk for row in reshaped if row.current is not None]
    CellGeneration.objects.filter(pk__in=ended).update(valid_to=at)
    newest = CellGeneration.objects.values_list("cell_id").annotate(last=Max("number"))
    last = dict(newest.order_by())
    stored = 0
    for some in _batches(reshaped):
        CellGeneration.objects.bulk_create(
            _generation(row, cells[row.code], last.get(cells[row.code].pk, 0) + 1, at)
            for row in some
        )
        stored += len(some)
        if tell is not None:
            tell(stored)


def _batches(rows: Sequence[Planned]) -> Iterator[Sequence[Planned]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _generation(row: Planned, cell: Cell, number: int, at: datetime) -> CellGeneration:
    polygon = row.polygon or {}
    place = shape(polygon).representative_point()
    return CellGeneration(
        cell=cell,
        number=number,
        polygon=polygon,
        lon=round(place.x, 6),
        lat=round(place.y, 6),
        area_m2=area_m2(polygon),
        valid_from=at,
    )


def _close(plan: Plan, gone: Sequence[int]) -> None:
    """End cells, and who answers for them; what would only have begun by then never was."""
    CellGeneration.objects.filter(pk__in=gone).update(valid_to=plan.at)
    ids = [row.cell_id for row in plan.gone]
    held = Assignment.objects.filter(cell__in=ids).exclude(valid_to__lte=plan.at)
    held.filter(valid_from__gte=plan.at).delete()
    held.filter(valid_from__lt=plan.at).update(valid_to=plan.at)
    Cell.objects.filter(pk__in=ids).update(version=F("version") + 1)
