"""Celery's own programme, with a task that takes as much memory as it is told.

python -m tests.citymgmt.growing worker …
"""

import os
from pathlib import Path

from celery.__main__ import main as celery

from citymgmt.celery import app

NAME = "tests.grow"


@app.task(name=NAME)
def grow(megabytes: int, said: str) -> None:
    """Hold so much for a moment; the process writes its number into the file `said`."""
    held = bytearray(os.urandom(1 << 20) * megabytes)
    file = Path(said)
    file.with_suffix(".new").write_text(f"{os.getpid()} {len(held) >> 20}")
    file.with_suffix(".new").rename(file)


if __name__ == "__main__":
    celery()
