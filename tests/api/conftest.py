"""A machine with a token: asks the API as one of the cast."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.services import rules
from citymgmt.models import ApiToken, User
from citymgmt.services import calendars
from grids import locate, responsible
from tests.builders import jpeg
from tests.city import NOW, City


@dataclass
class Machine:
    """Somebody's token at work. Addresses stand without `/api/v1`."""

    user: User
    secret: str

    def get(self, path: str, **query: Any) -> HttpResponse:
        """Read an address, or follow one that an answer named."""
        whole = path if path.startswith("/api/") else f"/api/v1{path}"
        return Client().get(whole, query or None, headers=self._headers())

    def post(
        self, path: str, body: Any = None, *, key: object = None, **headers: str
    ) -> HttpResponse:
        """Send JSON under a new idempotency key, or under the one given ("" sends none)."""
        return Client().post(
            f"/api/v1{path}",
            {} if body is None else body,
            content_type="application/json",
            headers=self._headers(key) | headers,
        )

    def upload(
        self,
        content: bytes | None = None,
        *,
        kind: str = "near",
        key: object = None,
        name: str = "p.jpg",
        **fields: object,
    ) -> HttpResponse:
        """Send a photo as a form."""
        file = SimpleUploadedFile(name, jpeg() if content is None else content, "image/jpeg")
        form = {"file": file, "kind": kind, **fields}
        return Client().post("/api/v1/photos/", form, headers=self._headers(key))

    def _headers(self, key: object = None) -> dict[str, str]:
        headers = {"Authorization": f"Token {self.secret}"}
        if key != "":
            headers["Idempotency-Key"] = str(key or uuid.uuid4())
        return headers


@pytest.fixture
def api(city: City) -> Callable[[str], Machine]:
    """`api("dispatcher")` asks as that person."""

    def machine(name: str) -> Machine:
        user = city.people[name]
        _row, secret = ApiToken.issue(user=user, label="test", at=NOW)
        return Machine(user, secret)

    return machine


_CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


@contextmanager
def at_most(count: int, *, transactions: int | None = None) -> Iterator[None]:
    """At most so many statements; marking where a transaction begins and ends is none.

    `transactions` is how many of those there may be, savepoints included, each with its two
    marks; a test's own transaction makes a savepoint of the outermost.
    """
    with CaptureQueriesContext(connection) as caught:
        yield
    marks = [row["sql"] for row in caught if row["sql"].startswith(_CONTROL)]
    asked = [row["sql"] for row in caught if not row["sql"].startswith(_CONTROL)]
    assert len(asked) <= count, "\n\n".join([f"{len(asked)} statements", *asked])
    assert transactions is None or len(marks) <= 2 * transactions, "\n".join(marks)


@pytest.fixture
def warm_grid(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Grid, calendar and rules lie in memory, as they do in a process that runs for a while."""
    for kept in (locate._kept, responsible._kept):
        whole = kept._build()
        whole.at(NOW)
        monkeypatch.setattr(kept, "get", lambda whole=whole: whole)
    for kept in (calendars._kept, rules._kept):
        built = kept._build()
        monkeypatch.setattr(kept, "get", lambda built=built: built)


@pytest.fixture
def warm_calendar(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """The calendars lie in memory likewise."""
    whole = calendars._kept._build()
    monkeypatch.setattr(calendars._kept, "get", lambda: whole)


def error_of(response: HttpResponse) -> dict[str, Any]:
    """The error of a refusal; it must be in the one form."""
    body = response.json()
    assert set(body) == {"error"}, body
    assert set(body["error"]) == {"code", "message", "field"}
    assert body["error"]["message"]
    return body["error"]
