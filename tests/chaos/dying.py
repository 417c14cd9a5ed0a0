"""Celery's own programme, with a hook by which a worker dies after a statement of a task.

    python -m tests.chaos.dying worker …

The file `die` of CHAOS_DIRECTORY holds names with commas between and a number: the first process
that does so many statements of a task of such a name kills itself, and leaves in `struck` its task
and what it did last. A third word is the table with which counting begins: before somebody touches
it nothing counts.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from celery.signals import task_postrun, task_prerun

DIRECTORY = Path(os.environ["CHAOS_DIRECTORY"])
DIE, STRUCK = DIRECTORY / "die", DIRECTORY / "struck"


class Order(NamedTuple):
    """What the file says."""

    names: list[str]
    after: int
    table: str


def ordered() -> Order | None:
    """The order that stands; None where there is none."""
    try:
        names, after, *table = DIE.read_text().split()
    except FileNotFoundError:
        return None
    return Order(names.split(","), int(after), *table or [""])


class Hook:
    """Counts the statements of the task that runs."""

    def __init__(self, name: str, order: Order) -> None:
        self.name, self.order, self.done = name, order, 0

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        self.done += bool(self.done or self.order.table in str(sql))
        if self.done == self.order.after:
            self._die(sql)
        return answer

    def _die(self, sql: str) -> None:
        try:
            # Only one process takes the order.
            DIE.rename(DIE.with_suffix(f".{os.getpid()}"))
        except FileNotFoundError:
            return
        draft = STRUCK.with_suffix(".new")
        draft.write_text(f"{os.getpid()} {self.name} {self.done} {sql[:200]}")
        draft.rename(STRUCK)
        os.kill(os.getpid(), signal.SIGKILL)


_running: list[Hook] = []


def _begin(task: Any, **_signal: object) -> None:
    from django.db import connection

    order, name = ordered(), task.name.rpartition(".")[2]
    if order is not None and name in order.names:
        _running.append(Hook(name, order))
        connection.execute_wrappers.append(_running[0])


def _end(task: Any, **_signal: object) -> None:
    """A task that had fewer statements lets the next one die after its last."""
    from django.db import connection

    while _running:
        hook = _running.pop()
        connection.execute_wrappers.remove(hook)
        if hook.done and DIE.exists():
            names, _after, table = hook.order
            DIE.write_text(f"{','.join(names)} {hook.done} {table}")


def main() -> None:
    """Hook in, then become Celery."""
    task_prerun.connect(_begin, weak=False)
    task_postrun.connect(_end, weak=False)
    from celery.__main__ import main as celery

    sys.argv = ["celery", "-A", "citymgmt", *sys.argv[1:]]
    celery()


if __name__ == "__main__":
    main()
