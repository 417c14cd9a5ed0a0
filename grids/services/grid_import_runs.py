"""Reading, checking and storing a file of cells: background work, whose queue is the file's row.

Who takes it writes `claimed_at` by compare-and-set; a worker that died is followed by the next
sweep after LEASE. Nothing of an import is seen before all of it is stored.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from citymgmt import jobs
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.spreadsheets import TableError
from grids.choices import GridImportState
from grids.formats.archive import unpacked_size
from grids.formats.columns import CODE, guess
from grids.formats.reading import Read, read_file
from grids.models import GridImport
from grids.services.cell_plan import Meaning, Plan, plan_cells
from grids.services.cell_seams import look_at_seams, seams_told
from grids.services.cell_store import store_plan
from grids.services.grid_import_preview import drawn_of, errors_of, rows_of
from grids.services.rights import require
from grids.services.shapes import CELLS
from grids.services.turns import take_turns

# So much is read and checked well within a second, while the person waits.
AT_ONCE_BYTES = 200_000
LEASE = timedelta(minutes=15)
MAX_ATTEMPTS = 3
KEPT_DAYS = 30
SHOWN_ERRORS = 200
TASK = "grids.tasks.run_grid_import"
RUNNING = (GridImportState.CHECKING, GridImportState.IMPORTING)
UNFINISHED = (GridImportState.MAPPING, GridImportState.WRONG, GridImportState.READY)
EMPTY: dict[str, Any] = {"content": b"", "rows": b"", "drawn": b"", "findings": {}, "samples": {}}

logger = logging.getLogger(__name__)


def may_import(actor: User) -> None:
    """Raise Forbidden unless the actor may change the grid, for the whole bureau."""
    require(actor, Capability.GRID_EDIT)


def is_small(data: bytes) -> bool:
    """Whether a file is done at once, while the person waits."""
    return len(data) <= AT_ONCE_BYTES and unpacked_size(data) <= 5 * AT_ONCE_BYTES


def go_on(row: GridImport, at: datetime) -> None:
    """Have a file that was just given a new state worked on: a small one now, in the running
    transaction, by a worker one that is large or whose borders are to be aligned."""
    if row.options.get("align") or not is_small(bytes(row.content)):
        jobs.kick(TASK, row.pk)
        return
    run_grid_import(import_id=row.pk, at=at)
    row.refresh_from_db()


def due_grid_imports(*, at: datetime, limit: int) -> list[int]:
    """Ids of files that are to be checked or stored and that nobody works on."""
    rows = _free(at).order_by("uploaded_at", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def _free(at: datetime) -> Any:
    idle = Q(claimed_at__isnull=True) | Q(claimed_at__lt=at - LEASE)
    return GridImport.objects.filter(idle, state__in=RUNNING)


def run_grid_import(*, import_id: int, at: datetime) -> bool:
    """Check or store a file that waits for it; whether this call did it.

    A row that is gone, or that somebody else works on, is left alone. What fails three times
    without a word for people is given back to the person with a word.
    """
    claim = {"claimed_at": at, "attempts": F("attempts") + 1}
    if _free(at).filter(pk=import_id).update(**claim) != 1:
        return False
    row = GridImport.objects.select_related("actor").get(pk=import_id)
    work = _check if row.state == GridImportState.CHECKING else _store
    try:
        work(row, at)
    except (TableError, DomainError) as refused:
        _give_back(row, str(refused))
    except Exception:
        logger.exception("cells of import %s could not be taken in", import_id)
        if row.attempts < MAX_ATTEMPTS:
            raise
        _give_back(row, str(_("处理时出了意外，什么也没有导入。请把文件交给管理员看。")))
    return True


def purge_grid_imports(*, at: datetime) -> int:
    """Give up files that nobody finished within 30 days; returns how many."""
    old = GridImport.objects.filter(
        state__in=UNFINISHED, uploaded_at__lt=at - timedelta(days=KEPT_DAYS)
    )
    return old.update(state=GridImportState.DROPPED, version=F("version") + 1, **EMPTY)


# --- Progress -------------------------------------------------------------------------------


def progress_of(row: GridImport) -> int:
    """How many cells of a running import are stored; 0 where that is not known."""
    with suppress(RedisError, OSError):
        return int(cache.get(_progress_key(row), 0))
    return 0


def _tell_progress(row: GridImport, stored: int) -> None:
    # Its transaction is not over: nobody else would see a column of the row.
    with suppress(RedisError, OSError):
        cache.set(_progress_key(row), stored, LEASE.total_seconds())


def _progress_key(row: GridImport) -> str:
    return f"cells:{row.pk}:{row.version}"


# --- The work -------------------------------------------------------------------------------


def _read(row: GridImport) -> Read:
    return read_file(bytes(row.content), chosen=row.options.get("system", ""), noun=CELLS.noun)


def _planned(row: GridImport, read: Read, at: datetime, *, look: bool) -> Plan:
    """What the file does; `look`: also for what it would leave wrong along the borders."""
    close_gone = row.options.get("close_gone", False)
    plan = plan_cells(
        read.features,
        Meaning.of(row.mapping, row.options.get("street", "")),
        at=at,
        mend=row.options.get("mend", False),
        close_gone=close_gone,
    )
    align = row.options.get("align", False)
    look_at_seams(plan, close_gone=close_gone, align=align, look=look)
    return plan


def _check(row: GridImport, at: datetime) -> None:
    """Read the file, find out what its properties mean, and hold it against the grid."""
    read = _read(row)
    seen = {
        "kind": read.kind,
        "declared": read.declared,
        "names": list(read.names),
        "samples": _samples(read),
        "mapping": row.mapping or guess(read.names),
    }
    for name, value in seen.items():
        setattr(row, name, value)
    if not row.mapping.get(CODE):
        _settle(row, state=GridImportState.MAPPING, **seen)
        return
    _settle_check(row, _planned(row, read, at, look=True), read, **seen)


def _samples(read: Read) -> dict[str, str]:
    """The first value of each property."""
    found: dict[str, str] = {}
    for feature in read.features[:50]:
        for name, text in feature.properties.items():
            if text:
                found.setdefault(name, text[:60])
    return found


def _settle_check(row: GridImport, plan: Plan, read: Read, **seen: Any) -> None:
    errors = errors_of(plan)
    _settle(
        row,
        state=GridImportState.WRONG if errors else GridImportState.READY,
        counts=plan.counts() | {"total": len(plan.rows)},
        findings={
            "errors": errors[:SHOWN_ERRORS],
            "total": len(errors),
            "solid": any(feature.is_solid for feature in read.features),
            "mended": sum(one.mended for one in plan.rows),
            "mendable": sum(one.mendable for one in plan.rows),
            "seams": seams_told(plan),
        },
        rows=rows_of(plan),
        drawn=drawn_of(plan),
        **seen,
    )


def _store(row: GridImport, at: datetime) -> None:
    """Check once more, since the world may have moved, and store all cells in one transaction."""
    with transaction.atomic():
        # Whoever comes after the lease waits here, and finds it done.
        held = GridImport.objects.select_for_update().get(pk=row.pk)
        if held.state != GridImportState.IMPORTING or held.version != row.version:
            return
        may_import(row.actor)
        take_turns()
        since = max(row.valid_from or at, at)
        read = _read(row)
        plan = _planned(row, read, since, look=False)
        if plan.findings.by_number:
            _settle_check(row, plan, read)
            return
        close_gone = row.options.get("close_gone", False)
        outcome = store_plan(plan, close_gone=close_gone, tell=partial(_tell_progress, row))
        _settle(
            row,
            state=GridImportState.DONE,
            done_at=at,
            valid_from=since,
            counts=plan.counts() | {"total": len(plan.rows), "closed": outcome.retired},
            **EMPTY,
        )


def _give_back(row: GridImport, words: str) -> None:
    """Hand a file back to the person with what is wrong with it as a whole."""
    errors = [[0, "", line] for line in words.splitlines()]
    findings = {"errors": errors[:SHOWN_ERRORS], "total": len(errors)}
    state = GridImportState.WRONG
    _settle(row, state=state, findings=findings, rows=b"", drawn=b"", counts={})


def _settle(row: GridImport, **changes: Any) -> None:
    """Write what the work came to. Raises Conflict where the row moved on meanwhile."""
    changes |= {"claimed_at": None, "version": row.version + 1}
    rows = GridImport.objects.filter(pk=row.pk, state=row.state, version=row.version)
    if rows.update(**changes) != 1:
        raise Conflict
    for name, value in changes.items():
        setattr(row, name, value)
