"""Machines that send whatever the description of the API allows, and what it forbids, as everybody.

The short form sends one example to each operation as everybody; the long form many, as all. What
each operation answers where it does what it is asked is held to its description besides.
Schemathesis takes seconds to load: it is imported where it is used, not by who collects tests.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cases import models as cases
from citymgmt.models import ApiToken
from citymgmt.wsgi import application
from grids import models as grids
from inspections import models as inspections
from tests.attack.asking import address, reader, send, taken_back, whole_body_of
from tests.attack.marks import mark_everything, numbers_of_gucheng, of_gucheng
from tests.attack.reading import words_of
from tests.city import NOW
from tests.house.url_table import ROWS as ADDRESSES
from tests.house.url_table import Row
from tests.house.url_world import PEOPLE, World

Ask = Callable[[Any, str], None]
TOKENS = tuple(person for person in PEOPLE if person != "anonymous")
OUTSIDE = ("other_leader", "other_officer", "stranger")
_HARD = {
    "cases/{number}": "assist correct dispatch force-close instruct label merge name resume"
    " supervise suspend unlabel urge void",
    "digests/{id}": "sign",
    "instructions/{number}": "answer",
    "lookbacks/{id}": "false held rebound unverified",
    "orders/{number}": "appeal ask-extension ask-suspension assign cancel pass receive return"
    " rework submit transfer unassign",
    "reports/{number}": "file-dispatch file merge reject self-handle",
    "requests/{number}": "approve refuse withdraw",
    "supervisions/{number}": "lift",
}
NOT_BY_CHANCE = {
    "GET /api/v1/reports/{number}/contact/",
    "POST /api/v1/photos/",
    *(f"POST /api/v1/{row}/{move}/" for row, moves in _HARD.items() for move in moves.split()),
}
"""What nothing that a machine makes up has done yet: it would have to know a version, a photo, a
person or who may. Their answers are looked at where the table of addresses asks them; all others
have to be done here at least once."""
PAPERS = {"api:schema", "api:docs"}
"""The description itself, which it does not describe."""
# Which rows the numbers in an address may be of, by the word before them.
ROWS: dict[str, Callable[[], Any]] = {
    "reports": lambda: cases.Report.objects.values_list("number", flat=True),
    "cases": lambda: cases.Case.objects.values_list("number", flat=True),
    "orders": lambda: cases.Order.objects.values_list("number", flat=True),
    "requests": lambda: cases.Request.objects.values_list("number", flat=True),
    "supervisions": lambda: cases.Supervision.objects.values_list("number", flat=True),
    "instructions": lambda: cases.Instruction.objects.values_list("number", flat=True),
    "lookbacks": lambda: inspections.LookBack.objects.values_list("pk", flat=True),
    "digests": lambda: inspections.Digest.objects.values_list("pk", flat=True),
    "photos": lambda: cases.Report.objects.values_list("cover_id", flat=True),
    "teams": lambda: grids.Team.objects.values_list("pk", flat=True),
    "categories": lambda: cases.Category.objects.values_list("pk", flat=True),
    "cells": lambda: grids.Cell.objects.values_list("code", flat=True),
    "segments": lambda: grids.RoadSegment.objects.values_list("code", flat=True),
    "sites": lambda: grids.Site.objects.values_list("code", flat=True),
    "shops": lambda: grids.Shop.objects.values_list("code", flat=True),
}
_NUMBERED = re.compile(r"/api/v1/(\w+)/\{(\w+)\}")


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Requests go to the application itself, which would close the test's connection with each."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@dataclass
class Heard:
    """How often which hundred was answered, and the operations that did what they were asked."""

    hundreds: Counter[int] = field(default_factory=Counter)
    done: set[str] = field(default_factory=set)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def checks() -> list[Any]:
    """What an answer is held to: everything that the description says of it."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks as of_schema

    return [
        not_a_server_error,
        of_schema.status_code_conformance,
        of_schema.content_type_conformance,
        of_schema.response_headers_conformance,
        of_schema.response_schema_conformance,
    ]


@pytest.fixture
def ask(_one_connection: None, world: World, heard: Heard) -> Ask:
    """Send a case as somebody, look at the answer, and take back what it did."""
    held = checks()
    mark_everything(world)
    numbers = numbers_of_gucheng()
    secrets = {
        person: ApiToken.issue(user=world.city.people[person], label="x", at=NOW)[1]
        for person in TOKENS
    }

    def asked(case: Any, person: str) -> None:
        with taken_back():
            headers = {"Authorization": f"Token {secrets[person]}"}
            answer = case.call(headers=headers)
            if answer.status_code == 404 and "html" in str(answer.headers["content-type"]):
                return  # No address of the API: a number with a slash, or with a letter.
            case.validate_response(answer, checks=held)
            heard.hundreds[answer.status_code // 100] += 1
            if answer.status_code < 300:
                heard.done.add(case.operation.label)
            # What somebody reports himself has a number of its own, which may be that of a case.
            if person in OUTSIDE and answer.status_code != 201:
                path = case.formatted_path
                told = of_gucheng(words_of(answer.content), numbers, path)
                assert told == [], (path, person)

    return asked


def operations() -> Iterator[Any]:
    """What the API offers, as it describes itself."""
    import schemathesis

    raw = SchemaGenerator().get_schema(public=True)
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(raw, default=str)))
    schema.app = application
    for found in schema.get_all_operations():
        yield found.ok()


def numbers_of(operation: Any) -> tuple[str, list[str]]:
    """What the number in an operation's address is called, and the rows that there are of it."""
    numbered = _NUMBERED.match(operation.path)
    known = [str(value) for value in ROWS[numbered[1]]()] if numbered else []
    return numbered[2] if numbered else "", known


def sent_to(operation: Any) -> Any:
    """What may be sent by the description of an operation, and what it forbids."""
    from schemathesis import GenerationMode

    return st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )


def bounds(examples: int) -> settings:
    """So many examples, the same in every run."""
    return settings(
        max_examples=examples, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip


def drawn(operation: Any, count: int) -> list[Any]:
    """Up to so many examples, no two alike; fewer where there are no more."""
    found: list[Any] = []

    def note(case: Any) -> None:
        found.append(case)

    bounds(count)(given(case=sent_to(operation))(note))()
    return found


def sending(ask: Ask, name: str, person: str) -> Callable[..., None]:
    """What is done with each example; `name` is that of the number in the address."""

    def one(case: Any, number: str) -> None:
        if number:
            case.path_parameters[name] = number
        ask(case, person)

    return one


def attack(operation: Any, work: Callable[[], None], fallen: dict[str, str], person: str) -> None:
    """Do it, and note under the operation and the person what was amiss."""
    label = f"{operation.label} {person}"
    try:
        work()
    except BaseExceptionGroup as wrong:
        fallen[label] = "; ".join(str(each)[:300] for each in wrong.exceptions)
    except AssertionError as wrong:
        fallen[label] = str(wrong)[:300]


@pytest.mark.django_db
def test_nothing_a_machine_sends_breaks_the_api_or_what_it_says_of_itself(ask, heard):
    """Each operation once as everybody, each time another example and another number."""
    fallen: dict[str, str] = {}
    offered = list(operations())
    for at, operation in enumerate(offered, 1):
        name, known = numbers_of(operation)
        examples, numbers = drawn(operation, len(TOKENS)), [*known, ""]
        for turn, person in enumerate(TOKENS, at):
            case, number = examples[turn % len(examples)], numbers[turn % len(numbers)]
            attack(operation, partial(sending(ask, name, person), case, number), fallen, person)
    assert fallen == {}
    assert len(offered) > 70
    assert heard.hundreds.total() > 9 * len(offered)
    # Some came through to what they asked for, and most that was forbidden was refused.
    assert min(heard.hundreds[2], heard.hundreds[4]) > 100, heard
    every = {operation.label for operation in offered}
    assert every - NOT_BY_CHANCE - heard.done == set()
    assert NOT_BY_CHANCE - every == set()


def described() -> dict[str, Any]:
    """Each operation by its method and address, whatever the places in it are called."""
    return {re.sub(r"\{\w+\}", "{}", each.label): each for each in operations()}


def asking(row: Row, url: str, known: dict[str, Any]) -> Any:
    """A case of the operation that a row of the table of addresses asks."""
    match = get_resolver().resolve(url)
    operation = known[f"{row.method} /" + re.sub(r"<[\w:]+>", "{}", match.route)]
    names = re.findall(r"\{(\w+)\}", operation.path)
    return operation.Case(path_parameters=dict(zip(names, match.kwargs.values(), strict=True)))


def answer_of(url: str, answer: HttpResponse) -> Any:
    """An answer of Django's as the checks read one."""
    import requests
    from schemathesis import Response

    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return Response(
        status_code=answer.status_code,
        headers={name: [value] for name, value in answer.headers.items()},
        content=content,
        request=requests.Request("GET", f"http://testserver{url}").prepare(),
        elapsed=0.0,
        verify=False,
    )


@pytest.mark.django_db
def test_what_each_operation_answers_where_it_succeeds_is_as_described(world: World):
    """Most machines' bodies are refused before anything is done: here each operation is sent what
    it does, as the table of addresses has it, by somebody who may."""
    known, held, fallen, done = described(), checks(), {}, set()
    for row in ADDRESSES:
        if not row.name.startswith("api:") or row.name in PAPERS:
            continue
        person, url = reader(row), address(row, world)
        _row, secret = ApiToken.issue(user=world.city.people[person], label="x", at=NOW)
        client = Client(headers={"Authorization": f"Token {secret}"})
        case = asking(row, url, known)
        with taken_back():
            if row.method == "GET":
                answer = client.get(url, row.query(world, person))
            else:
                answer = send(client, row, url, whole_body_of(row, world, person), world)
            read = answer_of(url, answer)

        def look(case: Any = case, read: Any = read) -> None:
            assert read.status_code in (200, 201), read.content[:200]
            case.validate_response(read, checks=held)

        attack(case.operation, look, fallen, person)
        done.add(case.operation.label)
    assert fallen == {}
    assert done == {operation.label for operation in known.values()}


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("person", TOKENS)
def test_nor_does_a_hundred_times_as_much_as_everybody(ask, person):
    fallen: dict[str, str] = {}
    asked = list(operations())
    for operation in asked:
        name, known = numbers_of(operation)
        many = given(case=sent_to(operation), number=st.sampled_from(["", *known]))
        attack(operation, bounds(25)(many(sending(ask, name, person))), fallen, person)
    assert fallen == {}
    assert len(asked) > 70
