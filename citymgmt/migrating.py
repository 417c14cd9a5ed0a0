"""A migration that gave up half-way may be run again.

What is built beside whoever works is built outside of a transaction. Where such a migration waits
too long for a lock it ends, and leaves behind what it had built, an index that is not valid at
that. Before the next run it is taken away: nothing of a migration that was not recorded is in use.

Django's migrations are loaded only where some are run: no other process needs them.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.db.backends.utils import CursorWrapper

if TYPE_CHECKING:
    from django.db.migrations import Migration
    from django.db.migrations.operations.base import Operation

_INDEX = "SELECT 1 FROM pg_indexes WHERE schemaname = current_schema() AND indexname = %s"
_TABLE_OF = """
    SELECT conrelid::regclass::text FROM pg_constraint
    WHERE conname = %s AND connamespace = current_schema()::regnamespace
"""


def clear_leftovers(
    *, using: str, plan: "Sequence[tuple[Migration, bool]]", **_signal: Any
) -> None:
    """Take away what the migrations of the plan left when they last began; before `migrate`."""
    with connections[using].cursor() as cursor:
        for operation in _begun(plan):
            _clear(cursor, operation)


def _begun(plan: "Sequence[tuple[Migration, bool]]") -> "Iterator[Operation]":
    for migration, backwards in plan:
        if not (backwards or migration.atomic):
            yield from migration.operations


def _clear(cursor: CursorWrapper, operation: "Operation") -> None:
    from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently

    quote = cursor.db.ops.quote_name
    if isinstance(operation, AddIndexConcurrently):
        name = operation.index.name
        cursor.execute(_INDEX, [name])
        if cursor.fetchone():
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quote(name)}")
    elif isinstance(operation, AddConstraintNotValid):
        name = operation.constraint.name
        cursor.execute(_TABLE_OF, [name])
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {quote(name)}")
