"""Celery's own programme, in which a long task of the bulk queue and a short urgent one do nothing
but say so: under their own names, so that they go the way of the real ones.

python -m tests.citymgmt.taking worker …

Files of TAKING_DIRECTORY tell of it: `bulk-1` and `urgent-1` of tasks begun with 1, `enough` lets
those of the bulk queue end, which they say as `ended-1`.
"""

import os
import time
from pathlib import Path
from typing import Any

from celery.__main__ import main as celery

from citymgmt.celery import app

BULK = "cases.tasks.work_on_bulk_job"
URGENT = "citymgmt.tasks.carry_channel"
ENOUGH = "enough"
LONGEST = 300


def folder() -> Path:
    """Where the files lie."""
    return Path(os.environ["TAKING_DIRECTORY"])


def take_long(number: int) -> None:
    """Last until it is enough."""
    (folder() / f"bulk-{number}").touch()
    limit = time.monotonic() + LONGEST
    while not (folder() / ENOUGH).exists() and time.monotonic() < limit:
        time.sleep(0.05)
    (folder() / f"ended-{number}").touch()


def take_short(number: int) -> None:
    """Say so."""
    (folder() / f"urgent-{number}").touch()


def main() -> None:
    """Put these in the place of the real ones, then become Celery."""
    app.loader.import_default_modules()
    tasks: dict[str, Any] = app.tasks
    tasks[BULK].run, tasks[URGENT].run = take_long, take_short
    celery()


if __name__ == "__main__":
    main()
