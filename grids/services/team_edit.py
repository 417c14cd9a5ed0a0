"""Changing what is known of a team, on the version that was seen."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability, ChannelKind
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import Channel, User, WorkSchedule
from citymgmt.services.revisions import GRID, raise_revision
from citymgmt.texts import clean_text
from grids.choices import PeopleVerb, TeamKind
from grids.models import Membership, Team
from grids.policies import Place
from grids.services.records import record
from grids.services.rights import require
from grids.services.teams import create_team, hold_tree, move_team

MAX_NAME, MAX_PHONE = 40, 20


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """What a form says of a team."""

    name: str
    kind: str
    parent_id: int | None
    schedule_id: int | None = None
    channel_id: int | None = None
    duty_phone: str = ""
    needs_certificate: bool = False
    is_active: bool = True


def add_team(*, code: str, told: TeamFacts, actor: User | None, at: datetime) -> Team:
    """A new team below another one, on record; raises DomainError by field."""
    parent = Team.objects.filter(pk=told.parent_id or 0, is_active=True).first()
    if parent is None:
        raise DomainError("parent", _("请选择上级单位。"), field="parent")
    _check(told)
    with transaction.atomic():
        team = create_team(
            code=code,
            name=clean_text(told.name),
            kind=told.kind,
            parent=parent,
            actor=actor,
            schedule_id=told.schedule_id,
            duty_phone=clean_text(told.duty_phone),
        )
        more = {"needs_certificate": told.needs_certificate, "channel_id": told.channel_id}
        if any(more.values()):
            Team.objects.filter(pk=team.pk).update(**more)
        record(PeopleVerb.TEAM_MADE, actor=actor, at=at, team=team)
        raise_revision(GRID)
    return team


def edit_team(
    *, team_id: int, version: int | None, told: TeamFacts, actor: User | None, at: datetime
) -> Team:
    """Bring a team up to what a form says; its place in the tree moves with all below it.

    Raises Conflict where it changed since `version`, DomainError by field, Team.DoesNotExist.
    """
    with transaction.atomic():
        hold_tree()
        team = Team.objects.select_for_update(of=("self",)).get(pk=team_id)
        require(actor, Capability.PEOPLE_EDIT, Place(frozenset(team.path)))
        if version is not None and team.version != version:
            raise Conflict
        _check(told)
        wanted = _wanted(team, told)
        changed = sorted(name for name, value in wanted.items() if getattr(team, name) != value)
        if team.parent_id is not None and told.parent_id != team.parent_id:
            _move(team, told, actor)
            changed.append("parent")
        if not told.is_active and team.is_active:
            _check_empty(team, at)
        if changed:
            Team.objects.filter(pk=team.pk).update(**wanted, version=F("version") + 1)
            record(
                PeopleVerb.TEAM_EDITED, actor=actor, at=at, team=team, details={"fields": changed}
            )
            raise_revision(GRID)
    return Team.objects.get(pk=team.pk)


def _wanted(team: Team, told: TeamFacts) -> dict[str, object]:
    name = clean_text(told.name)
    if Team.objects.filter(name=name).exclude(pk=team.pk).exists():
        raise DomainError("name", _("已有这个名称的单位，请换一个。"), field="name")
    return {
        "name": name,
        "kind": told.kind,
        "schedule_id": told.schedule_id,
        "channel_id": told.channel_id,
        "duty_phone": clean_text(told.duty_phone),
        "needs_certificate": told.needs_certificate,
        "is_active": told.is_active,
    }


def _check(told: TeamFacts) -> None:
    if not 0 < len(clean_text(told.name)) <= MAX_NAME:
        message = _("单位名称应有 1 到 %(limit)s 个字。") % {"limit": MAX_NAME}
        raise DomainError("name", message, field="name")
    if told.kind not in TeamKind.values:
        raise DomainError("kind", _("请选择单位类型。"), field="kind")
    if len(clean_text(told.duty_phone)) > MAX_PHONE:
        message = _("值班电话最多 %(limit)s 个字符。") % {"limit": MAX_PHONE}
        raise DomainError("duty_phone", message, field="duty_phone")
    schedule = WorkSchedule.objects.filter(pk=told.schedule_id or 0)
    if told.schedule_id is not None and not schedule.exists():
        raise DomainError("schedule", _("请从列表里选择作息。"), field="schedule")
    if told.channel_id is not None and not speaking_channels().filter(pk=told.channel_id).exists():
        raise DomainError("channel", _("请从列表里选择渠道。"), field="channel")


def speaking_channels() -> QuerySet[Channel]:
    """The channels that can speak for a team: all but the one of people's own mail."""
    return Channel.objects.exclude(kind=ChannelKind.MAIL, recipients="").order_by("name")


def _move(team: Team, told: TeamFacts, actor: User | None) -> None:
    if told.parent_id is None or not Team.objects.filter(pk=told.parent_id).exists():
        raise DomainError("parent", _("请选择上级单位。"), field="parent")
    move_team(team_id=team.pk, parent_id=told.parent_id, actor=actor)


def _check_empty(team: Team, at: datetime) -> None:
    """A team is closed when nobody is of it, nor of one below it, any more."""
    if team.parent_id is None:
        raise DomainError("is_active", _("局本身不能停用。"), field="is_active")
    members = Membership.objects.filter(team__path__contains=[team.pk], user__is_active=True)
    count = members.exclude(valid_to__lte=at).values("user").distinct().count()
    if count:
        words = _("还有 %(count)s 人在这个单位，请先调走再停用。") % {"count": count}
        raise DomainError("is_active", words, field="is_active")
