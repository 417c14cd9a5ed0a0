"""How tests that really commit leave the database: only what they wrote is deleted.

Django's flush truncates every table, which makes hundreds of files anew, and then writes all
permissions again: 0.4 s of CPU a test. Here only tables that hold rows are emptied, and what the
migrations wrote stands again: check lists and rules of a new house, whatever a test made of them.
"""

from django.db import connection
from django.test import TransactionTestCase

# Written by migrations and by what runs after them, read by everybody, changed by few tests.
STAYS = (
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "citymgmt_role",
    "cases_retentionrule",
    "cases_stagelimit",
)


# Copies of what the migrations wrote besides, in a schema of their own.
_WRITTEN: list[str] = []


def remember_written() -> None:
    """Copy the rows that stand in the new database; before the first test."""
    with connection.cursor() as cursor:
        _WRITTEN[:] = _filled()
        cursor.execute("DROP SCHEMA IF EXISTS written CASCADE; CREATE SCHEMA written")
        for table in _WRITTEN:
            cursor.execute(f"CREATE TABLE written.{table} AS TABLE {table}")


def empty_tables(self: TransactionTestCase) -> None:
    """Delete every row that a test may have left, and put back what the migrations wrote; the
    refusals of append-only tables rest."""
    deletes = "".join(f"DELETE FROM {table};" for table in _filled())
    again = "".join(f"INSERT INTO {table} TABLE written.{table};" for table in _WRITTEN)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica;"
            + deletes
            + again
            + "DELETE FROM citymgmt_role WHERE NOT built_in;"
            "SET session_replication_role = origin"
        )


def _filled() -> list[str]:
    """The tables that hold rows, but for those that stay."""
    tables = [name for name in connection.introspection.table_names() if name not in STAYS]
    asked = " UNION ALL ".join(
        f"(SELECT '{table}' WHERE EXISTS (SELECT FROM {table}))" for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return [table for (table,) in cursor.fetchall()]
