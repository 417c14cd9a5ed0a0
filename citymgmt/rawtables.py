"""Tables whose columns nobody has agreed on: .xlsx or delimited text as it stands, line by line.

What was merged downwards stands in each of its lines, and the line says which cells are so.
"""

import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any

from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import (
    MAX_CELL,
    CellError,
    Line,
    TableError,
    check_size,
    decoded,
    delimited_lines,
    first_sheet,
    sheet_lines,
    whole,
)

MAX_COLUMNS = 60
MAX_MERGED = 50_000
DELIMITERS = ",\t;"
_ARCHIVE = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0"
# Other kinds of files that people try, told by how they begin.
_FOREIGN = (b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"{\\rtf", b"<html", b"<!DOC", b"GIF8")
_SNIFFED = 10
_CHUNK = 1 << 20
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_LONGEST_TAG = 80


@dataclass(frozen=True, slots=True)
class RawLine:
    """One line: its number (from 1), its cells as text, and the places of those that were merged
    downwards from a line above."""

    number: int
    cells: list[str]
    merged: frozenset[int] = frozenset()

    def cell(self, place: int | None) -> str:
        """The text at a place; empty beyond the end of the line, and for None."""
        return self.cells[place] if place is not None and place < len(self.cells) else ""


def read_raw(
    data: bytes, *, max_bytes: int, max_lines: int, only_first: int | None = None
) -> list[RawLine]:
    """The lines that hold anything, of an .xlsx file's first visible sheet or of a text in UTF-8,
    UTF-16 with mark or GB 18030 whose delimiter is told by its first lines.

    `only_first` stops after so many lines. Raises TableError: too large, too many lines or
    columns, another kind of file, a bomb.
    """
    check_size(data, max_bytes)
    if data.lstrip()[:5].startswith(_FOREIGN):
        raise whole(_("这不是表格文件，请选 .xlsx 或 .csv 的台帐。"))
    if data.startswith((_ARCHIVE, _COMPOUND)):
        lines = _read_sheet(data, only_first)
    else:
        text = decoded(data)
        lines = [RawLine(*line) for line in _first(_text_lines(text), only_first)]
    if not lines:
        raise whole(_("表格是空的，请填写后再导入。"))
    if len(lines) > max_lines:
        words = _("超过 %(limit)s 行，请分成几个文件再导入。") % {"limit": max_lines}
        raise TableError([CellError(lines[max_lines].number, "", str(words))], 1)
    _check_cells(lines)
    return lines


def _first(lines: Iterable[Line], only_first: int | None) -> Iterator[Line]:
    filled = ((number, cells) for number, cells in lines if any(cell.strip() for cell in cells))
    return islice(filled, only_first)


def _text_lines(text: str) -> Iterator[Line]:
    """The lines by the delimiter that the first of them use most."""
    head = "\n".join(text.splitlines()[:_SNIFFED])
    tally = Counter(char for char in head if char in DELIMITERS)
    delimiter = max(DELIMITERS, key=lambda char: tally[char])
    return delimited_lines(text, delimiter)


def _check_cells(lines: Iterable[RawLine]) -> None:
    for line in lines:
        if len(line.cells) > MAX_COLUMNS and any(cell.strip() for cell in line.cells[MAX_COLUMNS:]):
            words = _("超过 %(limit)s 列，请删去多余的列再导入。") % {"limit": MAX_COLUMNS}
            raise TableError([CellError(line.number, "", str(words))], 1)
        if any(len(cell) > MAX_CELL for cell in line.cells):
            words = _("有一格超过 %(limit)s 个字，请缩短。") % {"limit": MAX_CELL}
            raise TableError([CellError(line.number, "", str(words))], 1)


# --- Excel ----------------------------------------------------------------------------------


def _read_sheet(data: bytes, only_first: int | None) -> list[RawLine]:
    with first_sheet(data) as sheet:
        lines = list(_first(sheet_lines(sheet), only_first))
        part = sheet._worksheet_path
    return _filled_down(lines, _merged(data, part))


def _merged(data: bytes, part: str) -> dict[int, list[tuple[int, int]]]:
    """What is merged downwards: by its first line, (column from 0, last line)."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for count, (left, top, _right, bottom) in enumerate(_ranges(data, part), 1):
        if count > MAX_MERGED:
            raise whole(_("合并单元格过多，请先取消合并再导入。"))
        if int(bottom) > int(top):
            found[int(top)].append((_column(left), int(bottom)))
    return found


def _ranges(data: bytes, part: str) -> Iterator[tuple[Any, ...]]:
    """The merged ranges of a sheet; openpyxl does not tell them when it reads only."""
    with zipfile.ZipFile(BytesIO(data)) as archive, archive.open(part) as source:
        rest = b""
        while chunk := source.read(_CHUNK):
            text = rest + chunk
            last = 0
            for match in _MERGED.finditer(text):
                last = match.end()
                yield match.groups()
            rest = text[max(last, len(text) - _LONGEST_TAG) :]


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1


def _filled_down(lines: list[Line], merged: dict[int, list[tuple[int, int]]]) -> list[RawLine]:
    """The lines with what was merged downwards in each of its lines; a line that holds nothing
    of its own stays away."""
    running: dict[int, tuple[int, str]] = {}
    begun = sorted(merged)
    filled: list[RawLine] = []
    for number, cells in lines:
        inherited = set()
        while begun and begun[0] <= number:
            top = begun.pop(0)
            for column, bottom in merged[top]:
                own = cells[column] if top == number and column < len(cells) else ""
                running[column] = (bottom, own)
        for column, (bottom, value) in list(running.items()):
            if bottom < number:
                del running[column]
            elif value and (column >= len(cells) or not cells[column].strip()):
                cells += [""] * (column + 1 - len(cells))
                cells[column] = value
                inherited.add(column)
        filled.append(RawLine(number, cells, frozenset(inherited)))
    return filled
