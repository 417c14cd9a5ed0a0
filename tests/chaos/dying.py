"""Celery's own programme, with a hook by which a worker dies after a statement of a task.

    python -m tests.chaos.dying worker …

The file `die` of CHAOS_DIRECTORY holds a name and a number: the first process that does so many
statements of a task of that name kills itself, and leaves in `struck` its task and what it did
last.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery.signals import task_postrun, task_prerun

DIRECTORY = Path(os.environ["CHAOS_DIRECTORY"])
DIE, STRUCK = DIRECTORY / "die", DIRECTORY / "struck"


class Hook:
    """Counts the statements of the task that runs."""

    def __init__(self, name: str, after: int) -> None:
        self.name, self.after, self.done = name, after, 0

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        answer = execute(sql, *rest)
        self.done += 1
        if self.done == self.after:
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

    try:
        name, after = DIE.read_text().split()
    except FileNotFoundError:
        return
    if task.name.rpartition(".")[2] == name:
        _running.append(Hook(name, int(after)))
        connection.execute_wrappers.append(_running[0])


def _end(task: Any, **_signal: object) -> None:
    """A task that had fewer statements lets the next one die after its last."""
    from django.db import connection

    while _running:
        hook = _running.pop()
        connection.execute_wrappers.remove(hook)
        if hook.done and DIE.exists():
            DIE.write_text(f"{task.name.rpartition('.')[2]} {hook.done}")


def main() -> None:
    """Hook in, then become Celery."""
    task_prerun.connect(_begin, weak=False)
    task_postrun.connect(_end, weak=False)
    from celery.__main__ import main as celery

    sys.argv = ["celery", "-A", "citymgmt", *sys.argv[1:]]
    celery()


if __name__ == "__main__":
    main()
