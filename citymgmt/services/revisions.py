"""Cached wholes (grid, calendar) that every process refreshes soon after a change."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection

from citymgmt.models import Revision

T = TypeVar("T")

GRID = "grid"
CALENDAR = "calendar"

_RAISE = """
    INSERT INTO citymgmt_revision (name, value) VALUES (%s, 1)
    ON CONFLICT (name) DO UPDATE SET value = citymgmt_revision.value + 1
"""


def raise_revision(name: str) -> None:
    """Tell every process that the whole of that name changed; takes effect on commit."""
    with connection.cursor() as cursor:
        cursor.execute(_RAISE, [name])


class Kept(Generic[T]):
    """A value built from the database and kept until its revision moves.

    The revision is asked for at most every `settings.REVISION_SECONDS`.
    """

    def __init__(self, name: str, build: Callable[[], T]) -> None:
        self._name = name
        self._build = build
        self._state: tuple[int, T] | None = None
        self._asked = 0.0

    def get(self, since: int = 0) -> T:
        """The value, at most `REVISION_SECONDS` behind the database and no older than a revision
        that the caller has seen there (`since`)."""
        moment = time.monotonic()
        is_fresh = moment - self._asked < settings.REVISION_SECONDS
        if self._state is not None and is_fresh and self._state[0] >= since:
            return self._state[1]
        revision = (
            Revision.objects.filter(name=self._name).values_list("value", flat=True).first() or 0
        )
        if self._state is None or self._state[0] != revision:
            self._state = (revision, self._build())
        self._asked = moment
        return self._state[1]

    def drop(self) -> None:
        """Build anew at the next question."""
        self._state = None
