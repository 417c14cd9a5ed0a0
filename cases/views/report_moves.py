"""What becomes of a report: filed, joined, seen to on the spot, or refused."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases.forms_report import AFTER_PHOTOS, HandledForm
from cases.models import Report
from cases.services import merging, selfhandling, triage
from cases.views.desks import in_lane, lane_after, triage_again
from cases.views.landing import landing
from cases.views.lane import REPORTS
from cases.views.refusals import RefusedReport
from cases.views.report_page import report_again
from cases.views.reports import dispatch_report, dispatched_words, handled_words
from citymgmt import clock
from citymgmt.choices import PhotoKind
from citymgmt.errors import DomainError, Forbidden
from citymgmt.middleware import is_fetch
from citymgmt.posting import Done, act_once, form_id, form_photos, form_version
from citymgmt.texts import clean_text
from grids.access import access_of


@require_POST
def report_move(request: HttpRequest, number: str, move_name: str) -> HttpResponse:
    """File, file and dispatch, merge, self-handle or reject a report; 404 outside of one's scope.

    A refused form is shown again where it stood, in the lane or on the report's page, with what
    was typed (422, or 409 where somebody else was quicker).
    """
    act = _MOVES.get(move_name)
    if act is None:
        raise Http404
    at = clock.now()
    access = access_of(request.user, at)  # type: ignore[arg-type]
    report = get_object_or_404(Report.objects.visible_to(access), number=number)
    try:
        answer = act_once(request, lambda: act(request, report, at))
    except Forbidden:
        raise
    except DomainError as error:
        if is_fetch(request):
            raise
        refused = RefusedReport.of(request, report, move_name, error)
        again = triage_again if refused.in_lane else report_again
        return again(request, report, at, refused)
    if not in_lane(request):
        return answer
    became = Report.objects.values_list("case__number", flat=True).get(pk=report.pk)
    return lane_after(request, REPORTS, became or "", at)


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
    order = dispatch_report(request, report, at, version=form_version(request))
    otherwise = reverse("cases:detail", args=[order.case.number])
    return Done(landing(request, otherwise), dispatched_words(order))


def _merge(request: HttpRequest, report: Report, at: datetime) -> Done:
    merged = merging.merge_report(
        report_id=report.pk,
        actor=request.user,  # type: ignore[arg-type]
        at=at,
        version=form_version(request),
        into=clean_text(request.POST.get("into", "")),
    )
    otherwise = reverse("cases:report_detail", args=[report.number])
    words = _("%(number)s 已并入 %(case)s。")
    said = {"number": report.number, "case": merged.case.number if merged.case else ""}
    return Done(landing(request, otherwise), words % said)


def _self_handle(request: HttpRequest, report: Report, at: datetime) -> Done:
    form = HandledForm(request.POST)
    if not form.is_valid():
        raise form.first_refusal()
    after = form_photos(request, kind=PhotoKind.AFTER, at=at, **AFTER_PHOTOS)
    case = selfhandling.self_handle_report(
        report_id=report.pk,
        actor=request.user,  # type: ignore[arg-type]
        at=at,
        version=form_version(request),
        standard_id=form.cleaned_data["handled_standard"],
        result=form.result(after),
    )
    otherwise = reverse("cases:detail", args=[case.number])
    return Done(landing(request, otherwise), handled_words(case))


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


_MOVES = {
    "file": _file,
    "file-dispatch": _file_and_dispatch,
    "merge": _merge,
    "self-handle": _self_handle,
    "reject": _reject,
}
