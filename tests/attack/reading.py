"""The words of an answer, whatever wraps them: a page, JSON, an archive of XML, a PDF."""

import html
import io
import re
import zipfile
import zlib
from urllib.parse import unquote

from django.http import HttpResponse

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_TAG = re.compile(r"<[^>]*>")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
# `<0012> <0034> [<4e00> …]` and `<0012> <4e00>`: which glyphs are which characters.
_GLYPHS = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
_HEX = re.compile(rb"<([0-9a-fA-F\s]*)>")
_RANGE = re.compile(rb"<(\w+)>\s*<(\w+)>\s*(?:<(\w+)>|\[([^\]]*)\])")


def words_told(answer: HttpResponse) -> str:
    """All that an answer says: its body, the name of its file, where it leads."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    heads = " ".join(unquote(value) for value in answer.headers.values())
    return f"{words_of(body)} {heads}"


def words_of(content: bytes) -> str:
    """The words in a body, whole though runs, cells and lines cut them."""
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(words_of(archive.read(name)) for name in archive.namelist())
    if content.startswith(b"%PDF"):
        return _of_pdf(content)
    text = content.decode("utf-8", "replace")
    # Scripts and workbooks are handed words in ASCII; tables of the survey may be in GBK.
    told = html.unescape(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
    return "\n".join((told, _TAG.sub("", told), content.decode("gb18030", "replace")))


def _of_pdf(content: bytes) -> str:
    """Its text layer as every one of its fonts would read it."""
    streams = [_unpacked(found) for found in _STREAM.findall(content)]
    fonts = [_glyphs(stream) for stream in streams if b"beginbf" in stream]
    pages = [stream for stream in streams if re.search(rb"\bT[jJ]\b", stream)]
    return "\n".join(_shown(page, font) for page in pages for font in fonts)


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _glyphs(cmap: bytes) -> dict[int, str]:
    """Which character each glyph of a font stands for."""
    known: dict[int, str] = {}
    for kind, body in _GLYPHS.findall(cmap):
        if kind == b"char":
            codes = _HEX.findall(body)
            known |= {int(a, 16): _char(b) for a, b in zip(codes[::2], codes[1::2], strict=True)}
            continue
        for first, last, start, listed in _RANGE.findall(body):
            span = range(int(first, 16), int(last, 16) + 1)
            if start:
                known |= {code: chr(int(start, 16) + i) for i, code in enumerate(span)}
            else:
                known |= dict(zip(span, map(_char, _HEX.findall(listed)), strict=False))
    return known


def _char(code: bytes) -> str:
    return bytes.fromhex(code.decode()).decode("utf-16-be", "replace")


def _shown(page: bytes, font: dict[int, str]) -> str:
    digits = b"".join(b"".join(found.split()) for found in _HEX.findall(page))
    return "".join(font.get(int(digits[at : at + 4], 16), "") for at in range(0, len(digits), 4))
