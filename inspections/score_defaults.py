"""The schemes of a new installation (domain facts, section 9); a bureau makes its own versions."""

from typing import Any

GRADES = [
    {"letter": "A", "least": "90", "tone": "ok"},
    {"letter": "B", "least": "75", "tone": "doing"},
    {"letter": "C", "least": "60", "tone": "warn"},
    {"letter": "D", "least": "40", "tone": "bad"},
    {"letter": "E", "least": "0", "tone": "black"},
]
_SHOULD = [
    {"name": "应结数", "formula": "结案数 + 期末超时数"},
    {"name": "应提交数", "formula": "提交数 + 期末超时数"},
]
# The fewer problems others find the better; what a unit finds on itself does not count against it.
_FEW = [
    {"least": "1.5", "share": "60"},
    {"least": "1.2", "share": "70"},
    {"least": "0.8", "share": "80"},
    {"least": "0.5", "share": "90"},
    {"least": None, "share": "100"},
]


def _line(name: str, formula: str, weight: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "formula": formula, "weight": str(weight), "unit": "percent"} | more


def _body(
    indicators: list[dict[str, Any]],
    sample: str,
    small: int,
    helpers: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    return {
        "helpers": helpers or [],
        "indicators": indicators,
        "grades": GRADES,
        "sample": sample,
        "small": small,
        "missing": "share",
    }


SCHEMES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (
        "单位考核",
        "team",
        _body(
            [
                _line(
                    "立案数分值",
                    "(立案数 - 自查立案数) / 平均立案数",
                    10,
                    unit="number",
                    bands=_FEW,
                ),
                _line("结案率", "结案数 / 应结数", 30),
                _line("按期处置率", "按期提交数 / 应提交数", 30),
                _line("返工少", "max(0, 1 - 返工数 / 应结数)", 30),
            ],
            "应结数",
            20,
            _SHOULD,
        ),
    ),
    (
        "街道考核",
        "area",
        _body(
            [
                _line("监督举报率", "(立案数 - 群众立案数) / 立案数", 10),
                _line(
                    "立案数分值",
                    "(立案数 - 自查立案数) / 平均立案数",
                    20,
                    unit="number",
                    bands=_FEW,
                ),
                _line("结案率", "结案数 / 应结数", 30),
                _line("按期结案率", "按期结案数 / 应结数", 40),
            ],
            "应结数",
            20,
            _SHOULD,
        ),
    ),
    (
        "受理派遣岗考核",
        "post",
        _body(
            [
                _line("按时立案率", "按时受理数 / 受理数", 25),
                _line("准确立案率", "1 - 误立案数 / 立案数", 25),
                _line("按时派遣率", "按时派遣数 / 派遣数", 25),
                _line("准确派遣率", "1 - 误派遣数 / 派遣数", 25),
            ],
            "经手数",
            10,
            [{"name": "经手数", "formula": "受理数 + 派遣数"}],
        ),
    ),
    (
        "人员考核",
        "person",
        _body(
            [
                _line("有效上报率", "有效上报数 / 上报数", 40),
                _line("不漏报", "1 - 辖区群众立案数 / 辖区立案数", 20),
                _line("按时回头看率", "按时回头看数 / 回头看完成数", 20),
                _line("按时核查率", "按时核查数 / 核查数", 20),
            ],
            "经手数",
            10,
            [{"name": "经手数", "formula": "上报数 + 核查数 + 回头看完成数"}],
        ),
    ),
)
"""Name, group and body of each. There is no task of verifying (核实) here: looking back in time
stands in its place."""
