"""Tables as they stand: kinds of files, delimiters, merged cells, and what is refused."""

import pytest

from citymgmt.rawtables import read_raw
from citymgmt.spreadsheets import TableError
from tests.builders import jpeg
from tests.citymgmt.test_spreadsheets import repacked, xlsx

LINES = [["编号", "地点"], ["1", "紫阳街，118 号"], ["2", "赤城路 2 号"]]


def read(data: bytes, **changes) -> list:
    return read_raw(data, **{"max_bytes": 10**6, "max_lines": 100} | changes)


def text(delimiter: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(delimiter.join(line) for line in LINES).encode(encoding)


GOOD = {
    "xlsx": xlsx(LINES),
    "comma": text(","),
    "tab": text("\t"),
    "semicolon": text(";"),
    "with a mark": text(",", "utf-8-sig"),
    "gb18030": text(",", "gb18030"),
    "utf-16": text("\t", "utf-16"),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_table_is_read_as_it_stands(kind):
    assert [line.cells for line in read(GOOD[kind])] == LINES


def merge(*ranges: str):
    return lambda book: [book.active.merge_cells(each) for each in ranges]


def test_what_is_merged_downwards_stands_in_each_of_its_lines():
    rows = [
        ["日期", "地点"],
        ["5.6", "甲"],
        [None, "乙"],
        [None, "丙"],
        ["5.7", "丁"],
        [None, "戊"],
    ]
    lines = read(xlsx(rows, change=merge("A2:A4")))
    assert [line.cells[0] for line in lines] == ["日期", "5.6", "5.6", "5.6", "5.7", ""]
    assert [line.number for line in lines if line.merged] == [3, 4]
    assert lines[2].merged == {0}


def test_a_title_across_the_sheet_stays_in_its_cell():
    rows = [["2023 年台帐", None], [None, None], ["日期", "地点"], ["5.6", "甲"]]
    lines = read(xlsx(rows, change=merge("A1:B2")))
    assert [(line.number, line.cells) for line in lines][:2] == [
        (1, ["2023 年台帐"]),
        (3, ["日期", "地点"]),
    ]


def test_only_the_first_lines_are_read_where_that_is_enough():
    assert [line.number for line in read(GOOD["xlsx"], only_first=1)] == [1]


BOMB = repacked(GOOD["xlsx"], "xl/worksheets/sheet1.xml", lambda part: part + b" " * 30_000_000)
REFUSED = {
    "nothing": (b"", "0 字节"),
    "blank lines": (b"\n,,\n", "表格是空的"),
    "a picture": (jpeg(), "不是表格文件"),
    "a pdf": (b"%PDF-1.7 \n1 0 obj", "不是表格文件"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "旧版 .xls"),
    "a torn archive": (GOOD["xlsx"][:200], "不是 Excel 文件"),
    "a bomb": (BOMB, "解压后过大"),
    "no text": (b"\x00\x01\x02", "不是文本表格"),
    "too many bytes": (b"a" * (10**6 + 1), "请分成几个文件"),
    "too many lines": (b"a,b\n" * 101, "超过 100 行"),
    "too many columns": (b"a," * 80 + b"a\n", "超过 60 列"),
    "a cell too long": (b"a" * 5000, "超过 4000 个字"),
    "a quotation mark without its other": (b'a,b\n"c,d\n', "引号不成对"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_table_is_refused_with_what_to_do(kind):
    data, words = REFUSED[kind]
    with pytest.raises(TableError) as refused:
        read(data)
    assert words in str(refused.value)
