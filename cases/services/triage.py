"""Triage: a report becomes a case with a number and a limit, or is refused with a reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import CaseState, ReportState, Stage
from cases.models import Case, Category, FilingStandard, Order, Report
from cases.search import grams
from cases.services._advance import (
    guard,
    lock_report,
    record,
    report_standing,
    required,
    seen,
    settle,
)
from cases.services._stages import start, times_of
from cases.services.dispatch import Task, issue_order
from cases.workflow import Move, Subject, move
from citymgmt import jobs
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.notices import notify
from citymgmt.services.numbering import day_number
from citymgmt.zorder import morton
from grids.locate import locate
from grids.responsible import responsible_path

FILE = move(Subject.REPORT, "file")
REJECT = move(Subject.REPORT, "reject")
DISPATCH = move(Subject.CASE, "dispatch")
PLACE_TASK = "inspections.tasks.place_case"


def file_report(
    *, report_id: int, actor: User, at: datetime, version: int | None, standard_id: int
) -> Case:
    """File the report as a case under a standard, which sets class and limit."""
    with transaction.atomic():
        return filed(FILE, report_id, actor, at, version, standard_id)


def file_and_dispatch(
    *,
    report_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    standard_id: int,
    task: Task,
) -> Order:
    """File and dispatch in one act (督查直接交办); needs the right to both."""
    with transaction.atomic():
        case = filed(FILE, report_id, actor, at, version, standard_id)
        return issue_order(case=case, actor=actor, at=at, task=task)


def reject_report(
    *, report_id: int, actor: User, at: datetime, version: int | None, note: str
) -> Report:
    """Refuse to file, with the reason that the reporter will read."""
    with transaction.atomic():
        report = lock_report(report_id)
        seen(report, version)
        guard(REJECT, actor, report_standing(report))
        reason = required(note, _("请写明不予立案的理由，上报人会看到。"))
        record(report, REJECT.event, actor=actor, at=at, private={"note": reason})
        settle(report, sources=REJECT.sources, at=at, state=REJECT.target, reject_note=reason)
        _tell_reporter(report, actor, at, _("不予立案：%(address)s，%(note)s"), reason)
        return report


def filed(
    move: Move, report_id: int, actor: User, at: datetime, version: int | None, standard_id: int
) -> Case:
    """The case that a move of a report makes of it, in the running transaction."""
    report = lock_report(report_id)
    seen(report, version)
    guard(move, actor, report_standing(report))
    standard = standard_in_use(standard_id)
    case = _case_from(report, standard, standard.category, actor, at)
    times = times_of(Stage.DISPATCH, at)
    case.stage_warn_at, case.stage_due_at = times.warn, times.due
    case.number = day_number("case", at)
    case.save()
    record(
        report,
        move.event,
        actor=actor,
        at=at,
        payload={"case": case.number, "standard": standard.pk},
    )
    settle(report, sources=move.sources, at=at, state=ReportState.FILED, case=case)
    _tell_reporter(report, actor, at, _("已立案 %(note)s：%(address)s"), case.number)
    record(
        case,
        "case.filed",
        actor=actor,
        at=at,
        payload={
            "report": report.number,
            "report_head": report.head_hash,
            "category": standard.category_id,
            "standard": standard.pk,
            "limit": [standard.limit_kind, standard.limit_value],
            "cell_generation": case.cell_generation_id,
            "reach": case.team_ids,
        },
        private={"text": case.text, "address": case.address},
    )
    Case.objects.filter(pk=case.pk).update(
        head_seq=case.head_seq,
        head_hash=case.head_hash,
        last_event=case.last_event,
        **start(case, at, times),
    )
    jobs.kick(PLACE_TASK, case.pk)
    return case


def _tell_reporter(report: Report, actor: User, at: datetime, words: object, note: str) -> None:
    """Who reported hears what became of it, unless he decided it himself."""
    if report.reporter_id == actor.pk:
        return
    notify(
        users=[report.reporter_id],
        kind="report.decided",
        text=str(words) % {"address": report.address, "note": note},
        path=f"/reports/{report.number}/",
        dedupe_key=f"report-decided:{report.number}",
        at=at,
    )


def standard_in_use(standard_id: int) -> FilingStandard:
    """The standard with its class; raises DomainError where either is not in use."""
    standard = (
        FilingStandard.objects.filter(pk=standard_id, is_active=True, category__is_active=True)
        .select_related("category")
        .first()
    )
    if standard is None:
        raise DomainError("standard", _("请选择立案标准，时限由它来定。"), field="standard")
    return standard


def _case_from(
    report: Report, standard: FilingStandard, category: Category, actor: User, at: datetime
) -> Case:
    placed = report.lon is not None and report.lat is not None
    here = locate(report.lon, report.lat, at=at)
    return Case(
        state=CaseState.TO_DISPATCH,
        channel=report.channel,
        category=category,
        standard=standard,
        text=report.text,
        address=report.address,
        lon=report.lon,
        lat=report.lat,
        morton=morton(report.lon, report.lat) if placed else None,  # type: ignore[arg-type]
        cell_id=report.cell_id,
        cell_generation_id=report.cell_generation_id,
        area_code=report.area_code,
        team_ids=responsible_path(cell_id=report.cell_id, segment_id=here.segment_id, at=at),
        reporter_id=report.reporter_id,
        filed_by=actor,
        cover_id=report.cover_id,
        photo_count=report.photo_count,
        limit_kind=standard.limit_kind,
        limit_value=standard.limit_value,
        filed_at=at,
        last_event_at=at,
        search_grams=grams(report.address, report.text, category.name, *category.synonyms),
    )
