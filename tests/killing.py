"""A worker that dies after its n-th statement, for n = 1, 2, … until it comes through alive."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
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


def deaths(act: Callable[[], object]) -> Iterator[int]:
    """Do it again and again, each time dying one statement later; gives n after each death.

    Ends after the time that it came through. What the caller does between must leave no trace.
    """
    for number in count(1):
        try:
            with killed_after(number):
                act()
        except Killed:
            yield number
        else:
            return
