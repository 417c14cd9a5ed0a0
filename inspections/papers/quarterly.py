"""The quarterly review of unannounced visits (暗访点评) in parts."""

from django.utils.translation import gettext as _

from inspections.models import Digest
from inspections.papers.daily import lines, lookbacks_part, outings_words
from inspections.papers.rooms import room_words
from inspections.papers.shapes import Cell, Column, Json, Part, Table
from inspections.papers.words import compared, demand_lines, rate


def quarterly_parts(digest: Digest) -> list[Part]:
    """Where one went; how the units stand; what was seen most; what is to be done."""
    said = digest.figures
    spots = said["spots"]
    tables = [spots_table(spots["teams"])] if spots["teams"] else []
    return [
        Part("visits", _("一、暗访情况"), [*lines("visits", _visits(digest))]),
        Part("review", _("二、点评"), [*lines("review", review_words(spots)), *tables]),
        Part(
            "trouble",
            _("三、突出问题"),
            [*lines("trouble", [fault_words(spots), *room_words(said)])],
            pictures=True,
        ),
        lookbacks_part(said, _("四、回头看情况")),
        Part("demands", _("五、工作要求"), [*demand_lines(digest)]),
    ]


def _visits(digest: Digest) -> list[str]:
    nothing = _("本季度没有结束的随机抽查，没有点评。")
    return [visits_words(digest.figures, nothing), _("案件方面，") + compared(digest)]


def visits_words(said: Json, nothing: str) -> str:
    """Where one went, and what could not be checked; `nothing` where nobody went out."""
    outings, missed = said["outings"], said["spots"]["missed"]
    words = outings_words(outings) if outings["outings"] else nothing
    return words + (_("没查成的点位 %(missed)s 个。") % {"missed": missed} if missed else "")


def review_words(spots: Json) -> list[str]:
    """The best and the worst points that were checked."""
    if not spots["points"]:
        return [_("没有查过的点位，不点评。")]
    found = []
    if spots["best"]:
        names = "、".join(_spot(each) for each in spots["best"])
        found.append(_("做得好的：%(names)s，检查项全部合格。") % {"names": names})
    if spots["worst"]:
        parts = [
            _("%(name)s（%(team)s）%(score)s 分，不合格 %(fails)s 项")
            % {**each, "team": each["team"] or _("未定责任单位")}
            for each in spots["worst"]
        ]
        found.append(_("做得差的：%(parts)s。") % {"parts": "；".join(parts)})
    return found


def _spot(point: Json) -> str:
    return f"{point['name']}（{point['team']}）" if point["team"] else point["name"]


def fault_words(spots: Json) -> str:
    """What failed most often."""
    if not spots["faults"]:
        return _("检查中没有发现不合格项。")
    parts = "、".join(_("%(label)s %(count)s 次") % fault for fault in spots["faults"])
    return _("不合格最多的是：%(parts)s。") % {"parts": parts}


def spots_table(teams: list[Json]) -> Table:
    """How the points of each unit stood."""
    columns = [
        Column(_("责任单位"), 40),
        Column(_("查的点位"), 24),
        Column(_("问题率"), 36),
        Column(_("不合格项"), 24),
        Column(_("平均得分"), 24),
    ]
    rows = [
        [
            Cell(line["name"] or _("未定责任单位")),
            Cell(str(line["points"])),
            Cell(rate(line["problems"], line["points"])),
            Cell(str(line["fails"])),
            Cell(str(line["score"]) if line["score"] is not None else "—"),
        ]
        for line in teams
    ]
    return Table("visited", columns, rows)
