"""How long the web server takes from its start to its first answer, and what it holds then.

    make bench ARGS=startup

Starts the server as `make demo` does, `BENCH_TIMES` times (5), on `BENCH_PORT` (8100), and asks
until it answers. Told are the seconds by the clock and of processor (the least count: a busy
machine only adds), the megabytes of the largest process, and how many times as long as a bare
import of Django one import of the whole house takes, since machines differ. Prints JSON.
"""

import json
import os
import resource
import subprocess
import time
from typing import Any

from benchmarks.crowd.watching import family, processor_seconds, resident
from benchmarks.pages import web
from citymgmt.dev.processes import listen_for_stop, python

TIMES = int(os.environ.get("BENCH_TIMES", "5"))
MOST_SECONDS, MOST_MB = 3.0, 200
BARE = "import django.db.models, django.http"


def main() -> None:
    """Start it again and again, print."""
    listen_for_stop()
    starts = [_started() for _time in range(TIMES)]
    bare, whole = (
        min(_processor_of(code) for _time in range(TIMES))
        for code in (BARE, "import citymgmt.wsgi")
    )
    least = {name: min(start[name] for start in starts) for name in starts[0]}
    figures: dict[str, Any] = {
        "cores": os.cpu_count(), "load": os.getloadavg(), "times": TIMES, **least,
        "import_processor_seconds": round(whole, 2), "import_of_django": round(whole / bare, 1),
        "over": [
            name
            for name, most in (("seconds", MOST_SECONDS), ("largest_mb", MOST_MB))
            if least[name] > most
        ],
    }  # fmt: skip
    print(json.dumps(figures, indent=1))


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
