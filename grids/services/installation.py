"""The first things of a new installation: working hours, the bureau itself, its administrator."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.models import Role, User, WorkSchedule
from citymgmt.services.accounts import check_login_names
from grids.choices import Post, TeamKind
from grids.models import Grant, Membership, Team
from grids.services.people import add_member, grant_role
from grids.services.teams import create_team

ADMIN = "admin"
ROOT_CODE = "bureau"


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """Who manages people from the first day on."""

    username: str
    name: str
    password: str


def has_admin() -> bool:
    """Whether somebody who is active manages everything."""
    standing = Grant.objects.filter(role__code=ADMIN, team=None, area=None, valid_to=None)
    return standing.filter(user__is_active=True).exists()


def lay_ground(*, bureau: str) -> bool:
    """Default working hours and the bureau as root of all teams; returns whether any was new."""
    with transaction.atomic():
        _schedule, new_hours = WorkSchedule.objects.get_or_create(
            is_default=True, defaults={"code": "default", "name": str(_("机关作息"))}
        )
        new_root = not Team.objects.filter(parent__isnull=True).exists()
        if new_root:
            create_team(code=ROOT_CODE, name=bureau, kind=TeamKind.BUREAU, parent=None, actor=None)
    return new_hours or new_root


def make_first_admin(*, admin: FirstAdmin, at: datetime) -> User:
    """An account with the role admin over everything; an existing account gets the role.

    Raises DomainError for a weak password, a bad staff number or a missing name, and where
    there is an administrator already: further ones are named by him.
    """
    if has_admin():
        raise DomainError("admin", _("已有管理员。其他管理员由他在「设置 · 授权」里开通。"))
    with transaction.atomic():
        user = User.objects.filter(username=admin.username).first() or _account(admin, at)
        root = Team.objects.get(parent__isnull=True)
        if not Membership.objects.filter(user=user, valid_to__isnull=True).exists():
            add_member(user=user, team=root, actor=None, at=at, post=Post.MEMBER)
        grant_role(user=user, role=Role.objects.get(code=ADMIN), actor=None, at=at)
    return user


def _account(admin: FirstAdmin, at: datetime) -> User:
    user = User(username=admin.username, name=admin.name.strip(), date_joined=at)
    try:
        User.username_validator(user.username)
        validate_password(admin.password, user)
    except ValidationError as error:
        raise DomainError("account", " ".join(error.messages)) from error
    if not user.name or not user.username:
        raise DomainError("account", _("管理员的工号和姓名都要填。"))
    check_login_names(username=user.username, phone=None)
    user.set_password(admin.password)
    user.save()
    return user
