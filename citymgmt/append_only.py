"""SQL that makes a table refuse UPDATE, DELETE and TRUNCATE, for migrations.

Plain triggers, so that they also stop the application's own role; only somebody who may alter
the table can switch them off, and `verify_evidence` finds what was changed meanwhile.
"""

from django.db import migrations

_FUNCTION = """
CREATE OR REPLACE FUNCTION citymgmt_refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def refuse_rewrite(table: str, *, blankable: bool = False) -> migrations.RunSQL:
    """An operation that makes the table append-only; `blankable` tables allow UPDATE."""
    verbs = "DELETE" if blankable else "UPDATE OR DELETE"
    return migrations.RunSQL(
        f"""
        {_FUNCTION}
        CREATE TRIGGER {table}_rows BEFORE {verbs} ON {table}
            FOR EACH ROW EXECUTE FUNCTION citymgmt_refuse_rewrite();
        CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION citymgmt_refuse_rewrite();
        """,
        f"DROP TRIGGER {table}_rows ON {table}; DROP TRIGGER {table}_whole ON {table};",
    )
