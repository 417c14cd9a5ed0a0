"""Two connections race on each move: one wins, the other hears that somebody was quicker."""

import threading
import time

import pytest
from django.db import connection, transaction

from cases.models import Case, CaseEvent
from cases.services import merging
from cases.workflow import MOVES, Move, Subject, move
from citymgmt.errors import Conflict, DomainError
from tests.house import moves
from tests.house.test_moves import _actor, _name, _source

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20


class Mover(threading.Thread):
    """Makes a move on a connection of its own, and may hold its transaction open."""

    def __init__(self, city, move: Move, row: moves.Row) -> None:
        super().__init__()
        self.move, self.row = move, row
        self.given = moves.prepare(city, move, row, _actor(city, move, row))
        self.moved, self.may_end = threading.Event(), threading.Event()
        self.may_end.set()
        self.outcome: object = None

    def run(self) -> None:
        try:
            with transaction.atomic():
                moves.call(self.move, self.row, self.given)
                self.moved.set()
                self.may_end.wait(PATIENCE)
            self.outcome = "won"
        except DomainError as error:
            self.outcome = error
        finally:
            self.moved.set()
            connection.close()


def somebody_waits_for_a_lock() -> bool:
    """Whether another connection of this database waits for a row of ours."""
    with connection.cursor() as cursor:
        # Within a transaction it would go on saying what it said first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


def race(first: Mover, second: Mover) -> None:
    """The first moves and holds on until the second waits for it; then both come to their end."""
    first.may_end.clear()
    first.start()
    assert first.moved.wait(PATIENCE)
    second.start()
    end = time.monotonic() + PATIENCE
    while not somebody_waits_for_a_lock():
        assert time.monotonic() < end, "the second did not wait: nothing was locked"
    first.may_end.set()
    first.join(PATIENCE)
    second.join(PATIENCE)


@pytest.mark.parametrize("move", [move for move in MOVES if not move.remark], ids=_name)
def test_who_comes_while_a_move_is_being_made_waits_and_then_hears_it(city, move: Move):
    row = moves.stand(city, move.subject, _source(move))
    before = CaseEvent.objects.filter(name=move.event).count()
    first, second = Mover(city, move, row), Mover(city, move, row)
    race(first, second)
    assert first.outcome == "won"
    assert isinstance(second.outcome, Conflict)
    assert CaseEvent.objects.filter(name=move.event).count() == before + 1


REPEATED = {
    "supervise": "supervised",
    "urge": "urged",
    "instruct": "",
    "comment": "",
    "name": "named",
    "label": "labelled",
    "unlabel": "unlabelled",
}
"""What the second hears who says the same at once; nothing where both are heard."""


@pytest.mark.parametrize("name", [move.name for move in MOVES if move.remark])
def test_two_who_say_something_at_once_are_both_heard_unless_once_is_enough(city, name):
    said = move(Subject.CASE, name)
    row = moves.stand(city, said.subject, _source(said))
    first, second = Mover(city, said, row), Mover(city, said, row)
    race(first, second)
    assert first.outcome == "won"
    code = REPEATED[name]
    assert getattr(second.outcome, "code", "") == code
    assert CaseEvent.objects.filter(name=said.event).count() == (1 if code else 2)


def test_two_cases_joined_to_each_other_at_once_leave_one_joined_and_one_told(city, monkeypatch):
    merge = move(Subject.CASE, "merge")
    rows = [moves.stand(city, merge.subject, _source(merge)) for _ in range(2)]
    actor = _actor(city, merge, rows[0])
    both_hold_one = threading.Barrier(2, timeout=PATIENCE)
    held = threading.local()
    lock = merging.lock_case

    def lock_and_wait(pk: int):
        row = lock(pk)
        if not getattr(held, "one", False):
            held.one = True
            both_hold_one.wait()
        return row

    monkeypatch.setattr(merging, "lock_case", lock_and_wait)
    outcomes: list[object] = []

    def join(row, into) -> None:
        try:
            given = {"actor": actor, "at": moves.when(row), "version": None, "note": "同一件"}
            merging.merge_case(case_id=row.pk, into=into.number, **given)
            outcomes.append("won")
        except DomainError as error:
            outcomes.append(type(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=join, args=pair) for pair in (rows, rows[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(map(str, outcomes)) == sorted(map(str, ["won", Conflict]))
    assert CaseEvent.objects.filter(name=merge.event).count() == 1
    assert Case.objects.filter(pk__in=[row.pk for row in rows], state="merged").count() == 1
