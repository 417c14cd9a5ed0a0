"""A digest in words: the same paper for the page and for the Word file. Asks no statement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from cases.choices import LookBackResult, OrderState
from citymgmt import clock
from grids.choices import Ail
from grids.health_words import counts_words
from inspections.choices import DigestState
from inspections.models import Digest
from inspections.presenters_rooms import room_words

PAIRS = 3
SINGLES = 4

Json = dict[str, Any]


class Picture(NamedTuple):
    """A photo in the paper and what stands under it."""

    photo_id: str
    caption: str


class TeamLine(NamedTuple):
    """The work of one team; `rate` has numerator and denominator beside it."""

    name: str
    found: int
    closed: int
    open: int
    overdue: int
    rate: str


class QuantityLine(NamedTuple):
    """What was put right of one class."""

    category: str
    unit: str
    now: str
    since: str


class ProblemLine(NamedTuple):
    """A row of the table of problems."""

    position: int
    at: str
    address: str
    text: str
    number: str
    category: str
    team: str
    due: str
    state: str
    alarming: bool


class LookBackLine(NamedTuple):
    """A row of the table of look-backs."""

    position: int
    address: str
    number: str
    category: str
    team: str
    round: int
    quantity: str
    result: str
    alarming: bool


class Change(NamedTuple):
    """A figure beside that of the period before; `worse` where it moved the wrong way."""

    label: str
    now: int
    before: int
    worse: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """All texts of a digest, in the order in which they stand on the paper."""

    head: str
    issue: str
    organ: str
    day: str
    title: str
    overall: list[str]
    teams: list[TeamLine]
    has_since: bool
    quantities: list[QuantityLine]
    problems_intro: str
    problems: list[ProblemLine]
    problems_more: str
    lookbacks_intro: str
    lookbacks: list[LookBackLine]
    lookbacks_more: str
    demands: list[str]
    pictures: list[Picture]
    copies: list[tuple[str, str]]
    signer: str


def paper_of(digest: Digest) -> Paper:
    """The paper of a digest; needs `team` and `signed_by` loaded."""
    said = digest.figures
    problems, looked = said["problems"], said["lookbacks"]
    return Paper(
        head=digest.get_kind_display(),
        issue=issue_text(digest),
        organ=digest.team.name if digest.team else settings.BUREAU_NAME,
        day=_day(digest.until),
        title=title_of(digest),
        overall=_overall(digest),
        teams=[_team(line) for line in said["teams"]],
        has_since=bool(said["campaign"]),
        quantities=[QuantityLine(**line) for line in said["quantities"]["rows"]],
        problems_intro=_problems_intro(problems),
        problems=[_problem(n, row) for n, row in enumerate(problems["rows"], 1)],
        problems_more=_more(problems["more"]),
        lookbacks_intro=_lookbacks_intro(looked),
        lookbacks=[_lookback(n, row) for n, row in enumerate(looked["rows"], 1)],
        lookbacks_more=_more(looked["more"]),
        demands=_demands(digest),
        pictures=_pictures(problems["rows"], looked["rows"]),
        copies=_copies(said),
        signer=digest.signed_by.name if digest.signed_by else _("待签发"),
    )


def issue_text(digest: Digest) -> str:
    """第 3 期（总第 118 期）, or 待签发 while it has no number."""
    if digest.state != DigestState.SIGNED:
        return _("待签发")
    return _("第 %(issue)s 期（总第 %(total)s 期）") % {
        "issue": digest.issue,
        "total": digest.total_issue,
    }


def title_of(digest: Digest) -> str:
    """What the digest is about: the day of the campaign, else the date."""
    campaign = digest.figures["campaign"]
    scope = f"{digest.team.name} " if digest.team else ""
    if campaign:
        day = _("%(name)s第 %(day)s 天") % {"name": campaign["name"], "day": campaign["day"]}
    else:
        day = _local(digest.until).strftime(_("%-m 月 %-d 日"))
    return _("%(scope)s%(day)s督查情况") % {"scope": scope, "day": day}


def changes_of(digest: Digest) -> list[Change]:
    """Each total beside the one of the period before."""
    now, before = digest.figures["totals"], digest.figures["previous"]
    return [
        Change(
            label,
            now[name],
            before.get(name, 0),
            bad_when_more and now[name] > before.get(name, 0),
        )
        for name, label, bad_when_more in (
            ("reported", _("上报"), False),
            ("filed", _("立案"), False),
            ("dispatched", _("派出整改单"), False),
            ("submitted", _("提交整改"), False),
            ("closed", _("结案"), False),
            ("closed_on_time", _("按期结案"), False),
            ("rework", _("返工"), True),
            ("open", _("在办"), False),
            ("overdue", _("已超时"), True),
            ("lookbacks_done", _("回头看"), False),
            ("rebounds", _("反弹"), True),
        )
    ]


# --- The four parts ---------------------------------------------------------------------------


def _overall(digest: Digest) -> list[str]:
    said, totals = digest.figures, digest.figures["totals"]
    lines = [
        _(
            "%(since)s 至 %(until)s，共上报 %(reported)s 件，立案 %(filed)s 件，派出整改单"
            " %(dispatched)s 件，提交整改 %(submitted)s 件，结案 %(closed)s 件，其中按期"
            " %(closed_on_time)s 件。"
        )
        % {"since": _moment(digest.since), "until": _moment(digest.until), **totals}
        + _("截至期末，在办 %(open)s 件，其中超时 %(overdue)s 件；本期返工 %(rework)s 次。")
        % totals
    ]
    # Digests of before there were outings have no word of them.
    outings = said.get("outings")
    if outings and outings["outings"]:
        lines.append(_outings_words(outings))
    # Digests of before have no word of who found.
    if totals["filed"] and said.get("found"):
        lines.append(_found_words(said["found"]))
    campaign = said["campaign"]
    # Digests of before had no line of each campaign.
    if campaign and "campaigns" not in said:
        words = _("%(name)s以来累计立案 %(filed)s 件。") % campaign
        if campaign["left"] is not None:
            words += _("距迎检 %(left)s 天。") % campaign
        lines.append(words)
    units = "、".join(f"{line['now']} {line['unit']}" for line in said["quantities"]["units"])
    if units:
        lines.append(_("本期整改到位 %(units)s，分类如下表。") % {"units": units})
    # Digests of before the grid was looked at have no word of it.
    grid = said.get("grid")
    if grid and grid["cells"]:
        lines.append(_grid_words(grid) + _load_words(grid))
    return [*lines, *room_words(said)]


def _outings_words(outings: Json) -> str:
    words = _("本期随机抽查 %(outings)s 次") % outings
    if outings["people"] is not None:
        words += _("，出动 %(groups)s 组 %(people)s 人次") % outings
    words += _("，检查点位 %(points)s 个（街路 %(streets)s 条、场所 %(places)s 处）") % outings
    rate = _rate(outings["problems"], outings["points"])
    words += _("，有问题的 %(problems)s 个，问题率 %(rate)s") % {**outings, "rate": rate}
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


def _team(line: Json) -> TeamLine:
    return TeamLine(
        line["name"],
        line["found"],
        line["closed"],
        line["open"],
        line["overdue"],
        _rate(line["on_time"], line["should"]),
    )


def _rate(part: int, whole: int) -> str:
    """A rate with its numerator and denominator; nothing divided by nothing is a dash."""
    return f"{part / whole:.1%}（{part}/{whole}）" if whole else "—"


def _problems_intro(problems: Json) -> str:
    count = len(problems["rows"]) + problems["more"]
    if not count:
        return _("本期没有交办的问题。")
    return _("本期交办问题 %(count)s 处，列表如下。") % {"count": count}


def _problem(position: int, row: Json) -> ProblemLine:
    state = str(OrderState(row["state"]).label)
    if row["state"] == OrderState.PASSED and row["quantity"] is not None:
        state = _("已结案，%(quantity)s %(unit)s") % row
    elif row["overdue"]:
        state = _("已超时")
    return ProblemLine(
        position=position,
        at=_short(row["at"]),
        address=row["address"],
        text=row["text"],
        number=row["number"],
        category=row["category"] + (_("（反弹）") if row["rebound"] else ""),
        team=row["team"],
        due=_short(row["due"]),
        state=state,
        alarming=row["overdue"] or row["rebound"],
    )


def _lookbacks_intro(looked: Json) -> str:
    if not looked["due"]:
        return _("本期没有应回头看的案件。")
    back = looked["rebound"] + looked["false"]
    return _(
        "本期应回头看 %(due)s 处，已看 %(done)s 处，其中已整改 %(held)s 处、反弹 %(rebound)s 处、"
        "虚假整改 %(false)s 处、无法核实 %(unverified)s 处，反弹率 %(rate)s；未看 %(missed)s 处。"
    ) % {**looked, "rate": _rate(back, looked["done"])}


def _lookback(position: int, row: Json) -> LookBackLine:
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


def _more(count: int) -> str:
    return _("其余 %(count)s 处见系统台帐。") % {"count": count} if count else ""


def _demands(digest: Digest) -> list[str]:
    lines = [line for line in digest.remarks.split("\n") if line]
    if lines:
        return lines
    return [_("无。") if digest.state == DigestState.SIGNED else _("签发前填写。")]


def _copies(said: Json) -> list[tuple[str, str]]:
    teams = "、".join(line["name"] for line in said["teams"])
    copies = [
        (_("报："), _("局领导")),
        (_("送："), _("各街道办事处、相关责任单位")),
        (_("发："), teams or _("各中队")),
    ]
    # Digests that were composed before there were seals have none.
    seal = said.get("seal")
    if seal:
        words = _("第 %(number)s 号，截至 %(day)s，链头 %(count)s 个，校验值 %(hash)s") % seal
        copies.append((_("封存："), words))
    return copies


# --- Pictures ---------------------------------------------------------------------------------


def _pictures(problems: Sequence[Json], lookbacks: Sequence[Json]) -> list[Picture]:
    """Before and after of some problems first, then what is alarming, then look-backs."""
    pairs = [row for row in problems if row["before"] and row["after"]][:PAIRS]
    pictures = [picture for row in pairs for picture in _pair(row)]
    singles = [*_lookback_pictures(lookbacks), *_open_problems(problems)]
    pictures += singles[:SINGLES]
    return [
        Picture(photo_id, _("图 %(number)s　%(caption)s") % {"number": n, "caption": caption})
        for n, (photo_id, caption) in enumerate(pictures, 1)
    ]


def _pair(row: Json) -> Iterator[Picture]:
    where = f"{row['address']}{row['category']}"
    yield Picture(row["before"], _("%(where)s（整改前）") % {"where": where})
    yield Picture(row["after"], _("%(where)s（整改后）") % {"where": where})


def _lookback_pictures(lookbacks: Sequence[Json]) -> Iterator[Picture]:
    for row in lookbacks:
        if row["photo"]:
            result = LookBackResult(row["result"]).label
            yield Picture(
                row["photo"],
                _("%(address)s（回头看：%(result)s）") % {**row, "result": result},
            )


def _open_problems(problems: Sequence[Json]) -> Iterator[Picture]:
    urgent = sorted(problems, key=lambda row: not (row["overdue"] or row["rebound"]))
    for row in urgent:
        if row["before"] and not row["after"]:
            yield Picture(row["before"], f"{row['address']}{row['category']}")


# --- Moments ----------------------------------------------------------------------------------


def _local(moment: datetime) -> datetime:
    return moment.astimezone(clock.LOCAL)


def _day(moment: datetime) -> str:
    return _local(moment).strftime(_("%Y 年 %-m 月 %-d 日"))


def _moment(moment: datetime) -> str:
    return _local(moment).strftime(_("%-m 月 %-d 日 %H 时"))


def _short(text: str) -> str:
    return _local(datetime.fromisoformat(text)).strftime("%m-%d %H:%M")
