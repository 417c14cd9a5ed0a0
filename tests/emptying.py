"""How tests that really commit leave the database: only what they wrote is deleted.

Django's flush truncates every table, which makes hundreds of files anew, and then writes all
permissions again: 0.4 s of CPU a test. Here only tables that hold rows are emptied, and what the
migrations wrote stays.
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


def empty_tables(self: TransactionTestCase) -> None:
    """Delete every row that a test may have left; the refusals of append-only tables rest."""
    tables = [name for name in connection.introspection.table_names() if name not in STAYS]
    filled = " UNION ALL ".join(
        f"(SELECT '{table}' WHERE EXISTS (SELECT FROM {table}))" for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(filled)
        deletes = "".join(f"DELETE FROM {table};" for (table,) in cursor.fetchall())
        cursor.execute(
            "SET session_replication_role = replica;"
            + deletes
            + "DELETE FROM citymgmt_role WHERE NOT built_in;"
            "SET session_replication_role = origin"
        )
