"""五定 as an Excel file with a sheet for cells and one for road segments."""

import io
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from grids.services.assignment_sheet import Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS = (14, 16, 12, 16, 14)
_WIDE = 22


def workbook_of(tables: Iterable[Table]) -> bytes:
    """The tables as an .xlsx file; texts are texts, also those that look like formulas."""
    book = Workbook(write_only=True)
    for table in tables:
        page = book.create_sheet(table.name)
        page.freeze_panes = "B2"
        for number in range(len(table.titles)):
            width = _WIDTHS[number] if number < len(_WIDTHS) else _WIDE
            page.column_dimensions[_letters(number)].width = width
        page.append([_cell(page, title, bold=True) for title in table.titles])
        for line in table.lines:
            page.append([_cell(page, text) for text in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: object, text: str, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, text)
    # Whatever it begins with, it is text: nobody's name becomes a formula.
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _letters(number: int) -> str:
    first, second = divmod(number, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)
