"""Is the house alive: the process, the database, the broker, the files, workers and beat."""

import time
from datetime import timedelta
from typing import Any

import psycopg
from celery.signals import before_task_publish, celeryd_after_setup, heartbeat_sent
from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from citymgmt import aside
from citymgmt.photo_store import place

FRESH = timedelta(seconds=settings.PULSE_SECONDS)
ANSWER_SECONDS = 2
"""Who asks waits no longer for a database that hangs."""
QUEUES = tuple(queue.name for queue in settings.CELERY_TASK_QUEUES)
SENT_AT = "sent_at"
"""The header of a task that says when it was sent, in real time."""
_consumed: tuple[str, ...] = ()


def connect() -> None:
    """Let workers leave their pulse in the cache, and tasks say when they were sent; the beat that
    ticks leaves its own pulse."""
    before_task_publish.connect(_task_sent, dispatch_uid="task-sent")
    celeryd_after_setup.connect(_worker_set_up, dispatch_uid="worker-queues")
    heartbeat_sent.connect(_worker_pulse, dispatch_uid="worker-pulse")


def _task_sent(headers: dict[str, Any] | None = None, **_signal: object) -> None:
    if headers is not None:
        headers[SENT_AT] = time.time()


def _worker_set_up(instance: Any, **_signal: object) -> None:
    global _consumed
    _consumed = tuple(instance.app.amqp.queues.consume_from)


def _worker_pulse(**_signal: object) -> None:
    leave_pulse(*map(worker_of, _consumed))


def worker_of(queue: str) -> str:
    """The pulse of whoever works on a queue."""
    return f"worker:{queue}"


def leave_pulse(*names: str) -> None:
    """Note that a part is alive; a broker that is away is not this process's death."""
    at = time.time()
    try:
        cache.set_many({f"pulse:{name}": at for name in names}, 600)
    except RedisError:
        return


def pulses() -> dict[str, float]:
    """When each queue's workers and the beat were last seen, in real time; 0 for never.

    Raises RedisError where the broker is away.
    """
    names = [*map(worker_of, QUEUES), "beat"]
    found = cache.get_many([f"pulse:{name}" for name in names])
    return {name: found.get(f"pulse:{name}", 0) for name in names}


def checks() -> dict[str, bool]:
    """Each part and whether it works. Real time: this is about machines.

    `worker` needs one for every queue that was seen a moment ago, `files` that photos can be
    kept.
    """
    result = {"database": _database(), "files": place().works()}
    try:
        seen = pulses()
        result["broker"] = True
    except RedisError:
        seen = {}
        result["broker"] = False
    alive = {name for name, at in seen.items() if time.time() - at < FRESH.total_seconds()}
    result["worker"] = {worker_of(queue) for queue in QUEUES} <= alive
    result["beat"] = "beat" in alive
    return result


def _database() -> bool:
    """Beside the pool, which may be taken up by those who wait for the same database."""
    try:
        with aside.connect(seconds=ANSWER_SECONDS) as session:
            return session.execute("SELECT 1").fetchone() == (1,)
    except psycopg.Error:
        return False
