"""Bad input to every move of the table: refused by field in Chinese, and nothing has changed."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cases.models import CaseEvent
from cases.services.corrections import Correction
from cases.services.dispatch import Task
from cases.services.rectification import Result
from cases.workflow import MOVES, Move, Subject
from tests import builders
from tests.api.conftest import error_of
from tests.city import City
from tests.house import moves
from tests.house.test_moves import _actor, _name, _source

pytestmark = pytest.mark.django_db

CHINESE = re.compile("[\u4e00-\u9fff]")


def path_of(move: Move, row: moves.Row) -> str:
    name = row.pk if move.subject is Subject.LOOKBACK else row.number
    return f"/{move.subject}s/{name}/{move.name}/"


def body_of(given: dict[str, Any]) -> dict[str, Any]:
    """What a service was to be given, as JSON."""
    body: dict[str, Any] = {}
    for name, value in given.items():
        match value:
            case Task():
                body |= {"team": value.team_id, "person": value.person_id}
            case Correction():
                body |= {"text": value.text, "address": value.address}
                body["standard"] = value.standard_id
            case Result():
                body |= {
                    "quantity": str(value.quantity),
                    "note": value.note,
                    "photos": [str(pk) for pk in value.photo_ids],
                }
            case _ if name == "photo_ids":
                body["photos"] = [str(pk) for pk in value]
            case _ if name == "until":
                body["until"] = value.isoformat()
            case _ if name not in ("actor", "at", "move"):
                body[name.removesuffix("_id")] = value
    return body


def bad_words() -> list[Any]:
    return ["字" * 501, "字" * 100_000, "好\x00的", "\ud800", "好\x07", [], {"a": 1}, None]


def bad_ids() -> list[Any]:
    return [0, -1, 2**63, 10**40, "x", "", [], {}, 1.5, moves.UNKNOWN]


def bad_days() -> list[Any]:
    return ["2026-11-19", "2020-01-01", "2999-01-01", "9999-12-31", "2026-02-30", "明天", 7, None]


def bad_moments() -> list[Any]:
    edges = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
    return ["2026-11-20T01:00:00", "2031-01-01T00:00:00Z", *edges, "明天", 7, None, []]


def bad_photos(city: City) -> list[Any]:
    foreign = builders.photo(city.admin, kind="after", seed=150)
    return [["x"], [str(uuid.uuid4())], [str(foreign.pk)], [str(uuid.uuid4())] * 99, "x", None]


def spoilt(city: City, move: Move, body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """A field of the move and a value that it cannot have, again and again."""
    moment = move.name == "supervise"
    values: dict[str, Callable[[], list[Any]]] = {
        "version": lambda: [0, -1, "x", None, 2**31, 1.5],
        "note": lambda: [*bad_words(), *(["", " \u3000 ", "\u200b\ufeff"] * _needs_note(move))],
        "text": lambda: ["字" * 1001, *bad_words()[1:]],
        "address": lambda: ["字" * 121, *bad_words()[1:]],
        "standard": bad_ids,
        "team": bad_ids,
        "person": lambda: [*bad_ids(), city.admin.pk],
        "label": bad_ids,
        "into": lambda: ["", "20261120-9999", "x" * 21, "案", "\x00", "\ud800", None, [], 7],
        "until": lambda: bad_moments() if moment else bad_days(),
        "quantity": lambda: ["NaN", "Infinity", "-0.01", "1e400", "1.234", "x", None, []],
        "photos": lambda: bad_photos(city),
        "party": lambda: ["字" * 1001, "好\x00的", "\ud800", [], {"a": 1}],
        "shop": lambda: ["DP99999", "x" * 1001, "\ud800", [], {"a": 1}],
    }
    for name in body:
        yield from ((name, value) for value in values[name]())
    yield "state", "closed"


def _needs_note(move: Move) -> bool:
    return "note" in {str(need) for need in move.needs}


@pytest.mark.parametrize("move", MOVES, ids=_name)
def test_what_a_move_cannot_take_is_refused_by_field_and_changes_nothing(city, api, hand, move):
    row = moves.stand(city, move.subject, _source(move))
    actor = _actor(city, move, row)
    machine = api(actor.username)
    body = body_of(moves.prepare(city, move, row, actor))
    bad = list(spoilt(city, move, body))
    hand.to(moves.when(row))
    before, wrong = moves.everything(), []
    for name, value in bad:
        answer = machine.post(path_of(move, row), body | {name: value})
        said = error_of(answer)
        # A body as long as a book is refused before anybody reads what is in it.
        long = answer.status_code == 413
        named = long or (answer.status_code == 400 and (said["field"] or "").split(".")[0] == name)
        if not named or not CHINESE.search(said["message"]) or moves.everything() != before:
            wrong.append((name, repr(value)[:40], answer.status_code, said))
    assert wrong == []


@pytest.mark.parametrize("move", MOVES, ids=_name)
def test_a_body_that_lacks_what_a_move_needs_names_what_is_missing(city, api, hand, move):
    row = moves.stand(city, move.subject, _source(move))
    actor = _actor(city, move, row)
    machine = api(actor.username)
    body = body_of(moves.prepare(city, move, row, actor))
    hand.to(moves.when(row))
    before = moves.everything()
    needed = {"version", *({"note"} if _needs_note(move) else set())}
    needed |= {"standard", "team", "into", "until", "quantity"} & set(body)
    needed |= {"photos"} if any("photo" in need for need in move.needs) else set()
    if move.name == "correct":
        needed -= {"standard"}
    if move.name == "assign":
        needed.add("person")
    for name in needed:
        answer = machine.post(path_of(move, row), {key: body[key] for key in body if key != name})
        assert (answer.status_code, error_of(answer)["field"]) == (400, name)
    assert moves.everything() == before


@pytest.mark.parametrize("move", MOVES, ids=_name)
def test_the_same_request_twice_is_one_move_with_one_answer(city, api, hand, move):
    row = moves.stand(city, move.subject, _source(move))
    actor = _actor(city, move, row)
    machine, key = api(actor.username), uuid.uuid4()
    body = body_of(moves.prepare(city, move, row, actor))
    hand.to(moves.when(row))
    before = CaseEvent.objects.filter(name=move.event).count()
    first = machine.post(path_of(move, row), body, key=key)
    after = moves.everything()
    hand.forward(minutes=5)
    second = machine.post(path_of(move, row), body, key=key)
    assert (first.status_code, second.status_code) == (200, 200), first.content
    assert second.json() == first.json()
    assert second["Idempotency-Replayed"] == "true"
    assert moves.everything() == after
    assert CaseEvent.objects.filter(name=move.event).count() == before + 1


@pytest.mark.parametrize("move", [move for move in MOVES if not move.remark], ids=_name)
def test_a_stale_version_is_409_and_changes_nothing(city, api, hand, move):
    row = moves.stand(city, move.subject, _source(move))
    actor = _actor(city, move, row)
    machine = api(actor.username)
    body = body_of(moves.prepare(city, move, row, actor)) | {"version": row.version + 1}
    hand.to(moves.when(row))
    before = moves.everything()
    answer = machine.post(path_of(move, row), body)
    assert (answer.status_code, error_of(answer)["code"]) == (409, "conflict")
    assert "已被他人处理" in error_of(answer)["message"]
    assert moves.everything() == before


FIRST_FORBIDDEN = {
    move: next(state for state in moves.STATES[move.subject] if state not in move.sources)
    for move in MOVES
    if set(moves.STATES[move.subject]) - set(move.sources)
}


@pytest.mark.parametrize("move", FIRST_FORBIDDEN, ids=_name)
def test_a_move_from_a_state_that_forbids_it_is_409_and_changes_nothing(city, api, hand, move):
    row = moves.stand(city, move.subject, FIRST_FORBIDDEN[move])
    actor = _actor(city, move, row)
    machine = api(actor.username)
    body = body_of(moves.prepare(city, move, row, actor))
    hand.to(moves.when(row))
    before = moves.everything()
    answer = machine.post(path_of(move, row), body)
    assert answer.status_code == 409
    assert CHINESE.search(error_of(answer)["message"])
    assert moves.everything() == before


@pytest.mark.parametrize("move", MOVES, ids=_name)
def test_out_of_scope_a_move_is_404_and_without_the_right_403(city, api, hand, move):
    row = moves.stand(city, move.subject, _source(move))
    body = body_of(moves.prepare(city, move, row, city.other_leader))
    hand.to(moves.when(row))
    other, admin = api("other_leader"), api("admin")
    before = moves.everything()
    assert other.post(path_of(move, row), body).status_code == 404
    assert admin.post(path_of(move, row), body).status_code == 403
    assert moves.everything() == before


def test_a_mentioned_person_must_exist_and_see_the_case(city, api):
    case = builders.issued(city).case
    officer = api("officer")
    before = moves.everything()
    for mentions in (
        [moves.UNKNOWN],
        [city.stranger.pk],
        [city.other_leader.pk],
        [0],
        ["x"],
        "x",
        [[]],
    ):
        body = {"version": case.version, "note": "请看", "mentions": mentions}
        answer = officer.post(f"/cases/{case.number}/comment/", body)
        assert answer.status_code == 400, mentions
        assert error_of(answer)["field"].startswith("mentions")
    assert moves.everything() == before


def test_a_case_out_of_sight_cannot_be_joined_and_is_not_told_from_one_that_is_not(city, api):
    """The squadron's leader may file here, and sees only the squadron's cases."""
    from citymgmt.choices import Capability
    from citymgmt.models import Role
    from grids.access import forget_access
    from tests.city import IN_THIRD_CELL

    role = Role.objects.get(code="leader")
    role.capabilities = [*role.capabilities, Capability.REPORT_FILE]
    role.save()
    forget_access(city.leader)
    far = builders.case(city, lon=IN_THIRD_CELL[0], lat=IN_THIRD_CELL[1], by="other_officer")
    report, leader = builders.report(city), api("leader")
    said = [
        error_of(leader.post(f"/reports/{report.number}/merge/", {"version": 1, "into": number}))
        for number in (far.number, "20261120-0999")
    ]
    assert said[0] == said[1]
    assert said[0]["field"] == "into"
