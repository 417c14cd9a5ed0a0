"""Background work of the grid: files of cells are checked and stored, places follow the cells."""

import logging

from celery import shared_task

from citymgmt import clock
from grids.models import Patrol
from grids.services import grid_import_runs, patrol_measuring, patrols, tracks
from grids.services.relocating import relocate_places

# Each may take a minute.
IMPORTS = 2
# A patrol of eight hours is reckoned in a tenth of a second.
PATROLS = 100
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


@shared_task
def measure_patrol(patrol_id: int) -> None:
    """Reckon what one patrol that just ended has walked."""
    try:
        patrol_measuring.measure_patrol(patrol_id=patrol_id, at=clock.now())
    except Patrol.DoesNotExist:
        logger.info("patrol %s is gone, nothing to reckon", patrol_id)


@shared_task
def sweep_patrols() -> None:
    """End patrols of which nothing is heard, and reckon those of which points came."""
    at = clock.now()
    for patrol in patrols.lost_patrols(at=at, limit=PATROLS):
        patrols.give_up(patrol, at)
    for patrol_id in patrol_measuring.due_measures(at=at, limit=PATROLS):
        try:
            patrol_measuring.measure_patrol(patrol_id=patrol_id, at=at)
        # The next sweep finds it again.
        except Exception:
            logger.exception("patrol %s could not be reckoned, the sweep goes on", patrol_id)


@shared_task
def sweep_tracks() -> None:
    """Make the parts of the months to come, erase what was kept long enough."""
    at = clock.now()
    tracks.make_parts(at=at)
    while tracks.erase_tracks(at=at, limit=PATROLS) == PATROLS:
        continue
    tracks.drop_parts(at=at)
