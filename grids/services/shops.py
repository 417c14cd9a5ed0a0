"""Shops along the streets: adding, changing and ending them, each with its record."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.grams import grams
from citymgmt.models import User
from grids.choices import PlaceAct
from grids.models import Pledge, Shop, ShopContact
from grids.policies import Place
from grids.services.place_edits import differences, ended_at, locked, note_edit, told, write
from grids.services.placing import Spot, Standing, stand
from grids.services.rights import require
from grids.services.sites import (
    Problem,
    free_code,
    insert,
    refuse_first,
    too_long,
    words_problems,
)

MAX_TRADE, MAX_PERSON, MAX_PHONE = 20, 40, 20
MAX_FRONTAGE = Decimal("999.9")
SERIES = "shop"
_PHONE_SIGNS = frozenset("0123456789-+() 转*#")


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers for a shop, and his phone."""

    person: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class ShopDraft:
    """What a shop is to be. `code` empty takes the next number, `contact` None leaves it."""

    name: str
    address: str
    spot: Spot = field(default_factory=Spot)
    code: str = ""
    trade: str = ""
    frontage_m: Decimal | None = None
    contact: Contact | None = None


def shop_problems(draft: ShopDraft) -> Iterator[Problem]:
    """What is wrong with a draft in itself."""
    yield from words_problems(draft.code, draft.name, draft.address)
    if not draft.address:
        yield "address", _("请填门牌地址。")
    if len(draft.trade) > MAX_TRADE:
        yield "trade", too_long(MAX_TRADE)
    if draft.frontage_m is not None and not 0 < draft.frontage_m <= MAX_FRONTAGE:
        yield "frontage_m", _("门面宽度应在 0 到 %(most)s 米之间。") % {"most": MAX_FRONTAGE}
    if draft.contact is not None:
        if len(draft.contact.person) > MAX_PERSON:
            yield "person", too_long(MAX_PERSON)
        yield from _phone_problems(draft.contact.phone)


def _phone_problems(phone: str) -> Iterator[Problem]:
    if phone and (
        len(phone) > MAX_PHONE or not set(phone) <= _PHONE_SIGNS or sum(map(str.isdigit, phone)) < 5
    ):
        yield "phone", _("电话只能是数字和横线，5 到 20 位。")


def shop_columns(draft: ShopDraft, standing: Standing) -> dict[str, Any]:
    """The columns of a draft that stands there; its code stays away."""
    return {
        "name": draft.name,
        "address": draft.address,
        "trade": draft.trade,
        "frontage_m": draft.frontage_m,
        "search_grams": grams(draft.name, draft.address, draft.trade),
        **standing.columns(segment=True),
    }


def add_shop(*, draft: ShopDraft, actor: User | None, at: datetime) -> Shop:
    """Add a shop from now on. Raises DomainError by field, Forbidden without the right there."""
    refuse_first(shop_problems(draft))
    standing = stand(draft.spot, at=at)
    require(actor, Capability.GRID_EDIT, _place(standing))
    with transaction.atomic():
        code = draft.code or free_code("DP", SERIES, Shop)
        row = Shop(code=code, valid_from=at, **shop_columns(draft, standing))
        insert(row)
        _write_contact(row, draft.contact)
        note_edit(row, PlaceAct.ADDED, actor=actor, at=at)
    return row


def change_shop(
    *, shop_id: int, draft: ShopDraft, actor: User | None, at: datetime, version: int | None
) -> Shop:
    """Change a shop; its code stays. Raises Conflict where it changed since `version`."""
    refuse_first(shop_problems(draft))
    standing = stand(draft.spot, at=at)
    with transaction.atomic():
        row = locked(Shop, shop_id, version, at)
        require(actor, Capability.GRID_EDIT, row.place)
        require(actor, Capability.GRID_EDIT, _place(standing))
        changed = differences(row, shop_columns(draft, standing))
        changes: dict[str, Any] = told(row, changed)
        if _write_contact(row, draft.contact):
            changes["contact"] = []
        if changes:
            write(row, changed)
            note_edit(row, PlaceAct.CHANGED, actor=actor, at=at, changes=changes)
    return row


def end_shop(*, shop_id: int, actor: User | None, at: datetime, version: int | None) -> Shop:
    """End a shop now: its pledge ends with it, and nobody needs its contact any more."""
    with transaction.atomic():
        row = locked(Shop, shop_id, version, at)
        require(actor, Capability.GRID_EDIT, row.place)
        write(row, {"valid_to": ended_at(row, at)})
        Pledge.objects.filter(shop=row, ended_at__isnull=True).update(ended_at=at)
        ShopContact.objects.filter(shop=row).update(person="", phone="")
        note_edit(row, PlaceAct.ENDED, actor=actor, at=at)
    return row


def _write_contact(row: Shop, contact: Contact | None) -> bool:
    """Write who answers for a shop where that was said; returns whether it is another."""
    if contact is None:
        return False
    before = ShopContact.objects.filter(shop=row).first()
    known = Contact(before.person, before.phone) if before else Contact()
    if known == contact:
        return False
    ShopContact.objects.update_or_create(
        shop=row, defaults={"person": contact.person, "phone": contact.phone}
    )
    return True


def _place(standing: Standing) -> Place:
    return Place(area_code=standing.area_code, cell_id=standing.cell_id)
