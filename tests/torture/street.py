"""What is tortured: a phone that can be killed, and reports to send to a server that can be."""

import hashlib
import io
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import BrowserContext, Error, Page, Playwright

from citymgmt.dev.browser import ARGUMENTS, find_chromium
from tests.city import IN_FIRST_CELL
from tests.servers import READY_SECONDS

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
