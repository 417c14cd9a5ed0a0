"""The pages of the house: addresses of the tables that answer with a whole page of their own."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from tests.house import url_admin
from tests.house.url_table import ROWS, Row
from tests.house.url_world import PEOPLE, World

EXPECTED = json.loads((Path(__file__).parent / "url_expectations.json").read_text())
# Who works at most desks first: a page is looked at by the first of them who may see it.
BY_TURN = ("supervisor", "dispatcher", "leader", "officer", "inspector", "admin", "anonymous")
NOT_PAGES = {"jsi18n"}


@dataclass(frozen=True)
class Page:
    """A page, and who looks at it; "" is somebody whom nobody knows."""

    person: str
    path: str


def pages(world: World) -> Iterator[Page]:
    """Every page of the table, as the first by turn who may see it."""
    for row in ROWS:
        person = _reader(row)
        if not person:
            continue
        path = _path(row, world, person)
        if _is_whole(world, person, path):
            yield Page("" if person == "anonymous" else person, path)


def pages_of_settings() -> Iterator[Page]:
    """Every page of the settings that opens to the administrator."""
    for page in url_admin.pages():
        if page.wanted("admin") == 200 and page.name not in NOT_PAGES:
            path = page.address()
            if not path.endswith("/0/change/") and not path.endswith("/0/history/"):
                yield Page("admin", path)


def _reader(row: Row) -> str:
    """Who looks at the page of a row; "" where nobody gets a page."""
    heard = EXPECTED[row.label].get("200", "")
    if row.method != "GET" or not heard:
        return ""
    who = PEOPLE if heard == "all" else heard.split()
    return next(person for person in BY_TURN if person in who)


def _path(row: Row, world: World, person: str) -> str:
    query = row.query(world, person)
    path = reverse(row.name, kwargs=row.kwargs(world))
    return f"{path}?{urlencode(query)}" if query else path


def _is_whole(world: World, person: str, path: str) -> bool:
    """Whether a whole document comes: no part of one, no file, no data."""
    client = Client()
    if person != "anonymous":
        client.force_login(world.city.people[person])
    answer = client.get(path)
    if answer.streaming or not answer["Content-Type"].startswith("text/html"):
        answer.close()
        return False
    return answer.status_code == 200 and answer.content.lstrip()[:9].lower() == b"<!doctype"
