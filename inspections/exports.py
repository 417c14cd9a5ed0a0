"""The table of a chart as a file: exactly the values that the page shows."""

import csv
import io
from typing import TYPE_CHECKING

from citymgmt.texts import neutralise
from inspections.panels.sheets import Sheet, Value

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_of(sheet: Sheet) -> bytes:
    """UTF-8 with a byte order mark, which Excel needs to read Chinese; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in (sheet.columns, *sheet.rows):
        writer.writerow([neutralise(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(sheet: Sheet) -> bytes:
    """A workbook of one sheet; texts are texts, also those that look like formulas."""
    # Loaded by the first sheet that is made: a server that starts does without.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.title[:31])
    page.freeze_panes = "A2"
    for row in (sheet.columns, *sheet.rows):
        page.append([_cell(page, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: object, value: Value) -> "WriteOnlyCell":
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(page, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
