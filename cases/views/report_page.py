"""The page of a report: what was said, what became of it, and what may be done with it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from cases.choices import LookWay, ReportState, Stage
from cases.forms_report import AFTER_PHOTOS, HandledForm
from cases.models import Case, Report
from cases.policies import Reason, Verdict
from cases.presenters import ClockReader, chip_of, moment_text
from cases.querysets import ReportQuerySet
from cases.services import triage
from cases.services.contacts import look_at_contact, may_look
from cases.services.merging import MERGE_REPORT
from cases.services.selfhandling import SELF_HANDLE
from cases.services.verdicts import report_verdict, why_not
from cases.suggestions import meant, usable_classes
from cases.views.evidence import photos_by_owner, report_story, uploaded_photos
from cases.views.refusals import RefusedReport
from cases.views.reports import handled_standards
from cases.views.similar import report_hint
from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.models import User
from grids.access import access_of
from grids.policies import Access


@require_safe
def report_detail(request: HttpRequest, number: str) -> HttpResponse:
    """What was reported, what became of it, and why."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    report = get_object_or_404(_shown(Report.objects.visible_to(access)), number=number)
    context = _context(request, report, access, at, None)
    return render(request, "cases/report_detail.html", context)


def report_again(
    request: HttpRequest, report: Report, at: datetime, refused: RefusedReport
) -> HttpResponse:
    """The page as it stands now, with the refused form open in it."""
    access = access_of(request.user, at)  # type: ignore[arg-type]
    fresh = get_object_or_404(_shown(Report.objects.visible_to(access)), pk=report.pk)
    context = _context(request, fresh, access, at, refused)
    return render(request, "cases/report_detail.html", context, status=refused.status)


@require_POST
def report_contact(request: HttpRequest, number: str) -> HttpResponse:
    """How to reach the reporter, noting who looked; for htmx the words alone.

    Whoever sees the case that came of a report may ask as well.
    """
    at = clock.now()
    actor: User = request.user  # type: ignore[assignment]
    access = access_of(actor, at)
    report = _shown(Report.objects.visible_to(access)).filter(number=number).first()
    if report is None:
        report = get_object_or_404(_shown(Report.objects.all()), number=number)
        get_object_or_404(Case.objects.visible_to(access), pk=report.case_id)
    contact = look_at_contact(report=report, actor=actor, at=at, way=LookWay.PAGE)
    looked = {"contact": contact, "looked": True}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "cases/_contact.html", looked)
    context = _context(request, report, access, at, None) | looked
    return render(request, "cases/report_detail.html", context)


def _shown(rows: ReportQuerySet) -> ReportQuerySet:
    related = ("category", "cell", "reporter", "case__category", "case__lead_team")
    return rows.select_related(*related).knowing_contact()


def _context(
    request: HttpRequest,
    report: Report,
    access: Access,
    at: datetime,
    refused: RefusedReport | None,
) -> dict[str, Any]:
    photos = photos_by_owner(PhotoSubject.REPORT, [report], access=access, at=at)
    filing = report_verdict(triage.FILE, report, access)
    may_merge = report_verdict(MERGE_REPORT, report, access).allowed
    own = report.reporter_id == access.user_id
    may_handle = own and report_verdict(SELF_HANDLE, report, access).allowed
    context = {
        "report": report,
        "told": moment_text(report.created_at, at),
        "clock": ClockReader(at).of_stage(Stage.TRIAGE, report.warn_at, report.due_at),
        "photos": photos[report.pk],
        "story": report_story(report, at),
        "may_look": report.has_contact and may_look(report, access),  # type: ignore[attr-defined]
        "may_report": access.can(Capability.REPORT_CREATE),
        "may_file": filing.allowed,
        "may_merge": may_merge,
        "may_handle": may_handle,
        "may_reject": report_verdict(triage.REJECT, report, access).allowed,
        "why_not": _why_not(filing, access),
        "sees_grid": access.can(Capability.GRID_VIEW),
        "became": _became(report, access, at),
        "refused": refused,
    }
    if may_merge:
        context["similar"] = report_hint(report, report.category, access, at)
    if may_handle:
        context |= _handling(request, report, at, refused)
    # A refusal whose form the page no longer offers is said above it.
    offered = {"merge": may_merge, "self-handle": may_handle, "reject": context["may_reject"]}
    context["loose"] = refused if refused and not offered.get(refused.move) else None
    return context


def _became(report: Report, access: Access, at: datetime) -> dict[str, Any]:
    """How the case stands that the report became or was joined to; empty where there is none.

    Whoever told it may know how it stands, also where the case itself is out of his sight.
    """
    case = report.case
    if case is None:
        return {}
    return {
        "case": case,
        "joined": report.state == ReportState.MERGED,
        "chip": chip_of(case),
        "clock": ClockReader(at).of_case(case),
        "seen": Case.objects.visible_to(access).filter(pk=case.pk).exists(),
    }


def _handling(
    request: HttpRequest, report: Report, at: datetime, refused: RefusedReport | None
) -> dict[str, Any]:
    """What the form needs that says what was put right on the spot."""
    classes = usable_classes()
    again = refused if refused is not None and refused.move == "self-handle" else None
    if again is None:
        picked = handled_standards(classes, report.category_id, "")
        return {"handled": HandledForm(), "classes": classes, "after_up": [], **picked}
    actor: User = request.user  # type: ignore[assignment]
    form = HandledForm(request.POST)
    if form.is_valid():
        form.refuse(again.field, again.message)
    typed = meant(request.POST.get("class_text", ""), classes)
    class_id = typed[0].pk if len(typed) == 1 else report.category_id
    return {
        "handled": form,
        "classes": classes,
        "class_typed": request.POST.get("class_text", ""),
        "after_up": uploaded_photos(request, actor, at, kind=PhotoKind.AFTER, **AFTER_PHOTOS),
        **handled_standards(classes, class_id, request.POST.get("handled_standard", "")),
    }


def _why_not(filing: Verdict, access: Access) -> str:
    """Why somebody who files reports may not file this one; a report that is settled says so."""
    settled = filing.reason is Reason.STATE
    return "" if settled or not access.can(Capability.REPORT_FILE) else why_not(filing)
