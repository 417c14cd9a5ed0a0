"""The paragraphs of a Word file in the order in which they stand, and the tags written in them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from inspections.word.archive import WordArchive

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OPENING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_PREFIX = re.compile(r"(tr|tc|p|r)(?=\s)")
_QUOTES = str.maketrans("“”‘’", "\"\"''")
NEAR = 40
_LONG = 1_000
"""No tag and the blanks around it are as long."""
_PROPERTIES = ("title", "subject", "creator", "description", "identifier", "language")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph: its words, where it stands in words, and what it stands in.

    `container` holds it directly (the body, a cell), `row` and `table` are those around it.
    """

    text: str
    place: str
    container: Any
    row: Any = None
    table: Any = None


@dataclass(frozen=True, slots=True)
class Tag:
    """What stands between braces: `opening` is "{{" or "{%", `prefix` p, tr, tc, r or empty."""

    block: Block
    start: int
    end: int
    opening: str
    prefix: str
    body: str

    @property
    def written(self) -> str:
        """As it stands in the file."""
        return self.block.text[self.start : self.end]

    @property
    def word(self) -> str:
        """The first word: for, if, endfor…"""
        return self.body.split(maxsplit=1)[0] if self.body else ""

    @property
    def rest(self) -> str:
        """What follows the first word."""
        words = self.body.split(maxsplit=1)
        return words[1] if len(words) > 1 else ""

    @property
    def alone(self) -> bool:
        """Whether nothing else is written in the paragraph."""
        return len(self.block.text) < _LONG and self.block.text.strip() == self.written

    @property
    def near(self) -> str:
        """The words around it."""
        return near(self.block.text, self.start, self.end)

    @property
    def holder(self) -> object:
        """What the beginning and the end of a loop must have in common."""
        block = self.block
        return {"tr": block.table, "tc": block.row}.get(self.prefix, block.container)


@dataclass(frozen=True, slots=True)
class Broken:
    """Braces that do not belong together."""

    block: Block
    start: int
    brace: str
    wanted: str = ""

    @property
    def near(self) -> str:
        """The words around it."""
        return near(self.block.text, self.start, self.start + len(self.brace))


def near(text: str, start: int, end: int) -> str:
    """The words around a place of a paragraph, on one line."""
    first, last = max(0, start - NEAR // 2), min(len(text), end + NEAR // 2)
    cut = text[first:last][: NEAR * 4]
    return f"{'…' if first else ''}{' '.join(cut.split())}{'…' if last < len(text) else ''}"


# --- Blocks -----------------------------------------------------------------------------------


def blocks_of(archive: WordArchive) -> Iterator[Block]:
    """Every paragraph of body, headers, footers and footnotes, then the properties."""
    rooms = (
        ("document.main+xml", ""),
        ("header+xml", _("页眉")),
        ("footer+xml", _("页脚")),
        ("footnotes+xml", _("脚注")),
    )
    for ending, label in rooms:
        for _name, data in archive.of_type(ending):
            yield from _Walk(label).through(_parsed(data))
    for _name, data in archive.of_type("core-properties+xml"):
        for element in _parsed(data):
            if etree.QName(element).localname in _PROPERTIES and element.text:
                yield Block(element.text, _("文件属性"), element)


def _parsed(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))


@dataclass
class _Walk:
    """Counts paragraphs and tables of one part as a person would who reads it in Word."""

    label: str
    paragraphs: int = 0
    tables: int = 0
    found: list[Block] = field(default_factory=list)

    def through(self, root: Any) -> list[Block]:
        body = root.find(f"{_W}body")
        self._container(root if body is None else body, "", None, None)
        return self.found

    def _container(self, holder: Any, place: str, row: Any, table: Any) -> None:
        for element in _children(holder):
            if element.tag == f"{_W}p":
                if not place:
                    self.paragraphs += 1
                self._paragraph(element, place or self._numbered(), row, table)
            elif element.tag == f"{_W}tbl":
                self._table(element, place)

    def _numbered(self) -> str:
        words = {"label": self.label or _("正文"), "number": self.paragraphs}
        return _("%(label)s第 %(number)s 段") % words

    def _paragraph(self, element: Any, place: str, row: Any, table: Any) -> None:
        self.found.append(Block(_words(element), place, element.getparent(), row, table))
        for box in element.iter(f"{_W}txbxContent"):
            self._container(box, _("%(place)s的文本框") % {"place": place}, None, None)

    def _table(self, table: Any, place: str) -> None:
        self.tables += not place
        if place:
            label = _("%(place)s里的表格") % {"place": place}
        else:
            label = _("%(label)s第 %(number)s 个表格") % {
                "label": self.label,
                "number": self.tables,
            }
        rows = [each for each in _children(table) if each.tag == f"{_W}tr"]
        for r, row in enumerate(rows, 1):
            cells = [each for each in _children(row) if each.tag == f"{_W}tc"]
            for c, cell in enumerate(cells, 1):
                words = _("%(label)s第 %(row)s 行第 %(cell)s 格")
                self._container(cell, words % {"label": label, "row": r, "cell": c}, row, table)


def _children(holder: Any) -> Iterator[Any]:
    """What stands in something, also what a control or a tracked insertion wraps."""
    for element in holder:
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name in ("sdt", "sdtContent", "ins", "customXml", "footnote"):
            yield from _children(element)
        else:
            yield element


def _words(paragraph: Any) -> str:
    """The words of a paragraph as docxtpl reads them, without those of text boxes in it."""
    pieces = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name == "t":
            pieces.append(element.text or "")
        elif name in ("tab", "br", "cr"):
            pieces.append(" ")
        elif name not in ("txbxContent", "pPr", "rPr", "del", "Fallback"):
            stack.extend(reversed(element))
    return "".join(pieces)


def rooms_of(archive: WordArchive) -> Iterator[list[Block]]:
    """The paragraphs by part of the file: what is opened in one cannot be closed in another."""
    room: list[Block] = []
    root = None
    for block in blocks_of(archive):
        here = block.container.getroottree().getroot()
        if room and here is not root:
            yield room
            room = []
        root = here
        room.append(block)
    if room:
        yield room


def sizes_of_rows(blocks: Sequence[Block]) -> Counter[object]:
    """How many characters stand in each row of a table, blanks around them aside."""
    sizes: Counter[object] = Counter()
    for block in blocks:
        if block.row is not None:
            sizes[block.row] += len(block.text.strip())
    return sizes


# --- Tags -------------------------------------------------------------------------------------


def tags_of(block: Block) -> Iterator[Tag | Broken]:
    """The tags of a paragraph, in their order, and what is broken between them."""
    opened: re.Match[str] | None = None
    for brace in _BRACES.finditer(block.text):
        if opened is None:
            if brace[0] in _OPENING:
                opened = brace
            else:
                yield Broken(block, brace.start(), brace[0])
        elif brace[0] == _OPENING[opened[0]]:
            if opened[0] != "{#":
                yield _tag(block, opened, brace)
            opened = None
        elif opened[0] != "{#":
            yield Broken(block, opened.start(), opened[0], _OPENING[opened[0]])
            opened = brace if brace[0] in _OPENING else None
    if opened is not None:
        yield Broken(block, opened.start(), opened[0], _OPENING[opened[0]])


def _tag(block: Block, opened: re.Match[str], closed: re.Match[str]) -> Tag:
    inner = block.text[opened.end() : closed.start()]
    prefix = _PREFIX.match(inner)
    body = inner[prefix.end() :] if prefix else inner
    return Tag(
        block,
        opened.start(),
        closed.end(),
        opened[0],
        prefix[0] if prefix else "",
        body.strip().translate(_QUOTES),
    )
