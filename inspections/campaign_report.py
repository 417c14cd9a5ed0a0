"""The closing report of a campaign as paper and as a Word file, from its frozen figures alone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from inspections.models import CampaignReport
from inspections.services.document_templates import rendered


@dataclass(frozen=True, slots=True)
class ReportPaper:
    """The report as it is printed."""

    title: str
    organ: str
    day: str
    overall: Sequence[str]
    results: Sequence[Mapping[str, Any]]
    tasks: Sequence[Mapping[str, Any]]
    remarks: Sequence[str]


def report_paper(report: CampaignReport) -> ReportPaper:
    """The paper of a report; asks no statement."""
    figures = report.figures
    return ReportPaper(
        title=_("%(name)s工作总结") % figures,
        organ=settings.BUREAU_NAME,
        day=_day(figures["day"]),
        overall=_overall(figures),
        results=figures["results"],
        tasks=[task | {"team": _units(task)} for task in figures["tasks"]],
        remarks=[line for line in report.remarks.split("\n") if line] or [_("无。")],
    )


def report_docx(report: CampaignReport) -> bytes:
    """The report as a Word file, in the template of the day on which the campaign was closed."""
    paper = report_paper(report)
    tasks = [dict(task) | {"support": "、".join(task["support"])} for task in paper.tasks]
    return rendered("campaign_report", asdict(paper) | {"tasks": tasks}, at=report.closed_at)


def _overall(figures: Mapping[str, Any]) -> list[str]:
    span = {"first": _day(figures["starts_on"]), "last": _day(figures["ends_on"])}
    lines = [_("行动自 %(first)s起，至 %(last)s止。") % span]
    if figures["phases"]:
        parts = [
            f"{each['name']}（{_day(each['starts_on'])}至 {_day(each['ends_on'])}）"
            for each in figures["phases"]
        ]
        lines.append(_("分阶段推进：%(parts)s。") % {"parts": "，".join(parts)})
    if figures["groups"]:
        words = {"count": len(figures["groups"]), "names": "、".join(figures["groups"])}
        lines.append(_("设行动组 %(count)s 个：%(names)s。") % words)
    lines.append(
        _(
            "立案 %(filed)s 件，结案 %(closed)s 件，在办 %(open)s 件，其中超时 %(overdue)s 件。"
            "回头看 %(looked)s 次，保持 %(held)s 次；发生反弹的案件 %(came_back)s 件。"
        )
        % figures["cases"]
    )
    done = sum(task["progress"] == 100 for task in figures["tasks"])
    if figures["tasks"]:
        words = {"count": len(figures["tasks"]), "done": done}
        lines.append(_("任务 %(count)s 项，完成 %(done)s 项。") % words)
    return lines


def _units(task: Mapping[str, Any]) -> str:
    """The lead unit, and those that support it."""
    if not task.get("support"):
        return str(task["team"])
    names = "、".join(task["support"])
    return _("%(team)s（配合 %(names)s）") % {"team": task["team"], "names": names}


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return _("%(year)s 年 %(month)s 月 %(day)s 日") % {
        "year": day.year,
        "month": day.month,
        "day": day.day,
    }
