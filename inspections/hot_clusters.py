"""Where the same thing happens again and again: clusters of occurrences. Pure.

An occurrence *tells* where, with those of its class within the radius and the days before it, it
is the last of enough. It joins itself and all of these. What is joined through any that tell is
one cluster. A further occurrence can only make more tell, so clusters only grow and join: found
one by one as occurrences come, in any order, they are the same as found all at once.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, exp2, log2, radians, sin, sqrt
from typing import NamedTuple, TypeVar

from citymgmt.geometry import EARTH_RADIUS_M

DAY = 86_400
# So wide are cells of the hash that two points within the radius are neighbours up to 56° of
# latitude, far north of the country.
_NARROWEST = 0.55
_METRES_A_DEGREE = radians(1) * EARTH_RADIUS_M
_Cell = tuple[int, int, int]
Key = TypeVar("Key", bound=Hashable)


class Occurrence(NamedTuple):
    """Something that happened: `key` orders what happened at the same second, `at` in seconds."""

    at: int
    key: tuple[int, int]
    kind: int
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near, within how many days, and how often."""

    metres: int
    days: int
    times: int

    @property
    def seconds(self) -> int:
        """The days in seconds."""
        return self.days * DAY


def clusters(points: Iterable[Occurrence], rule: Nearness) -> list[list[Occurrence]]:
    """All clusters, each by time; in the order of their first occurrences."""
    rows = sorted(points)
    parents = list(range(len(rows)))
    joined = bytearray(len(rows))
    for last, before in _telling(rows, rule):
        root = _root(parents, last)
        joined[last] = 1
        for each in before:
            joined[each] = 1
            other = _root(parents, each)
            if other != root:
                low, root = min(root, other), max(root, other)
                parents[root] = low
                root = low
    groups: dict[int, list[Occurrence]] = defaultdict(list)
    for index, there in enumerate(joined):
        if there:
            groups[_root(parents, index)].append(rows[index])
    return sorted(groups.values())


def joined_by(
    new: Occurrence, around: Iterable[Occurrence], rule: Nearness
) -> frozenset[Occurrence]:
    """What a new occurrence joins, itself among it; empty where it makes nothing tell.

    `around` holds all of its class within twice the radius and within the days of it, before and
    after; more does no harm.
    """
    rows = {each for each in around if each.kind == new.kind} | {new}
    after = [each for each in rows if each >= new and _within(new, each, rule)]
    found: set[Occurrence] = set()
    for last in after:
        before = [each for each in rows if each <= last and _within(each, last, rule)]
        if len(before) >= rule.times:
            found.update(before)
    return frozenset(found)


def _telling(rows: Sequence[Occurrence], rule: Nearness) -> Iterator[tuple[int, list[int]]]:
    """Each that tells with those before it, by their indices in the sorted rows."""
    high = rule.metres / _METRES_A_DEGREE
    wide = high / _NARROWEST
    cells: dict[_Cell, deque[int]] = defaultdict(deque)
    for index, row in enumerate(rows):
        at, _key, kind, lon, lat = row
        x, y = int(lon // wide), int(lat // high)
        since = at - rule.seconds
        near: list[int] = []
        for cell_x in (x - 1, x, x + 1):
            for cell_y in (y - 1, y, y + 1):
                there = cells.get((kind, cell_x, cell_y))
                if not there:
                    continue
                while there and rows[there[0]].at < since:
                    there.popleft()
                for other in there:
                    if _metres(lon, lat, rows[other].lon, rows[other].lat) <= rule.metres:
                        near.append(other)
        cells[kind, x, y].append(index)
        if len(near) + 1 >= rule.times:
            yield index, near


def _within(before: Occurrence, last: Occurrence, rule: Nearness) -> bool:
    near = last.at - before.at <= rule.seconds
    return near and _metres(before.lon, before.lat, last.lon, last.lat) <= rule.metres


def _metres(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """As `citymgmt.geometry.distance_m`, the same both ways round; written out for its speed."""
    phi1, phi2 = radians(lat1), radians(lat2)
    half_phi, half_lambda = (phi2 - phi1) / 2, radians(lon2 - lon1) / 2
    chord = sin(half_phi) ** 2 + cos(phi1) * cos(phi2) * sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


# --- Identity ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identities:
    """Which known spot each cluster is (None: a new one), what became of the others."""

    of: tuple[int | None, ...]
    merged: Mapping[int, int]
    gone: frozenset[int]


def identify(
    found: Sequence[Collection[Key]], known: Mapping[Key, int], ids: Collection[int]
) -> Identities:
    """Give clusters the identities they had. `known` has the spot of each key, `ids` all spots.

    A spot goes where most of it went (the earlier cluster where that is even); where several meet
    the oldest (lowest) id stays and the others are merged into it. A spot of which nothing is
    left is gone.
    """
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    for index, keys in enumerate(found):
        for key in keys:
            if key in known:
                votes[known[key]][index] += 1
    of: list[int | None] = [None] * len(found)
    merged: dict[int, int] = {}
    for spot in sorted(votes):
        count = votes[spot]
        home = min(count, key=lambda index, count=count: (-count[index], index))  # type: ignore[misc]
        there = of[home]
        if there is None:
            of[home] = spot
        else:
            merged[spot] = there
    return Identities(tuple(of), merged, frozenset(ids) - votes.keys())


# --- Heat -------------------------------------------------------------------------------------


def warmth(moments: Iterable[int], half_life_days: int) -> float:
    """The weight of all occurrences as a logarithm that time does not change.

    Each weighs 1 when it happens and half as much after each half-life. All cool alike, so who is
    the warmest now was so yesterday: nothing has to be written while they cool.
    """
    powers = sorted(at / (half_life_days * DAY) for at in moments)
    top = powers[-1]
    return top + log2(sum(exp2(power - top) for power in powers))


def weight_at(warm: float, at: int, half_life_days: int) -> float:
    """The weight at a moment."""
    return exp2(min(1000.0, warm - at / (half_life_days * DAY)))


def warmth_of_weight(weight: float, at: int, half_life_days: int) -> float:
    """The warmth that has so much weight at a moment."""
    return log2(weight) + at / (half_life_days * DAY)


# --- What to do about it ----------------------------------------------------------------------


def patrols_a_day(weight: float, each: float, most: int) -> int:
    """One patrol a day for every so much weight, at least one and at most `most`."""
    return max(1, min(most, round(weight / each)))


def hours_of(by_hour: Sequence[int], *, share: float = 0.7, most: int = 2) -> list[tuple[int, int]]:
    """The hours of the day in which most of it happens: up to `most` stretches [from, until).

    The shortest stretches that together hold the share, found one after the other; a stretch may
    go over midnight, it then ends below where it begins.
    """
    left = list(by_hour)
    wanted = share * sum(by_hour)
    found: list[tuple[int, int]] = []
    while wanted > 0 and len(found) < most:
        begin, length = _stretch(left, wanted, last=len(found) + 1 == most)
        for hour in range(begin, begin + length):
            wanted -= left[hour % 24]
            left[hour % 24] = 0
        found.append((begin, (begin + length) % 24 or 24))
    return sorted(found)


def _stretch(left: Sequence[int], wanted: float, *, last: bool) -> tuple[int, int]:
    """Begin and length of the stretch with the most to each hour; the last must hold the rest."""
    best = (0.0, 0, 24)
    for length in range(1, 25):
        for begin in range(24):
            held = sum(left[hour % 24] for hour in range(begin, begin + length))
            if last and held < wanted:
                continue
            # Two hours are the least for which it pays to send somebody.
            score = held / max(2, length)
            if score > best[0]:
                best = (score, begin, length)
    return best[1], best[2]
