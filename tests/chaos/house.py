"""A house of its own: PostgreSQL, Valkey, web, three workers, two beats; each can be killed."""

import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import redis
import requests

from citymgmt.dev import ground, postgres, services
from citymgmt.dev.processes import Crew, Service, python
from tests.chaos.patience import wait_for

WORKERS = {"worker-1": "urgent,normal", "worker-2": "urgent,normal", "bulk": "bulk"}
"""Each with its queues, as in `docker-compose.yml`; of what somebody waits for there are two."""
BEATS = ("beat-1", "beat-2")
APPLICATION = ("web", *WORKERS, *BEATS)
PULSE_SECONDS = 3
READY_TIMEOUT = 20
LOCK = 0x62656174
"""As in `citymgmt.beating`, which asks for settings."""
RECOVERED = "automatic recovery in progress"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class House:
    """Everything that runs, in one directory."""

    directory: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.directory = self.directory.resolve()
        self.crew = Crew(self.directory / "log")
        self.sockets = self.directory / "pg"
        self.media = self.directory / "media"
        self.struck = self.directory / "struck"
        self.base = f"http://127.0.0.1:{self.port}"
        self.running: dict[str, Service] = {}

    # --- Start and stop ---------------------------------------------------------------------

    def lay(self) -> None:
        """Database and broker, with all tables; the environment of everybody else."""
        self.start("valkey")
        self.start("postgres")
        self.environment = services.test_environment(
            services.Addresses(
                services.database_url(self.sockets, ground.GROUND),
                f"unix://{self.directory}/valkey.sock",
                self.sockets,
                directory=self.directory,
            )
        ) | {
            "SWEEP_SECONDS": "2",
            "REVISION_SECONDS": "0",
            "PULSE_SECONDS": str(PULSE_SECONDS),
            "CHANNEL_RETRY_SECONDS": "1",
            "OUTBOUND_SECONDS": "3",
            "OUTBOUND_HOSTS": "127.0.0.1",
            "OUTBOUND_PRIVATE": "127.0.0.0/8",
            "LOG_LEVEL": "INFO",
            "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
            "CHAOS_DIRECTORY": str(self.directory),
            "PYTHONUNBUFFERED": "1",
        }
        ground.lay(self.sockets, self.environment)

    def start(self, name: str) -> None:
        """Start a part; returns at once, save for the database and the broker."""
        if name == "valkey":
            services.start_valkey(self.crew, self.directory)
        elif name == "postgres":
            # What was answered as kept must outlive the server, so it waits for the disk.
            settings = {"synchronous_commit": "on", "autovacuum": "off"}
            home = self.directory / "data"
            postgres.start(self.crew, home, self.sockets, durable=True, settings=settings)
        else:
            # A pool as at a bureau.
            environment = self.environment | {"DB_POOL": "true", "PGAPPNAME": name}
            self.crew.start(name, self._command(name), env=environment)
        self.running[name] = self.crew.services[-1]

    def _command(self, name: str) -> list[object]:
        if name == "web":
            return [
                Path(sys.executable).with_name("granian"), "--interface", "wsgi",
                "--host", "127.0.0.1", "--port", self.port, "--workers", "1",
                "--blocking-threads", "8", "--no-ws", "citymgmt.wsgi:application",
            ]  # fmt: skip
        if name in WORKERS:
            # The worker as it is, with a hook by which it can be made to die at a statement.
            return [
                *python("-m", "tests.chaos.dying"), "worker", "--queues", WORKERS[name],
                "--hostname", f"{name}@house", "--concurrency", "1",
                "--without-gossip", "--without-mingle", "--loglevel", "INFO",
            ]  # fmt: skip
        celery = python("-m", "celery", "-A", "citymgmt")
        return [*celery, "beat", "--pidfile=", "--loglevel", "INFO"]

    def kill(self, name: str, *, fallen: bool = False) -> None:
        """SIGKILL to every process of a part at once; it is gone when this returns. With `fallen`
        it may have ended by itself."""
        pids = self.processes(name)
        service = self.running.pop(name)
        assert pids or fallen, f"nothing of {name} runs"
        for pid in pids:
            send(pid, signal.SIGKILL)
        # Their leash ends with them, and kills what it finds left behind.
        service.process.wait()
        self.crew.services.remove(service)
        wait_for(lambda: not any(map(alive, pids)), f"{name} is gone")

    def stop(self) -> None:
        """Everything ends."""
        self.crew.stop(APPLICATION)
        self.crew.stop()

    # --- What is seen from outside ----------------------------------------------------------

    def postmaster(self) -> int:
        """The process id of the database server."""
        lines = (self.directory / "data" / "cluster" / "postmaster.pid").read_text().splitlines()
        return int(lines[0])

    def processes(self, name: str) -> list[int]:
        """Every process of a part, the leash that holds them left out."""
        return descendants(self.running[name].process.pid)

    def log(self, name: str) -> str:
        """What a part has said."""
        return (self.directory / "log" / f"{name}.log").read_text(errors="replace")

    def recoveries(self) -> int:
        """How often the database has recovered from a crash."""
        return self.log("postgres").count(RECOVERED)

    def ticking(self) -> str | None:
        """The beat whose turn it is; None while it is nobody's."""
        with self.database() as session:
            row = session.execute(
                "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)"
                " WHERE locktype = 'advisory' AND granted AND objid = %s",
                [LOCK],
            ).fetchone()
        return row[0] if row else None

    def database(self) -> psycopg.Connection:
        """A connection beside the application."""
        return postgres.connect(self.sockets, ground.GROUND)

    def broker(self) -> redis.Redis:
        """A connection beside the application."""
        return redis.Redis(unix_socket_path=str(self.directory / "valkey.sock"))

    def readyz(self) -> dict[str, bool] | None:
        """What the house says of its parts; None where it says nothing.

        Raises AssertionError where its status and its words differ.
        """
        try:
            answer = requests.get(f"{self.base}/readyz", timeout=READY_TIMEOUT)
        except requests.RequestException:
            return None
        told = answer.json()
        checks: dict[str, bool] = told["checks"]
        assert told["ready"] == all(checks.values()), told
        assert answer.status_code == (200 if told["ready"] else 503), (answer.status_code, told)
        return checks

    def revive(self, *names: str) -> list[str]:
        """Start again what has ended by itself, as `docker-compose.yml` does; what had."""
        ended = [name for name in names if self.running[name].process.poll() is not None]
        for name in ended:
            self.kill(name, fallen=True)
            self.start(name)
        return ended

    def wait_ready(self) -> None:
        """Return once the house says that all of it works."""

        def ready() -> bool:
            self.crew.check()
            checks = self.readyz()
            return checks is not None and all(checks.values())

        wait_for(ready, "/readyz says that all works again", pause=0.25)

    # --- The clock --------------------------------------------------------------------------

    @property
    def clock_file(self) -> Path:
        """Where the offset of all processes lies."""
        return Path(self.environment["CLOCK_FILE"])

    def move_clock(self, span: timedelta) -> None:
        """Move the clock of all, forward or back."""
        offset = float(self.clock_file.read_text()) + span.total_seconds()
        draft = self.clock_file.with_suffix(".new")
        draft.write_text(str(offset))
        draft.replace(self.clock_file)

    def set_clock(self, moment: datetime) -> None:
        """Let all begin at a moment."""
        self.clock_file.write_text("0")
        self.move_clock(moment - datetime.now(moment.tzinfo))


def send(pid: int, signum: signal.Signals) -> bool:
    """Send a signal; False where nobody is there."""
    try:
        os.kill(pid, signum)
    except ProcessLookupError:
        return False
    return True


def state_of(pid: int) -> str:
    """The letter by which the kernel says what a process does; X where there is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return "X"


def alive(pid: int) -> bool:
    """Whether it runs: what is dead and not yet buried does not."""
    return state_of(pid) not in "ZX"


def descendants(pid: int) -> list[int]:
    """Ids of everything that a process started, and what those started."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        found = re.match(r"(\d+) \(.*\) . (\d+) ", text, re.DOTALL)
        if found:
            parents.setdefault(int(found[2]), []).append(int(found[1]))
    out: list[int] = []
    layer = [pid]
    while layer:
        layer = [child for each in layer for child in parents.get(each, [])]
        out += layer
    return out


@contextmanager
def opened() -> Iterator[House]:
    """A house with database and broker, gone afterwards whatever happens."""
    house = House(services.run_directory())
    try:
        house.lay()
        yield house
    finally:
        house.stop()
        shutil.rmtree(house.directory, ignore_errors=True)
