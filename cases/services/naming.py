"""Naming who is responsible for a case: a shop of the ledger, a party by name, or both.

A remark: the case stays where it stands. The party's name is personal data; it stands among the
words of the event and on the case, and retention blanks both.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.services._advance import opened_case, record, settle_events
from cases.workflow import Subject, move
from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.texts import clean_text
from grids.models import Shop

NAME = move(Subject.CASE, "name")
MAX_PARTY = 60
MAX_SHOP_CODE = 30


def name_case(
    *,
    case_id: int,
    actor: User,
    at: datetime,
    version: int | None,
    shop_code: str = "",
    party: str = "",
) -> Case:
    """Name who is responsible; with both empty nobody is named any more.

    Raises DomainError for an unknown shop, and where just these are named already.
    """
    said = clean_text(party)
    if len(said) > MAX_PARTY:
        words = _("最多 %(most)s 字，请缩短。") % {"most": MAX_PARTY}
        raise DomainError("too_long", words, field="party")
    with transaction.atomic():
        case = opened_case(NAME, case_id, actor)
        shop = _shop(case, clean_text(shop_code))
        if (shop and shop.pk, said) == (case.shop_id, case.party):
            raise DomainError("named", _same(shop, said), field="shop" if shop else "party")
        record(
            case,
            NAME.event,
            actor=actor,
            at=at,
            payload={
                "shop": shop.pk if shop else None,
                "shop_name": shop.name if shop else "",
                "party": bool(said),
            },
            private={"party": said},
        )
        settle_events(case, shop=shop, party=said)
        return case


def _same(shop: Shop | None, said: str) -> object:
    if shop or said:
        return _("已经点名的就是这一家（这个人）。")
    return _("请填店铺或当事人；原来没有点名，不用取消。")


def _shop(case: Case, code: str) -> Shop | None:
    """The shop of that code; one that has closed may stay named, not be named anew."""
    if not code:
        return None
    shop = Shop.objects.filter(code=code).first()
    if shop is None:
        words = _("没有编码为 %(code)s 的沿街店铺，请从列表里选。") % {"code": code}
        raise DomainError("shop", words, field="shop")
    if shop.valid_to is not None and shop.pk != case.shop_id:
        raise DomainError("shop", _("这家店已停用，请选别的。"), field="shop")
    return shop
