"""Loads a person's access in two statements; kept on the user object for one request."""

from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, QuerySet, When

from citymgmt import clock
from citymgmt.models import User
from grids.choices import Post
from grids.models import Assignment, Grant, Membership
from grids.policies import Access, Reach, Service

_KEPT = "_access"


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


def _load(user: User, at: datetime) -> Access:
    if not user.is_authenticated or not user.is_active:
        return Access(user_id=0)
    mine = Assignment.objects.in_force(at).filter(person=OuterRef("user"), cell__isnull=False)
    grants = list(
        Grant.objects.in_force(at)
        .filter(user=user)
        .select_related("role", "area")
        .annotate(own_cells=Case(When(role__own_only=True, then=_ids(mine))))
    )
    services = tuple(
        Service(tuple(row.team.path), row.valid_from, row.valid_to, row.post, row.team.name)
        for row in Membership.objects.filter(user=user).select_related("team")
    )
    cell_ids = frozenset(pk for grant in grants for pk in grant.own_cells or ())
    return Access(
        user_id=user.pk,
        reaches=tuple(_reach(grant) for grant in grants),
        services=services,
        cell_ids=cell_ids,
        role_codes=frozenset(grant.role.code for grant in grants),
    )


def _ids(assignments: QuerySet[Assignment]) -> ArraySubquery:
    return ArraySubquery(assignments.values("cell_id"))


def _reach(grant: Grant) -> Reach:
    return Reach(
        capabilities=frozenset(grant.role.capabilities),
        team_id=grant.team_id,
        area_code=grant.area.code if grant.area else "",
        own_only=grant.role.own_only,
    )


def office_of(user: User) -> str:
    """Team and post of a person now, as "古城中队 负责人"; empty without a membership.

    Where somebody is of several teams the one he has been of longest counts.
    """
    at = clock.now()
    held = [
        service
        for service in access_of(user).services
        if service.since <= at and (service.until is None or at < service.until)
    ]
    if not held:
        return ""
    first = min(held, key=lambda service: service.since)
    post = Post(first.post).label if first.post != Post.MEMBER else ""
    return f"{first.team_name} {post}".strip()
