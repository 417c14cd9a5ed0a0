"""`docs/security.md` names a test for each attack, and those that there are."""

import re
from pathlib import Path

TOLD = Path("docs/security.md").read_text(encoding="utf-8")
# An attack a line: what is tried, what stands against it, and the tests that try it.
LINES = re.findall(r"^\| (?!攻击|打中的|-)(.+?) \| (.+?) \| (.+?) \|$", TOLD, re.MULTILINE)
# What must be there at least: a word of its line.
ASKED = [
    "照说明书乱发", "权限矩阵", "IDOR", "照片炸弹", "PNG+HTML", "JPEG+PHP", "SVG",
    "50 000 × 50 000", "截断", "64 KB 控制字符", "zip、xlsx", "导出文件里的公式", "SSRF",
    "跳转", "IPv6", "CSRF", "会话固定", "许多来源", "一个来源", "弱口令", "写进日志", "缓存",
    "点击劫持", "Host", "路径穿越", "照片地址", "过期", "批量赋值", "慢慢上传", "Word 模板",
    "私有地址", "重新绑定", "一个字节", "出错", "三个入口",
]  # fmt: skip


def files(cell: str) -> list[Path]:
    """The test files that a cell names; one without a folder is in the folder before it."""
    found: list[Path] = []
    for name in re.findall(r"`([\w/]+\.py)`", cell):
        whole = Path("tests", name)
        found.append(whole if "/" in name else found[-1].with_name(name))
    return found


def test_every_attack_that_was_asked_for_has_a_line():
    tried = " ".join(line[0] for line in LINES)
    assert [word for word in ASKED if word not in tried] == []


def test_every_line_names_tests_that_there_are():
    nameless = [line[0] for line in LINES if not files(line[2])]
    missing = [str(file) for line in LINES for file in files(line[2]) if not file.is_file()]
    assert (nameless, missing) == ([], [])
    assert len(LINES) > 25


def test_every_file_of_attacks_is_named():
    named = {file.name for line in LINES for file in files(line[2])}
    assert {path.name for path in Path(__file__).parent.glob("test_*.py")} - named == {
        "test_told.py"
    }
