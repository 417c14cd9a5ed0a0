"""Background work of the grid: places follow the cells."""

from celery import shared_task

from citymgmt import clock
from grids.services.relocating import relocate_places


@shared_task
def sweep_places() -> None:
    """Give places and shops the cells of today."""
    relocate_places(at=clock.now())
