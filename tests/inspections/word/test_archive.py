"""Files from strangers: what is no Word file, too large, or carries more than words."""

import io
import zipfile

import pytest

from inspections.word import archive
from inspections.word.archive import NotTaken, open_word
from inspections.word.kinds import KINDS
from tests.inspections.word.papers import paper, replaced, with_parts

PLAIN = paper("{{ title }}")
RELS = "word/_rels/document.xml.rels"
TYPES = "[Content_Types].xml"
END = "</Relationships>"


def external(kind: str, target: str) -> bytes:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    one = f'<Relationship Id="rX" Type="{base}/{kind}" Target="{target}" TargetMode="External"/>'
    return replaced(PLAIN, RELS, END, one + END)


def field(instruction: str) -> bytes:
    one = f"<w:p><w:r><w:instrText>{instruction[:3]}</w:instrText></w:r>"
    two = f"<w:r><w:instrText>{instruction[3:]}</w:instrText></w:r></w:p>"
    return replaced(PLAIN, "word/document.xml", "<w:p>", one + two + "<w:p>")


def zipped(**parts: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return output.getvalue()


def bomb() -> bytes:
    return with_parts(PLAIN, {"word/document.xml": b"<a>" + b" " * 3_900_000 + b"</a>"})


def entities() -> bytes:
    text = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    return with_parts(PLAIN, {"word/document.xml": text})


BAD = {
    "words": (lambda: b"just words", "zip"),
    "nothing": (lambda: b"", "zip"),
    "cut off": (lambda: PLAIN[: len(PLAIN) // 2], "zip"),
    "old word": (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old"),
    "too large": (lambda: b"PK" + b"\0" * archive.MAX_BYTES, "large"),
    "a zip of photos": (lambda: zipped(a=b"x"), "not_word"),
    "a table": (lambda: replaced(PLAIN, TYPES, "document.main+xml", "sheet.main+xml"), "not_word"),
    "macros by type": (
        lambda: replaced(
            PLAIN,
            TYPES,
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            "application/vnd.ms-word.document.macroEnabled.main+xml",
        ),
        "macros",
    ),
    "macros by name": (lambda: with_parts(PLAIN, {"word/vbaProject.bin": b"x"}), "program"),
    "an embedded object": (
        lambda: with_parts(PLAIN, {"word/embeddings/a.xlsx": b"x"}),
        "program",
    ),
    "a picture from afar": (lambda: external("image", "http://a.example/x.png"), "external"),
    "a template from afar": (
        lambda: external("attachedTemplate", r"\\a\x.dotm"),
        "external",
    ),
    "a link to a file": (lambda: external("hyperlink", "file:///etc/passwd"), "external"),
    "a field that runs": (lambda: field(' DDEAUTO cmd "/c calc"'), "field"),
    "a field that fetches": (lambda: field(' INCLUDEPICTURE "http://a/b"'), "field"),
    "entities": (entities, "xml"),
    "not xml": (lambda: with_parts(PLAIN, {"word/document.xml": b"<a>"}), "xml"),
    "utf-16": (
        lambda: with_parts(PLAIN, {"word/document.xml": "<a/>".encode("utf-16")}),
        "xml",
    ),
    "xml under another name": (
        lambda: with_parts(
            replaced(PLAIN, TYPES, "/word/styles.xml", "/word/styles.dat"),
            {"word/styles.dat": b"<!DOCTYPE a><a/>"},
        ),
        "xml",
    ),
    "a bomb": (bomb, "bomb"),
    "a path out": (lambda: with_parts(PLAIN, {"../x.xml": b"<a/>"}), "names"),
    "one name twice": (lambda: with_parts(PLAIN, {"WORD/document.xml": b"<a/>"}), "names"),
    "very many parts": (
        lambda: with_parts(PLAIN, {f"word/{n}.xml": b"<a/>" for n in range(400)}),
        "parts",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_not_wanted_is_refused_and_says_what_to_do(name):
    make, code = BAD[name]
    with pytest.raises(NotTaken) as refused:
        open_word(make())
    assert refused.value.code == code
    assert "请" in str(refused.value)


def test_a_link_to_a_page_and_the_built_in_templates_are_taken():
    assert "word/document.xml" in open_word(external("hyperlink", "https://a.example/")).parts
    for kind in KINDS.values():
        assert "word/document.xml" in open_word(kind.content).parts
