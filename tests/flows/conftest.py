"""The house as it runs: web over HTTP, a real worker and a real beat, one clock for all."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.cache import cache
from django.db import connection

from citymgmt import clock
from citymgmt.dev import leash
from citymgmt.models import ApiToken
from tests.builders import jpeg
from tests.city import NOW, City

ROOT = Path(__file__).resolve().parents[2]


class SharedHand:
    """Moves the clock of this process, the worker and the beat together."""

    def __call__(self) -> datetime:
        return clock.now()

    def to(self, moment: datetime) -> datetime:
        """Move to a moment."""
        clock.set_offset(clock.offset() + (moment - clock.now()))
        return moment

    def forward(self, **span: float) -> datetime:
        """Move on by a timedelta."""
        clock.set_offset(clock.offset() + timedelta(**span))
        return clock.now()


@pytest.fixture(autouse=True)
def hand(settings, tmp_path: Path) -> SharedHand:
    """The clock of all processes stands at the city's Friday afternoon, and runs on."""
    settings.CLOCK_FILE = str(tmp_path / "clock")
    hand = SharedHand()
    hand.to(NOW)
    return hand


@pytest.fixture
def background(transactional_db: None, settings, tmp_path: Path) -> Iterator[None]:
    """A worker and a beat on the test's own database, broker and clock."""
    cache.clear()
    env = os.environ | {
        "DATABASE_URL": _address(),
        "CLOCK_FILE": settings.CLOCK_FILE,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "SWEEP_SECONDS": "1",
        "REVISION_SECONDS": "0",
        "DJANGO_SETTINGS_MODULE": "citymgmt.settings",
    }
    celery = [sys.executable, "-m", "celery", "-A", "citymgmt"]
    processes = [
        _started([*celery, "worker", "--concurrency", "1", "--pool", "solo"], env, tmp_path),
        _started([*celery, "beat", "--pidfile="], env, tmp_path),
    ]
    yield
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(timeout=60)


def _started(command: list[str], env: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    log = (folder / f"{command[5]}.log").open("wb")
    return subprocess.Popen(leash.command(command), env=env, cwd=ROOT, stdout=log, stderr=log)


def _address() -> str:
    row = connection.settings_dict
    return f"postgres://{row['USER']}@/{row['HOST']}/{row['NAME']}"


class Caller:
    """Somebody who uses the API with a token."""

    def __init__(self, base: str, secret: str) -> None:
        self._base = f"{base}/api/v1"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Token {secret}"

    def get(self, path: str, **params: Any) -> Any:
        """The JSON answer to a GET; fails the test on an error."""
        return self._answer(self._session.get(self._base + path, params=params, timeout=60))

    def fetch(self, path: str) -> bytes:
        """The body of a GET."""
        answer = self._session.get(self._base + path, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.content

    def post(self, path: str, key: str, **body: Any) -> Any:
        """The JSON answer to a POST under an idempotency key."""
        return self._answer(self.try_post(path, key, **body))

    def try_post(self, path: str, key: str, **body: Any) -> requests.Response:
        """A POST whatever its answer."""
        headers = {"Idempotency-Key": key}
        return self._session.post(self._base + path, json=body, headers=headers, timeout=60)

    def photo(self, key: str, seed: int, kind: str) -> str:
        """Upload a photo; returns its id."""
        return self._answer(
            self._session.post(
                f"{self._base}/photos/",
                files={"file": ("photo.jpg", jpeg(seed), "image/jpeg")},
                data={"kind": kind},
                headers={"Idempotency-Key": key},
                timeout=60,
            )
        )["id"]

    @staticmethod
    def _answer(answer: requests.Response) -> Any:
        assert answer.status_code < 300, f"{answer.status_code} {answer.text}"
        return answer.json()


@pytest.fixture
def call(live_server, city: City) -> Callable[[str], Caller]:
    """`call("officer")` is that person's phone."""

    def caller(name: str) -> Caller:
        _row, secret = ApiToken.issue(user=city.people[name], label="flow", at=NOW)
        return Caller(live_server.url, secret)

    return caller


def wait_for(question: Callable[[], Any], seconds: float = 240) -> Any:
    """Ask until the answer is true, as a person would look again; fails after some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.2)
    raise AssertionError("the background did not get to it in time")
