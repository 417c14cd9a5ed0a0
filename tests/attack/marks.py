"""Words written into the rows of a world, by which one knows them again in an answer."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models, transaction

from cases.models import Case, Instruction, Order, Report, ReportContact, Request, Supervision
from cases.services.comments import comment_case
from grids.models import ShopContact
from inspections.models import Accountability, Digest, LookBack, Outing, ShopVisit
from tests.city import NOW
from tests.house import campaign_world
from tests.house.url_world import World

OF_GUCHENG = "只给古城看的"
PHONE = "19955500661"
"""Of whoever told the first squadron something, and of whoever answers for a shop there."""
# Of a case or a report 20261120-0001, of an order -1 besides; on pages of the year without it.
_NUMBER = re.compile(r"(?<![\w-])(?:\d{4})?\d{4}-\d{4}(?:-\d+)?(?![\w-])")
# What people do not type: names of files, hashes, secrets.
_MADE = ("digest", "salt", "hash", "sha256", "key", "token", "password", "media_type", "etag")
SAID: dict[type[models.Model], tuple[str, ...]] = {
    Report: ("address", "text", "reject_note"),
    Case: ("address", "text", "party"),
    ReportContact: ("name",),
    Order: ("instruction", "result_note"),
    Request: ("reason", "decision"),
    Supervision: ("reason",),
    Instruction: ("text", "answer"),
    LookBack: ("note",),
    Accountability: ("decision", "reply", "appeal", "ending"),
    Digest: ("remarks",),
    Outing: ("title", "note"),
    # What a shop is called, and where it is, is no secret among colleagues; whom to call there is.
    ShopContact: ("person",),
}
"""What was said of what is the first squadron's, and who said it."""


def mark_everything(world: World) -> None:
    """Write into all that was said, of every case and about it, that it is the first squadron's."""
    for state in ("proposed", "decided", "appealed"):
        campaign_world.account(world.city, state)
    case = world.issued.case
    comment_case(
        case_id=case.pk,
        actor=world.city.leader,
        at=NOW,
        version=Case.objects.get(pk=case.pk).version,
        note=f"{OF_GUCHENG}留言",
    )
    for model, columns in SAID.items():
        words = dict.fromkeys(columns, f"{OF_GUCHENG}{model.__name__}")
        assert model._default_manager.update(**words), f"no row of {model.__name__} to be marked"
    for contacts in (ReportContact, ShopContact):
        assert contacts._default_manager.update(phone=PHONE)


def numbers_of_gucheng() -> frozenset[str]:
    """What every case, report and order is called, in whole and without its year."""
    whole = {
        number
        for model in (Case, Report, Order)
        for number in model._default_manager.values_list("number", flat=True)
    }
    # The slip of a shop is numbered like them, and no secret.
    whole -= set(ShopVisit.objects.values_list("slip_number", flat=True))
    return frozenset(whole | {number[4:] for number in whole})


def of_gucheng(words: str, numbers: frozenset[str], asked: str) -> list[str]:
    """What of the first squadron's is told by an answer: words, a telephone, and numbers but for
    those in the address that was asked."""
    told = [mark for mark in (OF_GUCHENG, PHONE) if mark in words]
    named = {end for number in _NUMBER.findall(asked) for end in (number, number[4:])}
    return told + sorted(set(_NUMBER.findall(words)) & numbers - named)


def text_columns() -> Iterator[tuple[type[models.Model], models.Field]]:
    """The columns of free text of our own tables."""
    for model in apps.get_models():
        if model._meta.app_label not in ("citymgmt", "cases", "grids", "inspections"):
            continue
        for field in model._meta.concrete_fields:
            text = type(field) in (models.CharField, models.TextField)
            fixed = field.choices or field.unique or any(word in field.name for word in _MADE)
            if text and not fixed:
                yield model, field


def write_into_texts(words: Callable[[Any, Any], str]) -> tuple[set[str], set[str]]:
    """Write words into every column of free text; returns where they stand and where the
    database does not let them."""
    written, refused = set(), set()
    for model, field in text_columns():
        name = f"{model._meta.label}.{field.name}"
        try:
            with transaction.atomic():
                rows = model._default_manager.exclude(**{field.name: ""})
                if rows.update(**{field.name: words(model, field)[: field.max_length]}):
                    written.add(name)
        except DatabaseError:
            refused.add(name)
    return written, refused
