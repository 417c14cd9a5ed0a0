"""A digest as words for a group chat, where a bureau has no internet to send it by."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from inspections.papers import Paper
from inspections.papers.shapes import Line, Table

MOST = 12
"""So many problems and look-backs are told one by one; a group does not read more."""
TOLD = {"problems": (2, 4, 5, 6, 7), "lookbacks": (1, 2, 3, 6)}
"""Which columns of a table are told; other tables are left to the paper."""


def words_of(paper: Paper) -> str:
    """The paper in plain lines, part by part."""
    lines = [f"【{paper.head}】{paper.title}", f"{paper.organ} {paper.day} {paper.issue}"]
    lines.append(paper.corrected)
    for part in paper.parts:
        lines.append(part.heading)
        for block in part.blocks:
            lines += [block.plain] if isinstance(block, Line) else _rows(block)
    return "\n".join(line for line in lines if line)


def _rows(table: Table) -> Iterator[str]:
    columns = TOLD.get(table.key, ())
    for row in table.rows[:MOST] if columns else ():
        yield f"{row[0].text}. " + "，".join(row[column].text for column in columns)
    if columns:
        yield from _left(len(table.rows))


def _left(count: int) -> list[str]:
    if count <= MOST:
        return []
    return [_("……另有 %(count)s 件，见专报全文。") % {"count": count - MOST}]
