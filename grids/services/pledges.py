"""Signing for the ground before one's door (门前三包): one pledge is current a shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability, PhotoKind, PhotoSubject
from citymgmt.errors import DomainError, Forbidden
from citymgmt.models import User
from citymgmt.services.photos import claim_photos
from grids.access import access_of
from grids.choices import PlaceAct, PledgeKind
from grids.models import Pledge, Shop
from grids.policies import Access
from grids.services.place_edits import locked, note_edit

LONGEST = timedelta(days=366 * 5)


@dataclass(frozen=True, slots=True)
class Signed:
    """What was signed: its kind, when, until when."""

    signed_on: date
    valid_until: date
    kind: str = PledgeKind.THREE


def may_at_shop(access: Access, capability: str, shop: Shop) -> bool:
    """Whether the person may do something at a shop.

    As with looking at the grid only an area narrows: a patrol of any team walks past its door.
    """
    return any(shop.area_code.startswith(reach.area_code) for reach in access.holding(capability))


def may_sign(access: Access, shop: Shop) -> bool:
    """Whether the person may take a pledge from a shop: who checks it, or keeps the grid."""
    checks = may_at_shop(access, Capability.SHOP_CHECK, shop)
    return checks or may_at_shop(access, Capability.GRID_EDIT, shop)


def sign_pledge(
    *,
    shop_id: int,
    signed: Signed,
    actor: User,
    at: datetime,
    version: int | None,
    photo_ids: Sequence[UUID],
) -> Pledge:
    """Note a signed pledge with its photo; it ends the one before. Raises DomainError by field."""
    refuse_days(signed, at)
    if not photo_ids:
        raise DomainError("photos", _("请拍下签好的责任书。"), field="photos")
    with transaction.atomic():
        shop = locked(Shop, shop_id, version, at)
        if not may_sign(access_of(actor), shop):
            raise Forbidden
        pledge = replace_pledge(shop, signed, actor=actor, at=at)
        claim_photos(
            actor=actor,
            at=at,
            photo_ids=photo_ids,
            subject_kind=PhotoSubject.PLEDGE,
            subject_id=pledge.pk,
            kinds=(PhotoKind.DOCUMENT,),
        )
        note_edit(shop, PlaceAct.PLEDGED, actor=actor, at=at, changes=as_told(signed))
    return pledge


def replace_pledge(shop: Shop, signed: Signed, *, actor: User | None, at: datetime) -> Pledge:
    """End the current pledge of a locked shop and store the new one."""
    Pledge.objects.filter(shop=shop, ended_at__isnull=True).update(ended_at=at)
    return Pledge.objects.create(
        shop=shop,
        kind=signed.kind,
        signed_on=signed.signed_on,
        valid_until=signed.valid_until,
        recorded_at=at,
        recorded_by=actor,
    )


def refuse_days(signed: Signed, at: datetime) -> None:
    """Raise DomainError for a kind or days that cannot be."""
    if signed.kind not in PledgeKind.values:
        raise DomainError("kind", _("请选择门前三包或门前五包。"), field="kind")
    if signed.signed_on > at.astimezone(clock.LOCAL).date():
        raise DomainError("signed_on", _("签订日期不能晚于今天。"), field="signed_on")
    if not signed.signed_on < signed.valid_until <= signed.signed_on + LONGEST:
        words = _("有效期要晚于签订日期，最长五年。")
        raise DomainError("valid_until", words, field="valid_until")


def as_told(signed: Signed) -> dict[str, list[str]]:
    """A pledge as a record keeps it."""
    until = signed.valid_until.isoformat()
    return {"signed_on": ["", signed.signed_on.isoformat()], "valid_until": ["", until]}
