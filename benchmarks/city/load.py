"""Load a city into the database of the environment, and note what was made.

python -m benchmarks.city.load 100000 var/bench/city_100000.json
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import django


def main(cases: int, note: Path) -> None:
    """Load; the note is written last, so that it stands for a whole city."""
    django.setup()
    from benchmarks.city.loading import load

    began = time.perf_counter()
    made = load(cases=cases)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    said = {
        "cases": cases,
        "rows": made.counts,
        "seconds": made.seconds,
        "total_seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds_without_database": round(sum(u.ru_utime + u.ru_stime for u in used), 1),
        "load_average": os.getloadavg(),
    }
    note.write_text(json.dumps(said, indent=2))
    print(json.dumps(said))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
