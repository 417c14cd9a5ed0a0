"""Words written into the rows of a world, by which one knows them again in an answer."""

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models, transaction

from cases.models import Case, Report, ReportContact
from inspections.models import LookBack

OF_GUCHENG = "只给古城看的"
# What people do not type: names of files, hashes, secrets.
_MADE = ("digest", "salt", "hash", "sha256", "key", "token", "password", "media_type", "etag")


def mark_everything() -> None:
    """Write into what was said and where of every case that all of it is the first squadron's."""
    Report.objects.update(address=f"{OF_GUCHENG}报件地址", text=f"{OF_GUCHENG}报件原话")
    Case.objects.update(address=f"{OF_GUCHENG}案件地址", text=f"{OF_GUCHENG}情况")
    ReportContact.objects.update(name=f"{OF_GUCHENG}姓名")
    LookBack.objects.update(note=f"{OF_GUCHENG}说明")


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
