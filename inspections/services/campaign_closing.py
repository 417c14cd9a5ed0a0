"""Closing a campaign: its report with the figures as they stood then, frozen.

A person closes it; one that nobody closed is closed when its report is due by the schedule.
"""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from citymgmt.texts import clean_text
from grids.services.rights import require
from inspections.choices import DigestKind, TaskState
from inspections.digest_periods import Timing
from inspections.facts.campaigns import cases_of, counts_of, results_of
from inspections.facts.period import plain
from inspections.models import Campaign, CampaignReport, CampaignTask
from inspections.services.campaign_papers import compose_report
from inspections.services.campaigns import held_campaign
from inspections.services.digest_schedules import timing_for
from inspections.warmap import Span, state_on

MAX_REMARKS = 2000
LATE = timedelta(days=31)
"""A report that has been due for longer is left to people: the campaign is of another time."""


def due_reports(*, at: datetime) -> list[int]:
    """Ids of the campaigns whose report is due by the schedule and that nobody closed."""
    today = at.astimezone(clock.LOCAL).date()
    ended = Campaign.objects.filter(closed_at__isnull=True, ends_on__lt=today)
    rows = ended.order_by("ends_on", "pk").values_list("pk", "ends_on")
    timing = timing_for(DigestKind.CAMPAIGN, for_teams=False)
    moments = [(pk, _due(timing, last_day, at)) for pk, last_day in rows]
    return [pk for pk, due in moments if due is not None and due <= at]


def report_due(campaign: Campaign, at: datetime) -> datetime | None:
    """When the schedule closes a campaign that is over; None where that is left to people."""
    if campaign.closed_at is not None or at.astimezone(clock.LOCAL).date() <= campaign.ends_on:
        return None
    return _due(timing_for(DigestKind.CAMPAIGN, for_teams=False), campaign.ends_on, at)


def _due(timing: Timing, last_day: date, at: datetime) -> datetime | None:
    due = timing.due_after(last_day, clock.LOCAL)
    return due if timing.is_active and timing.counts(due) and due > at - LATE else None


def report_ended(*, campaign_id: int, at: datetime) -> CampaignReport | None:
    """Close a campaign whose report is due, in nobody's name; None where somebody closed it or
    gave it more time meanwhile."""
    with transaction.atomic():
        Campaign.objects.select_for_update(of=("self",)).get(pk=campaign_id)
        if campaign_id not in due_reports(at=at):
            return None
        return close_campaign(campaign_id=campaign_id, actor=None, at=at, version=None, remarks="")


def close_campaign(
    *, campaign_id: int, actor: User | None, at: datetime, version: int | None, remarks: str
) -> CampaignReport:
    """Close a campaign that has begun, freeze its figures, and put its report into the register
    of documents as a draft; without an actor it is the schedule that closes it.

    Raises Forbidden, Conflict, DomainError, Campaign.DoesNotExist.
    """
    require(actor, Capability.CAMPAIGN_EDIT)
    words = clean_text(remarks, multiline=True)
    if len(words) > MAX_REMARKS:
        said = _("最多 %(most)s 字，请缩短。") % {"most": MAX_REMARKS}
        raise DomainError("remarks", said, field="remarks")
    with transaction.atomic():
        row = held_campaign(campaign_id)
        if version is not None and row.version != version:
            raise Conflict
        if at.astimezone(clock.LOCAL).date() < row.starts_on:
            raise DomainError("early", _("行动还没有开始，不能结束。"))
        figures = figures_of(row, at)
        row.closed_at = at
        row.version += 1
        row.save(update_fields=["closed_at", "version"])
        digest = compose_report(row, figures, words, at)
        return CampaignReport.objects.create(
            campaign=row,
            digest=digest,
            figures=figures,
            remarks=words,
            closed_by=actor,
            closed_at=at,
        )


def figures_of(row: Campaign, at: datetime) -> dict[str, Any]:
    """All that the report says, as JSON: names as they are now, amounts as text."""
    day = at.astimezone(clock.LOCAL).date()
    tasks = list(_tasks(row))
    return {
        "name": row.name,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "day": day.isoformat(),
        "phases": [
            {
                "name": str(phase.get_kind_display()),
                "starts_on": phase.starts_on.isoformat(),
                "ends_on": phase.ends_on.isoformat(),
            }
            for phase in row.phases.all()
        ],
        "groups": [team.name for team in row.teams.order_by("code")],
        "cases": asdict(counts_of(cases_of(row, until=day), at)),
        "results": [
            {
                "name": each.goal.name,
                "unit": each.goal.unit,
                "total": plain(each.total),
                "by_cases": plain(each.by_cases),
                "by_entries": plain(each.by_entries),
                "target": plain(each.goal.target) if each.goal.target else "",
            }
            for each in results_of(row, until=day)
        ],
        "tasks": [_task(task, day) for task in tasks],
    }


def _tasks(row: Campaign) -> Any:
    rows = CampaignTask.objects.filter(campaign=row)
    return rows.select_related("lead_team", "leader", "person").prefetch_related("support_teams")


def _task(task: CampaignTask, day: date) -> dict[str, Any]:
    state = state_on(Span(task.starts_on, task.ends_on, task.done_on), day)
    return {
        "team": task.lead_team.name,
        "support": [team.name for team in task.support_teams.all()],
        "name": task.name,
        "leader": task.leader.name,
        "person": task.person.name,
        "ends_on": task.ends_on.isoformat(),
        "progress": task.progress,
        "state": str(TaskState(state).label),
    }
