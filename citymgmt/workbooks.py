"""The parts of an .xlsx file: none is read that would cost more than a large ledger does.

What a part costs is how many elements it has, much more than how long it is: half a million
strings of twenty bytes take seconds and tens of megabytes. So each is counted through before it
is handed to who builds things of it, by a parser that builds nothing.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any
from xml.parsers import expat

_TYPES = "[Content_Types].xml"
_CHUNK = 64 * 1024


class TooMuch(Exception):
    """A part that would cost too much to read."""


class Broken(Exception):
    """A part that is no XML, or defines entities."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most bytes of a part, elements, lines (strings of a table of strings), and elements of
    one line."""

    size: int
    elements: int
    lines: int
    of_a_line: int = 4 * 16_384
    """Excel has 16 384 columns."""


# 10 000 lines of 40 columns, no two cells alike, with the phonetics of a Chinese Excel in each.
STRINGS = Bounds(size=40 * 1024 * 1024, elements=1_300_000, lines=420_000)
# 20 000 lines of 40 columns with the text in the cell; empty lines may follow by the million.
SHEET = Bounds(size=64 * 1024 * 1024, elements=3_000_000, lines=3_000_000)
# Styles, names, relations: all of it is held at once.
OTHER = Bounds(size=8 * 1024 * 1024, elements=100_000, lines=100_000, of_a_line=100_000)
# Where lines begin, by how deep: one within another would hold all that is between.
_LINES = {"row": 2, "si": 1}
MAX_OPENED = 100 * 1024 * 1024
_BY_TYPE = {"sharedStrings+xml": STRINGS, "worksheet+xml": SHEET}


class Parts(zipfile.ZipFile):
    """An archive that opens no part beyond its bounds; raises TooMuch and Broken.

    A part is what the list of contents says of it, whatever its name; what is never opened, as
    pictures are, may be as large as the archive may.
    """

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._looked_at: set[str] = set()
        self._left = MAX_OPENED
        self._bounds: dict[str, Bounds] = {}
        self._look_at(self.getinfo(_TYPES), OTHER, self._told)

    def open(self, name: str | zipfile.ZipInfo, *more: Any, **options: Any) -> IO[bytes]:
        """The part, once it is counted through."""
        part = name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)
        if part.filename not in self._looked_at:
            self._look_at(part, self._bounds.get(part.filename, OTHER))
        return super().open(name, *more, **options)

    def _look_at(self, part: zipfile.ZipInfo, bounds: Bounds, told: Any = None) -> None:
        self._left -= part.file_size
        if part.file_size > bounds.size or self._left < 0:
            raise TooMuch(part.filename)
        self._looked_at.add(part.filename)
        with super().open(part) as content:
            _count(content, bounds, told)

    def _told(self, name: str, attributes: dict[str, str]) -> None:
        """Note what a part is; the stricter where it is said to be two things."""
        path = attributes.get("PartName", "").removeprefix("/")
        kind = attributes.get("ContentType", "").rpartition(".")[2]
        found = _BY_TYPE.get(kind, OTHER)
        known = self._bounds.get(path, found)
        self._bounds[path] = min(found, known, key=lambda bounds: bounds.elements)


def _count(content: IO[bytes], bounds: Bounds, told: Any) -> None:
    """Raise TooMuch for too many elements, Broken for what is no plain XML."""
    seen = lines = since = depth = 0

    def begun(name: str, attributes: dict[str, str]) -> None:
        nonlocal seen, lines, since, depth
        seen += 1
        since += 1
        if _LINES.get(name.rpartition(":")[2]) == depth:
            lines, since = lines + 1, 0
        depth += 1
        if seen > bounds.elements or lines > bounds.lines or since > bounds.of_a_line:
            raise TooMuch
        if told:
            told(name, attributes)

    def ended(_name: str) -> None:
        nonlocal depth
        depth -= 1

    with _parsing() as parser:
        parser.EndElementHandler = ended
        parser.StartElementHandler = begun
        while chunk := content.read(_CHUNK):
            parser.Parse(chunk)
        parser.Parse(b"", True)


@contextmanager
def _parsing() -> Iterator[expat.XMLParserType]:
    def refused(*_declared: object) -> None:
        raise Broken("entities")

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = refused
    try:
        yield parser
    except expat.ExpatError as error:
        raise Broken(str(error)) from error
