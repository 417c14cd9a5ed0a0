"""Two connections race on each move: one wins, the other hears that somebody was quicker."""

import threading

import pytest
from django.db import connection

from cases.models import CaseEvent
from cases.workflow import MOVES, Move
from citymgmt.errors import Conflict, DomainError
from citymgmt.models import User
from tests.house import moves
from tests.house.test_moves import _actor, _name

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("move", MOVES, ids=_name)
def test_two_at_once_make_one_move(city, move: Move):
    row = moves.stand(city, move.subject, sorted(move.sources)[0])
    actor = _actor(city, move, row)
    before = CaseEvent.objects.filter(name=move.event).count()
    start = threading.Barrier(2, timeout=20)
    outcomes: list[object] = []

    def run() -> None:
        try:
            mine = type(row).objects.get(pk=row.pk)
            me = User.objects.get(pk=actor.pk)
            needs = moves._needs(city, move, me, moves.when(mine))
            needs.pop("move", None)
            start.wait()
            moves.make(city, move, mine, me, **needs)
            outcomes.append("won")
        except DomainError as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert outcomes.count("won") == 1
    loser = next(outcome for outcome in outcomes if outcome != "won")
    assert isinstance(loser, Conflict)
    assert CaseEvent.objects.filter(name=move.event).count() == before + 1
