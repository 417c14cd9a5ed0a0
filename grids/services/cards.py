"""Codes on the cards of cells: made for many at once, renewed for one."""

import secrets
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.models import User
from grids.access import access_of
from grids.choices import PeopleVerb
from grids.models import Cell, CellCard
from grids.policies import Place
from grids.services.records import record

MOST = 200
_BYTES = 9
"""72 random bits: twelve letters in the address, and nobody guesses another cell's."""


def may_make_cards(actor: User, cell: Cell) -> bool:
    """Whether somebody makes the cards of a cell: who may change who answers there."""
    place = Place(area_code=cell.area.code, cell_id=cell.pk)
    return access_of(actor).can_at(Capability.GRID_EDIT, place)


def make_cards(*, cell_ids: Collection[int], actor: User, at: datetime) -> int:
    """Give each of the cells a code where it has none; returns how many were new.

    Raises Forbidden where one of the cells is beyond the actor, DomainError for none or too
    many, or cells that are not there.
    """
    if not 0 < len(set(cell_ids)) <= MOST:
        raise DomainError("cells", _("一次选 1 到 %(most)s 个网格。") % {"most": MOST})
    with transaction.atomic():
        # Behind the cells' locks: two who print the same street make one code a cell.
        rows = Cell.objects.select_for_update(of=("self",), no_key=True).select_related("area")
        cells = list(rows.filter(pk__in=cell_ids).order_by("pk"))
        if len(cells) != len(set(cell_ids)):
            raise DomainError("cells", _("有的网格已经不在了，请刷新后再选。"))
        if not all(may_make_cards(actor, cell) for cell in cells):
            raise Forbidden
        having = set(
            CellCard.objects.filter(cell__in=cells, revoked_at__isnull=True).values_list(
                "cell_id", flat=True
            )
        )
        fresh = [_card(cell, actor, at) for cell in cells if cell.pk not in having]
        CellCard.objects.bulk_create(fresh)
        if fresh:
            codes = [card.cell.code for card in fresh]
            record(PeopleVerb.CARDS_MADE, actor=actor, at=at, details={"cells": codes})
    return len(fresh)


def renew_card(*, cell_id: int, card_id: int, actor: User, at: datetime) -> CellCard:
    """A new code for a cell; what is printed with the old one leads nowhere from now on.

    Raises Conflict where the code was renewed since it was seen.
    """
    with transaction.atomic():
        cell = (
            Cell.objects.select_for_update(of=("self",), no_key=True)
            .select_related("area")
            .get(pk=cell_id)
        )
        if not may_make_cards(actor, cell):
            raise Forbidden
        old = CellCard.objects.filter(pk=card_id, cell=cell, revoked_at__isnull=True)
        if old.update(revoked_at=at) != 1:
            raise Conflict
        card = _card(cell, actor, at)
        card.save()
        record(PeopleVerb.CARD_RENEWED, actor=actor, at=at, details={"cells": [cell.code]})
    return card


def _card(cell: Cell, actor: User, at: datetime) -> CellCard:
    return CellCard(cell=cell, token=secrets.token_urlsafe(_BYTES), made_by=actor, made_at=at)
