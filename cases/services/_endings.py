"""What comes to an end with a case: the cases joined to it, its supervision, open requests."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.choices import (
    CaseState,
    Closing,
    RequestKind,
    RequestState,
    SupervisionState,
)
from cases.models import Case, Report, Request, Supervision
from cases.services._advance import lock_case, record, settle
from citymgmt import jobs
from citymgmt.models import User
from citymgmt.services.notices import notify

PLAN_TASK = "inspections.tasks.plan_lookbacks"


def closed_with(
    case: Case,
    at: datetime,
    *,
    closing: Closing,
    on_time: bool,
    actor: User | None = None,
    payload: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Close a locked case: event, joined cases, supervision, reporters, look-backs.

    Returns the columns with which the caller settles it.
    """
    record(
        case,
        "case.closed",
        actor=actor,
        at=at,
        payload={"closing": str(closing), "on_time": on_time, **(payload or {})},
    )
    end_supervision(case, at)
    _close_joined(case, at, on_time)
    tell_reporters(case, at, _("已结案 %(number)s：%(address)s"), "report-closed")
    jobs.kick(PLAN_TASK, case.pk)
    return {
        "closed_at": at,
        "closing": closing,
        "on_time": on_time,
        "suspended_until": None,
        "supervised_due_at": None,
    }


def lapse_requests(
    case: Case,
    at: datetime,
    *,
    still_open: Collection[int] = (),
    kinds: Collection[str] = (RequestKind.EXTENSION, RequestKind.SUSPENSION),
) -> None:
    """End the open requests of orders that run no more: there is nothing left to decide."""
    if not case.request_count:
        return
    rows = Request.objects.filter(case=case, state=RequestState.ASKED, kind__in=kinds)
    for request in rows.exclude(order__in=still_open):
        record(case, "request.lapsed", actor=None, at=at, payload={"request": request.number})
        settle(
            request,
            sources={RequestState.ASKED},
            state=RequestState.WITHDRAWN,
            decided_at=at,
        )


def end_supervision(case: Case, at: datetime) -> None:
    """A supervision ends with its case."""
    if case.supervised_due_at is not None:
        Supervision.objects.filter(case=case, state=SupervisionState.RUNNING).update(
            state=SupervisionState.LIFTED, ended_at=at
        )


def tell_reporters(case: Case, at: datetime, words: object, kind: str) -> None:
    """Everybody who reported what became this case hears what became of it."""
    for report in Report.objects.filter(case=case).only("number", "address", "reporter_id"):
        notify(
            users=[report.reporter_id],
            kind="report.decided",
            text=str(words) % {"number": case.number, "address": report.address},
            path=f"/reports/{report.number}/",
            dedupe_key=f"{kind}:{report.number}:{case.rebound_count}",
            at=at,
        )


def release_joined(case: Case, at: datetime) -> None:
    """The cases that were joined to one that is made void stand on their own again."""
    for other in _joined(case):
        record(other, "case.resumed", actor=None, at=at, payload={"void": case.number})
        settle(
            other,
            sources={CaseState.MERGED},
            at=at,
            state=CaseState.TO_DISPATCH,
            merged_into=None,
            lead_person=None,
        )


def _joined(case: Case) -> Iterator[Case]:
    """The cases that rest in a locked case, each locked."""
    rows = Case.objects.filter(merged_into=case, state=CaseState.MERGED)
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        other = lock_case(pk)
        if other.state == CaseState.MERGED and other.merged_into_id == case.pk:
            yield other


def _close_joined(case: Case, at: datetime, on_time: bool) -> None:
    """The cases that were joined to this one are closed with it."""
    for other in _joined(case):
        record(
            other,
            "case.closed",
            actor=None,
            at=at,
            payload={"closing": str(Closing.JOINED), "on_time": on_time, "into": case.number},
        )
        settle(
            other,
            sources={CaseState.MERGED},
            at=at,
            state=CaseState.CLOSED,
            closed_at=at,
            closing=Closing.JOINED,
            on_time=on_time,
        )
        tell_reporters(other, at, _("已结案 %(number)s：%(address)s"), "report-closed")
