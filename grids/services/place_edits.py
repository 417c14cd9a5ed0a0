"""Writing down what was done to streets, places and shops, and writing their rows at all."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from grids.models import PlaceEdit, RoadSegment, Shop, Site

Subject = RoadSegment | Site | Shop
Row = TypeVar("Row", RoadSegment, Site, Shop)

_NAMES: dict[type, str] = {RoadSegment: "segment", Site: "site", Shop: "shop"}
# Follows from what else is written, or says itself in another word.
_UNTOLD = frozenset({"morton", "search_grams", "area_code", "line", "polygon"})


def edit_of(
    subject: Subject, act: str, *, actor: User | None, at: datetime, changes: Mapping[str, Any]
) -> PlaceEdit:
    """The record of an edit, not stored yet; no actor is the command line."""
    return PlaceEdit(
        **{f"{_NAMES[type(subject)]}_id": subject.pk},
        act=act,
        at=at,
        user=actor,
        user_label=actor.name if actor else _("系统"),
        changes=dict(changes),
    )


def note_edit(
    subject: Subject,
    act: str,
    *,
    actor: User | None,
    at: datetime,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Store the record of an edit beside what it did; the caller is in a transaction."""
    edit_of(subject, act, actor=actor, at=at, changes=changes or {}).save()


def locked(model: type[Row], pk: int, version: int | None, at: datetime) -> Row:
    """The row, locked until the transaction ends.

    Raises Conflict where it changed since `version`, DomainError where it has ended.
    """
    row: Row = model._default_manager.select_for_update(of=("self",)).get(pk=pk)
    if version is not None and row.version != version:
        raise Conflict
    if row.valid_to is not None and row.valid_to <= at:
        raise DomainError("ended", _("已经停用了，不能再改。"))
    return row


def ended_at(row: Subject, at: datetime) -> datetime:
    """When a row ends that is ended at a moment: what was only just begun held for an instant."""
    return max(at, row.valid_from + timedelta(microseconds=1))


def differences(row: Subject, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row that are not as wanted."""
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}


def told(row: Subject, changed: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Old and new of changed columns, as a record keeps them."""
    return {
        name: [_plain(getattr(row, name)), _plain(value)]
        for name, value in changed.items()
        if name not in _UNTOLD
    } | {name: ["…", "…"] for name in ("line", "polygon") if name in changed}


def write(row: Subject, changed: Mapping[str, Any]) -> None:
    """Write changed columns of a locked row, compare-and-set on its version."""
    rows = type(row)._default_manager.filter(pk=row.pk, version=row.version)
    values = {**changed, "version": row.version + 1}
    if rows.update(**values) != 1:
        raise Conflict
    for name, value in values.items():
        setattr(row, name, value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, datetime) else value
