"""What pages of campaigns show: the board of results, the 作战图, the morning meeting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Prefetch
from django.urls import reverse

from citymgmt import clock
from citymgmt.choices import Capability
from grids.models import Membership, Team
from grids.policies import Access
from grids.services.rights import EVERYWHERE
from inspections.choices import TASK_TONES, TaskState
from inspections.facts.campaigns import came_back_on, cases_of, counts_of, results_of
from inspections.models import Campaign, CampaignTask, GoalEntry
from inspections.services.campaign_closing import report_due
from inspections.services.campaign_tasks import may_enter
from inspections.warmap import Span, WeekCell, cells_of, state_on, weeks_of

RECENT_ENTRIES = 12
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task in the 作战图."""

    task: CampaignTask
    state: TaskState
    cells: Sequence[WeekCell]

    @property
    def tone(self) -> str:
        """Tone of the state."""
        return TASK_TONES[self.state]

    @property
    def label(self) -> str:
        """The state in a word."""
        return str(self.state.label)

    @property
    def support(self) -> str:
        """The teams that support the lead unit, by name."""
        return "、".join(team.name for team in self.task.support_teams.all())


def span_of(task: CampaignTask) -> Span:
    """The days of a task."""
    return Span(task.starts_on, task.ends_on, task.done_on)


def lines_of(campaign: Campaign, today: date) -> tuple[list[date], list[TaskLine]]:
    """The weeks of the campaign, and each task with what it was in them; two statements."""
    weeks = weeks_of(campaign.starts_on, max(campaign.ends_on, campaign.starts_on))
    rows = campaign.tasks.select_related("lead_team", "leader", "person")
    lines = [
        TaskLine(task, state_on(span_of(task), today), cells_of(span_of(task), weeks, today))
        for task in rows.prefetch_related("support_teams")
    ]
    return weeks, lines


def may_edit(access: Access) -> bool:
    """Whether the person runs campaigns."""
    return access.can_at(Capability.CAMPAIGN_EDIT, EVERYWHERE)


def teams_to_enter(access: Access) -> Any:
    """The teams for which the person enters results."""
    rows = Team.objects.filter(is_active=True, parent__isnull=False)
    ids = [team.pk for team in rows if may_enter(access, team)]
    return Team.objects.filter(pk__in=ids).order_by("code")


def today_of(campaign: Campaign, at: datetime) -> date:
    """The day by which a campaign is told: today, or the one on which it was closed."""
    moment = campaign.closed_at or at
    return moment.astimezone(clock.LOCAL).date()


def page_context(campaign: Campaign, access: Access, at: datetime) -> dict[str, Any]:
    """The campaign's page."""
    day = today_of(campaign, at)
    weeks, lines = lines_of(campaign, day)
    edits = may_edit(access) and campaign.closed_at is None
    members = Prefetch(
        "memberships",
        Membership.objects.in_force(at).select_related("user").order_by("post", "pk"),
        to_attr="now",
    )
    entries = GoalEntry.objects.filter(goal__campaign=campaign)
    return {
        "campaign": campaign,
        "day": campaign.day_of(day),
        "left": campaign.days_left(day),
        "phases": _phases(campaign, day),
        "counts": counts_of(cases_of(campaign), at),
        "cases_url": cases_address(campaign),
        "map_url": cases_address(campaign, "cases:map"),
        "results": results_of(campaign, until=day, day=day),
        "weeks": weeks,
        "lines": lines,
        "late": sum(line.state is TaskState.LATE for line in lines),
        "groups": campaign.teams.prefetch_related(members).order_by("code"),
        "entries": entries.select_related("goal", "team", "by")[:RECENT_ENTRIES],
        "may_edit": edits,
        "may_group": edits and access.can_at(Capability.PEOPLE_EDIT, EVERYWHERE),
        "may_enter": access.can(Capability.CAMPAIGN_REPORT) and campaign.closed_at is None,
        "may_close": edits and day >= campaign.starts_on,
        "report_due": report_due(campaign, at),
    }


def _phases(campaign: Campaign, day: date) -> list[dict[str, Any]]:
    return [
        {
            "phase": phase,
            "now": phase.starts_on <= day <= phase.ends_on,
            "over": phase.ends_on < day,
        }
        for phase in campaign.phases.all()
    ]


def cases_address(campaign: Campaign, page: str = "cases:list") -> str:
    """The cases of the campaign in the list, or on another page that is narrowed as the list."""
    return f"{reverse(page)}?{urlencode({'tab': 'all', 'campaign': campaign.code})}"


def morning_context(campaign: Campaign, access: Access, at: datetime) -> dict[str, Any]:
    """The daily meeting: what yesterday brought, what is late, what is due."""
    today = today_of(campaign, at)
    yesterday = today - DAY
    _weeks, lines = lines_of(campaign, today)
    soon = today + timedelta(days=3)
    return {
        "campaign": campaign,
        "today": today,
        "yesterday": yesterday,
        "day": campaign.day_of(today),
        "left": campaign.days_left(today),
        "phases": _phases(campaign, today),
        "of_yesterday": counts_of(cases_of(campaign, yesterday, yesterday), at),
        "counts": counts_of(cases_of(campaign), at),
        "results": results_of(campaign, until=today, day=yesterday),
        "came_back": came_back_on(campaign, yesterday).visible_to(access)[:30],
        "late": [line for line in lines if line.state is TaskState.LATE],
        "due": [
            line
            for line in lines
            if line.state is TaskState.DOING and today <= line.task.ends_on <= soon
        ],
    }
