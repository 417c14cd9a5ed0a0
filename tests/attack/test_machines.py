"""Machines that send whatever the description of the API allows, and what it forbids, as everybody.

The short form sends one example to each operation as everybody; the long form many, as all.
Schemathesis takes seconds to load: it is imported where it is used, not by who collects tests.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cases import models as cases
from citymgmt.models import ApiToken
from citymgmt.wsgi import application
from grids import models as grids
from inspections import models as inspections
from tests.attack.asking import taken_back
from tests.attack.marks import OF_GUCHENG, mark_everything
from tests.attack.reading import words_of
from tests.city import NOW
from tests.house.url_world import PEOPLE, World

Ask = Callable[[Any, str], None]
TOKENS = tuple(person for person in PEOPLE if person != "anonymous")
OUTSIDE = ("other_leader", "other_officer", "stranger")
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


@pytest.fixture
def heard() -> Counter[int]:
    """How often which hundred was answered."""
    return Counter()


@pytest.fixture
def ask(_one_connection: None, world: World, heard: Counter[int]) -> Ask:
    """Send a case as somebody, look at the answer, and take back what it did."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks as of_schema

    checks = [
        not_a_server_error,
        of_schema.status_code_conformance,
        of_schema.content_type_conformance,
        of_schema.response_headers_conformance,
        of_schema.response_schema_conformance,
    ]
    mark_everything(world)
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
            case.validate_response(answer, checks=checks)
            heard[answer.status_code // 100] += 1
            if person in OUTSIDE:
                told = words_of(answer.content)
                assert OF_GUCHENG not in told, (case.formatted_path, person)

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
    asked = 0
    for asked, operation in enumerate(operations(), 1):
        name, known = numbers_of(operation)
        examples, numbers = drawn(operation, len(TOKENS)), [*known, ""]
        for turn, person in enumerate(TOKENS, asked):
            case, number = examples[turn % len(examples)], numbers[turn % len(numbers)]
            attack(operation, partial(sending(ask, name, person), case, number), fallen, person)
    assert fallen == {}
    assert asked > 70
    assert heard.total() > 9 * asked
    # Some came through to what they asked for, and most that was forbidden was refused.
    assert min(heard[2], heard[4]) > 100, heard


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
