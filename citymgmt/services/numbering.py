"""Numbers that never repeat and never skip."""

from datetime import datetime

from django.db import connection

from citymgmt import clock

_NEXT = """
    INSERT INTO citymgmt_counter (series, value) VALUES (%s, 1)
    ON CONFLICT (series) DO UPDATE SET value = citymgmt_counter.value + 1
    RETURNING value
"""


def next_in(series: str) -> int:
    """The next number of a series, from 1.

    The row stays locked until the transaction ends, so that a rollback gives the number
    back: call it last before the insert that uses it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series])
        return cursor.fetchone()[0]


def day_number(kind: str, at: datetime) -> str:
    """Number of the local day, like "20261120-0098"."""
    day = at.astimezone(clock.LOCAL).strftime("%Y%m%d")
    return f"{day}-{next_in(f'{kind}:{day}'):04d}"
