"""The whole house under load: officers report, desks, dashboards and walls stand open.

    make bench ARGS=load                              a city of a million, 12 to 18 minutes; the
                                                      first time up to half an hour more
    LOAD_CASES=100000 LOAD_PHASES="photo:1:20 drain:60" LOAD_DESKS=5 make bench ARGS=load

Brings a measured city up (`BENCH_DATA`, var/bench; loads it where it is not there), starts web,
workers and beat as `docker-compose.yml` does, and lets people work at it over HTTP, from this
machine. A city that was only just loaded first does alone what a running house has behind it: the
digests, scores and hot spots of what is over; how long that takes is told apart. The crowd works
in a copy, so that the city stays what it was for whatever is measured next. Reports come at a
given pace whatever the server does; what one waits for his turn counts. Prints the figures,
keeps them in `BENCH_DATA/load.json`, and ends with 1 where one misses its aim.

`LOAD_CASES` (1000000), `LOAD_PHASES` (`quiet:SECONDS`, `photo:RATE:SECONDS`, `plain:RATE:SECONDS`,
`drain:MOST_SECONDS`), `LOAD_OFFICERS` 60, `LOAD_DESKS` 50, `LOAD_BOARDS` 20, `LOAD_WALLS` 2,
`LOAD_THINK` seconds that a desk looks at a page (30), `LOAD_PHOTO_MB` 2, `LOAD_CATCH_UP` seconds
that catching up may take (3600; 0: none), `BENCH_PORT` (8100).
"""

import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.city.keeping import cluster, copied, environment_of, ready
from benchmarks.crowd.watching import family, processor_seconds
from benchmarks.pages import DATA, PORT, set_clock, web
from citymgmt.dev import postgres
from citymgmt.dev.processes import Crew, Failed, listen_for_stop, python, say, step

CASES = int(os.environ.get("LOAD_CASES", "1000000"))
CATCH_UP = float(os.environ.get("LOAD_CATCH_UP", "3600"))
# The workers have nothing left to do where a minute costs less: their sweeps alone stay.
IDLE_SECONDS_A_MINUTE = 12.0
MOST_RECEIPT_MS, MOST_WEB_MB, MOST_WORKER_MB = 1000.0, 200, 250
RECEIPTS = ("report with photo", "report without")
# A phase as long says whether a queue grows; a short burst may leave one behind.
LONG_SECONDS = 120
Figures = dict[str, Any]


def main() -> None:
    """Bring everything up, drive, print."""
    listen_for_stop()
    ready(DATA, [CASES])
    media = DATA / "load-media"
    set_clock(DATA / "clock")
    more = {
        "STATIC_ROOT": str(DATA / "static"), "MEDIA_ROOT": str(media), "DB_POOL": "true",
        "CLOCK_FILE": str(DATA / "clock"),
    }  # fmt: skip
    try:
        with cluster(DATA) as addresses:
            caught_up = catch_up({**environment_of(addresses, CASES), **more}) if CATCH_UP else 0.0
            with copied(addresses, CASES) as city:
                figures = driven({**city, **more}) | {"catch_up_seconds": caught_up}
    finally:
        shutil.rmtree(media, ignore_errors=True)
    figures |= {
        "date": f"{datetime.now(UTC):%Y-%m-%d}", "cores": os.cpu_count(), "cases": CASES,
        "load_average_before": BEFORE,
    }  # fmt: skip
    (DATA / "load.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    for line in told(figures):
        say(line)
    missed = list(misses(figures))
    for line in missed:
        say(f"! {line}")
    if missed:
        raise SystemExit(1)


BEFORE = os.getloadavg()


def driven(environment: Mapping[str, str]) -> Figures:
    """The figures of the crowd at the running house."""
    if step(python("manage.py", "collectstatic", "--noinput", "--verbosity", "0"), env=environment):
        raise Failed("collectstatic")
    out = DATA / "run" / "load.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    with web(environment) as pid, background(environment) as others:
        parts = json.dumps({"web": pid, **others, "database": _postmaster()})
        drive = python("-m", "benchmarks.crowd.drive", str(PORT), str(out), parts)
        if step(drive, env=environment):
            raise Failed("drive")
    return json.loads(out.read_text())


def catch_up(environment: Mapping[str, str]) -> float:
    """Take what steps are due, then let workers and beat do the rest until they are idle, CATCH_UP
    seconds at most; how long both took."""
    began = time.monotonic()
    if step(python("-m", "benchmarks.city.settling"), env=environment):
        raise Failed("settling")
    with background(environment) as parts:
        workers = [pid for name, pid in parts.items() if name != "beat"]
        idle, before = False, _spent(workers)
        while not idle and time.monotonic() - began < CATCH_UP:
            time.sleep(60)
            now = _spent(workers)
            used, before = now - before, now
            idle = used < IDLE_SECONDS_A_MINUTE
            took = time.monotonic() - began
            say(f"补从前的：{took:.0f} 秒，这一分钟后台用了 {used:.0f} 秒处理器")
        return round(time.monotonic() - began - (60 if idle else 0), 1)


def _spent(workers: list[int]) -> float:
    return processor_seconds([pid for worker in workers for pid in family(worker)])


@contextmanager
def background(environment: Mapping[str, str]) -> Iterator[dict[str, int]]:
    """Workers and beat as `docker-compose.yml` starts them; their processes."""
    crew = Crew(DATA / "log")
    celery = [Path(sys.executable).parent / "celery", "-A", "citymgmt", "--quiet"]
    quietly = ["--loglevel", "WARNING"]
    alone = [*quietly, "--without-gossip", "--without-mingle"]
    run = DATA / "run"
    run.mkdir(parents=True, exist_ok=True)
    commands = {
        "worker": [*celery, "worker", "--queues", "urgent,normal", "--concurrency", "2", *alone],
        "bulk": [*celery, "worker", "--queues", "bulk", "--concurrency", "1", *alone],
        "beat": [*celery, "beat", *quietly, "--pidfile=", "--schedule", run / "beat"],
    }
    try:
        started = {name: crew.start(name, of, env=environment) for name, of in commands.items()}
        time.sleep(5)
        crew.check()
        yield {name: each.process.pid for name, each in started.items()}
    finally:
        crew.stop()


def _postmaster() -> int:
    home = postgres.cluster_home(DATA, postgres.unprivileged())
    return int((home / "cluster" / "postmaster.pid").read_text().split()[0])


def told(figures: Figures) -> Iterator[str]:
    """The figures in lines that people read."""
    yield f"{figures['cases']} cases, {figures['people']}"
    yield f"caught up with what was due: {figures['catch_up_seconds']} s"
    yield f"load average before: {figures['load_average_before']}"
    for phase in figures["phases"]:
        seconds = phase["seconds"]
        yield f"{phase['phase']}: {seconds} s, load {phase['load_average'][0]:.1f}"
        for name, spread in sorted(phase["done"].items()):
            count, p50, p95 = spread["count"], spread["p50"], spread["p95"]
            pace = count / max(1.0, seconds)
            yield f"  {name:22}{count:7}{pace:8.1f}/s{p50:9} /{p95:9} ms"
        cores = {
            name: round(used / max(1.0, seconds), 2)
            for name, used in phase["processor_seconds"].items()
        }
        depth = [sample["photos"] for sample in phase["samples"]]
        yield f"  processors {cores}"
        ends = [phase[name]["photos"] for name in ("queue_before", "queue_after")]
        yield f"  photos waiting: {ends[0]} → {ends[1]}, most {max(depth, default=0)}"
    for name, most in figures["largest_process_mb"].items():
        yield f"largest {name} process: {most} MB, with what it shares with others in full"
    for name, most in figures["largest_own_mb"].items():
        yield f"largest {name} process: {most} MB of its own, with its share of what is shared"


def misses(figures: Figures) -> Iterator[str]:
    """What misses its aim, a line each: receipts within a second at the pace that was asked for, a
    queue of photos that does not grow in minutes and is empty after a drain, no photo given up,
    no error, and memory."""
    for phase in figures["phases"]:
        for miss in (*_missed_receipts(phase), *_missed_photos(phase)):
            yield f"{phase['phase']}: {miss}"
    most = figures["largest_own_mb"]
    for name, limit in (("web", MOST_WEB_MB), ("worker", MOST_WORKER_MB), ("bulk", MOST_WORKER_MB)):
        if most.get(name, 0) > limit:
            yield f"largest {name} process: {most[name]} MB of its own"


def _missed_receipts(phase: Figures) -> Iterator[str]:
    for error, count in phase["errors"].items():
        yield f"{count} × {error}"
    receipts = [phase["done"][each] for each in RECEIPTS if each in phase["done"]]
    if sum(each["count"] for each in receipts) < phase["wanted"]:
        yield f"fewer receipts than {phase['wanted']}"
    for receipt in receipts:
        if receipt["p95"] > MOST_RECEIPT_MS:
            yield f"95 of 100 have their receipt within {receipt['p95']} ms"


def _missed_photos(phase: Figures) -> Iterator[str]:
    left = phase["queue_after"]
    if left["given_up"]:
        yield f"{left['given_up']} photos were given up"
    if phase["phase"] == "drain" and left["photos"]:
        yield f"{left['photos']} photos still wait"
    if phase["wanted"] and phase["seconds"] >= LONG_SECONDS and _grew(phase):
        yield "the queue of photos grows"


def _grew(phase: Figures) -> bool:
    """Whether in the last third of a phase more photos wait than in the first, by more than come
    in ten seconds."""
    waiting = [sample["photos"] for sample in phase["samples"]]
    third = len(waiting) // 3
    if not third:
        return False
    first, last = (statistics.median(part) for part in (waiting[:third], waiting[-third:]))
    return last - first > 10 * phase["wanted"] / phase["seconds"]


if __name__ == "__main__":
    main()
