"""The tables of documents, from frozen figures."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from cases.choices import LookBackResult, OrderState
from inspections.papers.shapes import (
    Cell,
    Column,
    Json,
    LookBackLine,
    ProblemLine,
    QuantityLine,
    Table,
    TeamLine,
)
from inspections.papers.words import rate, short


def team_line(line: Json) -> TeamLine:
    """The work of one team."""
    return TeamLine(
        line["name"],
        line["found"],
        line["closed"],
        line["open"],
        line["overdue"],
        rate(line["on_time"], line["should"]),
    )


def problem_line(position: int, row: Json) -> ProblemLine:
    """A problem as its row says it."""
    state = str(OrderState(row["state"]).label)
    if row["state"] == OrderState.PASSED and row["quantity"] is not None:
        state = _("已结案，%(quantity)s %(unit)s") % row
    elif row["overdue"]:
        state = _("已超时")
    return ProblemLine(
        position=position,
        at=short(row["at"]),
        address=row["address"],
        text=row["text"],
        number=row["number"],
        category=row["category"] + (_("（反弹）") if row["rebound"] else ""),
        team=row["team"],
        due=short(row["due"]),
        state=state,
        alarming=row["overdue"] or row["rebound"],
    )


def lookback_line(position: int, row: Json) -> LookBackLine:
    """A look-back as its row says it."""
    result = str(LookBackResult(row["result"]).label) if row["result"] else _("未看，已超时")
    quantity = _("%(quantity)s %(unit)s") % row if row["quantity"] is not None else "—"
    return LookBackLine(
        position=position,
        address=row["address"],
        number=row["number"],
        category=row["category"],
        team=row["team"],
        round=row["round"],
        quantity=quantity,
        result=f"{result}：{row['note']}" if row["note"] else result,
        alarming=row["result"] not in (LookBackResult.HELD, LookBackResult.UNVERIFIED),
    )


def teams_table(lines: Sequence[Json]) -> Table:
    """The work of each team; each count leads to its cases."""
    columns = [
        Column(_("责任单位"), 40),
        Column(_("发现"), 20),
        Column(_("结案"), 20),
        Column(_("在办"), 20),
        Column(_("超时"), 20),
        Column(_("按期率"), 36),
    ]
    rows = [
        [
            Cell(line["name"]),
            *(
                Cell(str(line[name]), figure=f"{name}@{line['team']}" if line[name] else "")
                for name in ("found", "closed", "open", "overdue")
            ),
            Cell(rate(line["on_time"], line["should"])),
        ]
        for line in lines
    ]
    return Table("teams", columns, rows)


def quantities_table(lines: Sequence[QuantityLine]) -> Table:
    """What was put right, by class."""
    columns = [
        Column(_("类别"), 66),
        Column(_("计量"), 26),
        Column(_("本期"), 32),
        Column(_("累计"), 32),
    ]
    return Table("quantities", columns, [[Cell(text) for text in line] for line in lines])


def problems_table(lines: Sequence[ProblemLine]) -> Table:
    """The problems one by one."""
    columns = [
        Column(_("序号"), 9),
        Column(_("时间"), 17),
        Column(_("地点"), 27, left=True),
        Column(_("问题"), 37, left=True),
        Column(_("类别"), 18),
        Column(_("责任单位"), 18),
        Column(_("整改时限"), 16),
        Column(_("状态"), 14),
    ]
    rows = [
        [
            Cell(str(line.position)),
            Cell(line.at),
            Cell(line.address),
            Cell(line.text, number=line.number),
            Cell(line.category),
            Cell(line.team),
            Cell(line.due),
            Cell(line.state, alarming=line.alarming),
        ]
        for line in lines
    ]
    return Table("problems", columns, rows, long=True)


def lookbacks_table(lines: Sequence[LookBackLine]) -> Table:
    """The look-backs one by one."""
    columns = [
        Column(_("序号"), 9),
        Column(_("地点"), 40, left=True),
        Column(_("类别"), 20),
        Column(_("责任单位"), 20),
        Column(_("次数"), 12),
        Column(_("原整改量"), 17),
        Column(_("结果"), 38, left=True),
    ]
    rows = [
        [
            Cell(str(line.position)),
            Cell(line.address, number=line.number),
            Cell(line.category),
            Cell(line.team),
            Cell(_("第 %(round)s 次") % {"round": line.round}),
            Cell(line.quantity),
            Cell(line.result, alarming=line.alarming),
        ]
        for line in lines
    ]
    return Table("lookbacks", columns, rows, long=True)
