"""Tasks of a campaign (作战图, 四定四包) and its results: planned, reported, entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import Unit
from cases.models import Category
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.notices import notify
from citymgmt.texts import clean_text
from grids.access import access_of
from grids.models import Team
from grids.policies import Access, Place
from grids.services.rights import require
from inspections.models import (
    Campaign,
    CampaignGoal,
    CampaignTask,
    GoalEntry,
    TaskReport,
)
from inspections.services.campaigns import held_campaign

WHOLE = 100
MAX_NOTE = 200
MAX_AMOUNT = Decimal(10) ** 8
_TWICE = _("这个单位已有同名的任务，请换个名称。")
_SAME_GOAL = _("这项成果已经有了，请换个名称或计量。")


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """A task by 四定四包: what, by whom, led and done by whom, when, how well."""

    name: str
    duty: str
    lead_team: Team
    leader: User
    person: User
    starts_on: date
    ends_on: date
    standard: str = ""
    support_teams: Sequence[Team] = ()


@dataclass(frozen=True, slots=True)
class GoalPlan:
    """A kind of result: its name and unit, the classes that count by themselves, a target."""

    name: str
    unit: str
    target: Decimal | None = None
    categories: Sequence[Category] = ()
    position: int = 0


# --- Tasks --------------------------------------------------------------------------------------


def save_task(
    *,
    campaign_id: int,
    actor: User,
    at: datetime,
    plan: TaskPlan,
    task_id: int | None = None,
    version: int | None = None,
) -> CampaignTask:
    """Plan a task, or change the one of that id; who leads and does it hears of a new one.

    Raises Forbidden, Conflict, DomainError by field or once the campaign is closed,
    CampaignTask.DoesNotExist.
    """
    require(actor, Capability.CAMPAIGN_EDIT)
    with transaction.atomic():
        campaign = held_campaign(campaign_id)
        _check_task(campaign, plan)
        row = _opened(campaign, task_id, version)
        row.name, row.duty, row.standard = plan.name, plan.duty, plan.standard
        row.lead_team, row.leader, row.person = plan.lead_team, plan.leader, plan.person
        row.starts_on, row.ends_on = plan.starts_on, plan.ends_on
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise DomainError("twice", _TWICE, field="name") from error
        row.support_teams.set(each for each in plan.support_teams if each != plan.lead_team)
        if task_id is None:
            _tell(row, at)
    return row


def _opened(campaign: Campaign, task_id: int | None, version: int | None) -> CampaignTask:
    if task_id is None:
        return CampaignTask(campaign=campaign)
    row = CampaignTask.objects.select_for_update(of=("self",)).get(pk=task_id, campaign=campaign)
    if version is not None and row.version != version:
        raise Conflict
    row.version += 1
    return row


def _tell(row: CampaignTask, at: datetime) -> None:
    notify(
        users={row.leader_id, row.person_id},
        kind="campaign.task",
        text=_("%(campaign)s：%(task)s，%(day)s 前完成")
        % {"campaign": row.campaign.name, "task": row.name, "day": row.ends_on.isoformat()},
        path=f"/campaigns/{row.campaign.code}/tasks/{row.pk}/",
        dedupe_key=f"campaign.task:{row.pk}",
        at=at,
    )


def _check_task(campaign: Campaign, plan: TaskPlan) -> None:
    for name, text, most in (
        ("name", plan.name, 100),
        ("duty", plan.duty, 200),
    ):
        if not 0 < len(text.strip()) <= most:
            words = _("请写 1 到 %(most)s 个字。") % {"most": most}
            raise DomainError(name, words, field=name)
    if len(plan.standard) > MAX_NOTE:
        words = _("最多 %(most)s 字，请缩短。") % {"most": MAX_NOTE}
        raise DomainError("standard", words, field="standard")
    if plan.ends_on < plan.starts_on:
        raise DomainError("ends_on", _("完成不能早于开始。"), field="ends_on")
    if plan.starts_on < campaign.starts_on or plan.ends_on > campaign.ends_on:
        raise DomainError("starts_on", _("任务的日子要在行动的起止之内。"), field="starts_on")


def place_of_task(row: CampaignTask) -> Place:
    """Where a task stands as far as rights care; needs its teams loaded."""
    teams = [row.lead_team, *row.support_teams.all()]
    return Place(
        team_ids=frozenset(pk for team in teams for pk in team.path),
        user_ids=frozenset({row.person_id, row.leader_id}),
    )


def may_report(row: CampaignTask, access: Access) -> bool:
    """Whether the person says how far it is: its leader, its person, or who runs its unit."""
    if row.campaign.closed_at is not None:
        return False
    if {row.person_id, row.leader_id} & access.hands:
        return True
    return access.can_at(Capability.CAMPAIGN_REPORT, place_of_task(row))


def report_task(
    *,
    task_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    progress: int,
    note: str = "",
) -> CampaignTask:
    """Say how far a task is; 100 ends it on that day, less opens it again.

    Raises Forbidden, Conflict, DomainError, CampaignTask.DoesNotExist.
    """
    with transaction.atomic():
        campaign_id = CampaignTask.objects.values_list("campaign_id", flat=True).get(pk=task_id)
        held_campaign(campaign_id)
        row = CampaignTask.objects.select_for_update(of=("self",)).get(pk=task_id)
        if not may_report(row, access_of(actor)):
            raise Forbidden
        if version is not None and row.version != version:
            raise Conflict
        if not 0 <= progress <= WHOLE:
            raise DomainError("progress", _("进度是 0 到 100。"), field="progress")
        words = _note(note, 300)
        if progress < row.progress and not words:
            raise DomainError("note", _("进度往回调，请写明原因。"), field="note")
        row.progress = progress
        day = at.astimezone(clock.LOCAL).date()
        row.done_on = (row.done_on or day) if progress == WHOLE else None
        row.version += 1
        row.save(update_fields=["progress", "done_on", "version"])
        TaskReport.objects.create(task=row, at=at, by=actor, progress=progress, note=words)
    return row


# --- Results ------------------------------------------------------------------------------------


def save_goal(
    *,
    campaign_id: int,
    actor: User,
    plan: GoalPlan,
    goal_id: int | None = None,
    version: int | None = None,
) -> CampaignGoal:
    """Add a kind of result to the board, or change it. Raises Forbidden, Conflict, DomainError
    by field, CampaignGoal.DoesNotExist."""
    require(actor, Capability.CAMPAIGN_EDIT)
    name = clean_text(plan.name)
    if not 0 < len(name) <= 20:
        raise DomainError("name", _("请写 1 到 20 个字。"), field="name")
    if plan.unit not in Unit.values:
        raise DomainError("unit", _("请选计量。"), field="unit")
    if plan.target is not None and not 0 < plan.target < MAX_AMOUNT:
        raise DomainError("target", _("目标要大于 0。"), field="target")
    with transaction.atomic():
        campaign = held_campaign(campaign_id)
        row = _opened_goal(campaign, goal_id, version)
        row.name, row.unit, row.target = name, plan.unit, plan.target
        row.position = plan.position
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise DomainError("twice", _SAME_GOAL, field="name") from error
        row.categories.set(plan.categories)
    return row


def _opened_goal(campaign: Campaign, goal_id: int | None, version: int | None) -> CampaignGoal:
    if goal_id is None:
        return CampaignGoal(campaign=campaign)
    row = CampaignGoal.objects.select_for_update(of=("self",)).get(pk=goal_id, campaign=campaign)
    if version is not None and row.version != version:
        raise Conflict
    row.version += 1
    return row


def may_enter(access: Access, team: Team) -> bool:
    """Whether the person enters results of a team."""
    return access.can_at(Capability.CAMPAIGN_REPORT, Place(frozenset(team.path)))


def enter_quantity(
    *,
    goal_id: int,
    actor: User,
    at: datetime,
    team: Team,
    day: date,
    quantity: Decimal,
    note: str = "",
) -> GoalEntry:
    """Enter what was done on a day and no case counts; a negative quantity takes back.

    Raises Forbidden, DomainError by field, CampaignGoal.DoesNotExist.
    """
    if not may_enter(access_of(actor), team):
        raise Forbidden
    with transaction.atomic():
        goal = CampaignGoal.objects.select_related("campaign").get(pk=goal_id)
        campaign = held_campaign(goal.campaign_id)
        words = _note(note, MAX_NOTE)
        if not quantity.is_finite() or not quantity or abs(quantity) >= MAX_AMOUNT:
            raise DomainError("quantity", _("请填数量，不能是 0。"), field="quantity")
        if quantity < 0 and not words:
            raise DomainError("note", _("冲减要写明原因。"), field="note")
        today = at.astimezone(clock.LOCAL).date()
        if not campaign.starts_on <= day <= min(today, campaign.ends_on):
            raise DomainError("day", _("日子要在行动期间，不能晚于今天。"), field="day")
        return GoalEntry.objects.create(
            goal=goal, team=team, day=day, quantity=quantity, note=words, by=actor, at=at
        )


def _note(text: str, most: int) -> str:
    words = clean_text(text)
    if len(words) > most:
        said = _("最多 %(most)s 字，请缩短。") % {"most": most}
        raise DomainError("note", said, field="note")
    return words
