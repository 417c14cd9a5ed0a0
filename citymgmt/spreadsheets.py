"""Tables from strangers: delimited text and .xlsx in, every error by line and column.

A reader finds its columns by the titles in the first line that is not empty, whatever their
order, and returns clean text. An importer that has checks of its own passes one `Findings` to
the reader, adds to it, and calls `raise_if_any()` before it stores anything: the person sees
all errors at once.
"""

import csv
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO, StringIO
from itertools import islice
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from citymgmt.texts import clean_text
from citymgmt.workbooks import Parts, TooMuch

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 20_000
MAX_ERRORS = 200
MAX_COLUMNS = 256
# A sheet may state empty lines by the million.
MAX_LINES = 200_000
MAX_CELL = 4_000
# An .xlsx is a zip archive: bounds on what it unpacks to; of what is read, `workbooks` has more.
MAX_UNPACKED = 200 * 1024 * 1024
MAX_PARTS = 2_000
MAX_RATIO = 300

Words = str | Promise


@dataclass(frozen=True, slots=True)
class CellError:
    """One thing wrong: the line as the person counts it (from 1, 0: the whole file), the title
    of the column (empty: the whole line), and what to do."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        if not self.line:
            return self.message
        if not self.column:
            return str(_("第 %(line)s 行：%(message)s")) % self._words()
        return str(_("第 %(line)s 行「%(column)s」：%(message)s")) % self._words()

    def _words(self) -> dict[str, object]:
        return {"line": self.line, "column": self.column, "message": self.message}


class TableError(Exception):
    """A table that is not taken. `errors` are the first 200 by line, `total` counts them all."""

    def __init__(self, errors: Sequence[CellError], total: int) -> None:
        super().__init__(f"{total} errors in a table")
        self.errors = list(errors)
        self.total = total

    def __str__(self) -> str:
        lines = [str(error) for error in self.errors]
        if self.total > len(self.errors):
            lines.append(
                str(_("另有 %(count)s 处错误未列出，请先改正以上各处。"))
                % {"count": self.total - len(self.errors)}
            )
        return "\n".join(lines)


class Findings:
    """Collects what is wrong with a table, and raises it all at once."""

    def __init__(self) -> None:
        self._errors: list[CellError] = []
        self._total = 0

    def __bool__(self) -> bool:
        return self._total > 0

    def add(self, line: int, column: str, message: Words) -> None:
        """Note one error; beyond 200 they are only counted."""
        self._total += 1
        if len(self._errors) < MAX_ERRORS:
            self._errors.append(CellError(line, column, str(message)))

    def raise_if_any(self) -> None:
        """Raise TableError if anything was noted."""
        if self._total:
            raise TableError(sorted(self._errors, key=lambda error: error.line), self._total)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is looked for: `key` in the rows, and the titles it may bear.

    `optional` columns may be missing (their cells read as ""), `filled` ones have no empty cell.
    """

    key: str
    titles: tuple[str, ...] = ()
    optional: bool = False
    filled: bool = False
    max_length: int = MAX_CELL

    @property
    def title(self) -> str:
        """The title as people know it."""
        return self.titles[0] if self.titles else self.key


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: where it stands (from 1), and its clean cells by column key; the
    optional columns that the table does not have are `missing`."""

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()

    def __getitem__(self, key: str) -> str:
        return self.cells[key]


Columns = Sequence[Column | str]
Line = tuple[int, list[str]]


# --- Delimited text -------------------------------------------------------------------------


def read_delimited(
    data: bytes,
    columns: Columns,
    *,
    delimiter: str = ",",
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
    findings: Findings | None = None,
) -> list[Row]:
    """The rows of a CSV or TSV file in UTF-8 (with or without mark), UTF-16 with mark or GB 18030.

    Empty lines are skipped, columns that nobody asked for ignored. Raises TableError for a file
    that cannot be read as a table; errors in cells too, unless `findings` collects them.
    """
    check_size(data, max_bytes)
    text = decoded(data)
    return _rows(delimited_lines(text, delimiter), columns, max_rows, findings)


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with mark or GB 18030; raises TableError."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise whole(_("文件不是文本表格，请另存为 UTF-8 编码的 CSV 或 TSV 后再导入。"))


def delimited_lines(text: str, delimiter: str) -> Iterator[Line]:
    """The lines of a text, each with the number at which it begins; raises TableError."""
    # Strict, so that a quotation mark that is never closed does not swallow the rest.
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begun = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            message = _("引号不成对或单元格过长，请检查这一行的引号。")
            raise TableError([CellError(begun, "", str(message))], 1) from error
        if cells is None:
            return
        yield begun, cells
        begun = reader.line_num + 1


# --- Excel ----------------------------------------------------------------------------------


def read_xlsx(
    data: bytes,
    columns: Columns,
    *,
    max_rows: int = MAX_ROWS,
    max_bytes: int = MAX_BYTES,
    findings: Findings | None = None,
) -> list[Row]:
    """The rows of the first visible sheet of an .xlsx file, as text.

    Dates read as 2026-07-01 or 2026-07-01 09:30:00, whole numbers without a fraction, formulas
    as the value that was saved with them. Errors as in `read_delimited`.
    """
    check_size(data, max_bytes)
    with first_sheet(data) as sheet:
        return _rows(sheet_lines(sheet), columns, max_rows, findings)


@contextmanager
def first_sheet(data: bytes) -> Iterator[Any]:
    """The first visible sheet of an .xlsx file, to be read within; raises TableError."""
    with visible_sheets(data) as sheets:
        yield sheets[0]


_TOO_MUCH = _("Excel 文件解压后过大，请删去多余的工作表、图片和空白行，或分成几个文件再导入。")
NO_SHEET = _("Excel 文件已损坏或没有可见的工作表，请在 Excel 中另存后再导入。")


@contextmanager
def visible_sheets(data: bytes) -> Iterator[list[Any]]:
    """The visible sheets of an .xlsx file, at least one, to be read within; raises TableError."""
    check_archive(data)
    read = _reader()
    try:
        # Entities in its parts are refused before; by defusedxml underneath, too.
        with closing(read(data)) as book:
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                raise whole(NO_SHEET)
            for sheet in sheets:
                # The stated dimensions may lie.
                sheet.reset_dimensions()
            yield sheets
    except TableError:
        raise
    except TooMuch as error:
        raise whole(_TOO_MUCH) from error
    # openpyxl answers broken parts with nearly any exception; the file is at fault.
    except Exception as error:
        raise whole(NO_SHEET) from error


def _reader() -> Callable[[bytes], Any]:
    # Loaded by the first who reads a workbook: a server that starts does without.
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml import DEFUSEDXML

    if not DEFUSEDXML:
        raise ImportError("openpyxl must read XML through defusedxml")

    def read(data: bytes) -> Any:
        reader = ExcelReader(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        # As it is opened by itself it would read every part whatever it costs.
        reader.archive.close()
        reader.archive = Parts(BytesIO(data))
        reader.read()
        return reader.wb

    return read


def sheet_lines(sheet: Any) -> Iterator[Line]:
    """The lines of a sheet that hold anything, as text; TableError where they are too many."""
    lines = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
    for number, cells in enumerate(islice(lines, MAX_LINES), 1):
        last = max((i for i, cell in enumerate(cells) if cell is not None), default=-1)
        if last >= 0:
            yield number, [cell_text(cell) for cell in cells[: last + 1]]
    if next(lines, None) is not None:
        raise whole(_("工作表行数过多，请删去末尾多余的空白行，或分成几个文件再导入。"))


def cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        bare = value.time() == time()
        return value.strftime("%Y-%m-%d" if bare else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def check_archive(data: bytes) -> None:
    """Raise TableError for what is no .xlsx, or would unpack to too much."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise whole(_("这是旧版 .xls 或加密的 Excel 文件，请另存为不加密的 .xlsx 后再导入。"))
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    # Besides its own exception, the library lets out others for broken directories.
    except Exception as error:
        raise whole(_("这不是 Excel 文件，请在 Excel 中另存为 .xlsx 后再导入。")) from error
    # The sizes are stated by the archive, but nothing is ever read beyond them.
    unpacked = sum(part.file_size for part in parts)
    stuffed = unpacked > MAX_RATIO * len(data) and unpacked > 10 * 1024 * 1024
    if stuffed or unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS:
        raise whole(_TOO_MUCH)


def sheet_rows(
    sheet: Any, columns: Columns, *, max_rows: int = MAX_ROWS, findings: Findings
) -> list[Row]:
    """The rows of a sheet of `visible_sheets`; raises TableError, errors in cells are noted."""
    return _rows(sheet_lines(sheet), columns, max_rows, findings)


# --- Both -----------------------------------------------------------------------------------


def _rows(
    lines: Iterable[Line], columns: Columns, max_rows: int, findings: Findings | None
) -> list[Row]:
    wanted = [Column(column) if isinstance(column, str) else column for column in columns]
    filled = ((number, cells) for number, cells in lines if any(map(clean_text, cells)))
    head = next(filled, None)
    if head is None:
        raise whole(_("表格是空的，请填写后再导入。"))
    places = _places(head, wanted)
    found = Findings() if findings is None else findings
    rows: list[Row] = []
    for number, cells in filled:
        if len(rows) >= max_rows:
            message = _("超过 %(limit)s 行，请分成几个文件再导入。") % {"limit": max_rows}
            raise TableError([CellError(number, "", str(message))], 1)
        rows.append(_row(number, cells, len(head[1]), places, found))
    if findings is None:
        found.raise_if_any()
    return rows


def _places(head: Line, wanted: list[Column]) -> list[tuple[Column, int | None]]:
    """Where each wanted column stands. Raises TableError for missing or doubled ones."""
    number, cells = head
    titles = [bare(cell) for cell in cells]
    found = Findings()
    places: list[tuple[Column, int | None]] = []
    for column in wanted:
        known = {bare(title) for title in (column.key, *column.titles)}
        hits = [i for i, title in enumerate(titles) if title in known]
        if len(hits) > 1:
            found.add(number, column.title, _("表头有重复的列，请只保留一列。"))
        if not hits and not column.optional:
            found.add(number, column.title, _("表头缺少这一列，请按模板补上。"))
        places.append((column, hits[0] if hits else None))
    found.raise_if_any()
    return places


def _row(
    number: int,
    cells: list[str],
    width: int,
    places: list[tuple[Column, int | None]],
    found: Findings,
) -> Row:
    if any(map(clean_text, cells[width:])):
        found.add(number, "", _("这一行比表头多出单元格，请检查分隔符和引号。"))
    values: dict[str, str] = {}
    for column, place in places:
        value = clean_text(cells[place]) if place is not None and place < len(cells) else ""
        problem = _problem(column, value)
        if problem:
            found.add(number, column.title, problem)
        values[column.key] = value
    return Row(number, values, frozenset(column.key for column, place in places if place is None))


def _problem(column: Column, value: str) -> Words | None:
    if not value:
        return _("不能为空，请填写。") if column.filled else None
    if value in _EXCEL_ERRORS:
        return _("公式出错（%(value)s），请改成数值或文字。") % {"value": value}
    if len(value) > column.max_length:
        return _("超过 %(limit)s 个字，请缩短。") % {"limit": column.max_length}
    return None


_EXCEL_ERRORS = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"})


def check_size(data: bytes, max_bytes: int) -> None:
    """Raise TableError for a file without a byte, or with too many."""
    if not data:
        raise whole(_("文件是空的（0 字节），请重新选择文件。"))
    if len(data) > max_bytes:
        limit = f"{max_bytes / 1024 / 1024:g}"
        raise whole(_("文件超过 %(limit)s MB，请分成几个文件再导入。") % {"limit": limit})


def whole(message: Words) -> TableError:
    """What is wrong with a file as a whole."""
    return TableError([CellError(0, "", str(message))], 1)


def bare(title: str) -> str:
    """A title for comparison: without spaces, case and marks of obligation."""
    return re.sub(r"[\s*＊]", "", clean_text(title)).casefold()
