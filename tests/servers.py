"""The site as a process of its own, that a test may kill."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from citymgmt.dev import leash
from citymgmt.dev.processes import ROOT

READY_SECONDS = 90


class Server:
    """The site as it runs at a bureau, killed without warning and started again."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment, self.log = environment, log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns at once."""
        binary = Path(sys.executable).parent / "granian"
        argv = [
            binary, "--interface", "wsgi", "--host", "127.0.0.1", "--port", self.port,
            "--workers", "1", "--blocking-threads", "4", "--no-ws", "citymgmt.wsgi:application",
        ]  # fmt: skip
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                leash.command(argv),
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it in the middle of whatever it does, its workers too."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._wait(lambda: not self._listens())

    def wait_ready(self) -> None:
        """Return once it answers."""
        self._wait(self._answers)

    def _wait(self, held: object) -> None:
        limit = time.monotonic() + READY_SECONDS
        while not held():  # type: ignore[operator]
            assert time.monotonic() < limit, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                return True
        except OSError:
            return False


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """The server up, and gone afterwards."""
    server.start()
    try:
        server.wait_ready()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait()
