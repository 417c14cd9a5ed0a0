"""Reporting: the form, also for what was put right on the spot or goes straight to a team."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.forms_report import AFTER_PHOTOS, HandledForm, ReportForm, usual_channel
from cases.models import Case, Category, Order, Report
from cases.services import intake, selfhandling, triage
from cases.services.dispatch import Task
from cases.services.intake import MAX_TEXT
from cases.services.proposals import Spot, standards_of, tasking
from cases.suggestions import most_used, suggest, usable_classes
from cases.views.evidence import uploaded_photos
from cases.views.similar import form_hint
from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.photo_urls import PhotoView
from citymgmt.posting import Done, act_once, form_id, form_key, form_photos
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
    handled = HandledForm(request.POST) if request.POST.get("handled") else None
    checked = handled is None or handled.is_valid()
    if form.is_valid() and checked:
        try:
            return act_once(request, lambda: _report(request, form, handled, at))
        except Forbidden:
            raise
        except DomainError as refused:
            _refuse(form, handled, refused)
    context = _form_page(request, access, form, at, handled)
    return render(request, "cases/report_new.html", context, status=422)


def _refuse(form: ReportForm, handled: HandledForm | None, refused: DomainError) -> None:
    """Show a refusal beside its field, in the part of the form that has it."""
    if handled is not None and refused.field not in form.fields:
        handled.refuse(refused.field, refused.message)
        return
    name = refused.field if refused.field in form.fields else None
    form.add_error(name, str(refused.message))


def _report(
    request: HttpRequest, form: ReportForm, handled: HandledForm | None, at: datetime
) -> Done:
    actor: User = request.user  # type: ignore[assignment]
    photo_ids = form_photos(request, kind=PhotoKind.NEAR, at=at)
    if handled is not None:
        after = form_photos(request, kind=PhotoKind.AFTER, at=at, **AFTER_PHOTOS)
        case = selfhandling.report_and_handle(
            actor=actor,
            at=at,
            key=form_key(request),
            telling=form.telling(photo_ids),
            standard_id=handled.cleaned_data["handled_standard"],
            result=handled.result(after),
        )
        return Done(reverse("cases:detail", args=[case.number]), handled_words(case))
    report = intake.create_report_once(
        actor=actor, at=at, key=form_key(request), telling=form.telling(photo_ids)
    )
    if request.POST.get("act") != "direct":
        message = _("已上报，报件号 %(number)s。") % {"number": report.number}
        return Done(reverse("cases:report_detail", args=[report.number]), message)
    order = dispatch_report(request, report, at, version=None)
    return Done(reverse("cases:detail", args=[order.case.number]), dispatched_words(order))


def dispatch_report(
    request: HttpRequest, report: Report, at: datetime, version: int | None
) -> Order:
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


def handled_words(case: Case) -> str:
    """What is said when something was put right on the spot."""
    return _("已自处理，%(number)s 立案并结案。") % {"number": case.number}


def dispatched_words(order: Order) -> str:
    """What is said when a report was filed and dispatched."""
    return _("已立案 %(number)s，派给 %(team)s%(person)s。") % {
        "number": order.case.number,
        "team": order.team.name,
        "person": f" {order.person.name}" if order.person else "",
    }


def _form_page(
    request: HttpRequest,
    access: Access,
    form: ReportForm,
    at: datetime,
    handled: HandledForm | None = None,
) -> dict[str, Any]:
    actor: User = request.user  # type: ignore[assignment]
    return {
        "form": form,
        "common_classes": most_used(form.classes),
        "photos": uploaded_photos(request, actor, at) if form.is_bound else [],
        "sees_grid": access.can(Capability.GRID_VIEW),
        "similar": form_hint(form, access, at),
        "may_handle": access.can(Capability.CASE_SELF_HANDLE),
        "handled": handled or HandledForm(),
        "is_handled": handled is not None,
        "after_up": _after_up(request, at) if handled else [],
        **handled_standards(form.classes, _class_of(form), form.data.get("handled_standard", "")),
        **_direct(access, form, at),
    }


def _class_of(form: ReportForm) -> int | None:
    return getattr(form, "cleaned_data", {}).get("category")


def _after_up(request: HttpRequest, at: datetime) -> list[PhotoView]:
    """The photos of the state after that a refused form brought."""
    actor: User = request.user  # type: ignore[assignment]
    return uploaded_photos(request, actor, at, kind=PhotoKind.AFTER, **AFTER_PHOTOS)


def handled_standards(
    classes: Sequence[Category], class_id: int | None, picked: str
) -> dict[str, Any]:
    """Context of `_handled_standards.html`: the class, its standards, and the picked one."""
    category = next((row for row in classes if row.pk == class_id), None)
    return {
        "handled_class": category,
        "handled_standards": standards_of(category),
        "handled_picked": picked,
    }


@require_safe
def class_hints(request: HttpRequest) -> HttpResponse:
    """The classes that the words in the form speak of, each with the reason; a fragment."""
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.REPORT_CREATE):
        raise Forbidden
    text = clean_text(request.GET.get("text", "")[:MAX_TEXT])
    return render(request, "cases/_class_hints.html", {"hints": suggest(text, usable_classes())})


@require_safe
def handle_standards(request: HttpRequest) -> HttpResponse:
    """The standards of the class in the form, for what was put right on the spot; a fragment."""
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.CASE_SELF_HANDLE):
        raise Forbidden
    form = ReportForm(request.GET, classes=usable_classes())
    form.is_valid()
    picked = request.GET.get("handled_standard", "")
    context = {"form": form, **handled_standards(form.classes, _class_of(form), picked)}
    return render(request, "cases/_handled_standards.html", context)


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
