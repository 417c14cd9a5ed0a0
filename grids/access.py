"""Loads a person's access in two statements; kept on the user object for one request.

A deputy (代班) has besides his own what the person whose desk he holds was granted. Only what
was granted to that person himself is handed on: there are no chains.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, FilteredRelation, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Least, NullIf
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.compiled import Compiled
from citymgmt.models import User
from grids.choices import Post
from grids.models import Assignment, Deputy, Grant, Leave, Membership
from grids.policies import Access, Reach, Service

_KEPT = "_access"
_WHOLE = 0

NOT_HANDED_ON = frozenset(
    {
        Capability.PEOPLE_EDIT,
        Capability.CATALOGUE_EDIT,
        Capability.CALENDAR_EDIT,
        Capability.GRID_EDIT,
        Capability.CHANNEL_EDIT,
    }
)
"""Keeping the settings is nobody's desk: what a deputy changed there would outlast his time."""


def access_of(user: User, at: datetime | None = None) -> Access:
    """The person's access at a moment (now if not given). A request asks once.

    An anonymous or switched-off person has an access that can do nothing.
    """
    kept = getattr(user, _KEPT, None)
    if kept is None:
        kept = _load(user, at or clock.now())
        setattr(user, _KEPT, kept)
    return kept


def may(user: User, capability: str, *, everywhere: bool = False) -> bool:
    """Whether the person holds a capability, wherever, or with `everywhere` without narrowing."""
    access = access_of(user)
    if not everywhere:
        return access.can(capability)
    return any(reach.everywhere for reach in access.holding(capability))


def forget_access(user: User) -> None:
    """Load again at the next question: after grants or memberships changed in this process."""
    if hasattr(user, _KEPT):
        delattr(user, _KEPT)


def services_of(user_ids: Collection[int], at: datetime) -> dict[int, list[Service]]:
    """Of which teams people were and are, those they stood in for included; one statement.

    A deputy's stretch is that in which his principal's membership and his own time at the desk
    overlap; while he holds the desk all of the principal's memberships count as his, so that
    nobody judges by another's hand what he may not judge himself.
    """
    if len(user_ids) == 1:
        (only,) = user_ids
        rows = _SERVICES_OF_ONE.rows(user=only)
    else:
        rows = list(_services(user_ids))
    found: dict[int, dict[object, Service]] = defaultdict(dict)
    for row in map(_Served._make, rows):
        if row.user in user_ids:
            found[row.user][row.pk] = _service(row, row.since, row.until)
        if row.stand_by in user_ids:
            stood_in = _standing_in(row, at)
            if stood_in.until is None or stood_in.since < stood_in.until:
                found[row.stand_by][row.pk, row.stand_from] = stood_in
    return {user_id: list(services.values()) for user_id, services in found.items()}


class _Served(NamedTuple):
    """A membership, and who stood in for the member from when to when."""

    pk: int
    user: int
    since: datetime
    until: datetime | None
    post: str
    path: list[int]
    team_name: str
    stand_by: int
    stand_from: datetime
    stand_to: datetime


def _services(user_ids: Collection[int]) -> QuerySet[Any, Any]:
    return (
        Membership.objects.alias(
            stand=FilteredRelation(
                "user__desks_handed", condition=Q(user__desks_handed__deputy__in=list(user_ids))
            )
        )
        .filter(Q(user__in=list(user_ids)) | Q(stand__isnull=False))
        .annotate(
            stand_by=F("stand__deputy"),
            stand_from=F("stand__valid_from"),
            stand_to=Least("stand__valid_to", "stand__revoked_at"),
        )
        .order_by("valid_from", "pk")
        .values_list(
            "pk", "user", "valid_from", "valid_to", "post", "team__path", "team__name",
            "stand_by", "stand_from", "stand_to",
        )
    )  # fmt: skip


_SERVICES_OF_ONE = Compiled(lambda user: _services([user]), user=int)


def _service(
    row: _Served, since: datetime, until: datetime | None, *, standing_in: bool = False
) -> Service:
    return Service(tuple(row.path), since, until, row.post, row.team_name, standing_in)


def _standing_in(row: _Served, at: datetime) -> Service:
    if row.stand_from <= at < row.stand_to:
        return _service(row, row.since, row.until, standing_in=True)
    since = max(row.stand_from, row.since)
    until = row.stand_to if row.until is None else min(row.stand_to, row.until)
    return _service(row, since, until, standing_in=True)


def _load(user: User, at: datetime) -> Access:
    if not user.is_authenticated or not user.is_active:
        return Access(user_id=0)
    day = at.astimezone(clock.LOCAL).date()
    grants = [_Granted._make(row) for row in _GRANTS.rows(user=user.pk, at=at, day=day)]
    cell_ids = frozenset(pk for grant in grants for pk in grant.own_cells or ())
    services = tuple(services_of({user.pk}, at).get(user.pk, ()))
    own_teams = {pk for service in services if service.holds_at(at) for pk in service.path[1:]}
    return Access(
        user_id=user.pk,
        reaches=tuple(_reach(grant, user) for grant in grants if _holds(grant, user)),
        services=services,
        cell_ids=cell_ids,
        role_codes=frozenset(grant.role for grant in grants if grant.user == user.pk),
        own_team_ids=frozenset(own_teams),
    )


class _Granted(NamedTuple):
    """A grant in force.

    `own_cells`: for a role about oneself, ids of one's cells and of those of people on leave whose
    substitute one is. `handed`: ids of the teams whose desk was handed over, 0 for all of them.
    """

    user: int
    user_name: str
    role: str
    capabilities: list[str]
    own_only: bool
    checks_only: bool
    team: int | None
    team_path: list[int] | None
    area_code: str | None
    own_cells: list[int] | None
    handed: list[int]


def _grants(user: int, at: datetime, day: date) -> QuerySet[Any, Any]:
    """The person's own grants in force, and those of the people whose desks he holds."""
    away = Leave.objects.on(day).filter(substitute=user).values("person")
    mine = Assignment.objects.in_force(at).filter(
        Q(person=user) | Q(person__in=away), cell__isnull=False
    )
    held = Deputy.objects.in_force(at).filter(deputy=user, principal__is_active=True)
    handed = held.filter(principal=OuterRef("user")).values(whole=Coalesce("team", Value(_WHOLE)))
    own = Q(user=user)
    return (
        Grant.objects.in_force(at)
        # What is narrowed to one's own person is nobody else's.
        .filter(own | Q(user__in=held.values("principal"), role__own_only=False))
        .annotate(
            user_name=Coalesce(NullIf("user__name", Value("")), "user__username"),
            own_cells=Case(When(own & Q(role__own_only=True), then=_ids(mine))),
            handed=ArraySubquery(handed.order_by()),
        )
        .order_by("pk")
        .values_list(
            "user", "user_name", "role__code", "role__capabilities", "role__own_only",
            "role__checks_only", "team", "team__path", "area__code", "own_cells", "handed",
        )
    )  # fmt: skip


_GRANTS = Compiled(_grants, user=int, at=datetime, day=date)


def _holds(grant: _Granted, user: User) -> bool:
    """Whether a grant is the person's own, or belongs to the desk that was handed to him."""
    if grant.user == user.pk:
        return True
    return _WHOLE in grant.handed or bool(set(grant.handed).intersection(grant.team_path or ()))


def _ids(assignments: QuerySet[Assignment]) -> ArraySubquery:
    return ArraySubquery(assignments.values("cell_id"))


def _reach(grant: _Granted, user: User) -> Reach:
    capabilities = frozenset(grant.capabilities)
    own = grant.user == user.pk
    return Reach(
        capabilities=capabilities if own else capabilities - NOT_HANDED_ON,
        team_id=grant.team,
        area_code=grant.area_code or "",
        own_only=grant.own_only,
        checks_only=grant.checks_only,
        for_id=None if own else grant.user,
        for_name="" if own else grant.user_name,
    )


def office_of(user: User) -> str:
    """Team and post of a person now, as "古城中队 负责人"; empty without a membership.

    Where somebody is of several teams the one he has been of longest counts. Whose desks he
    holds comes behind it, as "代 陈立军".
    """
    at = clock.now()
    access = access_of(user)
    held = [
        service for service in access.services if service.holds_at(at) and not service.standing_in
    ]
    words = []
    if held:
        first = min(held, key=lambda service: service.since)
        post = Post(first.post).label if first.post != Post.MEMBER else ""
        words = [first.team_name, post]
    words += [_("代 %(name)s") % {"name": name} for name in access.stands_in_for]
    return " ".join(str(word) for word in words if word)


def leads(access: Access, at: datetime) -> bool:
    """Whether the person leads a team himself: has a desk that he may hand over."""
    return any(
        service.post != Post.MEMBER and service.holds_at(at) and not service.standing_in
        for service in access.services
    )


def has_desk_to_hand(user: User) -> bool:
    """Whether the page for handing a desk over is the person's: he leads, or holds a desk."""
    access = access_of(user)
    return leads(access, clock.now()) or bool(access.stands_in_for)


def has_team(user: User) -> bool:
    """Whether somebody is of a team himself now, and so may be rostered."""
    at = clock.now()
    return any(
        service.holds_at(at) and not service.standing_in for service in access_of(user).services
    )
