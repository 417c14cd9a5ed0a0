"""Two web servers on one database: who loses one goes on at the other, as if there were one."""

import hashlib
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connection

from cases.models import Report
from citymgmt.models import Photo
from citymgmt.services.photos import original_path
from tests.builders import jpeg
from tests.city import IN_FIRST_CELL, City
from tests.servers import Server, running

PASSWORD = "a-long-password-7"
LOCKED = "登录失败次数太多"


@pytest.fixture
def servers(transactional_db: None, settings: Any, tmp_path: Path) -> Iterator[list[Server]]:
    """Two processes of the site on the test's own database, files, cache and clock."""
    row = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{row['USER']}@/{row['HOST']}/{row['NAME']}",
        "CLOCK_FILE": settings.CLOCK_FILE,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "REVISION_SECONDS": "0",
        "LOG_LEVEL": "ERROR",
        "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
    }
    both = [Server(environment, tmp_path / f"web-{number}.log") for number in (1, 2)]
    with ExitStack() as stack:
        for server in both:
            stack.enter_context(running(server))
        yield both


@dataclass
class Browser:
    """Somebody whose proxy sends each request to one of the servers: `at` is the one."""

    at: Server
    user: int = 0
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str) -> requests.Response:
        """Open a page."""
        return self._send("GET", path)

    def sign_in(self, name: str, password: str = PASSWORD) -> requests.Response:
        """Fill in the form of the door."""
        self.get("/login/")
        data = {"username": name, "password": password, "csrfmiddlewaretoken": self._token()}
        return self._send("POST", "/login/", data=data, allow_redirects=False)

    def begin(self, content: bytes, key: str) -> requests.Response:
        """Promise a photo."""
        sha256 = hashlib.sha256(content).hexdigest()
        told = {"key": key, "sha256": sha256, "size": len(content), "kind": "near"}
        return self._send("POST", "/uploads/", json=told)

    def put(self, key: str, offset: int, content: bytes) -> requests.Response:
        """Send a part of it."""
        return self._send("PUT", f"/uploads/{key}/?offset={offset}", data=content)

    def report(self, form: str, told: dict[str, Any]) -> requests.Response:
        """Send a form of the phone's queue."""
        headers = {"Idempotency-Key": form}
        return self._send("POST", "/m/reports/", json=told, headers=headers)

    def _token(self) -> str:
        return str(self.session.cookies.get("csrftoken", ""))

    def _send(self, method: str, path: str, **sent: Any) -> requests.Response:
        headers = {"X-CSRFToken": self._token(), "X-Phone-User": str(self.user)}
        headers |= {"Accept": "application/json", **sent.pop("headers", {})}
        url = f"http://127.0.0.1:{self.at.port}{path}"
        return self.session.request(method, url, headers=headers, timeout=60, **sent)


class Answering(threading.Thread):
    """Asks a server again and again who is signed in, as long as the block lasts."""

    def __init__(self, browser: Browser, server: Server) -> None:
        super().__init__(daemon=True)
        self.browser = Browser(server, browser.user)
        self.browser.session.cookies.update(browser.session.cookies)
        self.told: list[object] = []
        self._first, self._enough = threading.Event(), threading.Event()

    def run(self) -> None:
        """Until the block ends."""
        while not self._enough.is_set():
            try:
                self.told.append(self.browser.get("/m/hello/").json()["user"])
            except (requests.RequestException, ValueError) as error:
                self.told.append(error)
            self._first.set()

    def __enter__(self) -> list[object]:
        self.start()
        assert self._first.wait(60)
        return self.told

    def __exit__(self, *_ending: object) -> None:
        self._enough.set()
        self.join()


def test_what_was_begun_at_a_server_that_died_is_ended_at_the_other(servers, city: City):
    first, second = servers
    phone = Browser(first, city.officer.pk)
    assert phone.sign_in("officer").status_code == 302
    content, key, form = jpeg(1), str(uuid.uuid4()), str(uuid.uuid4())
    half = len(content) // 2
    assert phone.begin(content, key).status_code < 300
    assert phone.put(key, 0, content[:half]).json()["received"] == half

    with Answering(phone, second) as told:
        before = len(told)
        first.kill()
    with pytest.raises(requests.ConnectionError):
        phone.get("/m/hello/")
    assert len(told) > before
    assert set(told) == {city.officer.pk}

    phone.at = second
    assert phone.get(f"/uploads/{key}/").json()["received"] == half
    assert phone.put(key, half, content[half:]).json()["done"]
    assert original_path(Photo.objects.get().blob_id).read_bytes() == content
    lon, lat = IN_FIRST_CELL
    photos = [{"key": key, "sha256": hashlib.sha256(content).hexdigest()}]
    sent = {"category": city.spill.pk, "lon": lon, "lat": lat, "photos": photos}
    answer = phone.report(form, sent)
    assert answer.status_code == 201, answer.text
    receipt = answer.json()["receipt"]

    # The answer got lost with the server that gave it: the same is asked of the one that is back.
    first.start()
    first.wait_ready()
    with Answering(phone, first) as told:
        before = len(told)
        second.kill()
    assert len(told) > before
    assert set(told) == {city.officer.pk}
    phone.at = first
    repeat = phone.report(form, sent)
    assert (repeat.status_code, repeat.json()["receipt"]) == (201, receipt)
    assert Report.objects.get().number == receipt["number"]


def test_a_form_that_comes_to_both_at_once_is_kept_once(servers, city: City):
    phones = [Browser(server, city.officer.pk) for server in servers]
    assert phones[0].sign_in("officer").status_code == 302
    phones[1].session.cookies.update(phones[0].session.cookies)
    lon, lat = IN_FIRST_CELL
    receipts: dict[str, list[object]] = {}
    for number in range(5):
        content, key, form = jpeg(number + 1), str(uuid.uuid4()), str(uuid.uuid4())
        phones[number % 2].begin(content, key)
        assert phones[1 - number % 2].put(key, 0, content).json()["done"]
        photos = [{"key": key, "sha256": hashlib.sha256(content).hexdigest()}]
        sent = {"category": city.spill.pk, "lon": lon, "lat": lat, "photos": photos}
        gate = threading.Barrier(2)
        heard = receipts[form] = []

        def send(phone: Browser, form=form, sent=sent, gate=gate, heard=heard) -> None:
            gate.wait()
            answer = phone.report(form, sent)
            heard.append((answer.status_code, answer.json().get("receipt")))

        threads = [threading.Thread(target=send, args=[phone]) for phone in phones]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for form, heard in receipts.items():
        assert len(heard) == 2
        assert heard[0] == heard[1]
        status, receipt = heard[0]
        assert (status, receipt["form"]) == (201, form)
    assert Report.objects.count() == len(receipts)


def test_wrong_passwords_at_one_count_at_the_other(servers, city: City):
    first, second = servers
    for server in (first, second, first, second, first):
        answer = Browser(server).sign_in("officer", "wrong")
        assert (answer.status_code, LOCKED in answer.text) == (200, False)
    for server in servers:
        answer = Browser(server).sign_in("officer")
        assert answer.status_code == 200
        assert LOCKED in answer.text
        assert Browser(server).sign_in("dispatcher").status_code == 302
