"""Connections to the database beside the pool: for what must not wait for it, or holds a lock."""

from typing import Any

import psycopg
from django.db import connection

# A machine that lost its power says no goodbye: the server learns of it from these.
_DEAD_AFTER = {
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}


def connect(*, seconds: int) -> psycopg.Connection[Any]:
    """A connection of its own, in autocommit mode; no statement on it takes longer than this.

    `seconds` is at least 2, the shortest that the driver waits for a server. Raises
    psycopg.OperationalError where there is no answer within that time.
    """
    parameters = connection.get_connection_params()
    limits = {"statement_timeout": seconds * 1000, **_DEAD_AFTER}
    said = [parameters.pop("options", ""), *(f"-c {name}={n}" for name, n in limits.items())]
    for ours in ("cursor_factory", "context", "prepare_threshold", "pool"):
        parameters.pop(ours, None)
    parameters |= {"autocommit": True, "connect_timeout": seconds, "options": " ".join(said)}
    found: psycopg.Connection[Any] = psycopg.connect(**parameters)
    return found
