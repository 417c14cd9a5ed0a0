"""How long the web server takes from its start to its first answer, and what it holds then.

    make bench ARGS=startup

Starts the server as `make demo` does, `BENCH_TIMES` times (5), on `BENCH_PORT` (8100), and asks
until it answers. Told are the medians of the seconds by the clock and of processor and of the
megabytes of the largest process, the best and the worst start, and how many times as long as a
bare import of Django one import of the whole house takes, since machines differ. Prints JSON, and
ends with 1 where a median is over its aim.
"""

import json
import os
import resource
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.crowd.watching import family, processor_seconds, resident
from benchmarks.pages import web
from citymgmt.dev.processes import listen_for_stop, python

TIMES = int(os.environ.get("BENCH_TIMES", "5"))
AIMS = {"seconds": 3.0, "largest_mb": 200.0}
BARE = "import django.db.models, django.http"


def main() -> None:
    """Start it again and again, print."""
    listen_for_stop()
    starts = [_started() for _time in range(TIMES)]
    bare, whole = (
        statistics.median(_processor_of(code) for _time in range(TIMES))
        for code in (BARE, "import citymgmt.wsgi")
    )
    figures = {
        "cores": os.cpu_count(), "load": os.getloadavg(), "times": TIMES, **told(starts),
        "import_processor_seconds": round(whole, 2), "import_of_django": round(whole / bare, 1),
    }  # fmt: skip
    print(json.dumps(figures, indent=1))
    missed = list(misses(figures))
    for line in missed:
        print(f"! {line}")
    if missed:
        raise SystemExit(1)


def told(starts: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """The median of each figure, and by how much the starts differed."""
    seconds = [start["seconds"] for start in starts]
    medians = {name: statistics.median(start[name] for start in starts) for name in starts[0]}
    return {**medians, "best_seconds": min(seconds), "worst_seconds": max(seconds)}


def misses(figures: Mapping[str, Any]) -> Iterator[str]:
    """What is over its aim, a line each."""
    for name, most in AIMS.items():
        if figures[name] > most:
            yield f"{name}: {figures[name]}, at most {most}"


def _started() -> dict[str, float]:
    began = time.monotonic()
    with web(os.environ) as pid:
        processes = family(pid)
        return {
            "seconds": round(time.monotonic() - began, 2),
            "processor_seconds": round(processor_seconds(processes), 2),
            "largest_mb": max(resident(each) for each in processes),
        }


def _processor_of(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(python("-c", code), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
