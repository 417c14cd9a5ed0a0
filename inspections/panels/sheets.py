"""The table behind a chart, as it is shown and downloaded."""

from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

Value = str | int | float | None
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Named columns and rows of plain values; `figures` are the places of columns of numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    figures: frozenset[int] = frozenset()

    @property
    def body(self) -> SafeString:
        """The rows as markup. The tables of a dashboard have six hundred cells: by a template they
        were a quarter of its page."""
        return mark_safe("".join(f"<tr>{self._row(row)}</tr>" for row in self.rows))

    def _row(self, row: tuple[Value, ...]) -> str:
        first, *others = row
        cells = "".join(self._cell(place, value) for place, value in enumerate(others, 1))
        return f'<th scope="row">{_said(first)}</th>{cells}'

    def _cell(self, place: int, value: Value) -> str:
        css = ' class="num"' if place in self.figures else ""
        return f"<td{css}>{_said(value)}</td>"


def _said(value: Value) -> str:
    return NOTHING if value is None else escape(str(value))
