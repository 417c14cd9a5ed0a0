"""Rows of a list made quickly: what stands beside them is made once, not once a row.

Fifty cases name the same ten teams and people. Django makes an object of each, each time, by way
of a constructor that fits a row from anywhere; for a row that was just read its columns alone are
enough. Reads what `select_related` and `annotate` read, in the same statement.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable, get_related_populators

Columns = tuple[str, ...]


class SharedIterable(ModelIterable):
    """Iterates over rows as `ModelIterable` does; rows beside them that are the same row are one
    object. To be set where rows are shown, not where they are changed."""

    def __iter__(self) -> Iterator[Any]:
        """The rows; one statement."""
        queryset: Any = self.queryset
        compiler = queryset.query.get_compiler(using=queryset.db)
        results = compiler.execute_sql(chunked_fetch=self.chunked_fetch, chunk_size=self.chunk_size)
        info, select = compiler.klass_info, compiler.select
        start, end = info["select_fields"][0], info["select_fields"][-1] + 1
        columns = tuple(item[0].target.attname for item in select[start:end])
        # The stubs know the call of a later Django.
        populators = get_related_populators(info, select, queryset.db)  # type: ignore[call-arg]
        beside = [_Beside(each) for each in populators]
        noted = list(compiler.annotation_col_map.items()) if compiler.annotation_col_map else ()
        for row in compiler.results_iter(results):
            found = _made(info["model"], columns, row[start:end], queryset.db)
            for each in beside:
                each.join(row, found)
            for name, place in noted:
                found.__dict__[name] = row[place]
            yield found


class _Beside:
    """A row that is read along with others, each made once."""

    def __init__(self, populator: Any) -> None:
        self._populator = populator
        self._columns = tuple(populator.init_list)
        self._known: dict[Any, Model] = {}
        self._further = [_Beside(each) for each in populator.related_populators]
        # One that points back at its row, or is made of a parent's columns, is made as ever.
        self._plain = populator.reorder_for_init is None

    def join(self, row: tuple[Any, ...], to: Model) -> None:
        """Set the row beside `to`."""
        of = self._populator
        if not self._plain:
            of.populate(row, to)
            return
        values = row[of.cols_start : of.cols_end]
        pk = values[of.pk_idx]
        found = self._known.get(pk)
        if pk is not None and found is None:
            found = self._known[pk] = _made(of.model_cls, self._columns, values, of.db)
            for each in self._further:
                each.join(row, found)
        of.local_setter(to, found)
        if found is not None:
            of.remote_setter(found, to)


def _made(model: Any, columns: Columns, values: tuple[Any, ...], using: str) -> Any:
    """A row of the model from its columns; those that were not read are read when asked for."""
    found = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, using
    found.__dict__ = {"_state": state, **dict(zip(columns, values, strict=True))}
    return found


def shared(rows: Any) -> Any:
    """The same queryset, whose rows share what stands beside them; one of values stays as it is."""
    rows = rows.all()
    if rows._iterable_class is ModelIterable:
        rows._iterable_class = SharedIterable
    return rows
