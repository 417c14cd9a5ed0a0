"""Wholes kept in memory (grid, calendar, rules), built anew in tests once a table under them moved.

In production a revision says so; a test also writes rows directly, and rolls everything back.
"""

import re
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from cases import campaigns, options, options_rooms
from citymgmt.services.revisions import Kept

# What every move writes, and nothing that is kept in memory is built from.
_BESIDE = re.compile(
    r'(INSERT INTO|UPDATE|WITH \w+ AS \(INSERT INTO) "?(cases_(case|caseevent|caseeventtext|report'
    r"|reportcontact|order|stageclock)|citymgmt_(photo|blob|notice|counter|idempotencyrecord"
    r'|derivation)|inspections_lookback|django_session)\b"?'
)
_READS = ("SELECT", "(SELECT", "SAVEPOINT", "RELEASE")
_WRITES = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM)\b")

moved = 0
_built: "WeakKeyDictionary[Kept, tuple[int, Any]]" = WeakKeyDictionary()


def _moves(sql: object) -> bool:
    words = str(sql).lstrip()
    if words.startswith("WITH") and not _WRITES.search(words):
        return False
    return not words.startswith(_READS) and not _BESIDE.match(words)


def _fresh(kept: Kept, since_revision: int = 0) -> object:
    """The value, built again unless nothing was written or taken back since."""
    since, value = _built.get(kept, (-1, None))
    if since != moved:
        since = moved
        value = kept._build()
        _built[kept] = (since, value)
    return value


def watch(patch: pytest.MonkeyPatch) -> None:
    """Count every statement and rollback of this process that may move a table kept in memory."""
    patch.setattr(Kept, "get", _fresh)
    patch.setattr(CursorWrapper, "_execute", _counted(CursorWrapper._execute))
    patch.setattr(CursorWrapper, "_executemany", _counted(CursorWrapper._executemany))
    patch.setattr(BaseDatabaseWrapper, "_rollback", _after(BaseDatabaseWrapper._rollback))


def forget() -> None:
    """Build everything anew: a table moved."""
    global moved
    moved += 1


def begin() -> None:
    """A test begins: what pages offer to choose from is another one's, too."""
    forget()
    kept = (*vars(options).values(), *vars(options_rooms).values(), campaigns.all_campaigns)
    for each in kept:
        if isinstance(each, options.Remembered):
            each.forget()


def _counted(run: Callable[..., Any]) -> Callable[..., Any]:
    def counted(self: CursorWrapper, sql: object, *args: Any) -> Any:
        if _moves(sql):
            forget()
        return run(self, sql, *args)

    return counted


def _after(run: Callable[..., Any]) -> Callable[..., Any]:
    def rolled_back(self: BaseDatabaseWrapper) -> Any:
        forget()
        return run(self)

    return rolled_back
