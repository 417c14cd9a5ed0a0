"""A sweep whose rows take seconds each is one worker's at a time; the others leave it to him."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection

_CLASS = 0x616C6F6E
"""The class of these locks, in the house's own database: "alon"."""


@contextmanager
def alone(what: str) -> Iterator[bool]:
    """Whether nobody else is at what is named; until the end of the block nobody else will be.

    The lock is of the session of the database: whoever dies has left it. Outside of a
    transaction; what is done must bear two at once, as a session may be lost midway.
    """
    key = [_CLASS, zlib.crc32(what.encode()) - 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine:
            _leave(key)


def _leave(key: list[int]) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
    except (OperationalError, InterfaceError):
        # The lock went with its session; the next statement begins another one.
        connection.close()
