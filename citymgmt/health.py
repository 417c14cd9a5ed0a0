"""Is the house alive: the process, the database, the broker, worker and beat."""

import time
from datetime import timedelta

from celery.signals import beat_init, before_task_publish, heartbeat_sent
from django.core.cache import cache
from django.db import DatabaseError, connection
from redis.exceptions import RedisError

FRESH = timedelta(seconds=60)
_beat_runs_here = False


def connect() -> None:
    """Let worker and beat leave their pulse in the cache."""
    heartbeat_sent.connect(_worker_pulse, dispatch_uid="worker-pulse")
    beat_init.connect(_beat_started, dispatch_uid="beat-started")
    before_task_publish.connect(_beat_pulse, dispatch_uid="beat-pulse")


def _worker_pulse(**kwargs: object) -> None:
    leave_pulse("worker")


def _beat_started(**kwargs: object) -> None:
    global _beat_runs_here
    _beat_runs_here = True
    leave_pulse("beat")


def _beat_pulse(**kwargs: object) -> None:
    if _beat_runs_here:
        leave_pulse("beat")


def leave_pulse(name: str) -> None:
    """Note that a process is alive; a broker that is away is not this process's death."""
    try:
        cache.set(f"pulse:{name}", time.time(), 600)
    except RedisError:
        return


def checks() -> dict[str, bool]:
    """Each part and whether it was seen within a minute. Real time: this is about machines."""
    result = {"database": _database()}
    try:
        pulses = cache.get_many(["pulse:worker", "pulse:beat"])
        result["broker"] = True
    except RedisError:
        pulses = {}
        result["broker"] = False
    for name in ("worker", "beat"):
        seen = pulses.get(f"pulse:{name}", 0)
        result[name] = time.time() - seen < FRESH.total_seconds()
    return result


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DatabaseError:
        return False
