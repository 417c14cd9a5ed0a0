"""Personal data is erased when its time is over, and the chain says so.

What was said stays provable: an event keeps the salted hash of its text, and the event of the
erasure names whose text went. `verify_evidence` takes no blanked text without it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.choices import CaseState, PersonalData, ReportState
from cases.models import (
    Case,
    CaseEvent,
    CaseEventText,
    Order,
    Report,
    ReportContact,
    RetentionRule,
)
from cases.search import grams
from cases.services._advance import lock_case, lock_report, record, settle
from citymgmt.models import Message, Notice

ERASED = "report.erased"
CASE_ERASED = "case.erased"
REJECTED = "report.rejected"
VOIDED = "case.voided"


def due_erasures(*, at: datetime, limit: int) -> list[tuple[str, int]]:
    """(class, id of the report or case) of what is over age, at most `limit` of a class.

    A class without a rule, or whose rule has no days, is kept.
    """
    due: list[tuple[str, int]] = []
    for code, rows in _OVER_AGE.items():
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


def _closed_texts(moment: datetime) -> QuerySet[Case]:
    """Cases that ended before a moment and still have their words."""
    voided = Exists(
        CaseEvent.objects.filter(case=OuterRef("pk"), name=VOIDED, at__lt=moment).order_by()
    )
    ended = Q(closed_at__lt=moment) | Q(voided, state=CaseState.VOIDED)
    return Case.objects.filter(ended, state__in=_ENDED).exclude(text="").order_by("pk")


_ENDED = (CaseState.CLOSED, CaseState.VOIDED)
_OVER_AGE: dict[str, Callable[[datetime], QuerySet[Any]]] = {
    PersonalData.CONTACT: _contacts,
    PersonalData.REJECTED_TEXT: _texts,
    PersonalData.CLOSED_TEXT: _closed_texts,
}


def erase(*, code: str, subject_id: int, at: datetime) -> bool:
    """Erase one class of data of a report (of a case with its reports, where it is the words of
    what is closed), if it is still due; returns whether it was.

    Raises Report.DoesNotExist or Case.DoesNotExist.
    """
    with transaction.atomic():
        of_case = code == PersonalData.CLOSED_TEXT
        subject = lock_case(subject_id) if of_case else lock_report(subject_id)
        days = _days_of(code)
        if days is None or not _is_due(code, subject_id, at - timedelta(days=days)):
            return False
        if isinstance(subject, Case):
            for pk in subject.reports.order_by("pk").values_list("pk", flat=True):
                _erase(code, lock_report(pk), days, at)
            Order.objects.filter(case=subject).update(instruction="", result_note="")
        _erase(code, subject, days, at)
        return True


def _is_due(code: str, subject_id: int, moment: datetime) -> bool:
    return _OVER_AGE[code](moment).filter(pk=subject_id).exists()


def _erase(code: str, subject: Report | Case, days: int, at: datetime) -> None:
    seqs = _blank(code, subject)
    name = CASE_ERASED if isinstance(subject, Case) else ERASED
    payload = {"class": code, "days": days, "events": seqs}
    record(subject, name, actor=None, at=at, payload=payload)
    settle(subject, sources={subject.state}, **_columns(code, subject))


def _columns(code: str, subject: Report | Case) -> dict[str, Any]:
    """The columns of the row that go with it."""
    if code == PersonalData.CONTACT:
        return {}
    if isinstance(subject, Case):
        found_by = grams(subject.address, subject.category.name, *subject.category.synonyms)
        return {"text": "", "party": "", "search_grams": found_by}
    if code == PersonalData.CLOSED_TEXT:
        return {"text": ""}
    return {"text": "", "address": "", "reject_note": ""}


def _blank(code: str, subject: Report | Case) -> list[int]:
    """Blank the data itself; returns the numbers of the events whose text went."""
    if code == PersonalData.CONTACT:
        # Without its salt the hash in the chain cannot be guessed from all the phone numbers.
        contacts = ReportContact.objects.filter(report=subject.pk)
        contacts.update(name="", phone="", phone_key="", salt="")
        return []
    owner = "event__case" if isinstance(subject, Case) else "event__report"
    said = CaseEventText.objects.filter(**{owner: subject}).exclude(body={})
    seqs = sorted(said.values_list("event__seq", flat=True))
    said.update(body={})
    return seqs


def purge_notices(*, at: datetime, limit: int) -> int:
    """Delete notices that are over age, the oldest first, and what was sent of them; returns how
    many notices."""
    days = _days_of(PersonalData.NOTICE)
    if days is None:
        return 0
    since = at - timedelta(days=days)
    sent = Message.objects.filter(ended_at__isnull=False, started_at__lt=since)
    gone = sent.order_by("started_at").values_list("pk", flat=True)[:limit]
    Message.objects.filter(pk__in=list(gone)).delete()
    old = Notice.objects.filter(created_at__lt=since).order_by("created_at")
    ids = list(old.values_list("pk", flat=True)[:limit])
    return Notice.objects.filter(pk__in=ids).delete()[0]
