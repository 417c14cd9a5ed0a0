"""How the table of addresses is asked by somebody who means no good."""

import json
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import Client
from django.urls import reverse

from tests import builders
from tests.house.url_table import QUEUE, ROWS, Row
from tests.house.url_world import PEOPLE, World

EXPECTED: dict[str, dict[str, str]] = json.loads(
    Path("tests/house/url_expectations.json").read_text()
)
BY_TURN = ("supervisor", "dispatcher", "leader", "officer", "inspector", "admin", "anonymous")


def reader(row: Row) -> str:
    """Who works at most desks among those who are let in by a row, else whoever is let in; anybody
    where nobody is."""
    let_in = [
        person
        for status, people in EXPECTED[row.label].items()
        if int(status) < 400
        for person in (PEOPLE if people == "all" else people.split())
    ]
    return next((person for person in BY_TURN if person in let_in), [*let_in, "supervisor"][0])


def browser(world: World, person: str, **options: Any) -> Client:
    """A browser in which the person is signed in; a bug comes out as an exception."""
    client = Client(**options)
    if person != "anonymous":
        client.force_login(world.city.people[person])
    return client


def address(row: Row, world: World) -> str:
    """The path of a row, without its query."""
    return reverse(row.name, kwargs=row.kwargs(world))


@contextmanager
def taken_back() -> Iterator[None]:
    """What happens within leaves nothing behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def struck(ask: Callable[..., HttpResponse], *told: Any) -> str:
    """What a request broke: the bug in a line, or the status of a server's error; "" else."""
    try:
        with taken_back():
            response = ask(*told)
            if response.streaming:
                b"".join(response.streaming_content)  # type: ignore[arg-type]
            return f"status {response.status_code}" if response.status_code >= 500 else ""
    except Exception as bug:
        at = traceback.extract_tb(bug.__traceback__)[-1]
        ours = [
            f"{frame.filename.removeprefix(f'{Path.cwd()}/')}:{frame.lineno}"
            for frame in traceback.extract_tb(bug.__traceback__)
            if "site-packages" not in frame.filename and "/tests/" not in frame.filename
        ]
        return f"{type(bug).__name__}: {str(bug)[:80]} at {(ours or [at.name])[-1]}"


@contextmanager
def noted_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names that views look for in queries and forms meanwhile."""
    names: set[str] = set()
    with monkeypatch.context() as patch:
        for method in ("get", "getlist", "__getitem__", "__contains__"):
            was = getattr(QueryDict, method)

            def noting(self: QueryDict, key: Any, *rest: Any, was: Any = was, **more: Any) -> Any:
                names.add(str(key))
                return was(self, key, *rest, **more)

            patch.setattr(QueryDict, method, noting)
        yield names


def body_of(row: Row, world: World, person: str) -> dict[str, Any]:
    """The body with which the row is posted."""
    body = dict(row.body(world))
    if not is_json(row, body) and not row.name.startswith("api:"):
        body["idempotency_key"] = str(uuid.uuid4())
    return body


def whole_body_of(row: Row, world: World, person: str) -> dict[str, Any]:
    """The same with the photos in it that its sender took, so that it is taken."""
    body, who = body_of(row, world, person), world.city.people.get(person, world.city.officer)
    for name in ("photos", "after_photos"):
        if name in body:
            body[name] = [str(builders.photo(who, kind=body[name], seed=99).pk)]
    return body


def is_json(row: Row, body: dict[str, Any]) -> bool:
    """Whether the row is posted in JSON."""
    api = row.name.startswith("api:") and "file" not in body
    return row.name in QUEUE or "ask" in body or api


def send(client: Client, row: Row, url: str, body: dict[str, Any], world: World) -> HttpResponse:
    """Post it as a page, a phone or a machine does."""
    user = client.session.get("_auth_user_id", "")
    headers = {"Idempotency-Key": str(uuid.uuid4()), "X-Phone-User": str(user)}
    if is_json(row, body):
        return client.post(url, body, content_type="application/json", headers=headers)
    return client.post(url, body, headers=headers)


GETS = [row for row in ROWS if row.method == "GET"]
POSTS = [row for row in ROWS if row.method == "POST"]
