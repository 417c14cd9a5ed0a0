"""Passwords and tokens of accounts."""

import logging
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.models import ApiToken, User

MAX_LABEL = 60
_door = logging.getLogger("citymgmt.door")


def set_password(*, user: User, password: str, must_change: bool = False) -> None:
    """Keep a new password; all other sessions of the account end with the old one.

    `must_change` asks for another at the next login: a password that somebody else set.
    """
    user.set_password(password)
    user.must_change_password = must_change
    user.save(update_fields=["password", "must_change_password"])
    _door.info("new password: user-%s%s", user.pk, " by another" if must_change else "")


def check_login_names(*, username: str, phone: str | None, user_id: int | None = None) -> None:
    """One signs in by staff number or phone: neither may mean two people.

    `user_id` is whose they are, None for somebody new. Raises DomainError that names the field.
    """
    others = User.objects.exclude(pk=user_id)
    if phone and others.filter(username=phone).exists():
        raise DomainError("phone", _("这个手机号是别人的工号，请核对。"), field="phone")
    if others.filter(phone=username).exists():
        raise DomainError("username", _("这个工号是别人的手机号，请换一个。"), field="username")


def issue_token(
    *, user: User, label: str, at: datetime, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token and its secret, which can never be shown again.

    Raises DomainError for a switched-off account or a missing or over-long label.
    """
    label = label.strip()
    if not label or len(label) > MAX_LABEL:
        raise DomainError(
            "label",
            _("请写明令牌的用途，最多 %(limit)s 个字。") % {"limit": MAX_LABEL},
            field="label",
        )
    if not user.is_active:
        raise DomainError("user", _("这个账号已停用，不能发令牌。"), field="user")
    return ApiToken.issue(user=user, label=label, at=at, expires_at=expires_at)


def revoke_token(*, token_id: int, at: datetime) -> bool:
    """Make a token useless from this moment; returns whether it was still usable."""
    rows = ApiToken.objects.filter(pk=token_id, revoked_at__isnull=True)
    return rows.update(revoked_at=at) == 1
