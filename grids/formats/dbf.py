"""The attribute table of a shapefile (dBASE): every value as text, in the encoding that fits.

Read here, not by the library: it strips what in GBK is half a character, and stops at the first
wrong byte without a word for people.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from struct import error as StructError
from struct import unpack_from

from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import TableError
from citymgmt.texts import clean_text
from grids.formats.base import MAX_FIELDS, MAX_TEXT, number_text, refuse

_HEAD = 32
_END = 0x0D
# Bytes beyond ASCII.
_ENOUGH = 24
_NUMBERS = b"NFIOB"
_GBK_DRIVERS = {0x4D, 0x7A}
_PAGES = {"utf8": "utf-8", "65001": "utf-8", "936": "gb18030", "ansi936": "gb18030"}
_GBK_NAMES = ("gbk", "gb2312", "gb18030", "cp936", "windows936", "euccn", "oem936", "ms936")


@dataclass(frozen=True, slots=True)
class _Field:
    name: bytes
    kind: int
    start: int
    size: int


def read_dbf(data: bytes, page: bytes) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    """Names of the fields and the rows as text; `page` is the content of the .cpg file, or b"".

    Raises TableError.
    """
    try:
        count, head, size = unpack_from("<IHH", data, 4)
        fields = list(_fields(data, head))
    except (StructError, IndexError) as error:
        raise _broken() from error
    if not fields or any(field.start + field.size > size for field in fields):
        raise _broken()
    # The number of rows is only what the file says of itself.
    if head + count * size > len(data):
        raise _broken()
    rows = [data[at : at + size] for at in range(head, head + count * size, size)]
    told = b"".join([*(field.name for field in fields), *rows])
    for encoding in _encodings(page, data[29], told):
        try:
            return _decoded(fields, rows, encoding)
        except UnicodeDecodeError:
            continue
    raise refuse(
        _("属性表（.dbf）里的文字认不出是什么编码，请另存为 UTF-8 或 GBK，并带上 .cpg 再打包。")
    )


def _broken() -> TableError:
    return refuse(_("属性表（.dbf）已损坏，请从测绘软件重新导出后再打包。"))


def _fields(data: bytes, head: int) -> Iterator[_Field]:
    start = 1
    for at in range(_HEAD, min(head - 1, _HEAD * (MAX_FIELDS + 1)), _HEAD):
        if data[at] == _END:
            return
        name = data[at : at + 11].split(b"\0")[0]
        yield _Field(name, data[at + 11], start, data[at + 16])
        start += data[at + 16]


def _encodings(page: bytes, driver: int, told: bytes) -> list[str]:
    """What is tried, in this order: what the file says of itself, then what is usual.

    Many programs say GBK whatever they write. GBK hardly ever reads as UTF-8 by chance, but for
    a word or two: enough of it is believed.
    """
    said = re.sub(r"[^a-z0-9]", "", page[:40].decode("ascii", "ignore").lower())
    first = "gb18030" if said in _GBK_NAMES else _PAGES.get(said)
    if first is None and driver in _GBK_DRIVERS:
        first = "gb18030"
    if first == "gb18030" and not _reads_as_utf8(told):
        return ["gb18030", "utf-8"]
    return ["utf-8", "gb18030"]


def _reads_as_utf8(told: bytes) -> bool:
    foreign = len(told) - len(told.decode("ascii", "ignore"))
    if foreign < _ENOUGH:
        return False
    try:
        told.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(
    fields: list[_Field], rows: list[bytes], encoding: str
) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    names: list[str] = []
    for field in fields:
        name = _name(field.name, encoding) or f"field{len(names) + 1}"
        # Ten bytes hold few characters: cut names may come out the same.
        again = names.count(name)
        names.append(f"{name}_{again + 1}" if again else name)
    found = [
        {
            name: _value(row[field.start : field.start + field.size], field.kind, encoding)
            for name, field in zip(names, fields, strict=True)
        }
        for row in rows
    ]
    return tuple(names), found


def _name(raw: bytes, encoding: str) -> str:
    """A field's name; the last character may be cut in half."""
    try:
        return clean_text(raw.decode(encoding))
    except UnicodeDecodeError as error:
        if error.end < len(raw) and error.reason != "unexpected end of data":
            raise
        return clean_text(raw[: error.start].decode(encoding))


def _value(raw: bytes, kind: int, encoding: str) -> str:
    text = raw.split(b"\0")[0].strip(b" ").decode(encoding)
    if kind in _NUMBERS:
        return _plain_number(text.strip())
    return clean_text(text)[:MAX_TEXT]


def _plain_number(text: str) -> str:
    """A number without exponent and empty fraction: codes are kept in such fields."""
    if not text or "*" in text:
        return ""
    try:
        return number_text(f"{Decimal(text):f}") if "e" in text.lower() else number_text(text)
    except InvalidOperation:
        return text
