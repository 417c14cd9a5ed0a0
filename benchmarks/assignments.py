"""How long 五定 over a thousand cells takes: the act, its preview and undo, health, sheets.

`ASSIGN_CELLS` asks for another number of cells. Every cell is answered for the whole day by one
team; the act gives the early shift of all of them to another one from the next Monday on.
`of_which_here` is the processor time of this process; the rest is the database and waiting.
"""

import json
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django

CELLS = int(os.environ.get("ASSIGN_CELLS", "1000"))
NOW = datetime.fromisoformat("2026-11-20T14:00:00+08:00")
MONDAY = datetime.fromisoformat("2026-11-23T00:00:00+08:00")
EPOCH = NOW - timedelta(days=365)


def main() -> None:
    """Make the cells, time each thing once, print the figures as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    django.setup()
    from grids.access import access_of
    from grids.choices import SHIFT_MINUTES, Duty, Shift
    from grids.exports import workbook_of
    from grids.health import health
    from grids.services.acts import last_act, undo_act
    from grids.services.assignment_sheet import read_sheets, tables_at
    from grids.services.painting import Stroke, paint, plan_strokes
    from grids.services.spots import CELL, Spot

    user, other, ids = _fill()
    hours = SHIFT_MINUTES[Shift.EARLY]
    strokes = [
        Stroke(Spot(CELL, pk), Duty.ENFORCEMENT, Shift.EARLY, hours, other.pk, since=MONDAY)
        for pk in ids
    ]
    access = access_of(user, NOW)
    asked: dict[str, Any] = {"strokes": strokes, "actor": user, "at": NOW}
    figures: dict[str, dict[str, float]] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        started, used = time.perf_counter(), time.process_time()
        made = work()
        figures[name] = {
            "seconds": round(time.perf_counter() - started, 3),
            "of_which_here": round(time.process_time() - used, 3),
        }
        return made

    timed("preview", lambda: plan_strokes(**asked))
    timed("act", lambda: paint(**asked))
    act = last_act(user)
    if act is None:
        raise SystemExit("the act left no trace")
    timed("undo", lambda: undo_act(act_id=act.pk, actor=user, at=NOW + timedelta(minutes=1)))
    timed("health", lambda: health(NOW))
    data = timed("sheet out", lambda: workbook_of(tables_at(NOW, access)))
    timed("sheet in", lambda: read_sheets(data, access=access, at=NOW, since=None))
    print(json.dumps({"cells": CELLS} | figures, ensure_ascii=False, indent=2))


def _fill() -> tuple[Any, Any, list[int]]:
    """Two teams and the cells, each answered for by the first; the person who may change it."""
    from django.contrib.auth import get_user_model

    from citymgmt.models import Role
    from grids.choices import Duty
    from grids.models import Area, Assignment, Cell, CellGeneration, Grant, Team

    user = get_user_model().objects.create_user(username="keeper", name="林管", password=None)
    role = Role.objects.get(code="admin")
    Grant.objects.create(user=user, role=role, valid_from=EPOCH)
    root = Team.objects.create(code="bureau", name="局", kind="bureau")
    teams = [
        Team.objects.create(code=f"t{n}", name=f"第{n}中队", kind="squadron", parent=root)
        for n in (1, 2)
    ]
    for team in (root, *teams):
        team.path = [root.pk] if team is root else [root.pk, team.pk]
        team.save(update_fields=["path"])
    street = Area.objects.create(code="331082001", name="古城街道", level="street")
    names = [f"格-{number:05d}" for number in range(CELLS)]
    cells = Cell.objects.bulk_create(Cell(code=one, name=one, area=street) for one in names)
    ring = [[121, 28], [122, 28], [122, 29], [121, 28]]
    CellGeneration.objects.bulk_create(
        CellGeneration(
            cell=cell,
            number=1,
            polygon={"type": "Polygon", "coordinates": [ring]},
            lon=121.5,
            lat=28.5,
            area_m2=1,
            valid_from=EPOCH,
        )
        for cell in cells
    )
    Assignment.objects.bulk_create(
        Assignment(cell=cell, duty=duty, team=teams[0], person=person, valid_from=EPOCH)
        for cell in cells
        for duty, person in (
            (Duty.CELL_CHIEF, user),
            (Duty.ENFORCEMENT, None),
            (Duty.CLEANING, None),
        )
    )
    return user, teams[1], [cell.pk for cell in cells]


if __name__ == "__main__":
    main()
