"""Places follow the grid: when cells are drawn anew, each stands in the cell of today."""

from datetime import datetime
from typing import Any

from django.db import transaction

from grids.choices import PlaceAct
from grids.locate import cell_codes
from grids.models import PlaceEdit, Shop, Site
from grids.services.place_edits import edit_of
from grids.services.place_rows import known_cells

BATCH = 2000


def relocate_places(*, at: datetime) -> int:
    """Give places and shops with a point the cell in which it lies now; returns how many moved.

    Of those without a point nothing follows. Run again it changes nothing.
    """
    cells = known_cells()
    moved = 0
    for model in (Site, Shop):
        last = 0
        while True:
            standing = model.objects.in_force(at).filter(lon__isnull=False, pk__gt=last)
            rows: list[Any] = list(standing.order_by("pk").only("lon", "lat", "cell_id")[:BATCH])
            if not rows:
                break
            last = rows[-1].pk
            codes = cell_codes([(row.lon, row.lat) for row in rows], at=at)
            wrong = {
                row.pk: cells[code]
                for row, code in zip(rows, codes, strict=True)
                if code in cells and cells[code][0] != row.cell_id
            }
            moved += _move(model, wrong, at)
    return moved


def _move(model: Any, wanted: dict[int, tuple[int, str]], at: datetime) -> int:
    with transaction.atomic():
        rows = list(model.objects.select_for_update(of=("self",)).filter(pk__in=wanted))
        edits = []
        for row in rows:
            before = row.cell_id
            row.cell_id, row.area_code = wanted[row.pk]
            row.version += 1
            changes = {"cell_id": [before, row.cell_id]}
            edits.append(edit_of(row, PlaceAct.MOVED, actor=None, at=at, changes=changes))
        model.objects.bulk_update(rows, ["cell", "area_code", "version"])
        PlaceEdit.objects.bulk_create(edits)
    return len(rows)
