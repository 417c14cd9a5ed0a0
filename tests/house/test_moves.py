"""Every move allowed and every move forbidden, both derived from the workflow table."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from cases.choices import CaseState
from cases.models import Case, CaseEvent
from cases.workflow import MOVES, Move, Need, Subject
from citymgmt.errors import BadTransition, Conflict, DomainError, Forbidden
from tests.city import City
from tests.house import moves

pytestmark = pytest.mark.django_db

ALLOWED = [(move, state) for move in MOVES for state in sorted(move.sources)]
STANDS = [(subject, state) for subject in Subject for state in moves.STATES[subject]]
NOTED = [move for move in MOVES if Need.NOTE in move.needs]


def _name(value: object) -> str:
    return f"{value.subject}-{value.name}" if isinstance(value, Move) else str(value)


def _source(move: Move) -> str:
    """A state from which the move is made: of a case the one in which it is worked on."""
    wanted = str(CaseState.RECTIFYING)
    return wanted if wanted in move.sources else sorted(move.sources)[0]


def _actor(city: City, move: Move, row: moves.Row):
    inspector = getattr(row, "inspector", None)
    return inspector or city.people[moves.ACTORS[move.subject, move.name]]


def test_every_move_of_the_table_can_be_called():
    assert set(moves.ACTORS) == {(move.subject, move.name) for move in MOVES}
    assert set(moves._CALLS) == set(moves.ACTORS)


@pytest.mark.parametrize(("move", "state"), ALLOWED, ids=_name)
def test_an_allowed_move_takes_the_row_to_its_target_and_leaves_one_event(city, move, state):
    row = moves.stand(city, move.subject, state)
    before = moves.case_of(row)
    moves.make(city, move, row, _actor(city, move, row))
    row.refresh_from_db()
    assert row.state == (move.target or state)
    if before is not None:
        after = Case.objects.get(pk=before.pk)
        assert after.state == (move.case_target or move.target * _is_case(move) or before.state)
    assert CaseEvent.objects.filter(name=move.event).count() == 1


def _is_case(move: Move) -> bool:
    return move.subject is Subject.CASE


@pytest.mark.parametrize("move", [move for move in MOVES if move.case_sources], ids=_name)
def test_a_move_is_refused_while_its_case_stands_elsewhere(city, move):
    row = moves.stand(city, move.subject, _source(move))
    actor = _actor(city, move, row)
    given = moves.prepare(city, move, row, actor)
    Case.objects.filter(pk=moves.case_of(row).pk).update(
        state=CaseState.VOIDED,
        closed_at=None,
        closing="",
        due_at=None,
        stage_due_at=None,
        waits_check=False,
    )
    before = CaseEvent.objects.count()
    with pytest.raises(BadTransition):
        moves.call(move, row, given)
    assert CaseEvent.objects.count() == before


@pytest.mark.parametrize(("subject", "state"), STANDS, ids=_name)
def test_a_forbidden_move_is_refused_and_changes_nothing(city, subject, state):
    row = moves.stand(city, subject, state)
    forbidden = [move for move in MOVES if move.subject is subject and state not in move.sources]
    for move in forbidden:
        with _taken_back():
            given = moves.prepare(city, move, row, _actor(city, move, row))
            before = CaseEvent.objects.count()
            with pytest.raises(BadTransition):
                moves.call(move, row, given)
            row.refresh_from_db()
            assert row.state == state, move.name
            assert CaseEvent.objects.count() == before, move.name


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("move", MOVES, ids=_name)
def test_nobody_without_the_right_makes_a_move(city, move):
    row = moves.stand(city, move.subject, _source(move))
    given = moves.prepare(city, move, row, city.admin)
    before = CaseEvent.objects.count()
    with pytest.raises(Forbidden):
        moves.call(move, row, given)
    assert CaseEvent.objects.count() == before


@pytest.mark.parametrize("move", [move for move in MOVES if move.remark], ids=_name)
def test_a_remark_may_be_made_over_an_older_version_and_leaves_the_version(city, move):
    row = moves.stand(city, move.subject, _source(move))
    moves.make(city, move, row, _actor(city, move, row), version=row.version + 1)
    version = row.version
    row.refresh_from_db()
    assert row.version == version
    assert row.last_event == move.event


@pytest.mark.parametrize("move", [move for move in MOVES if not move.remark], ids=_name)
def test_an_old_version_is_refused(city, move):
    row = moves.stand(city, move.subject, _source(move))
    with pytest.raises(Conflict):
        moves.make(city, move, row, _actor(city, move, row), version=row.version + 1)


@pytest.mark.parametrize("move", NOTED, ids=_name)
def test_a_move_that_needs_a_reason_is_refused_without_one(city, move):
    row = moves.stand(city, move.subject, _source(move))
    with pytest.raises(DomainError) as refused:
        moves.make(city, move, row, _actor(city, move, row), note="   ")
    assert refused.value.field == "note"


def test_nothing_that_judges_a_team_s_work_is_forgotten_by_the_table():
    """Said here once more by hand: what is derived from the table cannot miss what it lacks."""
    judged = {f"{move.subject}-{move.name}" for move in MOVES if move.impartial}
    assert judged == {
        "order-pass",
        "order-rework",
        "request-approve",
        "request-refuse",
        "lookback-held",
        "lookback-rebound",
        "lookback-false",
        "lookback-unverified",
    }


@pytest.mark.parametrize("move", [move for move in MOVES if move.impartial], ids=_name)
def test_the_own_team_is_kept_out(city, move):
    row = moves.stand(city, move.subject, _source(move))
    partial = city.people["leader"]
    _grant(city, partial, "supervisor")
    with pytest.raises(Forbidden) as refused:
        moves.make(city, move, row, partial)
    assert "单位" in str(refused.value.message)


def _grant(city: City, user, role: str) -> None:
    from citymgmt.models import Role
    from grids.access import forget_access
    from grids.models import Grant
    from tests.city import LONG_AGO

    Grant.objects.create(user=user, role=Role.objects.get(code=role), valid_from=LONG_AGO)
    forget_access(user)
