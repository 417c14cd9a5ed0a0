"""Files that are made while they are being sent: archives and tables of any length.

Nothing is kept but what was not sent yet, so that a hundred thousand rows need no more memory
than a hundred.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import IO
from xml.sax.saxutils import escape

from citymgmt import clock
from citymgmt.texts import neutralise

Cell = str | int | float | date | datetime | None
Line = Sequence[Cell]

_CHUNK = 64 * 1024
_MOST_IN_CELL = 32_767
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet knows no zones
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Styles of cells: plain, moment, day, head.
_MOMENT, _DAY, _BOLD = 1, 2, 3
_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="'
        'application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KINDS}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KINDS}.styles+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{_KINDS}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_RELS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
        '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        '</cellStyleXfs><cellXfs count="4">'
        '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
        '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
        "</cellStyles></styleSheet>"
    ),
}


# --- Archives -------------------------------------------------------------------------------


class _Sink(io.RawIOBase):
    """Keeps what is written until it is taken; cannot be sought in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


class Archive(AbstractContextManager["Archive"]):
    """A zip archive whose bytes are taken while it grows."""

    def __init__(self, *, compress: bool) -> None:
        self._sink = _Sink()
        method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        self._zip = zipfile.ZipFile(self._sink, "w", method, compresslevel=3)

    def __exit__(self, *_failure: object) -> None:
        self._zip.close()

    def take(self) -> bytes:
        """What can be sent by now."""
        return self._sink.take()

    def open(self, name: str) -> IO[bytes]:
        """A file in the archive to write into."""
        return self._zip.open(name, "w")

    def add(self, name: str, content: bytes) -> None:
        """A whole file."""
        self._zip.writestr(name, content)


def archive_of(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """A zip archive of files by name, sent one by one as they come; not compressed."""
    with Archive(compress=False) as archive:
        for name, content in files:
            archive.add(name, content)
            yield archive.take()
    yield archive.take()


# --- Tables ---------------------------------------------------------------------------------


def csv_of(titles: Sequence[str], lines: Iterable[Line]) -> Iterator[bytes]:
    """A table as UTF-8 with its mark, as spreadsheets want it; no cell passes for a formula.

    Moments stand in local time as 2026-11-20 14:00, days as 2026-11-20.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    yield "\ufeff".encode()
    writer.writerow([neutralise(title) for title in titles])
    for line in lines:
        writer.writerow([_csv_cell(cell) for cell in line])
        if out.tell() >= _CHUNK:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def xlsx_of(
    titles: Sequence[str], lines: Iterable[Line], *, widths: Sequence[int], name: str
) -> Iterator[bytes]:
    """A table as an Excel file with one sheet: head in bold and frozen, moments as dates.

    Text is stored as text, so that none of it is taken for a formula. `widths` are in characters.
    """
    with Archive(compress=True) as archive:
        for part, content in _PARTS.items():
            archive.add(part, (_HEAD + content).encode())
        archive.add("xl/workbook.xml", _workbook(name).encode())
        with archive.open("xl/worksheets/sheet1.xml") as sheet:
            for piece in _sheet(titles, lines, widths):
                sheet.write(piece)
                yield archive.take()
    yield archive.take()


def _csv_cell(cell: Cell) -> Cell:
    if isinstance(cell, datetime):
        return cell.astimezone(clock.LOCAL).strftime("%Y-%m-%d %H:%M")
    return neutralise(cell)


def _workbook(name: str) -> str:
    title = escape(re.sub(r"[\\/?*\[\]:]", " ", name)[:31], {'"': "&quot;"})
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _sheet(titles: Sequence[str], lines: Iterable[Line], widths: Sequence[int]) -> Iterator[bytes]:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(widths, 1)
    )
    letters = [_letters(n) for n in range(len(titles))]
    head = "".join(
        _text_cell(f"{letter}1", title, f' s="{_BOLD}"')
        for letter, title in zip(letters, titles, strict=True)
    )
    pieces = [
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f'</sheetView></sheetViews><cols>{columns}</cols><sheetData><row r="1">{head}</row>'
    ]
    size = 0
    for number, line in enumerate(lines, 2):
        row = f'<row r="{number}">{_cells(letters, number, line)}</row>'
        pieces.append(row)
        size += len(row)
        if size >= _CHUNK:
            yield "".join(pieces).encode()
            pieces, size = [], 0
    yield ("".join(pieces) + "</sheetData></worksheet>").encode()


def _cells(letters: Sequence[str], number: int, line: Line) -> str:
    return "".join(
        _cell(f"{letter}{number}", cell)
        for letter, cell in zip(letters, line, strict=True)
        if cell is not None and cell != ""
    )


def _cell(place: str, cell: Cell) -> str:
    if isinstance(cell, str):
        return _text_cell(place, cell)
    if isinstance(cell, datetime):
        bare = cell.astimezone(clock.LOCAL).replace(tzinfo=None)
        days = round((bare - _DAY_ZERO).total_seconds() / 86_400, 10)
        return f'<c r="{place}" s="{_MOMENT}"><v>{days}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{place}" s="{_DAY}"><v>{(cell - _DAY_ZERO.date()).days}</v></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'


def _text_cell(place: str, text: str, style: str = "") -> str:
    words = escape(_NOT_XML.sub("", text[:_MOST_IN_CELL]))
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'


def _letters(index: int) -> str:
    """The name of a column by its place from 0: A, B, … Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
