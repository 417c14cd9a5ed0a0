"""The page of the facts: what is counted, and by which event; from the tables that count."""

from cases.choices import EVENT_LABELS
from inspections.chains import REPORT_STEPS, STEPS
from inspections.measures import MEASURES, Holds, Kind

_HEAD = """\
# 数从哪里来

看板、大屏、首页和专报上的数都由案件的**经过**（事件）算出来。本页的表由
`python manage.py document_facts` 从 `inspections/measures.py` 和 `inspections/chains.py` 生成，
请勿手改。为什么这样算，见 `docs/decisions/0012-facts-from-chains.md`。

*Every figure comes from the events of cases. The tables of this page are generated from
`inspections/measures.py` and `inspections/chains.py` by `python manage.py document_facts`.*

## 怎么算

- 一件案子算什么，由它的**整条经过**定：更正案由、并案、作废、不计超时，会改动以前的数，和专报一样。
- 汇总行按范围（全局、每个单位、每条街道、某单位在某街道）分开存，页面只读自己范围的行，
  案件再多也一样快。
- 后台每 5 秒把新的经过算进去，只算到「还没写完的事务」之前，晚提交的不会漏；
  页面再把更新的经过加上，看到的就是此刻的数。
- 「昨日」「上周同日」都取**此时此分**。存量（在办、待核查……）等于现在的减去此后增减的。
- 「已超时」「两小时内到期」的现数直接数案件，和点开的台帐一件不差。
- `python manage.py rebuild_facts` 由全部经过重算，一件不差。
  恢复到另一台数据库服务器以后，后台会自己重算一次。

## 比率

| 比率 | 分子 | 分母 |
|---|---|---|
| 结案率 | 期内结案 | 期内结案 + 期末已超时 |
| 按期结案率 | 期内按期结案（含不计超时） | 期内结案 + 期末已超时 |
| 处置率 | 期内提交整改 | 期内提交整改 + 期末已超时 |
| 按期处置率 | 期内按期提交整改 | 期内提交整改 + 期末已超时 |
| 返工率 | 期内返工 | 期内结案 + 期末已超时 |
| 反弹率 | 期内反弹和虚假整改 | 期内做了的回头看 |

分母是 0 的显示「—」。应结不足 20 件的单位不排名。
"""
_KINDS = {
    Kind.MINUTE: "分",
    Kind.HOUR: "时",
    Kind.DAY: "日",
    Kind.TOTAL: "现数",
    Kind.DAY_CLASS: "日×案由",
    Kind.DAY_SOURCE: "日×来源",
    Kind.DAY_TEAM: "日×单位",
    Kind.TOTAL_TEAM: "现数×单位",
    Kind.WEEK_CLASS_STEP: "周×案由×时长",
}
_HOLDS = {
    Holds.COUNTED: "不含作废、并入别案的",
    Holds.NOT_VOID: "不含作废的",
    Holds.ALWAYS: "都算",
}


def page() -> str:
    """The whole page in Markdown."""
    return "\n".join([_HEAD, *_measures(), "", *_events(), ""])


def _measures() -> list[str]:
    lines = [
        "## 数什么",
        "",
        "「量」是存量：某一刻有多少；「次」是一段时间里发生了多少。"
        "「看得到的」：算在现在和曾经的责任单位及其上级头上；"
        "「干活的」：算在办那一单的单位及其上级头上。",
        "",
        "| 指标 | 数的是 | 次/量 | 算在谁头上 | 作废、并案 | 汇总行 |",
        "|---|---|:-:|---|---|---|",
    ]
    for name, row in MEASURES.items():
        kinds = "、".join(_KINDS[Kind(kind)] for kind in row.kinds)
        stock, whose = "量" if row.stock else "次", "干活的" if row.by_work else "看得到的"
        holds = _HOLDS[row.holds]
        lines.append(f"| `{name}` | {row.words} | {stock} | {whose} | {holds} | {kinds} |")
    return lines


def _events() -> list[str]:
    lines = ["## 哪个经过动哪些数", "", "| 经过 | 动的指标 |", "|---|---|"]
    moved = {**REPORT_STEPS, **{name: names for name, (_step, names) in STEPS.items()}}
    for event, label in EVENT_LABELS.items():
        lines.append(f"| {label} `{event}` | {_moved(moved.get(event))} |")
    return lines


def _moved(names: frozenset[str] | None) -> str:
    if names is None:
        return "不动"
    if names == set(MEASURES):
        return "案件的各个指标"
    return "、".join(f"`{name}`" for name in MEASURES if name in names)
