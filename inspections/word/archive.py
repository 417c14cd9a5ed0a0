"""A Word file from a stranger: whether it is one, whether it is small, whether it carries anything.

Looked at before any library opens it. What it may hold: texts, tables, styles and pictures that
lie in it. No macros, no embedded programs, nothing that Word would fetch from elsewhere.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAX_BYTES = 5 * 1024 * 1024
MAX_PARTS = 300
MAX_UNPACKED = 30 * 1024 * 1024
MAX_XML = 4 * 1024 * 1024
MAX_RATIO = 200
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_OLD_WORD = b"\xd0\xcf\x11\xe0"
_TYPES = "[Content_Types].xml"
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LINK = "/hyperlink"
_LINK_SCHEMES = frozenset({"http", "https", "mailto"})
_PROGRAM = re.compile(r"vba|macro|activex|oleobject|/embeddings/|customui|\.bin$|afchunk", re.I)
# Fields of Word that fetch, run or ask when the file is opened; those of pages and dates stay.
_FETCHING = re.compile(
    r"\b(DDEAUTO|DDE|INCLUDEPICTURE|INCLUDETEXT|INCLUDE|LINK|IMPORT|MACROBUTTON|DATABASE|EMBED"
    r"|AUTOTEXT|MERGEFIELD|RD)\b",
    re.I,
)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

Words = str | Promise


class NotTaken(Exception):
    """A file that is not taken, in words that say what to do."""

    def __init__(self, code: str, words: Words) -> None:
        super().__init__(str(words))
        self.code = code
        self.words = words


@dataclass(frozen=True, slots=True)
class WordArchive:
    """A Word file that may be opened: its XML parts, and the type of each by name."""

    parts: Mapping[str, bytes]
    types: Mapping[str, str]

    def of_type(self, ending: str) -> Iterator[tuple[str, bytes]]:
        """The parts whose type ends so, by name."""
        for name in sorted(self.parts):
            if self.types.get(name, "").endswith(ending):
                yield name, self.parts[name]


def open_word(content: bytes) -> WordArchive:
    """Look at everything; raises NotTaken at the first thing that is wrong."""
    if len(content) > MAX_BYTES:
        raise NotTaken("large", _("模板超过 5 MB。请删去里面不用的大图再传。"))
    if content.startswith(_OLD_WORD):
        words = _("这是旧的 .doc 文件，或者加了密码。请在 Word 里去掉密码，另存为 .docx 再传。")
        raise NotTaken("old", words)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = _read(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        words = _("这不是 Word 文件，或者传坏了。请在 Word 里另存为 .docx 再传。")
        raise NotTaken("zip", words) from error
    types = _types(parts)
    _no_programs(parts, types)
    xml = {name: data for name, data in parts.items() if _is_xml(name, types)}
    for name, data in xml.items():
        _look_at(name, _parsed(name, data))
    return WordArchive(xml, types)


def _read(archive: zipfile.ZipFile) -> dict[str, bytes]:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(infos) > MAX_PARTS:
        raise NotTaken("parts", _("文件里的部件太多（最多 300 个）。请另存一份干净的 .docx 再传。"))
    if len({name.lower() for name in names}) != len(names) or any(map(_strange, names)):
        raise NotTaken("names", _("文件里的部件名不对，不是 Word 存出来的。请另存为 .docx 再传。"))
    if any(info.flag_bits & 1 or info.compress_type not in _PACKED for info in infos):
        raise NotTaken("locked", _("文件加了密码或用了少见的压缩。请另存为普通的 .docx 再传。"))
    total = sum(info.file_size for info in infos)
    # Small files repeat themselves much; a bomb is large and does.
    bombs = (
        info.file_size > MAX_XML or info.file_size > MAX_RATIO * max(info.compress_size, 1_000)
        for info in infos
        if info.filename.lower().endswith((".xml", ".rels"))
    )
    if total > MAX_UNPACKED or any(bombs):
        raise NotTaken("bomb", _("文件解开后太大。请删去里面不用的内容，另存一份再传。"))
    return {info.filename: archive.read(info) for info in infos if not info.is_dir()}


def _is_xml(name: str, types: Mapping[str, str]) -> bool:
    """Whether a library would read it as XML, whatever its name ends with."""
    return name.lower().endswith((".xml", ".rels")) or types.get(name, "").endswith("xml")


def _strange(name: str) -> bool:
    return name.startswith("/") or "\\" in name or "\0" in name or ".." in name.split("/")


def _types(parts: Mapping[str, bytes]) -> dict[str, str]:
    if _TYPES not in parts:
        raise NotTaken("not_word", _("这是压缩包，不是 Word 文件。请在 Word 里另存为 .docx 再传。"))
    root = _parsed(_TYPES, parts[_TYPES])
    by_ending = {}
    types = {}
    for element in root:
        kind = element.get("ContentType", "")
        if element.tag.endswith("}Default"):
            by_ending[element.get("Extension", "").lower()] = kind
        else:
            types[element.get("PartName", "").lstrip("/")] = kind
    found = {name: types.get(name, by_ending.get(name.rpartition(".")[2], "")) for name in parts}
    if any("macroEnabled" in kind or "vba" in kind.lower() for kind in types.values()):
        raise NotTaken("macros", _("文件里有宏。请在 Word 里另存为不带宏的 .docx 再传。"))
    if MAIN not in found.values():
        words = _("这不是 Word 文档（.docx）。模板（.dotx）、表格请在 Word 里另存为 .docx 再传。")
        raise NotTaken("not_word", words)
    return found


def _no_programs(parts: Mapping[str, bytes], types: Mapping[str, str]) -> None:
    for name in parts:
        if _PROGRAM.search(name) or "oleObject" in types.get(name, ""):
            words = _("文件里有宏、控件或嵌入的对象（%(name)s）。请删去，另存为 .docx 再传。")
            raise NotTaken("program", words % {"name": name})


def _parsed(name: str, data: bytes) -> Element:
    """The XML of a part: UTF-8, without a document type or entities."""
    try:
        data.decode("utf-8")
        return fromstring(data, forbid_dtd=True)
    except (DefusedXmlException, ParseError, UnicodeDecodeError, ValueError) as error:
        words = _("文件里的 %(name)s 不对，不是 Word 存出来的。请在 Word 里另存为 .docx 再传。")
        raise NotTaken("xml", words % {"name": name}) from error


def _look_at(name: str, root: Element) -> None:
    if name.lower().endswith(".rels"):
        for element in root.iter():
            _no_fetching(element)
        return
    for element in root.iter(f"{_W}p"):
        said = "".join(part.text or "" for part in element.iter(f"{_W}instrText"))
        said += " ".join(part.get(f"{_W}instr", "") for part in element.iter(f"{_W}fldSimple"))
        found = _FETCHING.search(said)
        if found:
            words = _("文件里有会取外部内容的域（%(name)s）。请删去这个域，只留页码、日期一类。")
            raise NotTaken("field", words % {"name": found[0].upper()})


def _no_fetching(element: Element) -> None:
    if element.get("TargetMode", "").lower() != "external":
        return
    target = element.get("Target", "")
    if element.get("Type", "").endswith(_LINK):
        if urlsplit(target).scheme.lower() in _LINK_SCHEMES:
            return
        words = _("文件里的超链接 %(target)s 不是网址。请去掉它再传。")
    else:
        words = _("文件引用了外部的图片、模板或数据（%(target)s）。请改成插在文件里的，再传。")
    raise NotTaken("external", words % {"target": target[:80]})
