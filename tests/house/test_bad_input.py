"""Bad input to the services of every move: a refusal in Chinese by field, nothing half-stored."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cases.choices import RequestKind
from cases.models import Request
from cases.services import requests, suspension
from cases.services.corrections import Correction
from cases.services.dispatch import Task
from cases.services.rectification import Result
from cases.workflow import MOVES, Move, Need, Subject
from citymgmt.errors import DomainError
from tests import builders
from tests.city import City
from tests.house import moves
from tests.house.moves import DAY, UNKNOWN
from tests.house.test_moves import _actor, _name, _source

pytestmark = pytest.mark.django_db

CHINESE = re.compile("[\u4e00-\u9fff]")
TOO_LONG = "字" * 501
INVISIBLE = "\x00\ud800\u200b \u3000\ufeff\x1b"
NO_IDS = (0, -1, UNKNOWN, 2**63, 10**40)
YEAR = timedelta(days=366)

Spoilt = tuple[str, dict[str, Any]]
"""The field that must be named, and the arguments that are spoilt."""


def spoilt(city: City, move: Move, given: dict[str, Any]) -> Iterator[Spoilt]:
    """Every way in which an argument of the move can be wrong."""
    if "note" in given and move.subject is not Subject.LOOKBACK:
        yield "note", {"note": TOO_LONG}
        yield "note", {"note": "字" * 100_000}
    if Need.NOTE in move.needs:
        yield from (("note", {"note": words}) for words in ("", " \n ", INVISIBLE))
    if "until" in given:
        yield from (("until", {"until": value}) for value in _ends(move, given))
    for name in ("standard_id", "person_id"):
        if name in given:
            yield from ((name.removesuffix("_id"), {name: value}) for value in NO_IDS)
    if "person_id" in given:
        yield "person", {"person_id": city.other_officer.pk}
    if "into" in given:
        yield from (("into", {"into": value}) for value in ("", INVISIBLE, "x" * 10_000, "案"))
    yield from _wholes(city, given)


def _wholes(city: City, given: dict[str, Any]) -> Iterator[Spoilt]:
    """What comes as one value of several fields."""
    if "task" in given:
        yield from ((name, {"task": task}) for name, task in _tasks(city, given["task"]))
    if "correction" in given:
        yield from _corrections(given["correction"])
    if "result" in given:
        yield from ((name, {"result": result}) for name, result in _results(city, given["result"]))


def _ends(move: Move, given: dict[str, Any]) -> list[Any]:
    at = given["at"]
    if move.name == "supervise":
        return [at, at - DAY, at + YEAR, at.replace(year=9999)]
    return [at.date(), (at - DAY).date(), (at + YEAR).date(), date.max, date.min]


def _tasks(city: City, task: Task) -> Iterator[tuple[str, Task]]:
    yield from (("team", replace(task, team_id=pk)) for pk in (*NO_IDS, city.teams["bureau"].pk))
    persons = (*NO_IDS[1:], city.viewer.pk)
    yield from (("person", replace(task, person_id=pk)) for pk in persons)
    yield "instruction", replace(task, instruction=TOO_LONG)


def _corrections(right: Correction) -> Iterator[Spoilt]:
    for name, most in (("text", 1000), ("address", 120)):
        yield name, {"correction": replace(right, **{name: "字" * (most + 1)})}
    for pk in NO_IDS:
        yield "standard", {"correction": replace(right, standard_id=pk)}


def _results(city: City, result: Result) -> Iterator[tuple[str, Result]]:
    for text in ("NaN", "sNaN", "Infinity", "-Infinity", "-0.01", "1000000", "1e400"):
        yield "quantity", replace(result, quantity=Decimal(text))
    yield "quantity", replace(result, quantity=None)
    yield "note", replace(result, note=TOO_LONG)
    foreign = builders.photo(city.admin, kind="after", seed=160)
    before = builders.photo(city.officer, kind="before", seed=161)
    for ids in ((), (uuid.uuid4(),), (foreign.pk,), (before.pk,)):
        yield "photos", replace(result, photo_ids=ids)


@pytest.mark.parametrize("move", MOVES, ids=_name)
def test_no_service_takes_what_cannot_be(city, move):
    row = moves.stand(city, move.subject, _source(move))
    given = moves.prepare(city, move, row, _actor(city, move, row))
    bad = list(spoilt(city, move, given))
    before, wrong = moves.everything(), []
    for name, changes in bad:
        try:
            moves.call(move, row, given | changes)
            wrong.append((name, repr(changes)[:60], "taken"))
        except DomainError as refused:
            if refused.field != name or not CHINESE.search(str(refused.message)):
                wrong.append((name, repr(changes)[:60], refused.field, str(refused.message)))
        if moves.everything() != before:
            wrong.append((name, repr(changes)[:60], "half-stored"))
            break
    assert wrong == []


OPTIONAL = [
    move
    for move in MOVES
    if Need.NOTE not in move.needs
    and move.name in ("resume", "urge", "pass", "approve", "withdraw")
]


@pytest.mark.parametrize("move", OPTIONAL, ids=_name)
def test_a_remark_that_need_not_come_is_bounded_and_cleaned_too(city, move):
    row = moves.stand(city, move.subject, _source(move))
    given = moves.prepare(city, move, row, _actor(city, move, row))
    before = moves.everything()
    with pytest.raises(DomainError) as refused:
        moves.call(move, row, given | {"note": TOO_LONG})
    assert (refused.value.field, moves.everything()) == ("note", before)
    moves.call(move, row, given | {"note": f"好{INVISIBLE}的"})
    event = moves.case_of(row).events.get(name=move.event)
    assert event.private.body["note"] == "好 的"


def test_an_approved_suspension_whose_day_has_passed_is_refused_by_its_day(city):
    order = builders.received(city)
    at = order.issued_at
    request = requests.ask_suspension(
        order_id=order.pk,
        actor=city.leader,
        at=at,
        version=None,
        until=(at + DAY).date(),
        note="等吊车",
    )
    before = moves.everything()
    with pytest.raises(DomainError) as refused:
        requests.approve_request(
            request_id=request.pk, actor=city.dispatcher, at=at + DAY, version=None
        )
    assert (refused.value.field, moves.everything()) == ("until", before)
    assert Request.objects.get().kind == RequestKind.SUSPENSION
    assert suspension.due_to_resume(at=at + DAY, limit=9) == []
