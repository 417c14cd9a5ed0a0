"""Hot spots: planted ones in noise, found again (precision, recall), and how long a night takes."""

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


def planted(rnd: random.Random, spots: int = SPOTS) -> list[list[Occurrence]]:
    """Spots of 3 to 20 occurrences within 35 m of a middle, from days to months apart."""
    found = []
    for number in range(spots):
        kind = rnd.randrange(CLASSES)
        lon, lat = rnd.uniform(WEST, EAST), rnd.uniform(SOUTH, NORTH)
        size, at = rnd.randrange(3, 21), rnd.randrange(DAYS * DAY // 2)
        rows = []
        for n in range(size):
            turn, far = rnd.uniform(0, 2 * pi), 35 * sqrt(rnd.random())
            rows.append(
                Occurrence(
                    at,
                    (number, n),
                    kind,
                    lon + far * cos(turn) / (_DEGREE * cos(radians(lat))),
                    lat + far * sin(turn) / _DEGREE,
                )
            )
            at += rnd.randrange(3600, 9 * DAY)
        found.append(rows)
    return found


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
    rows = [row for each in spots for row in each]
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
        "seconds": round(searched, 1),
        "same_identities": list(again.of) == list(range(len(found))),
        "one_more_ms": round(one_by_one(rows, rnd), 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
