"""Shops from Excel with their contacts and pledges: all or nothing, and again without doubling.

A row is known by its code; without one by its name and address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.spreadsheets import Findings
from grids.choices import PlaceKind, PledgeKind
from grids.models import Pledge, RoadSegment, Shop, ShopContact
from grids.place_sheets import PLEDGES, Reader
from grids.services.place_rows import (
    BATCH,
    NO_SEGMENT,
    Key,
    Wanted,
    check_once,
    known_cells,
    note_problems,
    read_standing,
    readers,
    refuse_ended,
    store,
)
from grids.services.pledges import Signed, as_told, refuse_days
from grids.services.shops import SERIES, Contact, ShopDraft, shop_columns, shop_problems

A_YEAR = timedelta(days=365)


@dataclass
class WantedShop(Wanted[Shop]):
    """A shop of the file with who answers for it and what it signed, where that is said."""

    contact: Contact | None = None
    signed: Signed | None = None


def import_shops(data: bytes, *, at: datetime, actor: User | None) -> Outcome:
    """Take a sheet of shops; the right was asked before. Raises TableError."""
    findings = Findings()
    given = readers(data, PlaceKind.SHOPS, findings)
    with transaction.atomic():
        cells = known_cells()
        standing = RoadSegment.objects.exclude(valid_to__lte=at)
        segments = dict(standing.values_list("code", "pk"))
        wanted = [_shop(reader, cells, segments, at) for reader in given]
        keys = [_key(each) for each in wanted]
        check_once(wanted, keys)
        _match(wanted, keys, at)
        findings.raise_if_any()
        contacts, pledges = _changed_contacts(wanted), _changed_pledges(wanted)
        touched: dict[int, dict[str, Any]] = {
            n: {"contact": []} for n in contacts if wanted[n].row is not None
        }
        for n in pledges:
            if wanted[n].row is not None:
                touched[n] = touched.get(n, {}) | as_told(_signed(wanted[n]))
        outcome = store(wanted, Shop, at=at, actor=actor, numbering=("DP", SERIES), touched=touched)
        _write_contacts([wanted[n] for n in contacts])
        _write_pledges([wanted[n] for n in pledges], at, actor)
    return outcome


# --- Reading ----------------------------------------------------------------------------------


def _shop(
    reader: Reader,
    cells: dict[str, tuple[int, str]],
    segments: dict[str, int],
    at: datetime,
) -> WantedShop:
    person, phone = reader.text("person"), reader.text("phone")
    draft = ShopDraft(
        name=reader.text("name"),
        address=reader.text("address"),
        code=reader.text("code"),
        trade=reader.text("trade"),
        frontage_m=reader.metres("frontage_m"),
        contact=Contact(person, phone) if person or phone else None,
    )
    note_problems(reader, shop_problems(draft))
    segment_id = reader.code("segment", segments, NO_SEGMENT)
    standing = read_standing(reader, cells, at, segment_id)
    columns = {"name": draft.name, "address": draft.address}
    if standing is not None:
        columns = shop_columns(draft, standing)
    return WantedShop(reader, columns, None, draft.contact, _pledge(reader, at))


def _pledge(reader: Reader, at: datetime) -> Signed | None:
    signed_on, until = reader.day("signed_on"), reader.day("valid_until")
    kind = reader.word("pledge_kind", PLEDGES, PledgeKind.THREE)
    if signed_on is None:
        if (until or reader.text("pledge_kind")) and not reader.text("signed_on"):
            reader.add("signed_on", _("填了责任书，就要填签订日期。"))
        return None
    if until is None and reader.text("valid_until"):
        return None
    signed = Signed(signed_on, until or _a_year_from(signed_on), kind)
    try:
        refuse_days(signed, at)
    except DomainError as error:
        if error.field != "kind":
            reader.add(error.field, error.message)
        return None
    return signed


def _a_year_from(day: date) -> date:
    return day + A_YEAR


def _key(each: Wanted[Shop]) -> Key:
    if each.code:
        return (each.code,)
    return "", each.columns["name"], each.columns["address"]


def _match(wanted: Sequence[WantedShop], keys: Sequence[Key], at: datetime) -> None:
    """Give each row of the file the shop that stands, locked."""
    named = Q(code__in=[each.code for each in wanted if each.code])
    named |= Q(name__in=[each.columns["name"] for each in wanted if not each.code])
    rows = list(Shop.objects.select_for_update(of=("self",)).filter(named).order_by("pk"))
    by_code = {row.code: row for row in rows}
    by_name: dict[Key, Shop] = {
        ("", row.name, row.address): row for row in rows if not row.is_over(at)
    }
    for each, key in zip(wanted, keys, strict=True):
        each.row = by_code.get(each.code) if each.code else by_name.get(key)
    refuse_ended(wanted, {row.code for row in rows if row.is_over(at)})


# --- Contacts and pledges -----------------------------------------------------------------------


def _changed_contacts(wanted: Sequence[WantedShop]) -> list[int]:
    """The positions of rows that say another contact than stands."""
    rows = ShopContact.objects.filter(shop__in=[each.row.pk for each in wanted if each.row])
    known = {row.shop_id: Contact(row.person, row.phone) for row in rows}
    return [
        n
        for n, each in enumerate(wanted)
        if each.contact and (each.row is None or known.get(each.row.pk) != each.contact)
    ]


def _changed_pledges(wanted: Sequence[WantedShop]) -> list[int]:
    """The positions of rows that say another pledge than is current."""
    ids = [each.row.pk for each in wanted if each.row]
    rows = Pledge.objects.filter(shop__in=ids, ended_at__isnull=True)
    known = {row.shop_id: Signed(row.signed_on, row.valid_until, row.kind) for row in rows}
    return [
        n
        for n, each in enumerate(wanted)
        if each.signed and (each.row is None or known.get(each.row.pk) != each.signed)
    ]


def _write_contacts(wanted: Sequence[WantedShop]) -> None:
    rows: list[Any] = [
        ShopContact(shop=each.row, person=each.contact.person, phone=each.contact.phone)
        for each in wanted
        if each.contact
    ]
    ShopContact.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["shop"],
        update_fields=["person", "phone"],
    )


def _write_pledges(wanted: Sequence[WantedShop], at: datetime, actor: User | None) -> None:
    ids = [each.row.pk for each in wanted if each.row]
    Pledge.objects.filter(shop__in=ids, ended_at__isnull=True).update(ended_at=at)
    Pledge.objects.bulk_create(
        [
            Pledge(
                shop=each.row,
                kind=_signed(each).kind,
                signed_on=_signed(each).signed_on,
                valid_until=_signed(each).valid_until,
                recorded_at=at,
                recorded_by=actor,
            )
            for each in wanted
        ],
        batch_size=BATCH,
    )


def _signed(each: WantedShop) -> Signed:
    assert each.signed is not None
    return each.signed
