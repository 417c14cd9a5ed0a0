"""What every open dashboard asks for at the same time is made once for all of them.

Of a busy bureau something changes between any two polls, so that each open page would have each
part counted anew: twenty of them take two processors. Instead a version of a scope is told for
`FIGURES_SECONDS`, and what a part shows is made once for the version that is told. It is never
older than what a page was told: whoever hears of a version and then asks gets what was made after
it was read, and what comes later has another version.
"""

import hashlib
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from time import monotonic
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from inspections.facts.dashboard import read
from inspections.facts.scopes import version
from inspections.facts.shapes import Board, Scope

_log = logging.getLogger(__name__)
Made = TypeVar("Made")
KEPT_SECONDS = 5
"""For so long what no version tells of, a team's name or who answers for a cell, may be old."""
# Requests of one process wait for the first of them; others' parts seldom share its lock.
_PARTS, _BOARDS = (tuple(threading.Lock() for _n in range(64)) for _kind in range(2))


def told_version(scope: Scope, at: datetime) -> int | None:
    """The version of the scope that everybody is told now; None where each asks for himself, for
    want of the cache or with FIGURES_SECONDS 0."""
    if not settings.FIGURES_SECONDS:
        return None
    key = f"told:{scope.team_id or ''}:{scope.street}"
    try:
        told: int | None = cache.get(key)
        if told is None:
            began = monotonic()
            read_now = version(scope, at)
            # Of two who read it at once both tell what the first one read. Who took longer than
            # that is told may have been overtaken: what he read tells nobody.
            if monotonic() - began < settings.FIGURES_SECONDS:
                cache.add(key, read_now, settings.FIGURES_SECONDS)
            told = cache.get(key)
    except RedisError:
        return None
    return told


def polled_version(scope: Scope, at: datetime) -> int:
    """What a page that asks whether something changed is told."""
    told = told_version(scope, at)
    return version(scope, at) if told is None else told


def board_of(scope: Scope, at: datetime) -> Board:
    """What all parts of a dashboard, and the walls, are drawn from."""
    # While a part is made; so it has locks of its own, and none waits for one that waits for it.
    return _once("board", scope, at, lambda: read(at, scope), _BOARDS)


def for_all(what: str, scope: Scope, at: datetime, make: Callable[[], Made]) -> Made:
    """What `make` gives, made once for the version of the scope that is told.

    `what` names it among everything that is made of the scope; nobody's own rights may be in it.
    """
    return _once(what, scope, at, make, _PARTS)


def _once(
    what: str,
    scope: Scope,
    at: datetime,
    make: Callable[[], Made],
    locks: tuple[threading.Lock, ...],
) -> Made:
    told = told_version(scope, at)
    if told is None:
        return make()
    name = f"{scope.team_id or ''}:{scope.street}:{told}:{what}"
    key = f"made:{hashlib.sha256(name.encode()).hexdigest()}"
    with locks[int(key[-2:], 16) % len(locks)]:
        try:
            made: Made | None = cache.get(key)
        except RedisError:
            return make()
        if made is None:
            made = make()
            _keep(key, made)
    return made


def _keep(key: str, made: object) -> None:
    try:
        cache.set(key, made, KEPT_SECONDS)
    except RedisError:
        _log.warning("not kept for the next who asks: %s", key)
