"""The rows of a ledger that are wrong, as a sheet to be mended."""

from collections.abc import Sequence
from io import BytesIO

from django.utils.translation import gettext as _

from citymgmt.rawtables import RawLine
from citymgmt.texts import neutralise


def wrong_rows_sheet(titles: Sequence[str], rows: Sequence[tuple[RawLine, str]]) -> bytes:
    """An .xlsx file: the line in the ledger, what is wrong, and the row as it stood there."""
    # Loaded by the first sheet that is made: a server that starts does without.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("有错的行"))
    sheet.append([_("原行号"), _("错在哪里"), *map(neutralise, titles)])
    for line, why in rows:
        sheet.append([line.number, neutralise(why), *map(neutralise, line.cells)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()
