"""Lays out the template of a campaign's closing report: head, phases, cases, results, tasks.

A bureau may edit the result in Word; the names in double braces are those of `ReportPaper`.
"""

from pathlib import Path

import docx
from docx.shared import Pt

from inspections.word.layout import CENTER, TITLE, each, heading, listing, page, run, when

RESULTS = (
    ("成果", 52, "{{ line.name }}"),
    ("数量", 36, "{{ line.total }}"),
    ("计量", 24, "{{ line.unit }}"),
    ("目标", 44, "{{ line.target }}"),
)
TASKS = (
    ("牵头单位", 26, "{{ line.team }}"),
    ("任务", 46, "{{ line.name }}"),
    ("领导", 18, "{{ line.leader }}"),
    ("人员", 18, "{{ line.person }}"),
    ("期限", 24, "{{ line.ends_on }}"),
    ("结果", 24, "{{ line.state }}"),
)


def write_campaign_template(path: Path) -> None:
    """Write the template, replacing what is there."""
    document = docx.Document()
    page(document)
    title = document.add_paragraph()
    title.alignment = CENTER
    run(title, "{{ title }}", font=TITLE, size=22)
    organ = document.add_paragraph()
    organ.alignment = CENTER
    organ.paragraph_format.space_after = Pt(10)
    run(organ, "{{ organ }}　{{ day }}", size=14)
    heading(document, "一、总体情况")
    each(document, "overall", "{{ line }}")
    heading(document, "二、累计成果")
    when(document, "results", lambda: listing(document, "results", RESULTS))
    heading(document, "三、任务完成情况")
    when(document, "tasks", lambda: listing(document, "tasks", TASKS))
    heading(document, "四、总结")
    each(document, "remarks", "{{ line }}")
    document.core_properties.author = document.core_properties.comments = ""
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))
