"""Campaigns (专项行动): list, plan, page with the 作战图, morning meeting, closing report."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.posting import Done, act_once, form_version
from grids.access import access_of
from grids.policies import Access
from inspections.campaign_report import report_docx, report_paper
from inspections.forms_campaigns import (
    CampaignForm,
    CloseForm,
    EntryForm,
    GoalForm,
    GroupForm,
    ProgressForm,
    TaskForm,
)
from inspections.models import Campaign, CampaignReport, CampaignTask, Digest
from inspections.services.campaign_closing import close_campaign
from inspections.services.campaign_tasks import (
    enter_quantity,
    may_report,
    report_task,
    save_goal,
    save_task,
)
from inspections.services.campaigns import change_campaign, form_group, plan_campaign
from inspections.views.campaign_pages import (
    may_edit,
    morning_context,
    page_context,
    teams_to_enter,
    today_of,
)
from inspections.views.digest_demands import as_task

LISTED = 100
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _access(request: HttpRequest) -> Access:
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.CASE_VIEW):
        raise Forbidden
    return access


def _editing(request: HttpRequest) -> Access:
    access = _access(request)
    if not may_edit(access):
        raise Forbidden
    return access


def _campaign(code: str) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("schedule"), code=code)


def _posted(request: HttpRequest, form: forms.Form, act: Callable[[], Done]) -> HttpResponse | None:
    """The answer to a form that was sent and could be done; None where it is to be shown."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return act_once(request, act)
    except DomainError as error:
        if error.status != 400:
            raise
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return None


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _actor(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


def _shown(request: HttpRequest, template: str, form: forms.Form, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


def _back(campaign: Campaign, said: str, part: str = "") -> Done:
    return Done(reverse("inspections:campaign", args=[campaign.code]) + part, said)


@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """All campaigns, the newest first."""
    access, today = _access(request), clock.today()
    rows = Campaign.objects.order_by("-starts_on", "-pk")[:LISTED]
    context = {"rows": rows, "today": today, "may_edit": may_edit(access)}
    return render(request, "inspections/campaigns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_new(request: HttpRequest) -> HttpResponse:
    """Announcing a campaign; 403 without the right."""
    _editing(request)
    form = CampaignForm(_data(request))

    def act() -> Done:
        code = form.cleaned_data["code"]
        row = plan_campaign(code=code, actor=_actor(request), plan=form.plan())
        return _back(row, _("已建立 %(name)s。") % {"name": row.name})

    answer = _posted(request, form, act)
    return answer or _shown(request, "inspections/campaign_edit.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Changing the plan; 403 without the right."""
    _editing(request)
    row = _campaign(code)
    form = CampaignForm(_data(request), campaign=row)

    def act() -> Done:
        done = change_campaign(
            campaign_id=row.pk,
            actor=_actor(request),
            version=form_version(request),
            plan=form.plan(),
        )
        return _back(done, _("已改好。"))

    answer = _posted(request, form, act)
    return answer or _shown(request, "inspections/campaign_edit.html", form, campaign=row)


@require_safe
def campaign(request: HttpRequest, code: str) -> HttpResponse:
    """One campaign: phases, results, 作战图, groups."""
    access, at = _access(request), clock.now()
    return render(request, "inspections/campaign.html", page_context(_campaign(code), access, at))


@require_safe
def campaign_morning(request: HttpRequest, code: str) -> HttpResponse:
    """The page of the daily meeting (晨会)."""
    access = _access(request)
    context = morning_context(_campaign(code), access, clock.now())
    return render(request, "inspections/campaign_morning.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_task_new(request: HttpRequest, code: str) -> HttpResponse:
    """Planning a task, perhaps one that a signed document demands; 403 without the right."""
    access = _editing(request)
    row = _campaign(code)
    form = TaskForm(_data(request), initial=as_task(request, access))

    def act() -> Done:
        task = save_task(
            campaign_id=row.pk, actor=_actor(request), at=clock.now(), plan=form.plan()
        )
        return _back(row, _("已定下：%(name)s。") % {"name": task.name}, "#tasks")

    answer = _posted(request, form, act)
    return answer or _shown(request, "inspections/campaign_task_edit.html", form, campaign=row)


def _task(campaign: Campaign, pk: int) -> CampaignTask:
    rows = CampaignTask.objects.select_related("campaign", "lead_team", "leader", "person")
    return get_object_or_404(rows, campaign=campaign, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_task(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A task and how far it is; who answers for it reports here."""
    access, at = _access(request), clock.now()
    row = _campaign(code)
    task = _task(row, pk)
    reports = may_report(task, access)
    if request.method == "POST" and not reports:
        raise Forbidden
    form = ProgressForm(_data(request), initial={"progress": task.progress})

    def act() -> Done:
        report_task(
            task_id=task.pk,
            actor=_actor(request),
            at=at,
            version=form_version(request),
            progress=form.cleaned_data["progress"],
            note=form.cleaned_data["note"],
        )
        address = reverse("inspections:campaign_task", args=[code, task.pk])
        return Done(address, _("进度已报。"))

    answer = _posted(request, form, act)
    context = {
        "campaign": row,
        "task": task,
        "late": task.done_on is None and today_of(row, at) > task.ends_on,
        "may_report": reports,
        "may_edit": may_edit(access) and row.closed_at is None,
        "reports": task.reports.select_related("by")[:50],
    }
    return answer or _shown(request, "inspections/campaign_task.html", form, **context)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_task_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Changing a task; 403 without the right."""
    _editing(request)
    row = _campaign(code)
    task = _task(row, pk)
    form = TaskForm(_data(request), task=task)

    def act() -> Done:
        save_task(
            campaign_id=row.pk,
            actor=_actor(request),
            at=clock.now(),
            plan=form.plan(),
            task_id=task.pk,
            version=form_version(request),
        )
        return _back(row, _("已改好。"), "#tasks")

    answer = _posted(request, form, act)
    context = {"campaign": row, "task": task}
    return answer or _shown(request, "inspections/campaign_task_edit.html", form, **context)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_goal_new(request: HttpRequest, code: str) -> HttpResponse:
    """Adding a kind of result; 403 without the right."""
    return _goal(request, code, None)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_goal(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Changing a kind of result; 403 without the right."""
    return _goal(request, code, pk)


def _goal(request: HttpRequest, code: str, pk: int | None) -> HttpResponse:
    _editing(request)
    row = _campaign(code)
    goal = get_object_or_404(row.goals, pk=pk) if pk else None
    form = GoalForm(_data(request), goal=goal)

    def act() -> Done:
        save_goal(
            campaign_id=row.pk,
            actor=_actor(request),
            plan=form.plan(),
            goal_id=pk,
            version=form_version(request) if pk else None,
        )
        return _back(row, _("成果项已存。"), "#results")

    answer = _posted(request, form, act)
    context = {"campaign": row, "goal": goal}
    return answer or _shown(request, "inspections/campaign_goal.html", form, **context)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_enter(request: HttpRequest, code: str) -> HttpResponse:
    """Entering a result that no case counts; 403 for who enters for no team."""
    access, at = _access(request), clock.now()
    row = _campaign(code)
    teams = teams_to_enter(access)
    if not teams:
        raise Forbidden
    initial = {"goal": request.GET.get("goal", ""), "day": clock.today()}
    form = EntryForm(_data(request), campaign=row, teams=teams, initial=initial)

    def act() -> Done:
        given = form.cleaned_data
        enter_quantity(
            goal_id=given["goal"].pk,
            actor=_actor(request),
            at=at,
            team=given["team"],
            day=given["day"],
            quantity=given["quantity"],
            note=given["note"],
        )
        return _back(row, _("已登记。"), "#results")

    answer = _posted(request, form, act)
    return answer or _shown(request, "inspections/campaign_enter.html", form, campaign=row)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_group(request: HttpRequest, code: str) -> HttpResponse:
    """Forming an action group; 403 for who does not manage people."""
    access = _editing(request)
    row = _campaign(code)
    if not access.can(Capability.PEOPLE_EDIT):
        raise Forbidden
    form = GroupForm(_data(request))

    def act() -> Done:
        team = form_group(
            campaign_id=row.pk, actor=_actor(request), at=clock.now(), **form.cleaned_data
        )
        return _back(row, _("已编成 %(name)s。") % {"name": team.name}, "#groups")

    answer = _posted(request, form, act)
    return answer or _shown(request, "inspections/campaign_group.html", form, campaign=row)


@require_http_methods(["GET", "HEAD", "POST"])
def campaign_close(request: HttpRequest, code: str) -> HttpResponse:
    """Closing a campaign: its figures freeze; 403 without the right."""
    access, at = _editing(request), clock.now()
    row = _campaign(code)
    form = CloseForm(_data(request))

    def act() -> Done:
        close_campaign(
            campaign_id=row.pk,
            actor=_actor(request),
            at=at,
            version=form_version(request),
            remarks=form.cleaned_data["remarks"],
        )
        address = reverse("inspections:campaign_report", args=[row.code])
        return Done(address, _("行动已结束，数字已定。"))

    answer = _posted(request, form, act)
    context = page_context(row, access, at)
    return answer or _shown(request, "inspections/campaign_close.html", form, **context)


def _report(code: str) -> CampaignReport:
    rows = CampaignReport.objects.select_related("campaign", "closed_by", "digest")
    return get_object_or_404(rows, campaign__code=code)


@require_safe
def campaign_report(request: HttpRequest, code: str) -> HttpResponse:
    """The closing report as paper; 404 while the campaign runs."""
    access = _access(request)
    report = _report(code)
    entry = report.digest
    context = {
        "report": report,
        "campaign": report.campaign,
        "paper": report_paper(report),
        "entry": entry,
        "may_open": entry is not None
        and Digest.objects.visible_to(access).filter(pk=entry.pk).exists(),
    }
    return render(request, "inspections/campaign_report.html", context)


@require_safe
def campaign_word(request: HttpRequest, code: str) -> HttpResponse:
    """The closing report as a Word file; 404 while the campaign runs."""
    _access(request)
    report = _report(code)
    response = HttpResponse(report_docx(report), content_type=WORD)
    name = f"{report_paper(report).title}.docx"
    header = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = header or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response
