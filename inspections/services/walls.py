"""Links to the wall view: made, named and taken back by those with the right."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import texts
from citymgmt.choices import Capability
from citymgmt.errors import BadTransition, DomainError
from citymgmt.models import User
from grids.services.rights import require
from inspections.models import WallLink

MOST = 20
MAX_NAME = 60


def make_wall_link(
    *, name: str, secret: str, actor: User, at: datetime, expires_at: datetime | None = None
) -> WallLink:
    """Keep a link under the hash of its secret (`WallLink.new_secret()`).

    Raises Forbidden, or DomainError by field for a missing or long name, an end in the past,
    or more than MOST usable links.
    """
    require(actor, Capability.WALL_SHARE)
    name = texts.clean_text(name)
    if not 0 < len(name) <= MAX_NAME:
        words = _("写明这块屏挂在哪里，最多 %(most)s 个字。") % {"most": MAX_NAME}
        raise DomainError("name", words, field="name")
    if expires_at is not None and expires_at <= at:
        raise DomainError("expires_at", _("到期日要在今天以后。"), field="expires_at")
    if WallLink.objects.usable(at).count() >= MOST:
        words = _("在用的链接已有 %(most)s 个，先收回不用的再开。") % {"most": MOST}
        raise DomainError("too_many", words)
    return WallLink.objects.create(
        name=name,
        digest=WallLink.hash_of(secret),
        hint=secret[:8],
        created_by=actor,
        created_at=at,
        expires_at=expires_at,
    )


def revoke_wall_link(*, link_id: int, actor: User, at: datetime) -> WallLink:
    """Take a link back: from this moment its address answers nothing.

    Raises WallLink.DoesNotExist, Forbidden, or BadTransition where it was taken back before.
    """
    require(actor, Capability.WALL_SHARE)
    with transaction.atomic():
        rows = WallLink.objects.filter(pk=link_id, revoked_at__isnull=True)
        hit = rows.update(revoked_at=at, revoked_by=actor)
        link = WallLink.objects.get(pk=link_id)
        if not hit:
            raise BadTransition(_("这个链接已经收回了。"))
        return link
