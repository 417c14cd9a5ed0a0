"""How many things wait for a person, all over the house: counted in one statement a request."""

from collections.abc import Callable, Hashable
from datetime import datetime
from functools import partial
from itertools import chain

from django.db.models import QuerySet

from citymgmt import clock
from citymgmt.counting import Asked, count_capped, kept_parts
from citymgmt.models import Notice, User

Source = Callable[[User, datetime], Asked]

NOTICES = "notices"
CAP = 999
_KEPT = "_waiting"
_sources: list[tuple[Source, Callable[[User], Hashable]]] = []


def add_source(source: Source, about: Callable[[User], Hashable]) -> None:
    """Register what an app counts for a person, by names of its own, each with its cap.

    `about` tells all that it depends on besides the person and the moment. Called from
    `AppConfig.ready`.
    """
    _sources.append((source, about))


def waiting(user: User) -> dict[str, int]:
    """The numbers by name, at most cap + 1 each; a name that is not asked for is not there."""
    kept: dict[str, int] | None = getattr(user, _KEPT, None)
    if kept is None:
        at = clock.now()
        parts = chain.from_iterable(
            kept_parts(("waiting", place, user.pk, about(user)), at, partial(source, user, at))
            for place, (source, about) in enumerate(_sources)
        )
        kept = count_capped({NOTICES: _unread(user)}, parts)
        setattr(user, _KEPT, kept)
    return kept


def unread(user: User) -> int:
    """How many notices the person has not read, at most CAP + 1: what a poll asks for, and none
    of the counts of desks."""
    return count_capped({NOTICES: _unread(user)})[NOTICES]


def _unread(user: User) -> tuple[QuerySet[Notice], int]:
    return Notice.objects.inbox_of(user.pk).filter(read_at__isnull=True), CAP
