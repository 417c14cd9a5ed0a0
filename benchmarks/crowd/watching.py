"""What the machine does meanwhile: processors and memory of each part, and the queue."""

import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection

_PAGE, _TICK = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
# `cutime` and `cstime` of proc(5), counted from behind the name.
_OF_CHILDREN = slice(13, 15)


def family(pid: int) -> list[int]:
    """A process and everything below it."""
    found = [pid]
    for parent in found:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def processor_seconds(pids: list[int]) -> float:
    """Seconds of processor that processes have used, with those of their children that are gone."""
    total = 0.0
    for pid in pids:
        try:
            # A process's own file tells of its first thread alone.
            for task in Path(f"/proc/{pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0]) / 1e9
            told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, told[_OF_CHILDREN])) / _TICK
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def megabytes(pid: int) -> float:
    """What a process holds of its own, its share of what it shares counted (PSS); 0 if gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return round(int(line.split()[1]) / 1024, 1)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return 0.0


def resident(pid: int) -> float:
    """Megabytes resident, shared pages in full; 0 if gone."""
    try:
        return round(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE / 1e6, 1)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


class Watch:
    """Samples every few seconds, in a thread of its own."""

    def __init__(self, parts: Mapping[str, int], waiting: "Waiting", every: float = 5.0) -> None:
        self.parts, self.waiting, self.every = parts, waiting, every
        self.samples: list[dict[str, Any]] = []
        self.most: dict[str, float] = {}
        self.own: dict[str, float] = {}
        self._over = threading.Event()
        self._began = time.monotonic()
        self._hand = threading.Thread(target=self._go, daemon=True)
        self._used = self._now()

    def start(self) -> None:
        """Begin."""
        self._hand.start()

    def stop(self) -> None:
        """End."""
        self._over.set()
        self._hand.join()

    def spent(self) -> dict[str, float]:
        """Seconds of processor of each part since the last question."""
        now = self._now()
        used = {name: round(max(0.0, now[name] - self._used[name]), 2) for name in now}
        self._used = now
        return used

    def taken(self) -> list[dict[str, Any]]:
        """The samples since the last question."""
        taken, self.samples = self.samples, []
        return taken

    def _now(self) -> dict[str, float]:
        return {name: processor_seconds(family(pid)) for name, pid in self.parts.items()}

    def _go(self) -> None:
        try:
            while not self._over.wait(self.every):
                self.samples.append(self._sample())
        finally:
            connection.close()

    def _sample(self) -> dict[str, Any]:
        for name, pid in self.parts.items():
            if name in ("web", "worker", "bulk"):
                # The largest of the processes that work, not the one that only minds them.
                for most, measure in ((self.most, resident), (self.own, megabytes)):
                    largest = max((measure(each) for each in family(pid)), default=0.0)
                    most[name] = max(most.get(name, 0.0), largest)
        return {"second": round(time.monotonic() - self._began), **self.waiting.depths()}


class Waiting:
    """What waits: photos that came since this was made, and tasks at the broker.

    Of a run before, whose files are gone, no photo is tried again.
    """

    def __init__(self) -> None:
        from citymgmt.models import Derivation
        from citymgmt.services.photos import MAX_TRIES

        self._tries = MAX_TRIES
        left = Derivation.objects.filter(done_at__isnull=True)
        left.update(tries=MAX_TRIES)
        self._left = left.count()

    def depths(self) -> dict[str, int]:
        """Photos without their sizes, those that were given up, and tasks."""
        from citymgmt.health import QUEUES

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FILTER (WHERE tries < %(most)s),"
                " count(*) FILTER (WHERE tries >= %(most)s)"
                " FROM citymgmt_derivation WHERE done_at IS NULL",
                {"most": self._tries},
            )
            photos, given_up = cursor.fetchone()
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            waiting = [int(client.llen(name)) for name in QUEUES]  # type: ignore[arg-type]
        return {"photos": photos, "given_up": given_up - self._left, "tasks": sum(waiting)}
