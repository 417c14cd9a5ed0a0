"""Every word of every address, query and form is somebody's poison.

In each walk every name is given one by turn, in the next walk the next one, until each had all of
them; all walks are of the long form. The short form asks again what was broken once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.urls import NoReverseMatch, reverse

from cases.models import Case
from tests import builders
from tests.attack.asking import (
    GETS,
    POSTS,
    body_of,
    browser,
    is_json,
    noted_names,
    reader,
    send,
    struck,
    taken_back,
)
from tests.house.url_table import Row
from tests.house.url_world import World, key

INJECTED = "zq'||pg_sleep(9)--\"`;"
"""It must reach the database as a value, never within a statement."""
TYPED = [
    "\x00", INJECTED, "²", "0001-01-01", "9999-12-31", "9" * 30, "nan", "-1", "x" * 5000, "1e400",
    "9999-12-31T23:59", "<b>", "%", "0001-W01", "9999-12", "\ud83d",
]  # fmt: skip
SENT: list[Any] = [
    *TYPED, None, True, -1, 2**70, 1e300, [], {}, [None], [{}], {"a": {}}, [[]] * 50, "\ud800",
]  # fmt: skip
PLACES = ["\x00", INJECTED, "²²²", "9" * 40, "a" * 300, ".."]
_NOT_TYPED = {"csrfmiddlewaretoken", "idempotency_key"}


@contextmanager
def no_word_in_statements(found: list[str]) -> Iterator[None]:
    """What was injected is only ever handed to the database beside the statement."""

    def look(execute: Callable, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if "pg_sleep(9)" in str(sql):
            found.append(str(sql)[:200])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield


def typed(value: Any) -> Any:
    """As it goes over the line: half a character too."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def poisoned_addresses(row: Row, kwargs: dict[str, Any]) -> Iterator[str]:
    """The address of a row with something else in the place of each number."""
    for name, kept in kwargs.items():
        for place in [0, 2**63, 10**30] if isinstance(kept, int) else PLACES:
            try:
                yield reverse(row.name, kwargs=kwargs | {name: place})
            except NoReverseMatch:
                continue


def attack_addresses(world: World, monkeypatch: pytest.MonkeyPatch, shift: int) -> int:
    """Ask every page with every name poisoned; returns how often."""
    fallen: dict[str, str] = {}
    injected: list[str] = []
    turn, asked = count(shift), 0
    for row in GETS:
        person, kwargs = reader(row), row.kwargs(world)
        query, client = row.query(world, person), browser(world, person)
        url = reverse(row.name, kwargs=kwargs)
        with noted_names(monkeypatch) as names:
            struck(client.get, url, query)
        tries = [(there, query) for there in poisoned_addresses(row, kwargs)] if not shift else []
        for name in sorted(names | set(query)):
            tries.append((url, query | {name: typed(TYPED[next(turn) % len(TYPED)])}))
        with no_word_in_statements(injected):
            for there, words in tries:
                asked += 1
                blow = struck(client.get, there, words)
                if blow:
                    fallen[f"{row.label} {there[:60]} {str(words)[:120]}"] = blow
    assert fallen == {}
    assert injected == []
    return asked


def attack_forms(world: World, monkeypatch: pytest.MonkeyPatch, shift: int) -> int:
    """Post every form with every field poisoned; returns how often."""
    fallen: dict[str, str] = {}
    injected: list[str] = []
    turns, asked = {True: count(shift), False: count(shift)}, 0
    for row in POSTS:
        person, kwargs = reader(row), row.kwargs(world)
        url, client = reverse(row.name, kwargs=kwargs), browser(world, person)
        body = body_of(row, world, person)
        as_json = is_json(row, body)
        if as_json:
            names, values = set(body), SENT
        else:
            with noted_names(monkeypatch) as names:
                struck(send, client, row, url, dict(body), world)
            names, values = (names | set(body)) - _NOT_TYPED, TYPED
        if shift >= len(values):
            continue
        with no_word_in_statements(injected):
            for name in sorted(names):
                asked += 1
                bad = values[next(turns[as_json]) % len(values)]
                with taken_back():
                    # A file is read once, a key is used once.
                    words = body_of(row, world, person)
                    words[name] = bad if as_json else typed(bad)
                    blow = struck(send, client, row, url, words, world)
                if blow:
                    fallen[f"{row.label} {name}={str(bad)[:30]!r}"] = blow
    assert fallen == {}
    assert injected == []
    return asked


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/grid/cells/%00/", 404),
        ("/grid/segments/%00/", 404),
        ("/grid/sites/%00/edit/", 404),
        ("/grid/shops/%00/", 404),
        ("/shops/%00/cases/", 404),
        ("/cases/cell-recent/%00/", 404),
        ("/cases/?phone=%00", 404),
        ("/bulk/1/?why=%00", 404),
        ("/triage/?report=%00", 404),
        ("/cases/?phone=%27%20OR%201%3D1--", 200),
    ],
)
def test_what_an_address_was_once_broken_by_leads_nowhere(as_, path, status):
    assert as_("dispatcher").get(path).status_code == status


@pytest.mark.django_db
def test_a_number_beyond_all_measure_is_refused_and_nothing_is_done(as_, city):
    case = builders.received(city).case
    url = reverse("api:case-urge", kwargs={"number": case.number})
    told = {"version": case.version, "note": 1e300}
    headers = {"Idempotency-Key": key()}
    told_of = as_("supervisor").post(url, told, content_type="application/json", headers=headers)
    assert told_of.status_code == 400
    assert Case.objects.get(pk=case.pk).version == case.version


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("shift", range(len(TYPED)))
def test_no_word_of_an_address_breaks_a_page(world: World, monkeypatch, shift: int):
    assert attack_addresses(world, monkeypatch, shift) > 400


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("shift", range(len(SENT)))
def test_no_word_of_a_form_breaks_what_takes_it(world: World, monkeypatch, shift: int):
    """What is sent in JSON may be more than words: the last walks are only of that."""
    assert attack_forms(world, monkeypatch, shift) > (500 if shift < len(TYPED) else 100)


def test_what_is_injected_is_noticed(db):
    """Were a word written into a statement, these tests would see it."""
    found: list[str] = []
    with no_word_in_statements(found), connection.cursor() as cursor:
        cursor.execute("SELECT %s", [INJECTED])
        assert found == []
        cursor.execute("SELECT 'zq' /* pg_sleep(9) */")
    assert len(found) == 1
