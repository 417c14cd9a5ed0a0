"""What is tortured: a server that can be killed, a phone that can be killed, reports to send."""

import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, Error, Page, Playwright

from citymgmt.dev import leash
from citymgmt.dev.browser import ARGUMENTS, find_chromium
from citymgmt.dev.processes import ROOT
from tests.city import IN_FIRST_CELL

READY_SECONDS = 90
SHOWN = """() => [document.title, document.readyState, document.body?.dataset.hello ?? "",
    navigator.serviceWorker.controller?.state ?? "no worker",
    ...performance.getEntriesByType("resource").filter((each) => !each.responseEnd)
        .map((each) => each.name)].join(" | ")"""


def photo(seed: int) -> bytes:
    """A small JPEG that no other seed gives: of one part where the seed is even, else of more."""
    size = (72, 96, 3) if seed % 2 else (36, 48, 3)
    noise = np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", quality=70)
    return out.getvalue()


@dataclass(frozen=True)
class Errand:
    """A report that will be sent: its words and its two photos."""

    number: int
    seed: int

    @property
    def text(self) -> str:
        """By which it is known again."""
        return f"第 {self.number} 件"

    @property
    def photos(self) -> list[bytes]:
        """The files."""
        first = self.seed * 1_000_000 + self.number * 2
        return [photo(first), photo(first + 1)]

    @property
    def hashes(self) -> list[str]:
        """Their SHA-256, in order."""
        return [hashlib.sha256(content).hexdigest() for content in self.photos]


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


class Phone:
    """Chromium with a memory of its own, whose pages and whose whole process may die."""

    def __init__(self, playwright: Playwright, memory: Path, address: str) -> None:
        self.playwright, self.memory, self.address = playwright, memory, address
        self.cookie: dict[str, object] = {}
        self.context: BrowserContext | None = None
        self.page: Page | None = None

    def switch_on(self) -> None:
        """Open the browser where it left off."""
        lon, lat = IN_FIRST_CELL
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.memory),
            executable_path=find_chromium(),
            args=ARGUMENTS,
            base_url=self.address,
            viewport={"width": 390, "height": 844},
            permissions=["geolocation"],
            geolocation={"longitude": lon, "latitude": lat, "accuracy": 8},
            timeout=90_000,
        )
        self.sign_in()
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.set_default_timeout(60_000)

    def sign_in(self) -> None:
        """Hold the session of the cookie."""
        assert self.context is not None
        self.context.add_cookies([self.cookie])  # type: ignore[list-item]

    def battery(self) -> None:
        """The process is killed, and the phone switched on again."""
        pids = list(self._processes())
        assert pids, "no browser runs on this memory"
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        assert self.context is not None
        try:
            self.context.close()
        except Error as gone:
            print(f"the browser was killed: {gone.message[:60]}")
        self._unlock()
        self.switch_on()

    def _processes(self) -> Iterator[int]:
        """The browser that we started on this memory; its own children die with it."""
        wanted = f"--user-data-dir={self.memory}".encode()
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue
            if wanted in words and not any(word.startswith(b"--type=") for word in words):
                yield int(path.parent.name)

    def _unlock(self) -> None:
        for name in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (self.memory / name).unlink(missing_ok=True)

    def reopen(self) -> None:
        """Close the page and open another."""
        assert self.context is not None
        assert self.page is not None
        fresh = self.context.new_page()
        fresh.set_default_timeout(60_000)
        self.page.close()
        self.page = fresh

    def go(self, path: str) -> Page:
        """Open a page, again and again where the server is just away and nothing was kept yet."""
        assert self.page is not None
        limit = time.monotonic() + READY_SECONDS
        while True:
            try:
                self.page.goto(path, timeout=30_000, wait_until="commit")
                self.page.locator("html[data-ready]").wait_for(timeout=15_000)
                return self.page
            except Error as error:
                print(f"  {path}: {self._seen()}: {error.message.splitlines()[0]}", flush=True)
                assert time.monotonic() < limit, f"{path} does not open"
                if "/login/" in self.page.url:
                    # A late answer to the session that ended takes the cookie of the new one away;
                    # a person signs in again.
                    self.sign_in()
                time.sleep(0.2)

    def _seen(self) -> str:
        """What the page shows that does not open, for whoever reads why."""
        assert self.page is not None
        try:
            return f"{self.page.url} {self.page.evaluate(SHOWN)}"
        except Error as gone:
            return gone.message.splitlines()[0]


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
