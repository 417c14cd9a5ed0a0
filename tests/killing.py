"""A worker that dies after its n-th statement."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


class Killed(Exception):
    """The worker died here."""


@contextmanager
def killed_after(number: int) -> Iterator[None]:
    """Let the n-th statement be done, then die; what clears up behind it goes through."""
    done = 0

    def hook(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal done
        answer = execute(sql, *rest)
        done += 1
        if done == number:
            raise Killed(sql)
        return answer

    with connection.execute_wrapper(hook):
        yield


def dies_after(number: int, act: Callable[[], object]) -> bool:
    """Do it, dying after the n-th statement; False where it came through alive before that."""
    try:
        with killed_after(number):
            act()
    except Killed:
        return True
    return False
