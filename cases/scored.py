"""What a figure of a score counted, as lists of cases and reports know it.

The room that keeps scores says which rows a figure counted (`register`), by its name
`LINE.FIGURE`; the lists narrow by that.
"""

import re
from collections.abc import Callable
from typing import Any

from django.db.models import Func, Q, QuerySet

from cases.querysets import among
from grids.policies import Access

Reader = Callable[[int, str, Access], QuerySet]
"""Rows whose column `ids` holds what the figure of the line counted; none where the person may
not see the line."""
_NAME = re.compile(r"([0-9]{1,18})\.([a-z_]{1,20})")
_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Say how figures are read; called once when the app is ready."""
    _readers.append(reader)


def scored(name: str, access: Access) -> Q:
    """The condition that a row is one that the figure counted."""
    found = _NAME.fullmatch(name)
    condition = Q(pk__in=[])
    if found is None:
        return condition
    for reader in _readers:
        rows: Any = reader(int(found[1]), found[2], access)
        each = rows.order_by().annotate(each=Func("ids", function="unnest")).values("each")
        condition |= among(each)
    return condition
