"""Pages of a list by key: each page is found by an index, however far down it lies."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.quickrows import shared

_MOST_CURSOR = 200
_MOST_TEXT = 80


@dataclass(frozen=True, slots=True)
class Order:
    """An order by one column that is never empty, then by id in the same direction."""

    column: str
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the list.

    `older` and `newer` are the parameters of the pages after and before it, {} at the ends.
    """

    rows: list[Any]
    older: dict[str, str]
    newer: dict[str, str]


def page_of(rows: QuerySet, order: Order, *, after: str = "", before: str = "", size: int) -> Page:
    """The page after one cursor or before another (the first without any), in one statement.

    Raises DomainError for a cursor that was not made here.
    """
    backwards = bool(before and not after)
    cursor = before if backwards else after
    falling = order.descending != backwards
    sign = "-" if falling else ""
    found = rows.order_by(f"{sign}{order.column}", f"{sign}id")
    if cursor:
        found = found.filter(_beyond(rows, order, cursor, falling))
    taken = list(shared(found)[: size + 1])
    more, taken = len(taken) > size, taken[:size]
    if backwards:
        taken.reverse()
    has_older, has_newer = (True, more) if backwards else (more, bool(cursor))
    return Page(
        rows=taken,
        older={"after": _cursor(taken[-1], order)} if taken and has_older else {},
        newer={"before": _cursor(taken[0], order)} if taken and has_newer else {},
    )


def _beyond(rows: QuerySet, order: Order, cursor: str, falling: bool) -> Q:
    value, pk = _read(rows, order, cursor)
    side = "lt" if falling else "gt"
    # The first condition alone is what the index serves.
    return Q(**{f"{order.column}__{side}e": value}) & (
        Q(**{f"{order.column}__{side}": value}) | Q(**{f"id__{side}": pk})
    )


def _cursor(row: Any, order: Order) -> str:
    value = getattr(row, order.column)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    body = json.dumps([text, row.pk], ensure_ascii=False)
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _read(rows: QuerySet, order: Order, cursor: str) -> tuple[Any, int]:
    try:
        if len(cursor) > _MOST_CURSOR:
            raise ValueError(cursor)
        padded = cursor + "=" * (-len(cursor) % 4)
        text, pk = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if type(pk) is not int or not 0 < pk < 2**63 or not _is_plain(text):
            raise ValueError(cursor)
        return _value(rows, order, text), pk
    except (ValueError, TypeError, OverflowError, ValidationError, binascii.Error) as error:
        raise DomainError(
            "cursor", _("翻页位置不对，请从第一页重新翻。"), field="cursor"
        ) from error


def _is_plain(text: object) -> bool:
    return isinstance(text, str) and len(text) <= _MOST_TEXT and text.isprintable()


def _value(rows: QuerySet, order: Order, text: str) -> Any:
    field = rows.model._meta.get_field(order.column)
    if not isinstance(field, DateTimeField):
        return int(text) if field.primary_key else field.to_python(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or not 1990 <= moment.year <= 2200:
        raise ValueError(text)
    return moment
