"""The only source of now.

Domain code takes `now()` once at the edge and passes it down. In tests and in the
demonstration a file named by `CLOCK_FILE` holds an offset in seconds that web, worker and
beat read alike, so that one hand moves all of them.
"""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

LOCAL = ZoneInfo("Asia/Shanghai")

_cached: tuple[int, timedelta] = (-1, timedelta())


def now() -> datetime:
    """The present moment as an aware UTC datetime, shifted by the shared offset if there is one."""
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """The shared offset; zero where `CLOCK_FILE` is not set or the file does not exist yet."""
    global _cached
    if not settings.CLOCK_FILE:
        return timedelta()
    try:
        stamp = os.stat(settings.CLOCK_FILE).st_mtime_ns
    except FileNotFoundError:
        return timedelta()
    if stamp != _cached[0]:
        _cached = (stamp, timedelta(seconds=float(Path(settings.CLOCK_FILE).read_text())))
    return _cached[1]


def set_offset(value: timedelta) -> None:
    """Move the clock of every process that shares `CLOCK_FILE`.

    Raises RuntimeError where the setting is empty: a bureau's clock cannot be moved.
    """
    if not settings.CLOCK_FILE:
        raise RuntimeError("CLOCK_FILE is not set")
    target = Path(settings.CLOCK_FILE)
    draft = target.with_suffix(".new")
    draft.write_text(str(value.total_seconds()))
    draft.replace(target)


def today() -> date:
    """The local calendar day in Asia/Shanghai."""
    return now().astimezone(LOCAL).date()
