"""Word files for tests: made by python-docx, and made wrong."""

import io
import zipfile
from collections.abc import Mapping

import docx

FOOT = "footer"


def paper(*paragraphs: str, table: tuple[tuple[str, ...], ...] = (), footer: str = "") -> bytes:
    """A file with these paragraphs, then a table, and a footer."""
    document = docx.Document()
    for words in paragraphs:
        document.add_paragraph(words)
    if table:
        made = document.add_table(rows=len(table), cols=len(table[0]))
        for r, row in enumerate(table):
            for c, words in enumerate(row):
                made.cell(r, c).text = words
    if footer:
        document.sections[0].footer.paragraphs[0].text = footer
    return saved(document)


def saved(document) -> bytes:
    """The bytes of a document."""
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


def opened(content: bytes):
    """A document to look into or to edit."""
    return docx.Document(io.BytesIO(content))


def words_of(content: bytes) -> str:
    """All words of body and tables."""
    document = opened(content)
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def with_parts(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The same archive with some parts added or put in the place of others."""
    output = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, data in parts.items():
            target.writestr(name, data)
    return output.getvalue()


def replaced(content: bytes, part: str, old: str, new: str) -> bytes:
    """The same archive with words of one part changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        text = source.read(part).decode()
    assert old in text
    return with_parts(content, {part: text.replace(old, new).encode()})
