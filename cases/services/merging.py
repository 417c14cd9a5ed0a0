"""Joining what is one and the same problem (并案): a report into a case, a case into a case.

A case that was joined keeps its chain and its number; it is closed with the case that leads.
Order of locks: the case that leads first, then what joins it.
"""

from datetime import datetime

from django.db import OperationalError, transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import STANDING_CASE_STATES, CaseState, ReportState
from cases.models import Case, Report
from cases.services._advance import (
    case_standing,
    guard,
    lock_case,
    lock_report,
    record,
    report_standing,
    required,
    seen,
    settle,
)
from cases.services._endings import end_supervision, lapse_requests, tell_reporters
from cases.services._orders import ended_facts
from cases.services.dispatch import cancel_live_orders
from cases.workflow import Subject, move
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.services.notices import notify
from citymgmt.texts import clean_text
from grids.access import access_of

MERGE_REPORT = move(Subject.REPORT, "merge")
MERGE_CASE = move(Subject.CASE, "merge")
MAX_JOINED = 50


def merge_report(
    *, report_id: int, actor: User, at: datetime, version: int | None, into: str
) -> Report:
    """Join a report to the case of that number, which stands for the same problem already.

    The reporter hears under which number it is dealt with. Raises DomainError for a case that
    is out of sight or at its end.
    """
    with transaction.atomic():
        # Who has no right hears that first, and nothing of the case he named.
        _check_report(Report.objects.get(pk=report_id), actor, version)
        case = _leading(into, actor)
        report = lock_report(report_id)
        _check_report(report, actor, version)
        record(report, MERGE_REPORT.event, actor=actor, at=at, payload={"case": case.number})
        settle(report, sources=MERGE_REPORT.sources, at=at, state=ReportState.MERGED, case=case)
        record(
            case,
            "case.joined",
            actor=actor,
            at=at,
            payload={"report": report.number, "report_head": report.head_hash},
        )
        settle(
            case,
            sources=set(STANDING_CASE_STATES),
            photo_count=case.photo_count + report.photo_count,
        )
        notify(
            users=[report.reporter_id],
            kind="report.decided",
            text=_("已并入 %(number)s 一起办：%(address)s")
            % {"number": case.number, "address": report.address},
            path=f"/reports/{report.number}/",
            dedupe_key=f"report-decided:{report.number}",
            at=at,
        )
        return report


def merge_case(
    *, case_id: int, actor: User, at: datetime, version: int | None, into: str, note: str
) -> Case:
    """Join a case to the case of that number; its orders are cancelled, it closes with the other.

    Raises Conflict where two people join the same cases the other way round at once.
    """
    try:
        with transaction.atomic():
            return _merge_case(case_id, actor, at, version, into, note)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "40P01":  # deadlock_detected
            raise
        raise Conflict from error


def _merge_case(
    case_id: int, actor: User, at: datetime, version: int | None, into: str, note: str
) -> Case:
    asked = Case.objects.get(pk=case_id)
    _check_case(asked, actor, version)
    if asked.number == clean_text(into)[:20]:
        raise DomainError("into", _("不能并入自己，请填另一件的案号。"), field="into")
    lead = _leading(into, actor)
    case = lock_case(case_id)
    _check_case(case, actor, version)
    reason = required(note, _("请写明为什么是同一件事。"))
    if Case.objects.filter(merged_into=case, state=CaseState.MERGED).exists():
        words = _("这一案已有别的案件并入，请把别的并进来，不要把它并出去。")
        raise DomainError("into", words, field="into")
    if Case.objects.filter(merged_into=lead).count() >= MAX_JOINED:
        words = _("%(number)s 并入的案件已有 %(most)s 件，请另选主案。")
        raise DomainError("into", words % {"number": lead.number, "most": MAX_JOINED}, field="into")
    cancelled = cancel_live_orders(case, at, reason)
    record(
        case,
        MERGE_CASE.event,
        actor=actor,
        at=at,
        payload={"into": lead.number, **ended_facts(cancelled)},
        private={"note": reason},
    )
    lapse_requests(case, at)
    end_supervision(case, at)
    settle(
        case,
        sources=MERGE_CASE.sources,
        at=at,
        state=CaseState.MERGED,
        merged_into=lead,
        due_at=None,
        warn_at=None,
        supervised_due_at=None,
    )
    record(
        lead,
        "case.joined",
        actor=actor,
        at=at,
        payload={"case": case.number, "case_head": case.head_hash},
    )
    settle(lead, sources=set(STANDING_CASE_STATES))
    tell_reporters(
        case,
        at,
        _("%(number)s 已并入 {lead} 一起办：%(address)s").replace("{lead}", lead.number),
        "report-merged",
    )
    return case


def _check_report(report: Report, actor: User, version: int | None) -> None:
    seen(report, version)
    guard(MERGE_REPORT, actor, report_standing(report))


def _check_case(case: Case, actor: User, version: int | None) -> None:
    seen(case, version)
    guard(MERGE_CASE, actor, case_standing(case))


def _leading(number: str, actor: User) -> Case:
    """The case that leads, locked; DomainError where the actor cannot see it or it has ended."""
    wanted = clean_text(number)[:20]
    rows = Case.objects.visible_to(access_of(actor)).filter(number=wanted)
    pk = rows.values_list("pk", flat=True).first()
    if pk is None:
        raise DomainError("into", _("没有这个案号，请核对后再填。"), field="into")
    case = lock_case(pk)
    if case.state not in STANDING_CASE_STATES:
        words = _("%(number)s 现在是“%(state)s”，不能再并入，请另选一件在办的。")
        said = {"number": case.number, "state": case.get_state_display()}
        raise DomainError("into", words % said, field="into")
    return case
