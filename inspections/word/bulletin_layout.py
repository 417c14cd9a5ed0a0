"""Lays out the template of bulletins by GB/T 9704: parts of paragraphs and tables of any width.

A bureau may edit the result in Word; the names in double braces are those of `Paper`.
"""

from pathlib import Path

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT

from inspections.word.layout import (
    BODY,
    CENTER,
    HEADING,
    _head,
    _imprint,
    _repeat,
    _tag,
    fill,
    keep_whole,
    page,
    pictures,
    run,
    text_line,
    when,
)


def write_bulletin(path: Path) -> None:
    """Write the template, replacing what is there."""
    document = docx.Document()
    page(document)
    _head(document)
    when(document, "corrected", lambda: text_line(document, "{{ corrected }}"))
    _tag(document, "{%p for part in parts %}")
    run(text_line(document, ""), "{{ part.heading }}", font=HEADING)
    _tag(document, "{%p for block in part.blocks %}")
    when(document, "not block.is_table", lambda: text_line(document, "{{ block.plain }}"))
    when(document, "block.is_table", lambda: _table(document))
    _tag(document, "{%p endfor %}")
    when(document, "part.pictures and rows_of_pictures", lambda: pictures(document))
    _tag(document, "{%p endfor %}")
    _imprint(document)
    document.core_properties.author = ""
    document.core_properties.comments = ""
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))


def _table(document: Document) -> None:
    """A table with as many columns as the block has."""
    table = document.add_table(rows=4, cols=3)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _repeat(table)
    _row(table.rows[0], "column in block.columns", "{{ column.title }}", font=HEADING)
    fill(table.cell(1, 0), "{%tr for cells in block.rows %}")
    _row(
        table.rows[2],
        "cell in cells",
        "{{ cell.text }}{% if cell.number %}（{{ cell.number }}）{% endif %}",
    )
    fill(table.cell(3, 0), "{%tr endfor %}")
    keep_whole(table.rows[2]._tr)


def _row(row, loop: str, text: str, *, font: str = BODY) -> None:
    begin, middle, end = row.cells
    fill(begin, f"{{%tc for {loop} %}}", size=11)
    fill(middle, text, font=font, size=11, align=CENTER)
    fill(end, "{%tc endfor %}", size=11)
