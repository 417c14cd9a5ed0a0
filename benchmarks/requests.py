"""What the twenty commonest requests cost, held to a table and to a city ten times as large.

    make bench ARGS=requests

Asks each many times, in turn, at a city of 100 000 and one of a million (`BENCH_CASES`; they are
loaded where they are not there), in one process and one at a time. Told are milliseconds of
processor of the web's side and of the database's, statements, and:

- of the smaller city each side, as a multiple of a piece of work without a database that is
  measured in the same rounds, against `benchmarks/crowd/requests.json`: more than 15 % worse is
  named;
- both sides together of the larger city against the smaller: more than 1.3 times is named, or
  than what the table knows of it.

`BENCH_DATA` (var/bench), `BENCH_ROUNDS` (30), `BENCH_PHOTO_MB` (2), `BENCH_KEEP=1` writes the
table anew from what was measured (on a quiet machine). Prints JSON; ends with 1 where something
was named.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from benchmarks.crowd import table

SIZES = [int(given) for given in os.environ.get("BENCH_CASES", "100000,1000000").split(",")]
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "30"))
MEGABYTES = float(os.environ.get("BENCH_PHOTO_MB", "2"))
INSIDE = "BENCH_INSIDE"
# Files of pages are not asked for here, so none needs a fingerprint.
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
Figures = dict[str, Any]


def main() -> int:
    """Measure each city in a process of its own, compare, print."""
    if INSIDE in os.environ:
        django.setup()
        Path(os.environ[INSIDE]).write_text(json.dumps(_measured()))
        return 0
    figures = _of_cities()
    small, large = (figures[str(cases)] for cases in (SIZES[0], SIZES[-1]))
    if os.environ.get("BENCH_KEEP"):
        table.keep(small, large, {
            "date": f"{datetime.now(UTC):%Y-%m-%d}", "cases": [SIZES[0], SIZES[-1]],
            "rounds": ROUNDS, "cores": figures["cores"], "load": figures["load"][0],
            "reference_ms": [each["reference_ms"] for each in (small, large)],
        })  # fmt: skip
    rows = table.table()
    named = {
        "worse": dict(table.worse(small, rows)), "grown": dict(table.grown(small, large, rows)),
        "known_to_grow": {name: row["grown"] for name, row in rows.items() if "grown" in row},
    }  # fmt: skip
    print(json.dumps(figures | named, ensure_ascii=False, indent=1))
    return 1 if named["worse"] or named["grown"] else 0


def _of_cities() -> Figures:
    from benchmarks.city.keeping import cluster, environment_of, ready
    from benchmarks.pages import DATA, set_clock
    from citymgmt.dev.processes import Failed, listen_for_stop, python, step

    listen_for_stop()
    ready(DATA, SIZES)
    figures: Figures = {"cores": os.cpu_count(), "load": os.getloadavg(), "rounds": ROUNDS}
    out = DATA / "run" / "requests.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    set_clock(DATA / "clock")
    with cluster(DATA) as addresses:
        for cases in SIZES:
            environment = environment_of(addresses, cases) | {
                "STATIC_STORAGE": PLAIN, "CLOCK_FILE": str(DATA / "clock"),
                "LOG_LEVEL": "WARNING", "FIGURES_SECONDS": "0", INSIDE: str(out),
            }  # fmt: skip
            if step(python("-m", "benchmarks.requests"), env=environment):
                raise Failed("requests")
            figures[str(cases)] = json.loads(out.read_text())
    return figures


# --- One city, in its own process -----------------------------------------------------------


def _measured() -> Figures:
    """By request: milliseconds web and database, statements; beside them the reference."""
    from django.db import connection

    import citymgmt.wsgi  # noqa: F401  # what a server's process does when it starts
    from benchmarks.crowd.people import gathered
    from benchmarks.crowd.pictures import photo
    from benchmarks.crowd.twenty import Asking, asked_once, reference, statements
    from citymgmt import clock
    from inspections.services import rollups

    # As every few seconds in a running house: what is not rolled up yet, each page reckons itself.
    rollups.catch_up(at=clock.now())
    it = Asking(gathered(officers=1, desks=4, boards=0, walls=1), photo(MEGABYTES))
    counts = statements(it)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    spent: dict[str, list[tuple[float, float]]] = {"reference": []}
    for _round in range(ROUNDS):
        for name, ask in (("reference", reference), *asked_once(it), ("reference", reference)):
            spent.setdefault(name, []).append(_cost(ask, backend))
    unit = statistics.median(web for web, _database in spent.pop("reference"))
    told: Figures = {"reference_ms": round(unit, 2)}
    for name, costs in spent.items():
        web, database = (statistics.median(each) for each in zip(*costs, strict=True))
        told[name] = {
            "web_ms": round(web, 2), "database_ms": round(database, 2),
            "statements": counts[name],
        }  # fmt: skip
    return told


def _cost(ask: Callable[[], object], backend: int) -> tuple[float, float]:
    """Milliseconds of processor of this process and of the database's beside it."""
    before, began = _backend_ms(backend), time.process_time()
    ask()
    spent = (time.process_time() - began) * 1000
    return spent, _backend_ms(backend) - before


def _backend_ms(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


if __name__ == "__main__":
    sys.exit(main())
