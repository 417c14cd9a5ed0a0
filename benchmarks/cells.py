"""Cells by the thousand: a file of 10 000 read, looked at, imported, and again; points located.

    python -m citymgmt.dev.bench cells

Then the grid is filled up to 50 000 cells: what a process needs to hold them, how long it takes to
see a change, and how quickly it locates. Prints one JSON line; seconds are on the wall and of this
process's CPU.
"""

import gc
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django

SIDE = 100
MORE = 40_000
STEP = 0.004
WEST, SOUTH = 121.0, 28.0
# Corners on each side of a cell, that are the neighbour's as well.
BENDS = 6
POINTS = 1_000_000


def bend(column: int, row: int, upright: bool) -> list[list[float]]:
    """The corners between two crossings, eastwards or northwards; the same for both neighbours."""
    dice = random.Random(column * 2_000_003 + row * 2 + upright)
    found = []
    for number in range(1, BENDS):
        along, aside = number / BENDS, dice.uniform(-0.1, 0.1)
        x, y = (aside, along) if upright else (along, aside)
        found.append([round(WEST + (column + x) * STEP, 9), round(SOUTH + (row + y) * STEP, 9)])
    return found


def cell(column: int, row: int) -> dict[str, Any]:
    """One cell of a seamless city whose borders are bent."""

    def crossing(x: int, y: int) -> list[float]:
        return [round(WEST + x * STEP, 9), round(SOUTH + y * STEP, 9)]

    ring = [
        crossing(column, row),
        *bend(column, row, False),
        crossing(column + 1, row),
        *bend(column + 1, row, True),
        crossing(column + 1, row + 1),
        *bend(column, row + 1, False)[::-1],
        crossing(column, row + 1),
        *bend(column, row, True)[::-1],
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def file_of_cells() -> bytes:
    """A GeoJSON file of 10 000 cells."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": f"格-{row:03d}-{column:03d}",
                "name": f"第 {row} 排 {column}",
                "street_code": "331082001",
            },
            "geometry": cell(column, row),
        }
        for row in range(SIDE)
        for column in range(SIDE)
    ]
    content = {"type": "FeatureCollection", "features": features}
    return json.dumps(content, ensure_ascii=False).encode()


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Seconds that a piece of work takes."""
    started, used = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    return {"wall": round(wall, 3), "cpu": round(cpu, 3)}


def resident_mb() -> float:
    """How much memory this process holds."""
    gc.collect()
    with open("/proc/self/statm") as source:
        return int(source.read().split()[1]) * 4096 / 1e6


def fill_up(area: Any, at: Any) -> None:
    """More cells east of the imported ones, straight into the tables."""
    from grids.models import Cell, CellGeneration

    places = [(SIDE + n // SIDE, n % SIDE) for n in range(MORE)]
    for start in range(0, MORE, 2_000):
        some = places[start : start + 2_000]
        cells = Cell.objects.bulk_create(
            Cell(code=f"满-{column:03d}-{row:03d}", name="满", area=area) for column, row in some
        )
        CellGeneration.objects.bulk_create(
            CellGeneration(
                cell=one, number=1, polygon=cell(*place), lon=0, lat=0, area_m2=1, valid_from=at
            )
            for one, place in zip(cells, some, strict=True)
        )


def locating(columns: int, at: Any) -> dict[str, Any]:
    """How quickly points among so many columns of cells are located."""
    import numpy as np

    from grids.locate import cell_codes, locate

    dice = np.random.default_rng(7)
    spans = (columns * STEP, SIDE * STEP)
    points = (dice.random((POINTS, 2)) * spans + (WEST, SOUTH)).tolist()
    singles = points[:20_000]
    one = timed(lambda: [locate(lon, lat, at=at) for lon, lat in singles])
    return {
        "one point, ms": {key: round(value / 20, 4) for key, value in one.items()},
        "1 000 000 points": timed(lambda: cell_codes(points, at=at)),
    }


def aligning(columns: int) -> dict[str, Any]:
    """How long it takes to align so many columns and rows of cells that were each drawn by
    itself, a few centimetres off."""
    from grids.aligning import aligned
    from grids.meshes import Mesh
    from grids.rings import from_geojson

    dice = random.Random(11)
    shapes = {}
    for number in range(columns * columns):
        polygon = cell(*divmod(number, columns))
        ring = [[x + dice.uniform(-4e-7, 4e-7), y] for x, y in polygon["coordinates"][0][:-1]]
        shapes[str(number)] = from_geojson({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    mesh, moved = Mesh(shapes), {}
    taken = timed(lambda: moved.update(aligned(mesh, list(mesh))))
    return {"cells": len(mesh), "moved": len(moved), **taken}


def tell_memory() -> None:
    """Print how much a process needs to hold the grid as it stands."""
    django.setup()
    from citymgmt import clock
    from grids.locate import locate
    from grids.models import Area

    at = clock.now() + timedelta(hours=1)
    # What any process has that asks the database, and a look into an empty grid.
    Area.objects.count()
    locate(WEST, SOUTH, at=at - timedelta(days=9_000))
    before = resident_mb()
    locate(WEST, SOUTH, at=at)
    print(round(resident_mb() - before, 1))


def main() -> None:
    """Measure."""
    django.setup()
    from citymgmt import clock
    from citymgmt.services.revisions import GRID, raise_revision
    from grids import locate as locating_module
    from grids.models import Area, CellGeneration, GridImport
    from grids.services import grid_imports
    from grids.services.grid_import_runs import run_grid_import
    from tests.city import build_city

    city = build_city()
    actor, at = city.people["admin"], clock.now()
    data = file_of_cells()
    seconds: dict[str, Any] = {}

    def take_in(label: str, begun: datetime) -> GridImport:
        row = grid_imports.upload_grid_import(actor=actor, at=begun, name="格.geojson", data=data)
        run = {"import_id": row.pk, "at": begun}
        seconds[f"{label}, read and compared"] = timed(lambda: run_grid_import(**run))
        row.refresh_from_db()
        row = grid_imports.start_grid_import(
            import_id=row.pk, actor=actor, at=begun, version=row.version
        )
        seconds[f"{label}, stored"] = timed(lambda: run_grid_import(**run))
        row.refresh_from_db()
        return row

    first = take_in("10 000 cells", at)
    again = take_in("again", at + timedelta(seconds=1))
    now = at + timedelta(minutes=1)
    locating_module.locate(WEST, SOUTH, at=now)
    figures = {"10 000 cells": locating(SIDE, now)}

    fill_up(Area.objects.get(code="331082001"), at)
    # Empty hands, then the whole grid.
    locating_module._kept.drop()
    locating_module._last.clear()
    held = timed(lambda: locating_module.locate(WEST, SOUTH, at=now))
    # In a process of its own: this one has room left from what it did before.
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.cells", "memory"],
        check=True,
        capture_output=True,
        text=True,
    )
    memory = float(told.stdout)
    figures["50 000 cells"] = locating(SIDE + MORE // SIDE, now)
    row = CellGeneration.objects.filter(cell__code__startswith="满").first()
    row.polygon["coordinates"][0][1][0] += 1e-7
    row.save()
    raise_revision(GRID)
    locating_module._kept._asked = 0.0
    refreshed = timed(lambda: locating_module.locate(WEST, SOUTH, at=now))
    print(
        json.dumps(
            {
                "cells": first.counts["new"],
                "same the second time": again.counts["same"],
                "bytes": len(data),
                "seconds": seconds,
                "aligned": [aligning(columns) for columns in (6, 12)],
                "locate": figures,
                "50 000 cells built": held,
                "50 000 cells, MB": memory,
                "50 000 cells after a change": refreshed,
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    tell_memory() if sys.argv[1:] == ["memory"] else main()
