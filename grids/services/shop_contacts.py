"""How to reach who answers for a shop: shown with the right, each look noted."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from citymgmt.models import User
from grids.access import access_of
from grids.models import Shop, ShopContact, ShopContactLook
from grids.policies import Access


def may_look(shop: Shop, access: Access) -> bool:
    """Whether the person may be shown who answers for the shop."""
    return access.can_at(Capability.CONTACT_VIEW, shop.place)


def look_at_contact(*, shop: Shop, actor: User, at: datetime) -> ShopContact | None:
    """The contact of a shop, and a row that says who looked when; both or neither.

    None, and nothing is noted, where there is none. Raises Forbidden without the right.
    """
    if not may_look(shop, access_of(actor)):
        raise Forbidden(_("您没有看联系方式的权限，请找本单位管理员开通。"))
    with transaction.atomic():
        contact = ShopContact.objects.filter(shop=shop).first()
        if contact is None or not (contact.person or contact.phone):
            return None
        ShopContactLook.objects.create(shop=shop, user=actor, at=at)
        return contact


def note_export(*, actor: User, at: datetime, shops: int) -> None:
    """Note that the contacts of so many shops were taken out. Raises Forbidden without the right
    everywhere.
    """
    if not may_export(access_of(actor)):
        raise Forbidden(_("您没有看联系方式的权限，请找本单位管理员开通。"))
    ShopContactLook.objects.create(user=actor, at=at, shops=shops)


def may_export(access: Access) -> bool:
    """Whether the person may take contacts out with a list: only a right without limits does."""
    return any(reach.everywhere for reach in access.holding(Capability.CONTACT_VIEW))
