"""Lays out the template of the 督查交办单: title, number, a table of its parts, the photos.

A bureau may edit the result in Word; the names in double braces are those of `OrderSheet`.
"""

from pathlib import Path

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.shared import Mm, Pt

from inspections.word.layout import (
    CENTER,
    HEADING,
    TITLE,
    fill,
    keep_whole,
    page,
    pictures,
    run,
)

NAMES, VALUES = Mm(30), Mm(126)


def write_order_template(path: Path) -> None:
    """Write the template, replacing what is there."""
    document = docx.Document()
    page(document)
    title = document.add_paragraph()
    title.alignment = CENTER
    run(title, "{{ title }}", font=TITLE, size=22)
    number = document.add_paragraph()
    number.alignment = CENTER
    number.paragraph_format.space_after = Pt(10)
    run(number, "{{ organ }}　{{ number }}", size=14)
    table = document.add_table(rows=3, cols=2)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    fill(table.cell(0, 0), "{%tr for part in parts %}")
    fill(table.cell(1, 0), "{{ part.name }}", font=HEADING, size=14, align=CENTER)
    fill(table.cell(1, 1), "{{ part.text }}", size=14)
    fill(table.cell(2, 0), "{%tr endfor %}")
    table.columns[0].width, table.columns[1].width = NAMES, VALUES
    for row in table.rows:
        row.cells[0].width, row.cells[1].width = NAMES, VALUES
    keep_whole(table.rows[1]._tr)
    run(document.add_paragraph(), "{%p if rows_of_pictures %}")
    pictures(document)
    run(document.add_paragraph(), "{%p endif %}")
    document.core_properties.author = document.core_properties.comments = ""
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))
