"""The monthly bulletin on performance (考核通报) in parts."""

from django.utils.translation import gettext as _

from inspections.models import Digest
from inspections.papers.daily import lines, lookbacks_part, totals_words
from inspections.papers.marks import mark
from inspections.papers.rooms import room_words
from inspections.papers.shapes import Cell, Column, Json, Part, Table
from inspections.papers.tables import problem_line, problems_table
from inspections.papers.words import compared, demand_lines, rate

LEAST = 5
"""Below so many that should be closed a unit is not ranked: one case would decide."""


def monthly_parts(digest: Digest) -> list[Part]:
    """Scores and rates of the units; the month in all; what moved; what is to be done."""
    said = digest.figures
    return [
        Part(
            "units",
            _("一、各单位情况"),
            [*lines("units", ranking_words(said)), *score_tables(said)],
        ),
        Part("overall", _("二、总体情况"), [*lines("overall", [totals_words(digest)])]),
        Part("moves", _("三、升降情况"), [*lines("moves", [compared(digest), *_moves(said)])]),
        Part("trouble", _("四、存在问题"), grave_problems(said), pictures=True),
        lookbacks_part(said, _("五、回头看情况")),
        Part("demands", _("六、工作要求"), [*demand_lines(digest)]),
    ]


def score_tables(said: Json) -> list[Table]:
    """The tables of the first part: points and grades, then the rates of each unit."""
    told = [each for each in said.get("scores", ()) if not all(map(_is_idle, each["rows"]))]
    scored = [_score_table(n, each) for n, each in enumerate(told, 1)]
    return [*scored, *([_rates_table(said["units"])] if said["units"] else [])]


def _score_table(n: int, table: Json) -> Table:
    """Whoever has a place by it, then small samples, then who has no score for all his cases; who
    had none is not listed."""
    columns = [
        Column(_("责任单位"), 34),
        Column(_("名次"), 24),
        Column(_("得分（%(scheme)s）") % table, 34),
        Column(_("等级"), 16),
        Column(_("上期"), 24),
        Column(_("升降"), 24),
    ]
    rows = [
        [
            Cell(row["name"]),
            Cell(_place(row)),
            Cell(row["points"] or "—"),
            Cell(row["grade"] or "—"),
            Cell(row["before"] or "—"),
            Cell(_moved(row["moved"]), alarming=(row["moved"] or 0) < 0),
        ]
        for row in table["rows"]
        if not _is_idle(row)
    ]
    return Table(f"scores-{n}", columns, rows)


def _is_idle(row: Json) -> bool:
    """Whether there was nothing to score."""
    return row["points"] is None and not row.get("sample")


def _place(row: Json) -> str:
    if row["rank"] is not None:
        return str(row["rank"])
    # Who has no points at all had nothing that could be counted, not too little of it.
    return "—" if row["points"] is None else _("件数少，不排名")


def _moved(places: int | None) -> str:
    if places is None:
        return "—"
    if places == 0:
        return _("持平")
    words = _("升 %(n)s 位") if places > 0 else _("降 %(n)s 位")
    return words % {"n": abs(places)}


def _rates_table(units: list[Json]) -> Table:
    columns = [
        Column(_("责任单位"), 27),
        Column(_("名次"), 16),
        Column(_("结案率"), 32),
        Column(_("按期结案率"), 32),
        Column(_("返工率"), 26),
        Column(_("反弹率"), 23),
    ]
    places = ranking(units)
    rows = [
        [
            Cell(line["name"]),
            Cell(str(places.get(line["team"], _("件数少，不排名")))),
            Cell(rate(line["closed"], line["should"])),
            Cell(rate(line["on_time"], line["should"])),
            Cell(rate(line["rework"], line["should"])),
            Cell(rate(line["back"], line["looked"]), alarming=bool(line["back"])),
        ]
        for line in units
    ]
    return Table("rates", columns, rows)


def ranking(units: list[Json]) -> dict[int, int]:
    """The place of each unit by 按期结案率; equals share one, small ones have none."""
    known = [line for line in units if line["should"] >= LEAST]
    shares = {line["team"]: line["on_time"] / line["should"] for line in known}
    return {
        team: 1 + sum(other > share for other in shares.values()) for team, share in shares.items()
    }


def ranking_words(said: Json) -> list[str]:
    """Who stands first, and how many units are not ranked."""
    units = said["units"]
    if not units:
        return [_("本期各单位没有应办结的案件，不排名。")]
    places = ranking(units)
    first = [line["name"] for line in units if places.get(line["team"]) == 1]
    words = _("本期有案件的单位 %(count)s 个") % {"count": len(units)}
    if first:
        words += _("，按期结案率居首的是%(names)s") % {"names": "、".join(first)}
    small = len(units) - len(places)
    if small:
        words += _("；应办结不足 %(least)s 件的 %(small)s 个，不排名") % {
            "least": LEAST,
            "small": small,
        }
    return [words + "。"]


def _moves(said: Json) -> list[str]:
    late = sorted(
        (line for line in said["units"] if line["overdue"]),
        key=lambda line: (-line["overdue"], line["name"]),
    )
    parts = [
        _("%(name)s超时 %(count)s 件")
        % {"name": line["name"], "count": mark(f"overdue@{line['team']}", line["overdue"])}
        for line in late
    ]
    return [_("影响名次的主要是：%(parts)s。") % {"parts": "，".join(parts)}] if parts else []


def grave_problems(said: Json) -> list:
    """Only what is late or came back; all of a month would fill a book."""
    grave = [row for row in said["problems"]["rows"] if row["overdue"] or row["rebound"]]
    rows = [problem_line(n, row) for n, row in enumerate(grave, 1)]
    intro = (
        _("到期末超时或反弹后再交办的问题，列表如下。")
        if rows
        else _("没有到期末超时或反弹后再交办的问题。")
    )
    table = [problems_table(rows)] if rows else []
    return [*lines("trouble", [intro, *room_words(said)]), *table]
