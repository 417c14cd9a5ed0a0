"""The weekly bulletin (督查通报) in parts, by domain facts, section 8."""

from django.utils.translation import gettext as _

from inspections.models import Digest
from inspections.papers.daily import lines, lookbacks_part, problems_part, totals_words
from inspections.papers.marks import mark, marked
from inspections.papers.rooms import room_words
from inspections.papers.shapes import Json, Line, Part
from inspections.papers.tables import teams_table
from inspections.papers.words import compared, demand_lines, rate

NAMED = 3
# Of fewer problems than these a rate says nothing: such a unit is named neither good nor bad.
LEAST = 3
GOOD_RATE = 0.95


def weekly_parts(digest: Digest) -> list[Part]:
    """What became of the period before; this period in three parts; problems; the annex."""
    said = digest.figures
    annex = problems_part(said, _("附件：问题清单"), pictures=False)
    table = [teams_table(said["teams"])] if said["teams"] else []
    return [
        Part("effect", _("一、上期整改效果"), [*lines("effect", [_effect(said["effect"])])]),
        Part("now", _("二、本次情况"), [*lines("now", _now(digest)), *table]),
        Part("trouble", _("三、存在问题"), [*lines("trouble", _trouble(said))], pictures=True),
        lookbacks_part(said, _("四、往期问题回头看")),
        Part("demands", _("五、工作要求"), [*demand_lines(digest)]),
        annex._replace(key="annex", blocks=_of_annex(annex.blocks)),
    ]


def _of_annex(blocks: list) -> list:
    return [
        block._replace(key=block.key.replace("problems.", "annex."))
        if isinstance(block, Line)
        else block
        for block in blocks
    ]


def _effect(effect: Json) -> str:
    if not effect["given"]:
        return _("上期没有交办的问题。")
    figures = marked(effect, {name: f"effect_{name}" for name in effect})
    return _(
        "上期交办问题 %(given)s 处，到本期末已结案 %(closed)s 处，整改率 %(rate)s；"
        "未结案 %(open)s 处，其中超时 %(late)s 处；结案后又反弹 %(back)s 处。"
    ) % {**figures, "rate": rate(effect["closed"], effect["given"])}


def _now(digest: Digest) -> list[str]:
    said = digest.figures
    first = _("（一）总体。") + totals_words(digest) + compared(digest)
    found = [first + points_words(said["points"])]
    good, bad = good_units(said["teams"]), bad_units(said["teams"])
    found.append(_("（二）做得好的。") + (_named(good) or _("本期没有可以点名表扬的单位。")))
    found.append(_("（三）问题较多的。") + (_late(bad) or _("各单位没有超时的问题。")))
    return found


def points_words(points: Json) -> str:
    """问题率 with its numerator and denominator; nothing where nobody went out."""
    whole = points["streets"] + points["places"]
    if not whole:
        return _("本期没有随机抽查点位，不计问题率。")
    words = _("抽查街路 %(streets)s 条、点位 %(places)s 处，问题率 %(rate)s。")
    return words % {**points, "rate": rate(points["problems"], whole)}


def good_units(teams: list[Json]) -> list[Json]:
    """Units that closed enough and in time, the best first."""
    fine = [
        line
        for line in teams
        if line["should"] >= LEAST
        and not line["overdue"]
        and line["on_time"] / line["should"] >= GOOD_RATE
    ]
    return sorted(fine, key=lambda line: (-line["on_time"] / line["should"], -line["should"]))[
        :NAMED
    ]


def bad_units(teams: list[Json]) -> list[Json]:
    """Units with overdue problems, those with most first."""
    late = [line for line in teams if line["overdue"]]
    return sorted(late, key=lambda line: (-line["overdue"], line["name"]))[:NAMED]


def _named(teams: list[Json]) -> str:
    parts = [
        _("%(name)s按期结案率 %(rate)s")
        % {"name": line["name"], "rate": rate(line["on_time"], line["should"])}
        for line in teams
    ]
    return "；".join(parts) + "。" if parts else ""


def _late(teams: list[Json]) -> str:
    parts = [
        _("%(name)s超时 %(overdue)s 处、按期结案率 %(rate)s")
        % {
            "name": line["name"],
            "overdue": mark(f"overdue@{line['team']}", line["overdue"]),
            "rate": rate(line["on_time"], line["should"]),
        }
        for line in teams
    ]
    return "；".join(parts) + "。" if parts else ""


def _trouble(said: Json) -> list[str]:
    count = len(said["problems"]["rows"]) + said["problems"]["more"]
    if not count:
        return [_("本期没有交办的问题。"), *room_words(said)]
    words = _("本期交办问题 %(count)s 处，清单见附件。") % {"count": mark("problems", count)}
    back = sum(row["rebound"] for row in said["problems"]["rows"])
    if back:
        words += _("其中反弹后再交办 %(back)s 处。") % {"back": back}
    return [words, *room_words(said)]
