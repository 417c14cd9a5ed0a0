"""What people do: officers report, desks read and wait for news, dashboards and walls renew."""

import gzip
import hashlib
import random
import re
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from benchmarks.crowd.line import Book, Line, Refusal
from benchmarks.crowd.people import City, Person
from benchmarks.crowd.pictures import another

# As static/js/m/sender.js: a quick line doubles its parts, up to what the server takes.
FIRST_PART, MOST_PART, QUICK = 256 * 1024, 1024 * 1024, 0.6
# As static/js/live.js.
POLL_SECONDS = 4.0
_LIVE = re.compile(rb'data-(?:live|news)="([^"]*/live/[^"]*)"')
_SHOWN_AT = re.compile(rb'data-rows [^>]*data-at="([^"]+)"')
_PAGES = {
    "dispatcher": ("/triage/", "/cases/?tab=pending", "/cases/"),
    "leader": ("/board/", "/cases/?tab=mine", "/cases/"),
    "supervisor": ("/cases/", "/cases/?state=rectifying", "/cases/?q=垃圾"),
    "inspector": ("/checks/", "/lookbacks/", "/cases/"),
}


def report_with_photo(line: Line, city: City, photo: bytes, began: float) -> None:
    """The whole way of one photo and its form over the phone's API, to the receipt.

    `began` is when the officer wanted it: what he waited for his turn counts.
    """
    content, key = another(photo), str(uuid.uuid4())
    sha256 = hashlib.sha256(content).hexdigest()
    phone = {"X-Phone-User": str(_person(line).user), "Accept": "application/json"}
    promise = {
        "key": key, "sha256": sha256, "size": len(content), "kind": "near",
        "phone_now": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    line.ask("upload begun", "POST", "/uploads/", body=promise, headers=phone, good=(201,))
    offset, part = 0, FIRST_PART
    while offset < len(content):
        started = time.perf_counter()
        path = f"/uploads/{key}/?offset={offset}"
        piece = content[offset : offset + part]
        line.ask("part", "PUT", path, body=piece, headers=phone)
        offset += len(piece)
        if time.perf_counter() - started < QUICK:
            part = min(2 * part, MOST_PART)
    form = _told(city) | {"photos": [{"key": key, "sha256": sha256}]}
    headers = phone | {"Idempotency-Key": str(uuid.uuid4())}
    line.ask("form", "POST", "/m/reports/", body=form, headers=headers, good=(201,))
    line.book.note("report with photo", time.perf_counter() - began)


def report_without(line: Line, city: City, began: float) -> None:
    """A report without a photo, as the hotline's programme sends it."""
    headers = {
        "Authorization": f"Token {_person(line).token}", "Idempotency-Key": str(uuid.uuid4()),
        "Cookie": "",
    }  # fmt: skip
    body = _told(city) | {"channel": "patrol", "photos": []}
    line.ask("API report", "POST", "/api/v1/reports/", body=body, headers=headers, good=(201,))
    line.book.note("report without", time.perf_counter() - began)


def _person(line: Line) -> Person:
    assert line.person is not None
    return line.person


def _told(city: City) -> dict[str, Any]:
    lon, lat = random.choice(city.places)
    return {
        "category": random.choice(city.classes), "text": "店外经营，摊位占道",
        "address": "紫阳街 12 号", "lon": lon, "lat": lat,
    }  # fmt: skip


class Crowd:
    """Desks, dashboards and walls, each a thread that goes on until it is stopped."""

    def __init__(self, city: City, port: int, book: Book, think: float) -> None:
        self.city, self.port, self.book, self.think = city, port, book, think
        self.stopped = threading.Event()
        acts: list[tuple[Callable[[Any], None], Any]] = [
            *((self.desk, person) for person in city.desks),
            *((self.board, person) for person in city.boards),
            *((self.wall, secret) for secret in city.walls),
        ]
        self.hands = [threading.Thread(target=self._going, args=act, daemon=True) for act in acts]

    def start(self) -> None:
        """Everybody begins at a moment of his own."""
        for hand in self.hands:
            hand.start()

    def stop(self) -> None:
        """Everybody ends what he does."""
        self.stopped.set()
        for hand in self.hands:
            hand.join(70)

    def _going(self, act: Callable[[Any], None], of: Any) -> None:
        self._rest(random.uniform(0, self.think))
        while not self.stopped.is_set():
            try:
                act(of)
            except Refusal as refusal:
                self.book.fail(str(refusal))
                self._rest(POLL_SECONDS)

    def _rest(self, seconds: float) -> None:
        self.stopped.wait(seconds)

    def desk(self, person: Person) -> None:
        """One after the other the pages of the desk and a case; the list asks for news."""
        line = Line(self.port, self.book, person)
        pages = _PAGES[person.role]
        while not self.stopped.is_set():
            case = f"/cases/{random.choice(self.city.numbers)}/"
            path = random.choice((*pages, case))
            name = "case page" if path == case else "desk page"
            self._open(line, name, path)

    def _open(self, line: Line, name: str, path: str) -> None:
        _status, headers, body = line.ask(
            name, "GET", quote(path, safe="/?&=,.%"), good=(200, 403, 404)
        )
        live = _LIVE.search(_plain(headers, body))
        until = time.monotonic() + random.uniform(0.5, 1.5) * self.think
        query = path.partition("?")[2]
        since = quote(_since(body, headers))
        tag = ""
        while not self.stopped.is_set() and time.monotonic() < until:
            self._rest(POLL_SECONDS)
            if live is None:
                continue
            tag, changed = self._poll(line, live[1].decode(), tag)
            if changed and since:
                news = quote(f"/cases/news/?{query}&since=", safe="/?&=,.%") + since
                line.ask("news of a list", "GET", news)

    def _poll(self, line: Line, path: str, tag: str) -> tuple[str, bool]:
        """Whether something changed, as the page asks every four seconds; the new ETag."""
        headers = {"Cookie": ""} | ({"If-None-Match": tag} if tag else {})
        status, answered, _body = line.ask("poll", "GET", path, headers=headers, good=(200, 304))
        return answered.get("ETag", tag), status == 200 and bool(tag)

    def board(self, person: Person) -> None:
        """The dashboard, open: all its parts anew whenever its figures changed."""
        line = Line(self.port, self.book, person)
        _status, headers, body = line.ask("dashboard", "GET", "/dashboard/")
        live = _LIVE.search(_plain(headers, body))
        if live is None:
            raise Refusal("dashboard: it does not say where it asks")
        path, tag = live[1].decode(), ""
        parts = ("/dashboard/", "/dashboard/map/", "/dashboard/decisions/", "/dashboard/charts/")
        for part in parts[1:]:
            line.ask("dashboard part", "GET", part, headers={"HX-Request": "true"})
        while not self.stopped.is_set():
            self._rest(POLL_SECONDS)
            tag, changed = self._poll(line, path, tag)
            for part in parts if changed else ():
                line.ask("dashboard part", "GET", part, headers={"HX-Request": "true"})

    def wall(self, secret: str) -> None:
        """The wall, open."""
        line = Line(self.port, self.book)
        line.ask("wall", "GET", f"/wall/{secret}/")
        tag = ""
        while not self.stopped.is_set():
            self._rest(POLL_SECONDS)
            tag, changed = self._poll(line, f"/wall/{secret}/version/", tag)
            if changed:
                line.ask("wall", "GET", f"/wall/{secret}/", headers={"HX-Request": "true"})


def _since(body: bytes, headers: Any) -> str:
    """When a list was shown, as it says itself; empty for other pages."""
    found = _SHOWN_AT.search(_plain(headers, body))
    return found[1].decode() if found else ""


def _plain(headers: Any, body: bytes) -> bytes:
    return gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
