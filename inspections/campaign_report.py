"""The closing report of a campaign as paper and as a Word file, from its frozen figures alone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from inspections.models import CampaignReport
from inspections.papers.campaign import day_words, overall_of, units_words
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
        day=day_words(figures["day"]),
        overall=overall_of(figures, figures["cases"]),
        results=figures["results"],
        tasks=[task | {"team": units_words(task)} for task in figures["tasks"]],
        remarks=[line for line in report.remarks.split("\n") if line] or [_("无。")],
    )


def report_docx(report: CampaignReport) -> bytes:
    """The report as a Word file, in the template of the day on which the campaign was closed."""
    paper = report_paper(report)
    tasks = [dict(task) | {"support": "、".join(task["support"])} for task in paper.tasks]
    return rendered("campaign_report", asdict(paper) | {"tasks": tasks}, at=report.closed_at)
