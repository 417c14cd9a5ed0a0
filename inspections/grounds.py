"""Which happenings together are a ground for accountability. Pure."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that counts against a subject at a moment; `key` tells it from all others."""

    subject: Hashable
    key: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Ground:
    """So many happenings of one subject within the days; the last one is what sets it off."""

    happenings: tuple[Happening, ...]

    @property
    def key(self) -> int:
        """What tells this ground from others: the happening that set it off."""
        return self.happenings[-1].key

    @property
    def keys(self) -> list[int]:
        """Of all its happenings, in their order."""
        return [each.key for each in self.happenings]


def grounds_in(
    happenings: Iterable[Happening],
    *,
    threshold: int,
    days: int,
    spent: Collection[int] = frozenset(),
    once: bool,
    most: int = 60,
) -> list[Ground]:
    """The grounds among happenings, in their order: `threshold` of one subject within `days`.

    With `once` a happening counts for one ground only: what is `spent` is left out, a ground
    takes in whatever else is within the days of its first one (up to `most`), and after it
    counting begins anew. Otherwise each further one within the days is a ground of its own,
    together with those before it, unless it set one off already (is `spent`).
    """
    by_subject: dict[Hashable, list[Happening]] = defaultdict(list)
    for each in sorted(happenings, key=lambda item: (item.at, item.key)):
        by_subject[each.subject].append(each)
    span = timedelta(days=days)
    find = partial(_apart, most=most) if once else _onward
    return [
        Ground(tuple(window))
        for rows in by_subject.values()
        for window in find(rows, spent, threshold, span)
    ]


def _apart(
    rows: Iterable[Happening],
    spent: Collection[int],
    threshold: int,
    span: timedelta,
    *,
    most: int,
) -> Iterator[list[Happening]]:
    """Windows that share nothing, each as wide as the days allow."""
    window: list[Happening] = []
    for each in rows:
        if each.key in spent:
            continue
        wide = bool(window) and each.at - window[0].at <= span and len(window) < most
        if not wide and len(window) >= threshold:
            yield window
            window = []
        window = [row for row in window if each.at - row.at <= span] + [each]
    if len(window) >= threshold:
        yield window


def _onward(
    rows: Iterable[Happening], spent: Collection[int], threshold: int, span: timedelta
) -> Iterator[list[Happening]]:
    """A window that ends with each happening that has enough before it."""
    window: list[Happening] = []
    for each in rows:
        window = [row for row in window if each.at - row.at <= span] + [each]
        if len(window) >= threshold and each.key not in spent:
            yield window
