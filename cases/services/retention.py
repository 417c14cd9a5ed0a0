"""Personal data is erased when its time is over, and the chain says so.

What was said stays provable: an event keeps the salted hash of its text, and the event of the
erasure names whose text went. `verify_evidence` takes no blanked text without it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.choices import CaseState, PersonalData, ReportState
from cases.models import CaseEvent, CaseEventText, Report, ReportContact, RetentionRule
from cases.services._advance import lock_report, record, settle
from citymgmt.models import Notice

ERASED = "report.erased"
REJECTED = "report.rejected"
VOIDED = "case.voided"


def due_erasures(*, at: datetime, limit: int) -> list[tuple[str, int]]:
    """(class, report id) of what is over age, at most `limit` of a class.

    A class without a rule, or whose rule has no days, is kept.
    """
    due: list[tuple[str, int]] = []
    for code, rows in ((PersonalData.CONTACT, _contacts), (PersonalData.REJECTED_TEXT, _texts)):
        days = _days_of(code)
        if days is not None:
            ids = rows(at - timedelta(days=days)).values_list("pk", flat=True)[:limit]
            due += [(code, pk) for pk in ids]
    return due


def _days_of(code: str) -> int | None:
    return RetentionRule.objects.filter(pk=code).values_list("days", flat=True).first()


def _rejected_before(moment: datetime) -> Exists:
    return Exists(
        CaseEvent.objects.filter(report=OuterRef("pk"), name=REJECTED, at__lt=moment).order_by()
    )


def _voided_before(moment: datetime) -> Exists:
    return Exists(
        CaseEvent.objects.filter(case=OuterRef("case"), name=VOIDED, at__lt=moment).order_by()
    )


def _contacts(moment: datetime) -> QuerySet[Report]:
    """Reports that ended before a moment and still have the reporter's name or phone."""
    kept = ReportContact.objects.exclude(name="", phone="").values("report")
    closed = Q(case__state=CaseState.CLOSED, case__closed_at__lt=moment)
    voided = Q(_voided_before(moment), case__state=CaseState.VOIDED)
    rejected = Q(_rejected_before(moment), state=ReportState.REJECTED)
    return Report.objects.filter(closed | voided | rejected, pk__in=kept).order_by("pk")


def _texts(moment: datetime) -> QuerySet[Report]:
    """Reports that were rejected before a moment and still have their text."""
    rows = Report.objects.filter(
        _rejected_before(moment), state=ReportState.REJECTED, created_at__lt=moment
    )
    return rows.exclude(text="").order_by("created_at", "pk")


def erase(*, code: str, report_id: int, at: datetime) -> bool:
    """Erase one class of data of a report, if it is still due; returns whether it was.

    Raises Report.DoesNotExist.
    """
    with transaction.atomic():
        report = lock_report(report_id)
        days = _days_of(code)
        if days is None or not _is_due(code, report_id, at - timedelta(days=days)):
            return False
        seqs = _blank(code, report)
        record(
            report,
            ERASED,
            actor=None,
            at=at,
            payload={"class": code, "days": days, "events": seqs},
        )
        settle(report, sources={report.state}, **_COLUMNS[code])
        return True


_COLUMNS: dict[str, dict[str, Any]] = {
    PersonalData.CONTACT: {},
    PersonalData.REJECTED_TEXT: {"text": "", "address": "", "reject_note": ""},
}


def _is_due(code: str, report_id: int, moment: datetime) -> bool:
    rows = _contacts(moment) if code == PersonalData.CONTACT else _texts(moment)
    return rows.filter(pk=report_id).exists()


def _blank(code: str, report: Report) -> list[int]:
    """Blank the data itself; returns the numbers of the events whose text went."""
    if code == PersonalData.CONTACT:
        ReportContact.objects.filter(report=report).update(name="", phone="")
        return []
    said = CaseEventText.objects.filter(event__report=report).exclude(body={})
    seqs = sorted(said.values_list("event__seq", flat=True))
    said.update(body={})
    return seqs


def purge_notices(*, at: datetime, limit: int) -> int:
    """Delete notices that are over age, the oldest first; returns how many."""
    days = _days_of(PersonalData.NOTICE)
    if days is None:
        return 0
    old = Notice.objects.filter(created_at__lt=at - timedelta(days=days)).order_by("created_at")
    ids = list(old.values_list("pk", flat=True)[:limit])
    return Notice.objects.filter(pk__in=ids).delete()[0]
