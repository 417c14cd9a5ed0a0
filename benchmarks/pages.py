"""How quick the pages are on a city of a million cases, and against one of a hundred thousand.

    make bench ARGS=pages

Loads the cities where they are not there yet (minutes; they stay in `BENCH_DATA`), starts the web
server as `make demo` does, and measures: time by the clock with four clients, CPU of the web
process, statements, bytes carried. Prints the figures and keeps them in `BENCH_DATA/pages.json`;
ends with 1 where one misses its aim (`!`, `slow`).

`BENCH_CASES` sizes (default 100000,1000000), `BENCH_DATA` (var/bench), `BENCH_PORT` (8100),
`BENCH_TIMES` requests a visit, `BENCH_ONLY` words in the names of the visits that are measured.
"""

import http.client
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.city.carrying import transfers
from benchmarks.city.keeping import cluster, environment_of, loaded, ready
from citymgmt.dev.processes import ROOT, Crew, Failed, listen_for_stop, python, say, step
from citymgmt.dev.services import Addresses

SIZES = [int(given) for given in os.environ.get("BENCH_CASES", "100000,1000000").split(",")]
DATA = Path(os.environ.get("BENCH_DATA", ROOT / "var" / "bench")).absolute()
PORT = int(os.environ.get("BENCH_PORT", "8100"))
BASE = f"http://127.0.0.1:{PORT}"
BUDGETS = {"API list of 50": 12.0, "list page": 30.0}
MOST_CPU, MOST_P95, MOST_RATIO = 50.0, 150.0, 1.3
_MISSED, _SLOW = "  !", "slow: "
Figures = dict[str, Any]


def main() -> None:
    """Load what is missing, measure each city, print."""
    listen_for_stop()
    ready(DATA, SIZES)
    figures: Figures = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "cores": os.cpu_count()}
    with cluster(DATA) as addresses:
        for cases in SIZES:
            figures[str(cases)] = {"loaded": dict(loaded(DATA, cases))} | measured(addresses, cases)
    figures["ratios"] = ratios(figures[str(SIZES[0])], figures[str(SIZES[-1])])
    (DATA / "pages.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    lines = list(told(figures))
    for line in lines:
        say(line)
    if missed(lines):
        raise SystemExit(1)


# --- One city -------------------------------------------------------------------------------


def measured(addresses: Addresses, cases: int) -> Figures:
    """The figures of one city."""
    directory = DATA / "run"
    directory.mkdir(parents=True, exist_ok=True)
    environment = environment_of(addresses, cases) | {
        "STATIC_ROOT": str(DATA / "static"),
        "MEDIA_ROOT": str(DATA / "media"),
        "CLOCK_FILE": str(DATA / "clock"),
        "DB_POOL": "true",
    }
    set_clock(DATA / "clock")
    if step(python("manage.py", "collectstatic", "--noinput", "--verbosity", "0"), env=environment):
        raise Failed("collectstatic")
    out = directory / f"{cases}.json"
    with web(environment) as pid:
        if step(
            python("-m", "benchmarks.city.measuring", BASE, str(pid), str(out)), env=environment
        ):
            raise Failed("measuring")
        figures: Figures = json.loads(out.read_text())
        session = figures.pop("session")
        figures["carried"] = transfers(BASE, "/dashboard/", *session)
    return figures


def set_clock(file: Path) -> None:
    """Let the city stand at its own moment, whenever it is measured."""
    until = datetime.fromisoformat("2026-11-27T14:00:00+08:00")
    file.write_text(str((until - datetime.now(UTC)).total_seconds()))


@contextmanager
def web(environment: Mapping[str, str]) -> Iterator[int]:
    """The web server as the demonstration starts it; the id of its process."""
    crew = Crew(DATA / "log")
    binaries = Path(sys.executable).parent
    command = [
        binaries / "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(PORT),
        "--workers", "2", "--blocking-threads", "4", "--http1-buffer-size", "65536",
        "--workers-kill-timeout", "5", "--no-ws", "citymgmt.wsgi:application",
    ]  # fmt: skip
    try:
        service = crew.start("web", command, env=environment)
        # Two processes read the whole house; beside others that takes its time.
        limit = time.monotonic() + 300
        while not _answers():
            crew.check()
            if time.monotonic() > limit:
                raise Failed(f"网站没有就绪：\n{service.tail()}")
            time.sleep(0.2)
        yield service.process.pid
    finally:
        crew.stop()


def _answers() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


# --- Words ----------------------------------------------------------------------------------


def ratios(small: Figures, large: Figures) -> dict[str, dict[str, float]]:
    """How many times as long the large city takes: by the clock (median) and in CPU."""
    walls = small["wall"]["groups"], large["wall"]["groups"]
    found = {
        group: {"p50": round(walls[1][group]["p50"] / max(0.1, walls[0][group]["p50"]), 2)}
        for group in walls[1]
    }
    for name, spent in large["cpu"].items():
        group = name.partition(":")[0]
        found[group]["cpu"] = max(
            found[group].get("cpu", 0), round(spent / max(0.1, small["cpu"][name]), 2)
        )
    return found


def missed(lines: list[str]) -> bool:
    """Whether a line of `told` names what misses its aim."""
    return any(_MISSED in line or line.startswith(_SLOW) for line in lines)


def told(figures: Figures) -> Iterator[str]:
    """The figures of the largest city in lines that people read."""
    large = figures[str(SIZES[-1])]
    yield f"{'':34}{'p50 ms':>9}{'p95 ms':>9}{'× ' + str(SIZES[0]):>12}{'SQL':>6}"
    for group, spread in large["wall"]["groups"].items():
        ratio = figures["ratios"][group]["p50"]
        mark = "" if spread["p95"] <= MOST_P95 and ratio <= MOST_RATIO else _MISSED
        yield (
            f"{group:34}{spread['p50']:9}{spread['p95']:9}{ratio:12}"
            f"{large['statements'][group]:6}{mark}"
        )
    yield f"{'CPU of the web process':34}{'ms':>9}"
    for name, spent in large["cpu"].items():
        most = BUDGETS.get(name.partition(":")[0], MOST_CPU)
        yield f"{name:34}{spent:9}{'' if spent <= most else f'{_MISSED} {most}'}"
    for name, spread in large["wall"]["visits"].items():
        if spread["p95"] > MOST_P95:
            yield f"{_SLOW}{name}: {spread['p50']} / {spread['p95']} ms"
    for name, carried in large["carried"].items():
        yield f"dashboard, {name}: {carried['kilobytes']} KB in {carried['requests']} requests"


if __name__ == "__main__":
    main()
