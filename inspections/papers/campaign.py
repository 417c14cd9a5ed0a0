"""The report of a campaign (专项行动总结) in parts, from its frozen figures alone."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from inspections.models import Digest
from inspections.papers.daily import lines
from inspections.papers.marks import marked
from inspections.papers.shapes import Cell, Column, Json, Line, Part, Table
from inspections.papers.words import demand_lines


def campaign_parts(digest: Digest) -> list[Part]:
    """What it was, what it came to, how its tasks stand, and what is concluded."""
    said = digest.figures["report"]
    counts = marked(said["cases"], {name: name for name in said["cases"]})
    return [
        Part("overall", _("一、总体情况"), [*lines("overall", overall_of(said, counts))]),
        Part("results", _("二、累计成果"), [_results(said["results"])]),
        Part("tasks", _("三、任务完成情况"), [_tasks(said["tasks"])]),
        Part("demands", _("四、总结"), [*demand_lines(digest)]),
    ]


def overall_of(figures: Mapping[str, Any], cases: Mapping[str, object]) -> list[str]:
    """The paragraphs about the whole; `cases` are the counts as they are to be written."""
    span = {"first": day_words(figures["starts_on"]), "last": day_words(figures["ends_on"])}
    found = [_("行动自 %(first)s起，至 %(last)s止。") % span]
    if figures["phases"]:
        parts = [
            f"{each['name']}（{day_words(each['starts_on'])}至 {day_words(each['ends_on'])}）"
            for each in figures["phases"]
        ]
        found.append(_("分阶段推进：%(parts)s。") % {"parts": "，".join(parts)})
    if figures["groups"]:
        words = {"count": len(figures["groups"]), "names": "、".join(figures["groups"])}
        found.append(_("设行动组 %(count)s 个：%(names)s。") % words)
    found.append(
        _(
            "立案 %(filed)s 件，结案 %(closed)s 件，在办 %(open)s 件，其中超时 %(overdue)s 件。"
            "回头看 %(looked)s 次，保持 %(held)s 次；发生反弹的案件 %(came_back)s 件。"
        )
        % cases
    )
    done = sum(task["progress"] == 100 for task in figures["tasks"])
    if figures["tasks"]:
        words = {"count": len(figures["tasks"]), "done": done}
        found.append(_("任务 %(count)s 项，完成 %(done)s 项。") % words)
    return found


def units_words(task: Mapping[str, Any]) -> str:
    """The lead unit of a task, and those that support it."""
    if not task.get("support"):
        return str(task["team"])
    names = "、".join(task["support"])
    return _("%(team)s（配合 %(names)s）") % {"team": task["team"], "names": names}


def day_words(text: str) -> str:
    """A day in words."""
    day = date.fromisoformat(text)
    return _("%(year)s 年 %(month)s 月 %(day)s 日") % {
        "year": day.year,
        "month": day.month,
        "day": day.day,
    }


def _results(results: Sequence[Json]) -> Line | Table:
    if not results:
        words = _("没有统计成果。")
        return Line("results.0", words, words)
    columns = [
        Column(_("成果"), 66, left=True),
        Column(_("数量"), 32),
        Column(_("计量"), 26),
        Column(_("目标"), 32),
    ]
    rows = [
        [Cell(row["name"]), Cell(row["total"]), Cell(row["unit"]), Cell(row["target"] or "—")]
        for row in results
    ]
    return Table("results", columns, rows)


def _tasks(tasks: Sequence[Json]) -> Line | Table:
    if not tasks:
        words = _("没有列任务。")
        return Line("tasks.0", words, words)
    columns = [
        Column(_("牵头单位"), 34),
        Column(_("任务"), 44, left=True),
        Column(_("领导"), 18),
        Column(_("人员"), 18),
        Column(_("期限"), 22),
        Column(_("结果"), 20),
    ]
    names = ("name", "leader", "person", "ends_on", "state")
    rows = [[Cell(units_words(row)), *(Cell(row[name]) for name in names)] for row in tasks]
    return Table("tasks", columns, rows)
