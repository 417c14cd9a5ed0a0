"""Reporting: the form, the page of a report, and what the triage desk does with it."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.choices import LookWay
from cases.forms_report import ReportForm, usual_channel
from cases.models import Case, Order, Report
from cases.policies import Reason, Verdict
from cases.presenters import moment_text
from cases.querysets import ReportQuerySet
from cases.services import intake, triage
from cases.services.contacts import look_at_contact, may_look
from cases.services.dispatch import Task
from cases.services.proposals import Spot, standards_of, tasking
from cases.services.verdicts import report_verdict, why_not
from cases.suggestions import most_used, usable_classes
from cases.views.evidence import photos_by_owner, report_story, uploaded_photos
from cases.views.landing import landing
from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_id, form_key, form_photos, form_version
from citymgmt.texts import clean_text
from grids.access import access_of
from grids.policies import Access

DIRECT = (Capability.REPORT_FILE, Capability.CASE_DISPATCH)


@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request: HttpRequest) -> HttpResponse:
    """The report form; for htmx the section that files and dispatches at once.

    What was typed and which photos came up survive a refusal, which is answered with 422.
    """
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    if not access.can(Capability.REPORT_CREATE):
        raise Forbidden
    classes = usable_classes()
    if request.method == "POST":
        return _receive(request, access, ReportForm(request.POST, classes=classes), at)
    if request.htmx:  # type: ignore[attr-defined]
        form = ReportForm(request.GET, classes=classes)
        return render(request, "cases/_direct.html", _direct(access, form, at))
    blank = ReportForm(initial={"channel": usual_channel(access.role_codes)}, classes=classes)
    return render(request, "cases/report_new.html", _form_page(request, access, blank, at))


def _receive(request: HttpRequest, access: Access, form: ReportForm, at: datetime) -> HttpResponse:
    if form.is_valid():
        try:
            return act_once(request, lambda: _report(request, form, at))
        except Forbidden:
            raise
        except DomainError as refused:
            name = refused.field if refused.field in form.fields else None
            form.add_error(name, str(refused.message))
    context = _form_page(request, access, form, at)
    return render(request, "cases/report_new.html", context, status=422)


def _report(request: HttpRequest, form: ReportForm, at: datetime) -> Done:
    actor: User = request.user  # type: ignore[assignment]
    photo_ids = form_photos(request, kind=PhotoKind.NEAR, at=at)
    report = intake.create_report_once(
        actor=actor, at=at, key=form_key(request), telling=form.telling(photo_ids)
    )
    if request.POST.get("act") != "direct":
        message = _("已上报，报件号 %(number)s。") % {"number": report.number}
        return Done(reverse("cases:report_detail", args=[report.number]), message)
    order = _dispatch(request, report, at, version=None)
    return Done(reverse("cases:detail", args=[order.case.number]), _dispatched(order))


def _dispatch(request: HttpRequest, report: Report, at: datetime, version: int | None) -> Order:
    """File and dispatch by the fields standard, team, person, instruction of the form."""
    task = Task(
        team_id=form_id(request, "team") or 0,
        person_id=form_id(request, "person"),
        instruction=clean_text(request.POST.get("instruction", "")),
    )
    return triage.file_and_dispatch(
        report_id=report.pk,
        actor=request.user,  # type: ignore[arg-type]
        at=at,
        version=version,
        standard_id=form_id(request, "standard") or 0,
        task=task,
    )


def _dispatched(order: Order) -> str:
    return _("已立案 %(number)s，派给 %(team)s%(person)s。") % {
        "number": order.case.number,
        "team": order.team.name,
        "person": f" {order.person.name}" if order.person else "",
    }


def _form_page(
    request: HttpRequest, access: Access, form: ReportForm, at: datetime
) -> dict[str, Any]:
    actor: User = request.user  # type: ignore[assignment]
    return {
        "form": form,
        "common_classes": most_used(form.classes),
        "photos": uploaded_photos(request, actor, at) if form.is_bound else [],
        "sees_grid": access.can(Capability.GRID_VIEW),
        **_direct(access, form, at),
    }


def _direct(access: Access, form: ReportForm, at: datetime) -> dict[str, Any]:
    """Standards, team and person for the class and point in the form; empty without the right."""
    if not all(access.can(each) for each in DIRECT):
        return {"may_direct": False}
    told = form.cleaned_data if form.is_bound and (form.is_valid() or form.errors) else {}
    category = next((row for row in form.classes if row.pk == told.get("category")), None)
    team = form.data.get("team", "")
    return {
        "may_direct": True,
        "category": category,
        "standards": standards_of(category),
        "standard_id": form.data.get("standard", ""),
        "instruction": form.data.get("instruction", ""),
        "tasking": tasking(
            category=category,
            spot=Spot(None, told.get("lon"), told.get("lat")),
            at=at,
            team_id=int(team) if team.isascii() and team.isdigit() and len(team) < 19 else None,
        ),
    }


@require_safe
def report_detail(request: HttpRequest, number: str) -> HttpResponse:
    """What was reported, what became of it, and why."""
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    report = get_object_or_404(_shown(Report.objects.visible_to(access)), number=number)
    return render(request, "cases/report_detail.html", _report_page(report, access, at))


def _shown(rows: ReportQuerySet) -> ReportQuerySet:
    return rows.select_related("category", "cell", "reporter", "case").knowing_contact()


def _report_page(report: Report, access: Access, at: datetime) -> dict[str, Any]:
    photos = photos_by_owner(PhotoSubject.REPORT, [report], access=access, at=at)
    filing = report_verdict(triage.FILE, report, access)
    rejecting = report_verdict(triage.REJECT, report, access)
    return {
        "report": report,
        "told": moment_text(report.created_at, at),
        "photos": photos[report.pk],
        "story": report_story(report, at),
        "may_look": report.has_contact and may_look(report, access),  # type: ignore[attr-defined]
        "may_report": access.can(Capability.REPORT_CREATE),
        "may_file": filing.allowed,
        "may_reject": rejecting.allowed,
        "why_not": _why_not(filing, access),
        "sees_grid": access.can(Capability.GRID_VIEW),
    }


def _why_not(filing: Verdict, access: Access) -> str:
    """Why somebody who files reports may not file this one; a report that is settled says so."""
    settled = filing.reason is Reason.STATE
    return "" if settled or not access.can(Capability.REPORT_FILE) else why_not(filing)


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
    context = _report_page(report, access, at) | looked
    return render(request, "cases/report_detail.html", context)


@require_POST
def report_move(request: HttpRequest, number: str, move_name: str) -> HttpResponse:
    """File, file and dispatch, or reject a report; 404 outside of one's scope."""
    act = _MOVES.get(move_name)
    if act is None:
        raise Http404
    access = access_of(request.user)  # type: ignore[arg-type]
    report = get_object_or_404(Report.objects.visible_to(access), number=number)
    return act_once(request, lambda: act(request, report, clock.now()))


def _file(request: HttpRequest, report: Report, at: datetime) -> Done:
    case = triage.file_report(
        report_id=report.pk,
        actor=request.user,  # type: ignore[arg-type]
        at=at,
        version=form_version(request),
        standard_id=form_id(request, "standard") or 0,
    )
    message = _("已立案 %(number)s，等待派遣。") % {"number": case.number}
    return Done(landing(request, reverse("cases:detail", args=[case.number])), message)


def _file_and_dispatch(request: HttpRequest, report: Report, at: datetime) -> Done:
    order = _dispatch(request, report, at, version=form_version(request))
    otherwise = reverse("cases:detail", args=[order.case.number])
    return Done(landing(request, otherwise), _dispatched(order))


def _reject(request: HttpRequest, report: Report, at: datetime) -> Done:
    triage.reject_report(
        report_id=report.pk,
        actor=request.user,  # type: ignore[arg-type]
        at=at,
        version=form_version(request),
        note=clean_text(request.POST.get("note", ""), multiline=True),
    )
    otherwise = reverse("cases:report_detail", args=[report.number])
    return Done(landing(request, otherwise), _("%(number)s 不予立案。") % {"number": report.number})


_MOVES = {"file": _file, "file-dispatch": _file_and_dispatch, "reject": _reject}
