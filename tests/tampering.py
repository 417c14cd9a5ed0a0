"""What a superuser of the database can do to the evidence."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def triggers_off() -> Iterator[None]:
    """What a superuser can do: neither triggers nor foreign keys are heeded."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")


def by_hand(sql: str, *arguments: object) -> None:
    """Change rows with the triggers switched off; at least one must be hit."""
    with triggers_off(), connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        assert cursor.rowcount > 0
