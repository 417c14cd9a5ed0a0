"""Tables from strangers: good ones in every usual form, bad ones with every error by its line."""

import re
import resource
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citymgmt.spreadsheets import (
    MAX_ERRORS,
    Column,
    Findings,
    TableError,
    check_archive,
    read_delimited,
    read_xlsx,
)
from citymgmt.workbooks import Parts

COLUMNS = [
    Column("code", ("网格编码", "编码"), filled=True, max_length=12),
    Column("name", ("名称",)),
    Column("note", ("备注",), optional=True),
]
CSV = "编码,名称,面积\n001,古城一格,1\n002,古城二格,2\n"
WANTED = [
    (2, {"code": "001", "name": "古城一格", "note": ""}),
    (3, {"code": "002", "name": "古城二格", "note": ""}),
]


def xlsx(rows, *, change=None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    output = BytesIO()
    book.save(output)
    return output.getvalue()


def repacked(data: bytes, part: str, edit, *, more: dict[str, bytes] | None = None) -> bytes:
    """The archive with one part edited and more parts added."""
    output = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        assert part in old.namelist()
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, edit(content) if name == part else content)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return output.getvalue()


def plain(rows):
    return [(row.line, row.cells) for row in rows]


def refusal(read, data, columns=COLUMNS, **bounds) -> TableError:
    with pytest.raises(TableError) as caught:
        read(data, columns, **bounds)
    return caught.value


# --- Delimited


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimited_text_in_every_usual_encoding(encoding, newline):
    data = CSV.replace("\n", newline).encode(encoding)
    assert plain(read_delimited(data, COLUMNS)) == WANTED


def test_tabs_order_and_decorated_titles():
    text = "名　称\t ＊网格编码 \n古城一格\t００１\n\n\t\n古城二格\t002\n"
    rows = read_delimited(text.encode(), COLUMNS, delimiter="\t")
    assert [(row.line, row["code"]) for row in rows] == [(2, "001"), (5, "002")]


def test_columns_may_be_plain_names():
    assert read_delimited(b"a,b\n1,2\n", ["b", "a"])[0].cells == {"b": "2", "a": "1"}


def test_a_cell_over_several_lines_does_not_shift_the_count():
    rows = read_delimited('编码,名称\n001,"古城\n一格"\n002,x\n'.encode(), COLUMNS)
    assert [(row.line, row["name"]) for row in rows] == [(2, "古城 一格"), (4, "x")]


def test_every_error_is_reported_not_only_the_first():
    text = "编码,名称\n,a\n0123456789012,b\n003,c,多\n004,#REF!\n005,e\n"
    error = refusal(read_delimited, text.encode())
    assert [(e.line, e.column) for e in error.errors] == [
        (2, "网格编码"),
        (3, "网格编码"),
        (4, ""),
        (5, "名称"),
    ]
    assert str(error).splitlines()[0] == "第 2 行「网格编码」：不能为空，请填写。"
    assert "超过 12 个字" in str(error)


def test_a_flood_of_errors_is_capped_and_counted():
    error = refusal(read_delimited, ("编码,名称\n" + ",x\n" * 500).encode())
    assert len(error.errors) == MAX_ERRORS
    assert error.total == 500
    assert "另有 300 处" in str(error)


def test_an_importer_adds_its_own_findings_before_anything_is_raised():
    findings = Findings()
    rows = read_delimited("编码,名称\n,a\n002,b\n".encode(), COLUMNS, findings=findings)
    findings.add(rows[1].line, "网格编码", "没有这个网格")
    with pytest.raises(TableError) as caught:
        findings.raise_if_any()
    assert [error.line for error in caught.value.errors] == [2, 3]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("编码\n1\n", 1, "名称", "缺少这一列"),
        ("编码,名称,网格编码\n1,a,2\n", 1, "网格编码", "重复的列"),
        ('编码,名称\n001,"没有结束\n002,b\n', 2, "", "引号"),
        ("编码,名称\n001," + "x" * 200_000, 2, "", "过长"),
        ("\n \n", 0, "", "表格是空的"),
    ],
)
def test_a_table_that_is_none_says_where_and_what_to_do(text, line, column, words):
    (error,) = refusal(read_delimited, text.encode()).errors
    assert (error.line, error.column) == (line, column)
    assert words in str(error)


@pytest.mark.parametrize("read", [read_delimited, read_xlsx])
def test_empty_and_too_large_files(read):
    assert "0 字节" in str(refusal(read, b""))
    assert "20 MB" in str(refusal(read, bytes(20 * 1024 * 1024 + 1)))


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xfe\xff", bytes(50)])
def test_bytes_that_are_no_text(data):
    assert "不是文本表格" in str(refusal(read_delimited, data))


def test_too_many_rows():
    assert "超过 1 行" in str(refusal(read_delimited, CSV.encode(), max_rows=1))
    assert "超过 1 行" in str(
        refusal(read_xlsx, xlsx([["编码", "名称"], [1, 2], [3, 4]]), max_rows=1)
    )


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_a_table_error(data):
    for read in (read_delimited, read_xlsx):
        with suppress(TableError):
            assert isinstance(read(data, ["a"]), list)


# --- Excel


def test_an_excel_sheet_reads_as_text():
    head = ["网格编码", "名称", "备注"]
    rows = [
        [1, 2.0, 2.5],
        ["００２", date(2026, 7, 1), datetime.fromisoformat("2026-07-01 09:30")],
        [True, None],
    ]
    assert plain(read_xlsx(xlsx([head, *rows]), COLUMNS)) == [
        (2, {"code": "1", "name": "2", "note": "2.5"}),
        (3, {"code": "002", "name": "2026-07-01", "note": "2026-07-01 09:30:00"}),
        (4, {"code": "TRUE", "name": "", "note": ""}),
    ]


def test_lines_are_counted_as_excel_shows_them():
    def spread(book):
        book.active.insert_rows(1, 2)
        book.active["A9"], book.active["B9"] = "009", "末"

    rows = read_xlsx(xlsx([["编码", "名称"], ["001", "a"]], change=spread), COLUMNS)
    assert [(row.line, row["code"]) for row in rows] == [(4, "001"), (9, "009")]


def test_a_hidden_first_sheet_is_passed_over():
    def hide(book):
        shown = book.create_sheet("shown")
        for row in (["编码", "名称"], ["007", "x"]):
            shown.append(row)
        book.active.sheet_state = "hidden"
        book.active = 1

    assert read_xlsx(xlsx([["旧"]], change=hide), COLUMNS)[0]["code"] == "007"


def test_a_formula_error_is_an_error_of_its_cell():
    (error,) = refusal(read_xlsx, xlsx([["编码", "名称"], ["001", "#DIV/0!"]])).errors
    assert (error.line, error.column) == (2, "名称")


SHEET = "xl/worksheets/sheet1.xml"
GOOD = xlsx([["编码", "名称"], ["001", "a"]])
SHARED = "xl/sharedStrings.xml"
SHARED_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def with_shared_strings(data: bytes) -> bytes:
    """The same book as Excel writes it: "a" stands in the table of shared strings."""
    inline, shared = b't="inlineStr"><is><t>a</t></is>', b't="s"><v>0</v>'
    data = repacked(data, SHEET, lambda content: content.replace(inline, shared))
    override = f'<Override PartName="/{SHARED}" ContentType="{SHARED_TYPE}"/></Types>'.encode()
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    table = b'<sst xmlns="' + space + b'"><si><t>a</t></si></sst>'
    return repacked(
        data,
        "[Content_Types].xml",
        lambda content: content.replace(b"</Types>", override),
        more={SHARED: table},
    )


FROM_EXCEL = with_shared_strings(GOOD)
LAUGHS = b"<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '" + b"&a;" * 1000 + b"'>]>"


def laughing(content: bytes) -> bytes:
    """The part with entities defined and used in a cell and in the sheet's name."""
    body = content[content.index(b"?>") + 2 :] if b"?>" in content else content
    return LAUGHS + body.replace(b"<t>", b"<t>&b;").replace(b'name="Sheet', b'name="&b;Sheet')


def test_shared_strings_are_read():
    assert read_xlsx(FROM_EXCEL, COLUMNS)[0]["name"] == "a"


@pytest.mark.parametrize("part", [SHEET, SHARED])
def test_a_part_that_defines_entities_is_refused(part):
    assert "已损坏" in str(refusal(read_xlsx, repacked(FROM_EXCEL, part, laughing)))


def test_entities_in_the_book_itself_are_never_expanded():
    with suppress(TableError):
        rows = read_xlsx(repacked(GOOD, "xl/workbook.xml", laughing), COLUMNS)
        assert rows[0].cells == {"code": "001", "name": "a", "note": ""}


def test_an_archive_that_unpacks_to_too_much_is_refused():
    bomb = repacked(GOOD, SHEET, lambda content: content + b" " * 30_000_000)
    assert len(bomb) < 100_000
    assert "解压后过大" in str(refusal(read_xlsx, bomb))


NAMES = b"".join(b'<definedName name="a%d">Sheet!$A$1</definedName>' % i for i in range(120_000))
OTHER_NAME = "xl/media/picture.png"


def many_strings(count: int, *, coded: str = "utf-8", each: str = "<si><t>s%d</t></si>") -> bytes:
    """A table of so many strings, no two alike."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    told = "".join(each % number for number in range(count))
    text = f'<?xml version="1.0" encoding="{coded}"?><sst xmlns="{space}">{told}</sst>'
    return text.encode(coded)


def under_another_name(data: bytes) -> bytes:
    """The table of strings as a picture, said to be one by the list of contents."""
    strings = many_strings(500_000)
    named = repacked(
        data,
        "[Content_Types].xml",
        lambda content: content.replace(SHARED.encode(), OTHER_NAME.encode()),
        more={OTHER_NAME: strings},
    )
    assert OTHER_NAME.encode() in zipfile.ZipFile(BytesIO(named)).read("[Content_Types].xml")
    return named


def said_to_be_two_things(data: bytes) -> bytes:
    """The styles said to be a sheet, too, of which more is taken."""
    twice = b'<Override PartName="/xl/styles.xml" ContentType="a.worksheet+xml"/></Types>'
    data = repacked(data, "[Content_Types].xml", lambda c: c.replace(b"</Types>", twice))
    return repacked(data, "xl/styles.xml", lambda c: c.replace(b"</fonts>", FONTS))


WIDE = b"<row>" + b"<c/>" * 99 + b"</row>"
FONTS = b"<font/>" * 150_000 + b"</fonts>"
DEAR: dict[str, Callable[[], bytes]] = {
    "half a million strings": lambda: repacked(
        FROM_EXCEL, SHARED, lambda _: many_strings(500_000)
    ),
    "strings of two bytes a letter": lambda: repacked(
        FROM_EXCEL, SHARED, lambda _: many_strings(500_000, coded="utf-16")
    ),
    "a string of a million pieces": lambda: repacked(
        FROM_EXCEL, SHARED, lambda c: c.replace(b"<t>a</t>", b"<r><t>a</t></r>" * 500_000)
    ),
    "strings under another name": lambda: under_another_name(FROM_EXCEL),
    "styles": lambda: repacked(
        GOOD, "xl/styles.xml", lambda c: c.replace(b"</fonts>", FONTS)
    ),
    "styles said to be a sheet": lambda: said_to_be_two_things(GOOD),
    "names": lambda: repacked(
        GOOD,
        "xl/workbook.xml",
        lambda c: c.replace(b"<calcPr", b"<definedNames>" + NAMES + b"</definedNames><calcPr"),
    ),
    "a line of a hundred thousand cells": lambda: repacked(
        GOOD, SHEET, lambda c: c.replace(b"</row>", b"<c/>" * 100_000 + b"</row>", 1)
    ),
    "lines within a line": lambda: repacked(
        GOOD, SHEET, lambda c: c.replace(b"</row>", b"<row><c/></row>" * 60_000 + b"</row>", 1)
    ),
    "cells by the million": lambda: repacked(
        GOOD, SHEET, lambda c: c.replace(b"</row>", b"</row>" + WIDE * 31_000, 1)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEAR)
def test_what_is_small_but_dear_to_read_is_refused_before_anything_is_made_of_it(name, monkeypatch):
    data = DEAR[name]()
    parts = zipfile.ZipFile(BytesIO(data)).infolist()
    # Not by its size: by what it would cost.
    assert sum(part.file_size for part in parts) < 25_000_000
    monkeypatch.setattr("citymgmt.spreadsheets.MAX_RATIO", 10_000)
    begun = time.process_time()
    assert "解压后过大" in str(refusal(read_xlsx, data))
    assert time.process_time() - begun < 10


PHONETIC = '<si><t>临海市第%d号</t><phoneticPr fontId="1" type="noConversion"/></si>'


def whole_ledger() -> bytes:
    """10 000 lines of 40 columns, no two cells alike, as Chinese Excel writes them."""
    strings = many_strings(400_040, each=PHONETIC)
    cells = [
        "<row>"
        + "".join(f'<c t="s"><v>{line * 40 + place}</v></c>' for place in range(40))
        + "</row>"
        for line in range(10_001)
    ]
    sheet = "".join(cells).encode()
    body = re.compile(rb"<sheetData>.*</sheetData>", re.DOTALL)
    data = repacked(FROM_EXCEL, SHARED, lambda _: strings)
    return repacked(data, SHEET, lambda c: body.sub(b"<sheetData>" + sheet + b"</sheetData>", c))


def test_the_largest_ledger_is_within_the_bounds():
    data = whole_ledger()
    check_archive(data)
    with Parts(BytesIO(data)) as parts:
        for name in parts.namelist():
            parts.open(name).close()


@pytest.mark.long
def test_the_largest_ledger_is_read_in_bounded_time_and_memory():
    data, wanted = whole_ledger(), [f"临海市第{place}号" for place in range(40)]
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    rows = read_xlsx(data, wanted)
    assert len(rows) == 10_000
    assert rows[-1][wanted[-1]] == "临海市第400039号"
    assert time.process_time() - begun < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700 * 1024


def test_a_row_a_million_lines_down_is_refused():
    far = repacked(GOOD, SHEET, lambda content: content.replace(b'r="2"', b'r="99999999"', 1))
    assert "行数过多" in str(refusal(read_xlsx, far))


def test_dimensions_that_lie_hide_nothing():
    lie = repacked(GOOD, SHEET, lambda content: content.replace(b'ref="A1:B2"', b'ref="A1:A1"'))
    assert lie != GOOD
    assert read_xlsx(lie, COLUMNS)[0]["name"] == "a"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "旧版 .xls"),
        (b"PK\x03\x04" + bytes(600), "不是 Excel"),
        (CSV.encode(), "不是 Excel"),
        (GOOD[: len(GOOD) // 2], "不是 Excel"),
        (repacked(GOOD, SHEET, lambda content: content[:-40]), "已损坏"),
        (repacked(GOOD, "xl/workbook.xml", lambda content: b"<x/>"), "已损坏"),
        (repacked(GOOD, "[Content_Types].xml", lambda content: b""), "已损坏"),
    ],
)
def test_what_is_no_excel_file_says_what_to_do(data, words):
    assert words in str(refusal(read_xlsx, data))
