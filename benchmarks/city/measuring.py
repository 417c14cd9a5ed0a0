"""Measuring a web server on a loaded city: time by the clock with four clients, CPU of its
processes a request, statements a request.

    python -m benchmarks.city.measuring http://127.0.0.1:8101 PID FILE
"""

import json
import os
import random
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import django
from django.conf import settings

CLIENTS = 4
TIMES = int(os.environ.get("BENCH_TIMES", "20"))
CPU_TIMES = int(os.environ.get("BENCH_CPU_TIMES", "40"))
ONLY = os.environ.get("BENCH_ONLY", "")
_TICK = os.sysconf("SC_CLK_TCK")
Figures = dict[str, Any]


class Asker:
    """Asks one server; each thread has a connection of its own."""

    def __init__(self, base: str, cookies: Mapping[str, str], token: str) -> None:
        parts = urlsplit(base)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.cookies, self.token = cookies, token
        self.cookie = settings.SESSION_COOKIE_NAME
        self.own = threading.local()

    def ask(self, visit: Any) -> tuple[float, int]:
        """Ask once: seconds by the clock and bytes as sent. RuntimeError for a refusal."""
        headers = {"Accept-Encoding": "gzip", "Cookie": f"{self.cookie}={self.cookies[visit.by]}"}
        if visit.api:
            headers = {"Authorization": f"Token {self.token}"}
        if visit.part:
            headers["HX-Request"] = "true"
        began = time.perf_counter()
        try:
            status, body = self._answer(visit.path, headers)
        except RemoteDisconnected:
            # The server closes what was idle for long.
            self.own.connection = None
            began = time.perf_counter()
            status, body = self._answer(visit.path, headers)
        spent = time.perf_counter() - began
        if status != 200:
            raise RuntimeError(f"{visit.path}: {status} {body[:300]!r}")
        return spent, len(body)

    def _answer(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        connection = getattr(self.own, "connection", None)
        if connection is None:
            connection = self.own.connection = HTTPConnection(self.host, self.port, timeout=60)
        connection.request("GET", quote(path, safe="/?&=,.%"), headers=dict(headers))
        response = connection.getresponse()
        return response.status, response.read()


def main(base: str, pid: int, out: Path) -> None:
    """Measure everything and write the figures."""
    django.setup()
    from benchmarks.city.visits import all_visits
    from citymgmt import clock
    from inspections.services import rollups

    # A worker would do it every half minute; what a load left is else summed by each page.
    rollups.catch_up(at=clock.now())
    visits = [each for each in all_visits() if ONLY in f"{each.group} {each.name}"]
    asker = Asker(base, *_signed_in({"supervisor", *(each.by for each in visits)}))
    for visit in visits:
        asker.ask(visit)
    figures: Figures = {"session": [asker.cookie, asker.cookies["supervisor"]]}
    figures |= {"load average": os.getloadavg(), "clients": CLIENTS, "times": TIMES}
    for name, measure in (
        ("wall", lambda: wall_of(asker, visits)),
        ("cpu", lambda: {each.title: cpu_of(asker, each, pid) for each in _first_of_each(visits)}),
        ("statements", lambda: statements_of(asker, visits)),
    ):
        figures[name] = measure()
        # What was measured is kept, whatever becomes of the rest.
        out.write_text(json.dumps(figures, ensure_ascii=False, indent=1))


def _signed_in(roles: set[str]) -> tuple[dict[str, str], str]:
    """The session of one person of each role, and a token of the supervisor."""
    from django.test import Client

    from citymgmt import clock
    from citymgmt.models import ApiToken, User

    cookies = {}
    for role in roles:
        user = User.objects.filter(username__startswith=role).earliest("pk")
        client = Client()
        client.force_login(user)
        cookies[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
    user = User.objects.filter(username__startswith="supervisor").earliest("pk")
    _row, token = ApiToken.issue(user=user, label="bench", at=clock.now())
    return cookies, token


# --- By the clock ---------------------------------------------------------------------------


def wall_of(asker: Asker, visits: Sequence[Any]) -> Figures:
    """Milliseconds of each visit, all of them mixed, asked by four clients at once."""
    work = [visit for visit in visits for _time in range(TIMES)]
    random.Random(1).shuffle(work)
    spent: dict[tuple[str, str], list[float]] = defaultdict(list)
    errors: list[BaseException] = []
    lock = threading.Lock()

    def client() -> None:
        while not errors:
            with lock:
                if not work:
                    return
                visit = work.pop()
            try:
                seconds, _size = asker.ask(visit)
            except BaseException as error:
                errors.append(error)
                return
            with lock:
                spent[visit.group, visit.name].append(seconds * 1000)

    hands = [threading.Thread(target=client) for _client in range(CLIENTS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    if errors:
        raise errors[0]
    groups: dict[str, list[float]] = defaultdict(list)
    for (group, _name), times in spent.items():
        groups[group] += times
    return {
        "groups": {group: spread(times) for group, times in groups.items()},
        "visits": {f"{group}: {name}": spread(times) for (group, name), times in spent.items()},
    }


def spread(times: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile."""
    ordered = sorted(times)
    last = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"p50": round(statistics.median(ordered), 1), "p95": round(last, 1)}


# --- CPU ------------------------------------------------------------------------------------


def _first_of_each(visits: Sequence[Any]) -> list[Any]:
    """Plain forms of each kind of page, and all parts of dashboard, desks and grid."""
    chosen, seen = [], set()
    for visit in visits:
        if visit.group in ("dashboard", "desks", "home", "grid") or visit.group not in seen:
            chosen.append(visit)
        seen.add(visit.group)
    return chosen


def cpu_of(asker: Asker, visit: Any, pid: int) -> float:
    """Milliseconds of CPU of the web server's processes for one request, one at a time."""
    before = _used(pid)
    for _time in range(CPU_TIMES):
        asker.ask(visit)
    return round((_used(pid) - before) / CPU_TIMES * 1000, 1)


def _used(pid: int) -> float:
    """Seconds of CPU that a process and everything below it has used."""
    total = 0.0
    for each in _family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICK
    return total


def _family(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


# --- Statements -----------------------------------------------------------------------------


def statements_of(asker: Asker, visits: Sequence[Any]) -> dict[str, int]:
    """How many statements a visit asks, once what a process keeps is kept."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    counts: dict[str, int] = {}
    for visit in visits:
        client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=True)
        client.cookies[settings.SESSION_COOKIE_NAME] = asker.cookies[visit.by]
        headers = {"HTTP_HX_REQUEST": "true"} if visit.part else {}
        if visit.api:
            headers["HTTP_AUTHORIZATION"] = f"Token {asker.token}"
        client.get(visit.path, **headers)
        with CaptureQueriesContext(connection) as captured:
            client.get(visit.path, **headers)
        group = counts.get(visit.group, 0)
        counts[visit.group] = max(group, len(captured.captured_queries))
    return counts


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
