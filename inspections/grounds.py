"""Which happenings together are a ground for accountability. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Happening(Generic[T]):
    """Something that counts against a subject at a moment; `key` tells it from all others."""

    subject: int
    key: int
    at: datetime
    what: T


@dataclass(frozen=True, slots=True)
class Ground(Generic[T]):
    """So many happenings of one subject within the days; the last one is what sets it off."""

    happenings: tuple[Happening[T], ...]

    @property
    def key(self) -> int:
        """What tells this ground from others: the happening that set it off."""
        return self.happenings[-1].key


def grounds_in(
    happenings: Iterable[Happening[T]],
    *,
    threshold: int,
    days: int,
    spent: Collection[int] = frozenset(),
    once: bool,
) -> list[Ground[T]]:
    """The grounds among happenings, in their order: `threshold` of one subject within `days`.

    With `once` a happening counts for one ground only: what is `spent` is left out, and after a
    ground counting begins anew. Otherwise each further one within the days is a ground of its
    own, together with those before it, unless it set one off already (is `spent`).
    """
    by_subject: dict[int, list[Happening[T]]] = defaultdict(list)
    for each in sorted(happenings, key=lambda item: (item.at, item.key)):
        by_subject[each.subject].append(each)
    found: list[Ground[T]] = []
    span = timedelta(days=days)
    for rows in by_subject.values():
        window: list[Happening[T]] = []
        for each in rows:
            if once and each.key in spent:
                continue
            window = [row for row in window if each.at - row.at <= span] + [each]
            if len(window) < threshold or (not once and each.key in spent):
                continue
            found.append(Ground(tuple(window)))
            if once:
                window = []
    return found
