"""`docs/asvs.md` has a line for each requirement, and names tests and files that there are."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.house.test_forbidden import SERVING

TOLD = Path("docs/asvs.md").read_text(encoding="utf-8")
WORDS = ("做到", "部分", "没有", "不适用")
# How many of levels 1 and 2 each chapter of ASVS 5.0.0 has.
CHAPTERS = dict(enumerate([27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7], start=1))
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| (.+) \|$", TOLD, re.MULTILINE)
LONGEST = 25
"""What is asked is said in a few words of our own."""


def part(title: str) -> str:
    """What stands under a heading."""
    return re.search(rf"^## {title}.*?\n(.*?)(?=^## |\Z)", TOLD, re.MULTILINE | re.DOTALL)[1]


def named(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def named_tests(text: str) -> list[str]:
    """`file::name` of each test that a text names."""
    return [word for word in named(text) if "::" in word]


def named_files(text: str) -> list[str]:
    """Each path of the repository that a text names; an address of the site begins with a slash."""
    words = [word for word in named(text) if re.fullmatch(r"[\w.][\w./-]*", word)]
    return [word for word in words if "/" in word or Path(word).suffix in (".py", ".md", ".yml")]


def exists(test: str) -> bool:
    """Whether a test of that name is in that file."""
    file, _, name = test.partition("::")
    path = Path("tests", file)
    found = path.is_file() and re.search(
        rf"^\s*(?:async )?def {re.escape(name)}\(", path.read_text(encoding="utf-8"), re.MULTILINE
    )
    return bool(found)


def counted(rows: list[tuple[str, str, str, str]]) -> list[int]:
    """How many rows have each of the four words."""
    count = Counter(row[2] for row in rows)
    return [count[word] for word in WORDS]


def of_chapter(number: int) -> list[tuple[str, str, str, str]]:
    """The rows of a chapter."""
    return [row for row in ROWS if row[0].split(".")[0] == str(number)]


def test_every_requirement_has_one_line():
    whole, first, second = map(
        int, re.search(r"全部 (\d+) 条（一级 (\d+)，二级 (\d+)）", TOLD).groups()
    )
    assert first + second == whole == len(ROWS) == sum(CHAPTERS.values())
    assert [number for number, times in Counter(row[0] for row in ROWS).items() if times > 1] == []
    assert {number: len(of_chapter(number)) for number in CHAPTERS} == CHAPTERS
    # Nothing looks like a line and is none.
    assert len(re.findall(r"^\| *\d+\.\d+\.\d+", TOLD, re.MULTILINE)) == len(ROWS)


def test_every_line_has_one_of_the_four_words_and_is_short():
    assert {row[2] for row in ROWS} <= set(WORDS)
    assert [row[:2] for row in ROWS if len(row[1]) > LONGEST] == []


def test_every_test_that_is_named_is_there():
    told = named_tests(TOLD)
    assert len(set(told)) > 100
    assert sorted({test for test in told if not exists(test)}) == []
    # None is named without its file.
    bare = [word for word in named(TOLD) if word.startswith("test_")]
    assert bare == []


def test_every_file_that_is_named_is_there():
    told = set(named_files(TOLD)) - {"OWASP/ASVS", "5.0/en/"}
    assert len(told) > 50
    assert sorted(file for file in told if not Path(file).exists()) == []


def test_what_is_done_names_what_shows_it_and_the_rest_says_why():
    rows = {row[0]: row for row in ROWS}
    bare = [
        number
        for number, (_number, _asked, word, where) in rows.items()
        if word == "做到" and not named_tests(where) and not named_files(where)
    ]
    assert bare == []
    assert [number for number, row in rows.items() if row[2] != "做到" and len(row[3]) < 4] == []


def test_the_sums_are_those_of_the_lines():
    lines = re.findall(r"^\| V(\d+) .+? \|" + r" (\d+) \|" * 5 + "$", part("合计"), re.MULTILINE)
    told = {int(number): list(map(int, counts)) for number, *counts in lines}
    assert told == {
        number: [*counted(of_chapter(number)), len(of_chapter(number))] for number in CHAPTERS
    }
    (whole,) = re.findall(r"^\| 合计 \|" + r" (\d+) \|" * 5 + "$", part("合计"), re.MULTILINE)
    assert list(map(int, whole)) == [*counted(ROWS), len(ROWS)]
    rest = len(ROWS) - counted(ROWS)[3]
    assert f"适用的 {rest} 条里做到 {counted(ROWS)[0]} 条" in TOLD


@pytest.mark.parametrize("number", CHAPTERS)
def test_a_chapter_says_how_many_it_has_of_each(number: int):
    rows = of_chapter(number)
    said = "，".join(
        f"{word} {count}" for word, count in zip(WORDS, counted(rows), strict=True) if count
    )
    assert part(rf"V{number} ").strip().startswith(f"{len(rows)} 条：{said}。")


def test_what_is_not_done_is_listed_once_by_its_risk():
    listed = re.findall(r"\*\*(\d+\.\d+\.\d+)\*\*", part("没有做的，按风险排"))
    assert sorted(listed) == sorted(row[0] for row in ROWS if row[2] == "没有")


def test_every_file_that_uses_cryptography_is_in_the_list_of_it():
    using = re.compile(
        r"^\s*(?:import|from) (?:hashlib|hmac|secrets|ssl|cryptography"
        r"|django\.utils\.crypto|django\.core\.signing)\b",
        re.MULTILINE,
    )
    found = {
        str(path)
        for path in SERVING
        if "demo" not in path.parts and using.search(path.read_text(encoding="utf-8"))
    }
    assert found - set(named_files(part("附：密码学用在哪里"))) == set()
