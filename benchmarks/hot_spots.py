"""Hot spots: planted ones among near misses and noise, found again (precision, recall), and how
long a night takes."""

import json
import os
import random
import time
from collections import Counter
from math import cos, pi, radians, sin, sqrt

from inspections.hot_clusters import DAY, Nearness, Occurrence, clusters, identify, joined_by

CASES = int(os.environ.get("BENCH_CASES", "1000000"))
SPOTS = int(os.environ.get("BENCH_SPOTS", str(max(10, CASES // 500))))
CLASSES, DAYS, SEED = 250, 365, 24
WEST, SOUTH, EAST, NORTH = 120.83, 28.66, 121.69, 29.07
RULE = Nearness(metres=80, days=30, times=3)
_DEGREE = 111_195.0


NEAR_MISSES = ("far", "few", "slow")


def planted(rnd: random.Random, spots: int = SPOTS) -> list[list[Occurrence]]:
    """Spots of 3 to 20 occurrences within 35 m of a middle, from days to months apart."""
    found = []
    for number in range(spots):
        kind, lon, lat = _somewhere(rnd)
        size, at = rnd.randrange(3, 21), rnd.randrange(DAYS * DAY // 2)
        rows = []
        for n in range(size):
            turn, far = rnd.uniform(0, 2 * pi), 35 * sqrt(rnd.random())
            rows.append(_off(at, (number, n), kind, lon, lat, far, turn))
            at += rnd.randrange(3600, 9 * DAY)
        found.append(rows)
    return found


def near_misses(rnd: random.Random, count: int, first: int) -> list[list[Occurrence]]:
    """What is nearly a spot, by turns: `far` three within 30 days, each 85 to 120 m from the one
    before on a line; `few` two within 30 days; `slow` three at one place, the last more than 30
    days after the first though none is so long after the one before. Keyed from `first` on."""
    found = []
    for number in range(first, first + count):
        kind, lon, lat = _somewhere(rnd)
        how = NEAR_MISSES[number % len(NEAR_MISSES)]
        at, turn, away = rnd.randrange(DAYS * DAY // 2), rnd.uniform(0, 2 * pi), 0.0
        rows = []
        for n in range(2 if how == "few" else 3):
            rows.append(_off(at, (number, n), kind, lon, lat, away, turn))
            away += rnd.uniform(85, 120) if how == "far" else rnd.uniform(0, 20)
            at += rnd.randrange(16 * DAY, 30 * DAY) if how == "slow" else rnd.randrange(13 * DAY)
        found.append(rows)
    return found


def _somewhere(rnd: random.Random) -> tuple[int, float, float]:
    """A class and a place."""
    return rnd.randrange(CLASSES), rnd.uniform(WEST, EAST), rnd.uniform(SOUTH, NORTH)


def _off(
    at: int, key: tuple[int, int], kind: int, lon: float, lat: float, far: float, turn: float
) -> Occurrence:
    """Something that happened so many metres from a middle."""
    return Occurrence(
        at,
        key,
        kind,
        lon + far * cos(turn) / (_DEGREE * cos(radians(lat))),
        lat + far * sin(turn) / _DEGREE,
    )


def noise(rnd: random.Random, count: int, spots: int = SPOTS) -> list[Occurrence]:
    """Cases anywhere, at any time, of any class; keyed behind those of the spots."""
    return [
        Occurrence(
            rnd.randrange(DAYS * DAY),
            (spots + n, 0),
            rnd.randrange(CLASSES),
            rnd.uniform(WEST, EAST),
            rnd.uniform(SOUTH, NORTH),
        )
        for n in range(count)
    ]


def quality(found: list[list[Occurrence]], spots: list[list[Occurrence]]) -> dict[str, float]:
    """Of cases: how many that were called hot were planted, how many of the planted were called so.
    Of spots: how many were found whole and alone."""
    hot = {row.key for rows in found for row in rows}
    true = {row.key for rows in spots for row in rows}
    whole = 0
    homes = {row.key: index for index, rows in enumerate(found) for row in rows}
    for rows in spots:
        there = Counter(homes.get(row.key) for row in rows)
        whole += len(there) == 1 and None not in there
    return {
        "precision": len(hot & true) / len(hot),
        "recall": len(hot & true) / len(true),
        "spots_whole": whole / len(spots),
    }


def fooled(found: list[list[Occurrence]], missed: list[list[Occurrence]]) -> dict[str, int]:
    """How many near misses of each sort there are, and how many have anything that was called hot
    (by chance a case of the noise may lie beside one and make it a spot indeed)."""
    hot = {row.key for rows in found for row in rows}
    said = {f"near_{how}": 0 for how in NEAR_MISSES} | {f"near_{how}_hot": 0 for how in NEAR_MISSES}
    for rows in missed:
        how = NEAR_MISSES[rows[0].key[0] % len(NEAR_MISSES)]
        said[f"near_{how}"] += 1
        said[f"near_{how}_hot"] += any(row.key in hot for row in rows)
    return said


def one_by_one(rows: list[Occurrence], rnd: random.Random, times: int = 2000) -> float:
    """Milliseconds to work out what one more joins, those around it being at hand."""
    by_kind: dict[int, list[Occurrence]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    asked = rnd.sample(rows, times)
    near = [
        [
            each
            for each in by_kind[row.kind]
            if abs(each.at - row.at) <= RULE.seconds
            and abs(each.lat - row.lat) < 0.002
            and abs(each.lon - row.lon) < 0.002
        ]
        for row in asked
    ]
    started = time.perf_counter()
    for row, around in zip(asked, near, strict=True):
        joined_by(row, around, RULE)
    return (time.perf_counter() - started) / times * 1000


def main() -> None:
    """Plant, search, compare; prints JSON."""
    rnd = random.Random(SEED)
    spots = planted(rnd)
    missed = near_misses(rnd, len(spots), CASES + len(spots))
    rows = [row for each in (*spots, *missed) for row in each]
    rows += noise(rnd, max(0, CASES - len(rows)))
    rnd.shuffle(rows)
    started = time.perf_counter()
    found = clusters(rows, RULE)
    searched = time.perf_counter() - started
    known = {row.key: index for index, each in enumerate(found) for row in each}
    again = identify(
        [[row.key for row in each] for each in clusters(rows, RULE)], known, range(len(found))
    )
    figures = {
        "cases": len(rows),
        "planted": len(spots),
        "found": len(found),
        **{name: round(value, 4) for name, value in quality(found, spots).items()},
        **fooled(found, missed),
        "seconds": round(searched, 1),
        "same_identities": list(again.of) == list(range(len(found))),
        "one_more_ms": round(one_by_one(rows, rnd), 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
