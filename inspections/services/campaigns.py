"""Campaigns (专项行动): their dates, and the action groups that carry them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import DomainError
from citymgmt.models import User
from grids.models import Team
from grids.services.rights import require
from inspections.models import Campaign

_CODE_LENGTH = 30
_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Dates:
    """Local days of a campaign, both ends included; the inspection is where it has one."""

    starts_on: date
    ends_on: date
    inspection_on: date | None = None


def create_campaign(
    *, code: str, name: str, dates: Dates, teams: Sequence[Team], actor: User | None
) -> Campaign:
    """Announce a campaign with its action groups.

    Raises Forbidden, DomainError by field for a code that is taken, a missing name or days that
    cannot be.
    """
    require(actor, Capability.PEOPLE_EDIT)
    code, name = code.strip(), name.strip()
    _check_code(code)
    if not 0 < len(name) <= _NAME_LENGTH:
        message = _("名称应有 1 到 %(limit)s 个字。") % {"limit": _NAME_LENGTH}
        raise DomainError("name", message, field="name")
    check_dates(dates)
    taken = DomainError("code", _("这个代码已有专项行动在用，请换一个。"), field="code")
    if Campaign.objects.filter(code=code).exists():
        raise taken
    try:
        with transaction.atomic():
            row = Campaign.objects.create(
                code=code,
                name=name,
                starts_on=dates.starts_on,
                ends_on=dates.ends_on,
                inspection_on=dates.inspection_on,
            )
            row.teams.set(teams)
    except IntegrityError as error:
        raise taken from error
    return row


def check_dates(dates: Dates) -> None:
    """Whether the days can be a campaign's; raises DomainError by field."""
    if dates.ends_on < dates.starts_on:
        raise DomainError("dates", _("结束不能早于开始。"), field="ends_on")


def _check_code(code: str) -> None:
    try:
        validate_slug(code)
    except ValidationError as error:
        message = _("代码只能用字母、数字、横线和下划线。")
        raise DomainError("code", message, field="code") from error
    if len(code) > _CODE_LENGTH:
        words = _("代码最多 %(limit)s 个字符。") % {"limit": _CODE_LENGTH}
        raise DomainError("code", words, field="code")
