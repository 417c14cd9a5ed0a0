"""What the public may know of a cell: who answers, and how to complain. Nothing else leaves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from grids.choices import Duty
from grids.locate import answering_in
from grids.models import Assignment, Cell, CellCard, Team

TOKEN = re.compile(r"[A-Za-z0-9_-]{12}")
FULL, SURNAME, NONE = "full", "surname", "none"
NAMINGS = (FULL, SURNAME, NONE)
# Family names of two characters, which a public card shows whole.
_DOUBLE = frozenset(
    {
        "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文",
        "长孙", "夏侯", "司徒", "端木", "轩辕", "南宫", "独孤",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PublicCell:
    """A cell as its card and its page show it."""

    code: str
    name: str
    street: str
    team: str
    chief: str
    phone: str
    hotline: str


def public_name(name: str) -> str:
    """A chief's name as the bureau lets the public see it; empty where it shows none."""
    text = name.strip()
    if not text or settings.PUBLIC_CHIEF_NAME == NONE:
        return ""
    if settings.PUBLIC_CHIEF_NAME == FULL:
        return text
    family = text[:2] if text[:2] in _DOUBLE and len(text) > 2 else text[0]
    return _("%(family)s师傅") % {"family": family}


def public_cells(cells: Sequence[Cell], *, at: datetime) -> list[PublicCell]:
    """What the public may know of cells now, in their order; two statements at most.

    The chief is whoever answers then; the phone is the duty phone of his team, else the bureau's.
    """
    chiefs = answering_in([cell.pk for cell in cells], at=at, duty=Duty.CELL_CHIEF)
    phone = ""
    if any(cell.pk not in chiefs or not chiefs[cell.pk].team.duty_phone for cell in cells):
        root = Team.objects.filter(parent__isnull=True).values_list("duty_phone", flat=True)
        phone = root.first() or ""
    return [_told(cell, chiefs.get(cell.pk), phone) for cell in cells]


def _told(cell: Cell, row: Assignment | None, bureau_phone: str) -> PublicCell:
    area = cell.area
    street = area.parent.name if len(area.code) > 9 and area.parent else area.name
    return PublicCell(
        code=cell.code,
        name=cell.name,
        street=street,
        team=row.team.name if row else "",
        chief=public_name(row.person.name) if row and row.person else "",
        phone=(row.team.duty_phone if row else "") or bureau_phone,
        hotline=settings.PUBLIC_HOTLINE,
    )


def card_of(token: str) -> CellCard | None:
    """The card with a token that is in use; no statement for what cannot be a token."""
    if not TOKEN.fullmatch(token):
        return None
    cards = CellCard.objects.filter(token=token, revoked_at__isnull=True)
    return cards.select_related("cell__area__parent").first()
