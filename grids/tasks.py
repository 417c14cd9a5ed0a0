"""Background work of the grid: files of cells are checked and stored, places follow the cells."""

import logging

from celery import shared_task

from citymgmt import clock
from grids.services import grid_import_runs
from grids.services.relocating import relocate_places

# Each may take a minute.
IMPORTS = 2
logger = logging.getLogger(__name__)


@shared_task
def run_grid_import(import_id: int) -> None:
    """Check or store one file of cells now."""
    grid_import_runs.run_grid_import(import_id=import_id, at=clock.now())


@shared_task
def sweep_grid_imports() -> None:
    """Find files whose kick was lost or whose worker is gone; give up what nobody finished."""
    at = clock.now()
    for import_id in grid_import_runs.due_grid_imports(at=at, limit=IMPORTS):
        try:
            grid_import_runs.run_grid_import(import_id=import_id, at=at)
        # The next sweep finds it again.
        except Exception:
            logger.exception("cells of import %s could not be taken in", import_id)
    grid_import_runs.purge_grid_imports(at=at)


@shared_task
def sweep_places() -> None:
    """Give places and shops the cells of today."""
    relocate_places(at=clock.now())
