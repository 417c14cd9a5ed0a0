"""Numbers that never repeat and never skip."""

from datetime import datetime

from django.db import connection

from citymgmt import clock

_NEXT = """
    INSERT INTO citymgmt_counter (series, value) VALUES (%s, %s)
    ON CONFLICT (series) DO UPDATE SET value = citymgmt_counter.value + EXCLUDED.value
    RETURNING value
"""


def next_in(series: str) -> int:
    """The next number of a series, from 1.

    The row stays locked until the transaction ends, so that a rollback gives the number
    back: call it last before the insert that uses it.
    """
    return _taken(series, 1)


def numbers_in(series: str, count: int) -> range:
    """So many next numbers of a series at once, in order."""
    last = _taken(series, count)
    return range(last - count + 1, last + 1)


def _taken(series: str, count: int) -> int:
    """The last of so many next numbers of a series."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series, count])
        return cursor.fetchone()[0]


def day_number(kind: str, at: datetime) -> str:
    """Number of the local day, like "20261120-0098"."""
    day = at.astimezone(clock.LOCAL).strftime("%Y%m%d")
    return f"{day}-{next_in(f'{kind}:{day}'):04d}"


def day_numbers(kind: str, at: datetime, *, count: int, mark: str) -> list[str]:
    """So many numbers of the local day at once, like "20261120T-0098", in order.

    They are of a series of their own, told by the `mark` behind the day: who takes thousands at
    once lets nobody wait who takes one.
    """
    day = f"{at.astimezone(clock.LOCAL):%Y%m%d}{mark}"
    last = _taken(f"{kind}:{day}", count)
    return [f"{day}-{number:04d}" for number in range(last - count + 1, last + 1)]
