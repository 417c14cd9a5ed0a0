"""Campaigns (专项行动): dates and phases, action groups, what they are about, their rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from cases.choices import RuleLevel
from cases.models import Category, StandingRule
from cases.services.standing_rules import Terms as RuleTerms
from cases.services.standing_rules import write_rule
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User, WorkSchedule
from citymgmt.services.overrides import drop_override, write_weekends
from citymgmt.texts import clean_text
from grids.choices import Post, TeamKind
from grids.models import Area, Team
from grids.services.people import add_member
from grids.services.rights import require
from grids.services.teams import create_team
from inspections.choices import PhaseKind
from inspections.models import Campaign, CampaignPhase, LookBackRule

_CODE_LENGTH = 30
_NAME_LENGTH = 60
MAX_SUMMARY = 1000
MAX_ROUNDS = 6
MAX_MEMBERS = 100
_OVER = _("这个行动已经结束，数字已定，不能再改。")


@dataclass(frozen=True, slots=True)
class Dates:
    """Local days of a campaign, both ends included; the inspection is where it has one."""

    starts_on: date
    ends_on: date
    inspection_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign is about and how it is run: phases by kind, classes, areas, its rules."""

    name: str
    dates: Dates
    summary: str = ""
    phases: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    teams: Sequence[Team] = ()
    categories: Sequence[Category] = ()
    majors: Sequence[str] = ()
    areas: Sequence[Area] = ()
    schedule_id: int | None = None
    weekends: bool = False
    lookback_days: Sequence[int] = ()


def create_campaign(
    *, code: str, name: str, dates: Dates, teams: Sequence[Team], actor: User | None
) -> Campaign:
    """Announce a campaign with its action groups.

    Raises Forbidden, DomainError by field for a code that is taken, a missing name or days that
    cannot be.
    """
    return plan_campaign(code=code, actor=actor, plan=Plan(name, dates, teams=teams))


def plan_campaign(*, code: str, actor: User | None, plan: Plan) -> Campaign:
    """Announce a campaign with all that is planned; raises as `create_campaign`."""
    require(actor, Capability.CAMPAIGN_EDIT)
    code = code.strip()
    _check_code(code)
    _check(plan)
    taken = DomainError("code", _("这个代码已有专项行动在用，请换一个。"), field="code")
    if Campaign.objects.filter(code=code).exists():
        raise taken
    try:
        with transaction.atomic():
            row = Campaign.objects.create(code=code, **_columns(plan))
            _write_beside(row, plan)
    except IntegrityError as error:
        raise taken from error
    return row


def change_campaign(*, campaign_id: int, actor: User, version: int | None, plan: Plan) -> Campaign:
    """Change what is planned. Raises Forbidden, Conflict, DomainError by field or once it is
    closed, Campaign.DoesNotExist."""
    require(actor, Capability.CAMPAIGN_EDIT)
    _check(plan)
    with transaction.atomic():
        row = held_campaign(campaign_id)
        if version is not None and row.version != version:
            raise Conflict
        for name, value in _columns(plan).items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        _write_beside(row, plan)
    return row


def held_campaign(campaign_id: int) -> Campaign:
    """The campaign, locked; raises Campaign.DoesNotExist, or DomainError once it is closed."""
    row = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign_id)
    if row.closed_at is not None:
        raise DomainError("closed", _OVER)
    return row


def _columns(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name.strip(),
        "starts_on": plan.dates.starts_on,
        "ends_on": plan.dates.ends_on,
        "inspection_on": plan.dates.inspection_on,
        "summary": clean_text(plan.summary, multiline=True),
        "majors": sorted(set(plan.majors)),
        "schedule_id": plan.schedule_id,
        "lookback_days": sorted(set(plan.lookback_days)),
    }


def _write_beside(row: Campaign, plan: Plan) -> None:
    """Groups, classes, areas, phases, and the rules that the campaign brings with it."""
    row.teams.set(plan.teams)
    row.categories.set(plan.categories)
    row.areas.set(plan.areas)
    row.phases.exclude(kind__in=plan.phases).delete()
    for kind, (starts_on, ends_on) in plan.phases.items():
        days = {"starts_on": starts_on, "ends_on": ends_on}
        CampaignPhase.objects.update_or_create(campaign=row, kind=kind, defaults=days)
    _write_standing_rule(row, plan)
    _write_override(row, plan)
    _write_lookback_rule(row, plan)


def _write_standing_rule(row: Campaign, plan: Plan) -> None:
    """The clock of the campaign (5+2, 白加黑): one rule by its code; without one none holds."""
    origin = f"campaign:{row.code}"
    if plan.schedule_id is None and not StandingRule.objects.filter(origin=origin).exists():
        return
    label = row.name[:20]
    # An action group works for the campaign and narrows it to nobody.
    narrowed = any(team.kind != TeamKind.ACTION for team in plan.teams)
    terms = RuleTerms(
        name=row.name[:40],
        level=RuleLevel.CAMPAIGN,
        first_day=row.starts_on,
        last_day=row.ends_on,
        categories=plan.categories,
        majors=row.majors,
        areas=plan.areas,
        teams=plan.teams if narrowed else (),
        schedule_id=plan.schedule_id,
        label=label,
        is_active=plan.schedule_id is not None,
    )
    # Whoever runs the campaign may set its clock, though he does not keep the calendar.
    write_rule(actor=None, terms=terms, origin=origin)


def _write_override(row: Campaign, plan: Plan) -> None:
    """Weekends on which work goes on (5+2): one entry in the calendar, for its schedule alone."""
    if not plan.weekends or plan.schedule_id is None:
        if row.override is not None:
            drop_override(row.override)
            row.override = None
        return
    row.override = write_weekends(
        row.override,
        name=row.name[:40],
        first_day=row.starts_on,
        last_day=row.ends_on,
        schedule_id=plan.schedule_id,
    )
    row.save(update_fields=["override"])


def _write_lookback_rule(row: Campaign, plan: Plan) -> None:
    """All closed cases of the campaign are looked back on, on its days."""
    mine = LookBackRule.objects.filter(campaigns=row, share=100, name=row.code[:40])
    rule = mine.first() or LookBackRule(name=row.code[:40], share=100)
    if not plan.lookback_days and rule.pk is None:
        return
    rule.first_day, rule.last_day = row.starts_on, row.ends_on
    rule.days = row.lookback_days or rule.days
    rule.majors = row.majors
    rule.is_active = bool(plan.lookback_days)
    rule.save()
    rule.categories.set(plan.categories)
    rule.campaigns.set([row])


# --- Action groups ------------------------------------------------------------------------------


def form_group(
    *, campaign_id: int, actor: User, at: datetime, name: str, leader: User, members: Sequence[User]
) -> Team:
    """Make an action group of people from any team, and give it to the campaign.

    Raises Forbidden without the right to manage people, DomainError by field.
    """
    require(actor, Capability.CAMPAIGN_EDIT)
    if len(members) > MAX_MEMBERS:
        words = _("一个行动组最多 %(most)s 人。") % {"most": MAX_MEMBERS}
        raise DomainError("members", words, field="members")
    with transaction.atomic():
        row = held_campaign(campaign_id)
        root = Team.objects.filter(parent__isnull=True).first()
        count = row.teams.count() + 1
        code = f"{row.code[:24]}-{count:02d}"
        while Team.objects.filter(code=code).exists():
            count += 1
            code = f"{row.code[:24]}-{count:02d}"
        team = create_team(code=code, name=name, kind=TeamKind.ACTION, parent=root, actor=actor)
        add_member(user=leader, team=team, actor=actor, at=at, post=Post.LEADER)
        for user in members:
            if user.pk != leader.pk:
                add_member(user=user, team=team, actor=actor, at=at)
        row.teams.add(team)
        # Whoever has the plan open does not know the group and would leave it out.
        row.version += 1
        row.save(update_fields=["version"])
    return team


# --- What cannot be -----------------------------------------------------------------------------


def check_dates(dates: Dates) -> None:
    """Whether the days can be a campaign's; raises DomainError by field."""
    if dates.ends_on < dates.starts_on:
        raise DomainError("dates", _("结束不能早于开始。"), field="ends_on")


def _check(plan: Plan) -> None:
    if not 0 < len(plan.name.strip()) <= _NAME_LENGTH:
        message = _("名称应有 1 到 %(limit)s 个字。") % {"limit": _NAME_LENGTH}
        raise DomainError("name", message, field="name")
    check_dates(plan.dates)
    if len(plan.summary) > MAX_SUMMARY:
        words = _("最多 %(most)s 字，请缩短。") % {"most": MAX_SUMMARY}
        raise DomainError("summary", words, field="summary")
    days = plan.lookback_days
    if len(set(days)) > MAX_ROUNDS or any(not 1 <= day <= 365 for day in days):
        words = _("天数是 1 到 365，最多 %(most)s 个。") % {"most": MAX_ROUNDS}
        raise DomainError("lookback_days", words, field="lookback_days")
    rows = Category.objects.filter(major_code__in=plan.majors)
    strange = sorted(set(plan.majors) - set(rows.values_list("major_code", flat=True)))
    if strange:
        words = _("目录里没有大类 %(codes)s。") % {"codes": "、".join(strange)}
        raise DomainError("majors", words, field="majors")
    if plan.weekends:
        _check_weekends(plan)
    _check_phases(plan)


def _check_weekends(plan: Plan) -> None:
    """The schedule on whose weekends work goes on is the campaign's own, not everybody's."""
    if plan.schedule_id is not None:
        usual = WorkSchedule.objects.filter(is_default=True)
        if not usual.filter(pk=plan.schedule_id).exists():
            return
    words = _("周末也上班的，要给行动选一个自己的作息：照平常的作息，别的案子也会跟着改。")
    raise DomainError("weekends", words, field="weekends")


def _check_phases(plan: Plan) -> None:
    """Phases lie within the campaign, one after the other."""
    before: date | None = None
    for kind in PhaseKind.values:
        if kind not in plan.phases:
            continue
        starts_on, ends_on = plan.phases[kind]
        field = f"{kind}_starts_on"
        label = PhaseKind(kind).label
        if not plan.dates.starts_on <= starts_on <= ends_on <= plan.dates.ends_on:
            words = _("%(phase)s的日子要在行动的起止之内，先开始后结束。") % {"phase": label}
            raise DomainError("phase", words, field=field)
        if before is not None and starts_on <= before:
            words = _("%(phase)s要在前一阶段结束以后开始。") % {"phase": label}
            raise DomainError("phase", words, field=field)
        before = ends_on


def _check_code(code: str) -> None:
    try:
        validate_slug(code)
    except ValidationError as error:
        message = _("代码只能用字母、数字、横线和下划线。")
        raise DomainError("code", message, field="code") from error
    if code == "new":
        raise DomainError("code", _("这个代码留作他用，请换一个。"), field="code")
    if len(code) > _CODE_LENGTH:
        words = _("代码最多 %(limit)s 个字符。") % {"limit": _CODE_LENGTH}
        raise DomainError("code", words, field="code")
