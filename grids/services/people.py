"""Who is of which team, and who may do what where: dated, never deleted."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import Role, User
from citymgmt.services.revisions import GRID, raise_revision
from grids.access import forget_access
from grids.choices import Duty, PeopleVerb, Post
from grids.models import Area, Assignment, Grant, Membership, Team
from grids.policies import Place
from grids.services.acts import keep_act
from grids.services.assign import hold_places
from grids.services.records import record
from grids.services.rights import require
from grids.services.spots import places, raise_versions, spot_of


def add_member(
    *,
    user: User,
    team: Team,
    actor: User | None,
    at: datetime,
    post: str = Post.MEMBER,
    made_at: datetime | None = None,
) -> Membership:
    """Make somebody a member of a team; he may be of several (an action group beside his own).

    `made_at` is when it was done, where `at` lies ahead. Raises DomainError where he is of it
    already.
    """
    require(actor, Capability.PEOPLE_EDIT, Place(frozenset(team.path)))
    if post not in Post.values:
        raise DomainError("post", _("请选择职务。"), field="post")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        here = Membership.objects.filter(user=user, team=team)
        if here.exclude(valid_to__lte=at).exists():
            words = {"person": str(user), "team": team.name}
            message = _("%(person)s已经在%(team)s。") % words
            raise DomainError("member", message, field="person")
        row = Membership.objects.create(user=user, team=team, post=post, valid_from=at)
        told = {"post": post, "since": at.isoformat()}
        when = made_at or at
        record(PeopleVerb.JOINED, actor=actor, at=when, person=user, team=team, details=told)
    forget_access(user)
    return row


def end_membership(
    *, membership_id: int, actor: User | None, at: datetime, made_at: datetime | None = None
) -> Membership:
    """Somebody leaves a team; what he answered for there falls back to the team.

    A cell whose chief leaves is without one until another is named: it shows as a hole. His
    grants over that team end too. Raises Conflict where he left already.
    """
    with transaction.atomic():
        leaver = Membership.objects.filter(pk=membership_id).values("user")
        hold_places(Assignment.objects.filter(person__in=leaver).exclude(valid_to__lte=at))
        row = (
            Membership.objects.select_for_update(of=("self",))
            .select_related("team", "user")
            .get(pk=membership_id)
        )
        require(actor, Capability.PEOPLE_EDIT, Place(frozenset(row.team.path)))
        if row.valid_to is not None or row.valid_from >= at:
            raise Conflict
        row.valid_to = at
        row.save(update_fields=["valid_to"])
        _hand_back(row, actor, at)
        _end(Grant.objects.filter(user=row.user, team=row.team), at)
        verb, told, when = PeopleVerb.LEFT, {"until": at.isoformat()}, made_at or at
        record(verb, actor=actor, at=when, person=row.user, team=row.team, details=told)
    forget_access(row.user)
    return row


def transfer_member(
    *,
    membership_id: int,
    team: Team,
    actor: User | None,
    at: datetime,
    post: str = Post.MEMBER,
    made_at: datetime | None = None,
) -> Membership:
    """Somebody goes from one team to another; rights over the new one are granted apart."""
    with transaction.atomic():
        left = end_membership(membership_id=membership_id, actor=actor, at=at, made_at=made_at)
        user = left.user
        return add_member(user=user, team=team, actor=actor, at=at, post=post, made_at=made_at)


def grant_role(
    *,
    user: User,
    role: Role,
    actor: User | None,
    at: datetime,
    team: Team | None = None,
    area: Area | None = None,
) -> Grant:
    """Give a role over a team's subtree, an area, or everything.

    Nobody grants beyond what his own right to do so covers. Raises DomainError where it stands
    already.
    """
    _require_over(actor, team, area)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        standing = Grant.objects.filter(user=user, role=role, team=team, area=area)
        if standing.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at)).exists():
            words = {"person": str(user), "role": role.name}
            message = _("%(person)s已有这个范围的“%(role)s”。") % words
            raise DomainError("grant", message, field="role")
        row = Grant.objects.create(user=user, role=role, team=team, area=area, valid_from=at)
        _record_grant(PeopleVerb.GRANTED, row, actor, at)
    forget_access(user)
    return row


def revoke_grant(*, grant_id: int, actor: User | None, at: datetime) -> Grant:
    """Take a role back from now on. Nobody takes away the last unlimited right to manage people.

    Raises Conflict where it ended already.
    """
    with transaction.atomic():
        _hold_managing()
        row = (
            Grant.objects.select_for_update(of=("self",))
            .select_related("team", "area", "user", "role")
            .get(pk=grant_id)
        )
        _require_over(actor, row.team, row.area)
        if row.valid_to is not None and row.valid_to <= at:
            raise Conflict
        if row.team_id is None and row.area_id is None and _last_manager(row, at):
            message = _("这是最后一位能管人员与授权的人，请先授权给另一位。")
            raise DomainError("last", message)
        _end(Grant.objects.filter(pk=row.pk), at)
        _record_grant(PeopleVerb.REVOKED, row, actor, at)
    forget_access(row.user)
    row.valid_to = at
    return row


def check_switch_off(user: User, *, at: datetime) -> None:
    """Whether somebody's account may be switched off; called where it is done, in a transaction.

    Raises DomainError for the last one who manages all people.
    """
    _hold_managing()
    managing = _managing(at)
    if managing.filter(user=user).exists() and not managing.exclude(user=user).exists():
        message = _("这是最后一位能管人员与授权的人，请先授权给另一位，再停用。")
        raise DomainError("last", message, field="is_active")


def check_role_change(
    role_id: int, *, capabilities: Collection[str], own_only: bool, at: datetime
) -> None:
    """Whether a role may become this; called where it is done, in a transaction.

    Raises DomainError where nobody would be left who manages all people.
    """
    _hold_managing()
    if Capability.PEOPLE_EDIT in capabilities and not own_only:
        return
    managing = _managing(at)
    if managing.filter(role_id=role_id).exists() and not managing.exclude(role_id=role_id).exists():
        message = _("只有这个角色还能管人员与授权，请先把这项权限授给另一位，再从这里拿掉。")
        field = "own_only" if Capability.PEOPLE_EDIT in capabilities else "capabilities"
        raise DomainError("last", message, field=field)


def change_post(
    *,
    membership_id: int,
    post: str,
    actor: User | None,
    at: datetime,
    made_at: datetime | None = None,
) -> Membership:
    """Somebody becomes something else in his team: the old stretch ends, a new one begins.

    What he answers for and may do goes on. Raises Conflict where he left already.
    """
    with transaction.atomic():
        row = (
            Membership.objects.select_for_update(of=("self",))
            .select_related("team", "user")
            .get(pk=membership_id)
        )
        require(actor, Capability.PEOPLE_EDIT, Place(frozenset(row.team.path)))
        if post not in Post.values:
            raise DomainError("post", _("请选择职务。"), field="post")
        if row.valid_to is not None or row.valid_from >= at:
            raise Conflict
        Membership.objects.filter(pk=row.pk).update(valid_to=at)
        fresh = Membership.objects.create(user=row.user, team=row.team, post=post, valid_from=at)
        told, when = {"post": post, "since": at.isoformat()}, made_at or at
        record(
            PeopleVerb.POST_CHANGED,
            actor=actor,
            at=when,
            person=row.user,
            team=row.team,
            details=told,
        )
    forget_access(row.user)
    return fresh


def _require_over(actor: User | None, team: Team | None, area: Area | None) -> None:
    place = Place(frozenset(team.path) if team else frozenset(), area.code if area else "")
    require(actor, Capability.PEOPLE_EDIT, place)


def _record_grant(verb: str, row: Grant, actor: User | None, at: datetime) -> None:
    area = row.area.code if row.area else ""
    told = {"role": row.role.code, "area": area}
    record(verb, actor=actor, at=at, person=row.user, team=row.team, details=told)


def _last_manager(row: Grant, at: datetime) -> bool:
    if Capability.PEOPLE_EDIT not in row.role.capabilities:
        return False
    return not _managing(at).exclude(pk=row.pk).exists()


def _managing(at: datetime) -> QuerySet[Grant]:
    """Grants by which somebody who is active manages all people."""
    roles = Role.objects.filter(capabilities__contains=[Capability.PEOPLE_EDIT], own_only=False)
    standing = Grant.objects.in_force(at).filter(team=None, area=None, role__in=roles)
    return standing.filter(user__is_active=True)


def _hold_managing() -> None:
    """One at a time takes such a right away, so that two managers cannot undo each other."""
    roles = Role.objects.filter(capabilities__contains=[Capability.PEOPLE_EDIT])
    # Granting such a role goes on meanwhile.
    list(roles.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _end(grants: QuerySet[Grant], at: datetime) -> None:
    """End grants now; one that has not begun never was."""
    grants.filter(valid_from__gte=at).delete()
    grants.exclude(valid_to__lte=at).update(valid_to=at)


def _hand_back(left: Membership, actor: User | None, at: datetime) -> None:
    """Empty a leaver's seat as chief; his other work falls to the team it was given to."""
    remaining = Membership.objects.in_force(at).filter(user=left.user).select_related("team")
    still_of = {team_id for row in remaining for team_id in row.team.path}
    rows = list(
        Assignment.objects.select_for_update(of=("self",))
        .filter(person=left.user)
        .exclude(team_id__in=still_of)
        .exclude(valid_to__lte=at)
        .order_by("pk")
    )
    for row in rows:
        _give_to_team(row, at)
    if rows:
        spots = {spot_of(row) for row in rows}
        versions = {spot: place.version for spot, place in places(spots).items()}
        raise_versions(spots)
        raise_revision(GRID)
        words = _("%(person)s离开%(team)s，所负责的交回") % {
            "person": str(left.user),
            "team": left.team.name,
        }
        keep_act(actor=actor, at=at, words=words, versions=versions)


def _give_to_team(row: Assignment, at: datetime) -> None:
    heir = Assignment(
        cell_id=row.cell_id,
        segment_id=row.segment_id,
        duty=row.duty,
        shift=row.shift,
        starts_minute=row.starts_minute,
        ends_minute=row.ends_minute,
        team_id=row.team_id,
        valid_from=max(row.valid_from, at),
        valid_to=row.valid_to,
    )
    if row.valid_from >= at:
        row.delete()
    else:
        row.valid_to = at
        row.save(update_fields=["valid_to"])
    if row.duty not in (Duty.CELL_CHIEF, Duty.STREET_CHIEF):
        heir.save()
