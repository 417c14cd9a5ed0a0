"""A sweep that is one worker's at a time: the lock is of a session, and goes with it."""

import threading

import pytest
from django.db import connection

from citymgmt.alone import alone

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(what: str) -> bool:
    """Whether another connection would be let in."""
    found = []

    def ask():
        try:
            with alone(what) as mine:
                found.append(mine)
        finally:
            connection.close()

    other = threading.Thread(target=ask)
    other.start()
    other.join(30)
    return found[0]


def broken_off() -> None:
    with alone("digests") as mine:
        assert mine
        assert not elsewhere("digests")
        assert elsewhere("scores")
        raise ZeroDivisionError


def test_nobody_else_is_let_in_until_the_end_also_after_an_error():
    with pytest.raises(ZeroDivisionError):
        broken_off()
    assert elsewhere("digests")


def test_whoever_is_not_let_in_does_not_open_it_for_others():
    with alone("digests"):
        assert [elsewhere("digests") for _n in range(2)] == [False, False]


def test_a_session_that_was_lost_midway_has_left_the_lock():
    with alone("digests") as mine:
        assert mine
        connection.connection.close()
        assert elsewhere("digests")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
