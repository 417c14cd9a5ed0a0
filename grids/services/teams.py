"""Teams as a tree: making one, and moving one with all that is below it."""

import re

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.revisions import GRID, raise_revision
from grids.choices import TeamKind
from grids.models import Team
from grids.policies import Place
from grids.services.rights import require

_CODE = re.compile(r"[A-Za-z0-9_-]{1,30}")
_NAME_LENGTH = 40
# The tree is small; whoever changes its shape does so alone.
_LOCK = "LOCK TABLE grids_team IN SHARE ROW EXCLUSIVE MODE"
_MOVE = """
    UPDATE grids_team SET path = %s::bigint[] || path[%s:] WHERE path @> ARRAY[%s]::bigint[]
"""


def create_team(
    *,
    code: str,
    name: str,
    kind: str,
    parent: Team | None,
    actor: User | None,
    schedule_id: int | None = None,
    duty_phone: str = "",
) -> Team:
    """Make a team below another one; without a parent it is the bureau itself, once.

    Raises DomainError for a code or name that is taken or cannot be.
    """
    above = frozenset(parent.path) if parent else frozenset()
    require(actor, Capability.PEOPLE_EDIT, Place(above))
    code, name = code.strip(), name.strip()
    if not _CODE.fullmatch(code):
        raise DomainError("code", _("单位代码应是 1 到 30 个字母、数字或短横。"), field="code")
    if not 0 < len(name) <= _NAME_LENGTH:
        message = _("单位名称应有 1 到 %(limit)s 个字。") % {"limit": _NAME_LENGTH}
        raise DomainError("name", message, field="name")
    if kind not in TeamKind.values:
        raise DomainError("kind", _("请选择单位类型。"), field="kind")
    with transaction.atomic():
        hold_tree()
        _refuse_taken(code, name, parent)
        team = Team.objects.create(
            code=code,
            name=name,
            kind=kind,
            parent=parent,
            schedule_id=schedule_id,
            duty_phone=duty_phone.strip(),
        )
        # Read again under the lock: the parent may have moved since the caller loaded it.
        base = Team.objects.get(pk=parent.pk).path if parent else []
        team.path = [*base, team.pk]
        team.save(update_fields=["path"])
    return team


def move_team(*, team_id: int, parent_id: int, actor: User | None) -> Team:
    """Put a team and all below it under another one.

    Cases and orders keep the path they were issued under. Raises DomainError for the bureau
    itself and for a team below the one that moves, Team.DoesNotExist.
    """
    with transaction.atomic():
        hold_tree()
        team, parent = Team.objects.get(pk=team_id), Team.objects.get(pk=parent_id)
        require(actor, Capability.PEOPLE_EDIT, Place(frozenset(team.path)))
        require(actor, Capability.PEOPLE_EDIT, Place(frozenset(parent.path)))
        if team.parent_id is None:
            raise DomainError("team", _("局本身不能移到别的单位下面。"), field="team")
        if team.pk in parent.path:
            message = _("%(parent)s在%(team)s下面，不能作它的上级。")
            words = {"parent": parent.name, "team": team.name}
            raise DomainError("parent", message % words, field="parent")
        depth = len(team.path)
        Team.objects.filter(pk=team.pk).update(parent=parent)
        with connection.cursor() as cursor:
            cursor.execute(_MOVE, [parent.path, depth, team.pk])
        raise_revision(GRID)
        team.refresh_from_db()
    return team


def hold_tree() -> None:
    """Nobody else changes the shape of the tree until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)


def _refuse_taken(code: str, name: str, parent: Team | None) -> None:
    if Team.objects.filter(code=code).exists():
        message = _("单位代码 %(code)s 已用过，请换一个。") % {"code": code}
        raise DomainError("code", message, field="code")
    if Team.objects.filter(name=name).exists():
        message = _("已有名叫%(name)s的单位，请换一个名称。") % {"name": name}
        raise DomainError("name", message, field="name")
    if parent is None and Team.objects.filter(parent__isnull=True).exists():
        raise DomainError("parent", _("局只有一个，请选择上级单位。"), field="parent")
