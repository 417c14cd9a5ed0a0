"""Two connections race on each move: one wins, the other hears that somebody was quicker."""

import threading
import time

import pytest
from django.db import connection, transaction

from cases.models import CaseEvent
from cases.workflow import MOVES, Move
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from tests.house import moves
from tests.house.test_moves import _actor, _name

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20


class Mover(threading.Thread):
    """Makes a move on a connection of its own, and may hold its transaction open."""

    def __init__(self, city, move: Move, row: moves.Row, actor: User) -> None:
        super().__init__()
        self.city, self.move, self.row, self.actor = city, move, row, actor
        self.moved, self.may_end = threading.Event(), threading.Event()
        self.may_end.set()
        self.outcome: object = None

    def run(self) -> None:
        try:
            mine = type(self.row).objects.get(pk=self.row.pk)
            me = User.objects.get(pk=self.actor.pk)
            with transaction.atomic():
                moves.make(self.city, self.move, mine, me)
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
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


@pytest.mark.parametrize("move", MOVES, ids=_name)
def test_who_comes_while_a_move_is_being_made_waits_and_then_hears_it(city, move: Move):
    row = moves.stand(city, move.subject, sorted(move.sources)[0])
    actor = _actor(city, move, row)
    before = CaseEvent.objects.filter(name=move.event).count()
    first, second = Mover(city, move, row, actor), Mover(city, move, row, actor)
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

    assert first.outcome == "won"
    assert isinstance(second.outcome, Conflict)
    assert CaseEvent.objects.filter(name=move.event).count() == before + 1
