"""Many new rows at once by COPY: several times quicker than INSERT where there are thousands."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, Model

_IDS = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"


def copy_rows(rows: Iterable[Model]) -> None:
    """Store new rows of one model and give them their ids, in the running transaction.

    What a related object got as its id meanwhile is taken. Columns with a default of the
    database get it. Neither `save()` nor signals are called; constraints and triggers hold.
    """
    made = list(rows)
    if not made:
        return
    meta = made[0]._meta
    # Quoted by hand: names of tables and columns are the models' own.
    fields = [field for field in meta.concrete_fields if not field.has_db_default()]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        if meta.pk.get_internal_type() == "BigAutoField":
            cursor.execute(_IDS, [meta.db_table, meta.pk.column, len(made)])
            for row, (pk,) in zip(made, cursor.fetchall(), strict=True):
                row.pk = pk
        with cursor.copy(f'COPY "{meta.db_table}" ({columns}) FROM STDIN') as copy:
            for row in made:
                copy.write_row(_values(row, fields))
    for row in made:
        row._state.adding = False


def _values(row: Model, fields: Sequence[Field]) -> list[Any]:
    # A related object that was stored after it was set has told its id to nobody yet.
    row._prepare_related_fields_for_save(operation_name="copy_rows")  # type: ignore[attr-defined]
    return [
        field.get_db_prep_save(getattr(row, field.attname), connection=connection)
        for field in fields
    ]
