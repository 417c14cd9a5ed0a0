"""The table behind a chart, as it is shown and downloaded."""

from dataclasses import dataclass

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Named columns and rows of plain values; `figures` are the places of columns of numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    figures: frozenset[int] = frozenset()
