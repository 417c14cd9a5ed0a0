"""What reaches a person where, and when he is not to be disturbed: he sets it himself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import NoticeGroup
from citymgmt.errors import DomainError
from citymgmt.models import NoticeReach, User


@dataclass(frozen=True, slots=True)
class ReachFacts:
    """What a person says of himself; the groups are those of `NoticeGroup`."""

    email: str = ""
    mail: Sequence[str] = ()
    mention: Sequence[str] = ()
    quiet_from: time | None = None
    quiet_until: time | None = None


def reach_of(user: User) -> NoticeReach:
    """What the person set, or what holds for who set nothing: the inbox only."""
    return NoticeReach.objects.filter(user=user).first() or NoticeReach(user=user)


def set_reach(*, user: User, told: ReachFacts) -> NoticeReach:
    """Keep what the person says; raises DomainError by field."""
    _check(user, told)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(email=told.email)
        row, _new = NoticeReach.objects.update_or_create(
            user=user,
            defaults={
                "mail": _known(told.mail),
                "mention": _known(told.mention),
                "quiet_from": told.quiet_from,
                "quiet_until": told.quiet_until,
            },
        )
    return row


def is_mail_address(text: str) -> bool:
    """Whether mail can be handed in for it: an address in ASCII, also its domain."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return text.isascii()


def _known(groups: Sequence[str]) -> list[str]:
    return [group for group in NoticeGroup.values if group in set(groups)]


def _check(user: User, told: ReachFacts) -> None:
    if told.email and not is_mail_address(told.email):
        raise DomainError("email", _("这不是邮件地址。"), field="email")
    if told.mail and not told.email:
        raise DomainError("email", _("要发到邮箱，请先填邮箱地址。"), field="email")
    if told.mention and not user.phone:
        words = _("群里 @ 人认手机号，请先让管理员登记您的手机号。")
        raise DomainError("mention", words, field="mention")
    if (told.quiet_from is None) != (told.quiet_until is None):
        raise DomainError("quiet_until", _("免打扰要填起止两个时间。"), field="quiet_until")
    if told.quiet_from is not None and told.quiet_from == told.quiet_until:
        raise DomainError("quiet_until", _("起止时间不能一样。"), field="quiet_until")
