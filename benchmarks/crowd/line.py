"""A connection to the server as a browser or a phone keeps one, and what was asked over all."""

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from email.message import Message
from http.client import HTTPConnection, HTTPException
from typing import Any

from benchmarks.city.measuring import spread
from benchmarks.crowd.people import CSRF, Person


class Book:
    """Milliseconds and errors by the name of what was done; for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.spent: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()

    def note(self, name: str, seconds: float) -> None:
        """It was done."""
        with self._lock:
            self.spent[name].append(seconds * 1000)

    def fail(self, why: str) -> None:
        """It was not."""
        with self._lock:
            self.errors[why[:160]] += 1

    def told(self) -> dict[str, Any]:
        """Count, median and 95th percentile of each, and the errors; then it begins anew."""
        with self._lock:
            done = {
                name: {"count": len(times), **spread(times)} for name, times in self.spent.items()
            }
            errors = dict(self.errors)
            self.spent.clear()
            self.errors.clear()
        return {"done": done, "errors": errors}


class Refusal(Exception):
    """An answer that was not wanted."""


class Line:
    """One kept connection of one person; not for two threads at once."""

    def __init__(self, port: int, book: Book, person: Person | None = None) -> None:
        self.port, self.book, self.person = port, book, person
        self._connection: HTTPConnection | None = None

    def ask(
        self,
        name: str,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        good: tuple[int, ...] = (200,),
    ) -> tuple[int, Message, bytes]:
        """Ask once and note how long it took under `name`; Refusal for another answer."""
        all_headers = self._headers(body) | dict(headers or {})
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        began = time.perf_counter()
        try:
            answer = self._answer(method, path, content, all_headers)
        except (OSError, HTTPException) as error:
            self._connection = None
            raise Refusal(f"{name}: {error!r}") from error
        self.book.note(name, time.perf_counter() - began)
        if answer[0] not in good:
            raise Refusal(f"{name}: {answer[0]} {answer[2][:120]!r}")
        return answer

    def _headers(self, body: Any) -> dict[str, str]:
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        headers = {"Accept-Encoding": "gzip", "Content-Type": kind}
        if self.person is not None:
            headers |= {"Cookie": self.person.cookies, "X-CSRFToken": CSRF}
        return headers

    def _answer(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Message, bytes]:
        kept = self._connection is not None
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self._connection.request(method, path, body, dict(headers))
            response = self._connection.getresponse()
        except (OSError, HTTPException):
            if not kept:
                raise
            # The server closes what was idle for long: once more, over a new one.
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
            self._connection.request(method, path, body, dict(headers))
            response = self._connection.getresponse()
        # Not as a dict: the names of headers come in any case.
        return response.status, response.headers, response.read()
