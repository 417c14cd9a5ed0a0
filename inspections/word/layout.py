"""Lays out the template of the daily digest by GB/T 9704: page, fonts, red head, tables.

A bureau may edit the result in Word; the names in double braces are those of `Paper`.
"""

from collections.abc import Sequence
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor, Twips
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

BODY, TITLE, HEADING = "仿宋_GB2312", "方正小标宋简体", "黑体"
RED = RGBColor(0xC8, 0x16, 0x1D)
LINE = Twips(579)
TIGHTER = -5
"""28 characters of 16 pt stand between the margins if each is a quarter of a point tighter; said
in twentieths. A grid of characters would say it too, but not every office program keeps to one."""
CENTER = WD_ALIGN_PARAGRAPH.CENTER

TEAMS = (
    ("责任单位", 40, "{{ line.name }}"),
    ("发现", 20, "{{ line.found }}"),
    ("结案", 20, "{{ line.closed }}"),
    ("在办", 20, "{{ line.open }}"),
    ("超时", 20, "{{ line.overdue }}"),
    ("按期率", 36, "{{ line.rate }}"),
)
QUANTITIES = (
    ("类别", 66, "{{ line.category }}"),
    ("计量", 26, "{{ line.unit }}"),
    ("本期", 32, "{{ line.now }}"),
    ("累计", 32, "{{ line.since }}"),
)
PROBLEMS = (
    ("序号", 9, "{{ line.position }}"),
    ("时间", 17, "{{ line.at }}"),
    ("地点", 27, "{{ line.address }}"),
    ("问题", 37, "{{ line.text }}（{{ line.number }}）"),
    ("类别", 18, "{{ line.category }}"),
    ("责任单位", 18, "{{ line.team }}"),
    ("整改时限", 16, "{{ line.due }}"),
    ("状态", 14, "{{ line.state }}"),
)
LOOKBACKS = (
    ("序号", 9, "{{ line.position }}"),
    ("地点", 40, "{{ line.address }}（{{ line.number }}）"),
    ("类别", 20, "{{ line.category }}"),
    ("责任单位", 20, "{{ line.team }}"),
    ("次数", 12, "第 {{ line.round }} 次"),
    ("原整改量", 17, "{{ line.quantity }}"),
    ("结果", 38, "{{ line.result }}"),
)


def write_template(path: Path) -> None:
    """Write the template, replacing what is there."""
    document = docx.Document()
    page(document)
    _head(document)
    _overall(document)
    _problems(document)
    _lookbacks(document)
    _demands(document)
    _imprint(document)
    document.core_properties.author = ""
    document.core_properties.comments = ""
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))


# --- Parts ------------------------------------------------------------------------------------


def page(document: Document) -> None:
    """Paper, margins, fonts and page numbers by GB/T 9704."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(28)
    grid = section._sectPr.find(qn("w:docGrid"))
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(LINE.pt * 20)))
    normal = document.styles["Normal"]
    normal.font.size = Pt(16)
    normal.font.name = BODY
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY)
    normal.paragraph_format.space_after = Pt(0)
    tighter = OxmlElement("w:spacing")
    tighter.set(qn("w:val"), str(TIGHTER))
    normal.element.rPr.insert_element_before(tighter, "w:w", "w:kern", "w:position", "w:sz")
    footer = section.footer.paragraphs[0]
    footer.alignment = CENTER
    run(footer, "— ", size=14)
    _field(footer, "PAGE")
    run(footer, " —", size=14)


def _head(document: Document) -> None:
    head = document.add_paragraph()
    head.alignment = CENTER
    run(head, "{{ head }}", font=TITLE, size=48, color=RED)
    issue = document.add_paragraph()
    issue.alignment = CENTER
    run(issue, "{{ issue }}")
    masthead = document.add_paragraph()
    masthead.paragraph_format.tab_stops.add_tab_stop(Mm(156), alignment=2)
    run(masthead, "{{ organ }}\t{{ day }}")
    rule(masthead, "bottom", "C8161D", 18)
    title = document.add_paragraph()
    title.alignment = CENTER
    title.paragraph_format.space_before = title.paragraph_format.space_after = Pt(14)
    run(title, "{{ title }}", font=TITLE, size=22)


def _overall(document: Document) -> None:
    heading(document, "一、总体情况")
    each(document, "overall", "{{ line }}")
    when(document, "teams", lambda: listing(document, "teams", TEAMS))
    when(document, "quantities", lambda: listing(document, "quantities", QUANTITIES))


def _problems(document: Document) -> None:
    heading(document, "二、存在问题")
    text_line(document, "{{ problems_intro }}")
    when(document, "problems", lambda: listing(document, "problems", PROBLEMS))
    when(document, "problems_more", lambda: text_line(document, "{{ problems_more }}"))
    when(document, "rows_of_pictures", lambda: pictures(document))


def _lookbacks(document: Document) -> None:
    heading(document, "三、往期问题回头看")
    text_line(document, "{{ lookbacks_intro }}")
    when(document, "lookbacks", lambda: listing(document, "lookbacks", LOOKBACKS))
    when(document, "lookbacks_more", lambda: text_line(document, "{{ lookbacks_more }}"))


def _demands(document: Document) -> None:
    heading(document, "四、工作要求")
    each(document, "demands", "{{ line }}")


def _imprint(document: Document) -> None:
    _tag(document, "{%p for name, value in copies %}")
    row = document.add_paragraph()
    row.paragraph_format.space_before = Pt(2)
    run(row, "{{ name }}{{ value }}", size=14)
    rule(row, "top", "000000", 6)
    _tag(document, "{%p endfor %}")
    last = document.add_paragraph()
    last.paragraph_format.tab_stops.add_tab_stop(Mm(156), alignment=2)
    run(last, "\t签发：{{ signer }}", size=14)
    rule(last, "top", "000000", 6)
    rule(last, "bottom", "000000", 12)


def pictures(document: Document) -> None:
    """Two pictures a row with their captions, from `rows_of_pictures`."""
    table = document.add_table(rows=4, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for row in table.rows:
        keep_whole(row._tr)
    fill(table.cell(0, 0), "{%tr for row in rows_of_pictures %}")
    for column, side in enumerate(("left", "right")):
        fill(table.cell(1, column), f"{{{{ row.{side} }}}}", align=CENTER)
        fill(table.cell(2, column), f"{{{{ row.{side}_caption }}}}", size=12, align=CENTER)
    fill(table.cell(3, 0), "{%tr endfor %}")


# --- Pieces -----------------------------------------------------------------------------------


def heading(document: Document, text: str) -> None:
    """A heading of a part."""
    run(text_line(document, ""), text, font=HEADING)


def text_line(document: Document, text: str) -> Paragraph:
    """A paragraph of the body, its first line indented."""
    paragraph = document.add_paragraph()
    spacing = paragraph.paragraph_format
    spacing.first_line_indent = Pt(32)
    spacing.line_spacing_rule, spacing.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    if text:
        run(paragraph, text)
    return paragraph


def _tag(document: Document, tag: str) -> None:
    run(document.add_paragraph(), tag)


def each(document: Document, name: str, text: str) -> None:
    """A paragraph for each `line` of a list."""
    _tag(document, f"{{%p for line in {name} %}}")
    text_line(document, text)
    _tag(document, "{%p endfor %}")


def when(document: Document, name: str, build) -> None:
    """What is built stands only where the name holds something."""
    _tag(document, f"{{%p if {name} %}}")
    build()
    _tag(document, "{%p endif %}")


def listing(document: Document, name: str, columns: Sequence[tuple[str, int, str]]) -> None:
    """A table with a row for each `line` of a list: title, width in mm and text of each column."""
    table = document.add_table(rows=4, cols=len(columns))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _repeat(table)
    fill(table.cell(1, 0), f"{{%tr for line in {name} %}}")
    fill(table.cell(3, 0), "{%tr endfor %}")
    for index, (title, width, text) in enumerate(columns):
        fill(table.cell(0, index), title, font=HEADING, size=11, align=CENTER)
        fill(table.cell(2, index), text, size=11, align=CENTER)
        table.columns[index].width = Mm(width)
        for row in table.rows:
            row.cells[index].width = Mm(width)
    keep_whole(table.rows[2]._tr)


def fill(
    cell: _Cell,
    text: str,
    *,
    font: str = BODY,
    size: int = 12,
    align: WD_ALIGN_PARAGRAPH | None = None,
) -> None:
    """Write the text of a cell."""
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    # Lines of a table are as high as their letters, not as the 22 of the page.
    loose = OxmlElement("w:snapToGrid")
    loose.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().insert_element_before(
        loose, "w:spacing", "w:ind", "w:jc", "w:rPr"
    )
    run(paragraph, text, font=font, size=size)


def run(
    paragraph: Paragraph,
    text: str,
    *,
    font: str = BODY,
    size: int = 16,
    color: RGBColor | None = None,
) -> Run:
    """Add words in a font that Word takes for Chinese too."""
    run = paragraph.add_run(text)
    run.font.name = font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    run.font.size = Pt(size)
    run.font.color.rgb = color
    return run


def _field(paragraph: Paragraph, code: str) -> None:
    """A field that Word works out itself, such as the page number."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)


def rule(paragraph: Paragraph, side: str, colour: str, eighths: int) -> None:
    """A line above or below a paragraph, its width in eighths of a point."""
    properties = paragraph._p.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "4"), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)


def _repeat(table: Table) -> None:
    """The first row is said again on each page."""
    header = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(header)


def keep_whole(row) -> None:
    """A row is not broken over two pages."""
    row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
