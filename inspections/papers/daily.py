"""The daily digest (每日督查专报) in parts: overall, problems, look-backs, demands."""

from django.utils.translation import gettext as _

from grids.choices import Ail
from grids.health_words import counts_words
from inspections.choices import DigestKind
from inspections.models import Digest
from inspections.papers.marks import mark, marked
from inspections.papers.rooms import room_words
from inspections.papers.shapes import Json, Line, Part, QuantityLine
from inspections.papers.tables import (
    lookback_line,
    lookbacks_table,
    problem_line,
    problems_table,
    quantities_table,
    teams_table,
)
from inspections.papers.words import demand_lines, hour, rate


def daily_parts(digest: Digest) -> list[Part]:
    """The four parts as they were composed."""
    said = digest.figures
    quantities = [QuantityLine(**line) for line in said["quantities"]["rows"]]
    tables = [teams_table(said["teams"])] if said["teams"] else []
    tables += [quantities_table(quantities)] if quantities else []
    return [
        Part("overall", _("一、总体情况"), [*lines("overall", overall(digest)), *tables]),
        problems_part(said, _("二、存在问题")),
        lookbacks_part(said, _("三、往期问题回头看")),
        Part("demands", _("四、工作要求"), [*demand_lines(digest)]),
    ]


def lines(part: str, texts: list[str]) -> list[Line]:
    """Composed paragraphs of a part."""
    return [Line(f"{part}.{number}", text, text) for number, text in enumerate(texts)]


def problems_part(said: Json, heading: str, *, pictures: bool = True) -> Part:
    """The problems that were handed out."""
    rows = [problem_line(n, row) for n, row in enumerate(said["problems"]["rows"], 1)]
    intro, more = problems_intro(said["problems"]), more_words(said["problems"]["more"])
    return Part(
        "problems",
        heading,
        [
            Line("problems.intro", intro, intro),
            *([problems_table(rows)] if rows else []),
            *([Line("problems.more", more, more)] if more else []),
        ],
        pictures,
    )


def lookbacks_part(said: Json, heading: str) -> Part:
    """What was looked back on."""
    rows = [lookback_line(n, row) for n, row in enumerate(said["lookbacks"]["rows"], 1)]
    intro, more = lookbacks_intro(said["lookbacks"]), more_words(said["lookbacks"]["more"])
    return Part(
        "lookbacks",
        heading,
        [
            Line("lookbacks.intro", intro, intro),
            *([lookbacks_table(rows)] if rows else []),
            *([Line("lookbacks.more", more, more)] if more else []),
        ],
    )


def overall(digest: Digest) -> list[str]:
    """The paragraphs of the first part."""
    said, totals = digest.figures, digest.figures["totals"]
    found = [totals_words(digest)]
    # Digests of before there were outings have no word of them.
    outings = said.get("outings")
    if outings and outings["outings"]:
        found.append(outings_words(outings))
    # Digests of before have no word of who found.
    if totals["filed"] and said.get("found"):
        found.append(_found_words(said["found"]))
    campaign = said["campaign"]
    # Digests of before had no line of each campaign.
    if campaign and "campaigns" not in said:
        words = _("%(name)s以来累计立案 %(filed)s 件。") % campaign
        if campaign["left"] is not None:
            words += _("距迎检 %(left)s 天。") % campaign
        found.append(words)
    units = "、".join(f"{line['now']} {line['unit']}" for line in said["quantities"]["units"])
    if units:
        found.append(_("本期整改到位 %(units)s，分类如下表。") % {"units": units})
    # Digests of before the grid was looked at have no word of it.
    grid = said.get("grid")
    if grid and grid["cells"]:
        found.append(_grid_words(grid) + _load_words(grid))
    return [*found, *room_words(said)]


def totals_words(digest: Digest) -> str:
    """What came, what was done, how it stands at the end; each number a figure."""
    totals = marked(digest.figures["totals"])
    # What was reported are reports, not cases: it leads nowhere.
    totals["reported"] = str(digest.figures["totals"]["reported"])
    # A year begins and ends on the same day.
    with_year = digest.kind == DigestKind.YEARLY
    span = {
        name: hour(moment, with_year=with_year)
        for name, moment in (("since", digest.since), ("until", digest.until))
    }
    return (
        _(
            "%(since)s 至 %(until)s，共上报 %(reported)s 件，立案 %(filed)s 件，派出整改单"
            " %(dispatched)s 件，提交整改 %(submitted)s 件，结案 %(closed)s 件，其中按期"
            " %(closed_on_time)s 件。"
        )
        % {**span, **totals}
        + _("截至期末，在办 %(open)s 件，其中超时 %(overdue)s 件；本期返工 %(rework)s 次。")
        % totals
    )


def outings_words(outings: Json) -> str:
    words = _("本期随机抽查 %(outings)s 次") % outings
    if outings["people"] is not None:
        words += _("，出动 %(groups)s 组 %(people)s 人次") % outings
    words += _("，检查点位 %(points)s 个（街路 %(streets)s 条、场所 %(places)s 处）") % outings
    share = rate(outings["problems"], outings["points"])
    words += _("，有问题的 %(problems)s 个，问题率 %(rate)s") % {**outings, "rate": share}
    return words + _("；不合格 %(fails)s 项，已上报 %(filed)s 项。") % outings


def _found_words(found: Json) -> str:
    words = _("立案中，中队自查自纠 %(self)s 件，局里查出 %(bureau)s 件，群众反映 %(public)s 件。")
    return words % found


def _grid_words(grid: Json) -> str:
    if not grid["wrong"]:
        whole = _("网格责任：%(cells)s 格每项必有的职责都有人，边界没有缝隙和重叠。")
        # Those of before did not look at the borders.
        return (
            whole if "load" in grid else _("网格责任：%(cells)s 格每项必有的职责都有人。")
        ) % grid
    known = [(ail, count) for ail, count in grid["wrong"].items() if ail in Ail.values]
    said = {"cells": grid["cells"], "wrong": counts_words(known)}
    return _("网格责任：%(cells)s 格中，%(wrong)s，请尽快补上。") % said


def _load_words(grid: Json) -> str:
    """The busiest cells; digests of before the load was told have no word of it."""
    load = grid.get("load")
    if not load or not load["busiest"]:
        return ""
    named = "、".join(f"{code} {filed} 件" for code, filed in load["busiest"])
    mean = f"{load['filed'] / grid['cells']:.1f}"
    words = _("近七天立案最多的网格：%(named)s；平均每格 %(mean)s 件。")
    return words % {"named": named, "mean": mean}


def problems_intro(problems: Json) -> str:
    """How many problems were handed out."""
    count = len(problems["rows"]) + problems["more"]
    if not count:
        return _("本期没有交办的问题。")
    words = _("本期交办问题 %(count)s 处，列表如下。")
    return words % {"count": mark("problems", count)}


def lookbacks_intro(looked: Json) -> str:
    """What look-backs came to."""
    if not looked["due"]:
        return _("本期没有应回头看的案件。")
    back = looked["rebound"] + looked["false"]
    figures = marked(
        {name: count for name, count in looked.items() if isinstance(count, int)},
        {
            "due": "lookbacks_due",
            "done": "lookbacks_done",
            "missed": "lookbacks_missed",
            "raised": "lookbacks_raised",
            "escalated": "lookbacks_escalated",
            **{name: f"looked_{name}" for name in ("held", "rebound", "false", "unverified")},
        },
    )
    words = _(
        "本期应回头看 %(due)s 处，已看 %(done)s 处，其中已整改 %(held)s 处、反弹 %(rebound)s 处、"
        "虚假整改 %(false)s 处、无法核实 %(unverified)s 处，反弹率 %(rate)s；未看 %(missed)s 处。"
    ) % {**figures, "rate": rate(back, looked["done"])}
    # A digest of before has neither.
    if looked.get("raised"):
        words += _("再次反弹，升为督办 %(raised)s 处。") % figures
    if looked.get("escalated"):
        words += _("超时报到组长或局里 %(escalated)s 处。") % figures
    return words


def more_words(count: int) -> str:
    """What is not listed."""
    return _("其余 %(count)s 处见系统台帐。") % {"count": count} if count else ""
