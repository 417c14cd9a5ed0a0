"""Of any number of beats one ticks, and its death is the next one's turn."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from celery.beat import Scheduler
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from citymgmt import health
from citymgmt.beating import LOCK, OnlyScheduler, Turn
from citymgmt.celery import app
from citymgmt.dev import leash
from citymgmt.dev.processes import ROOT, python

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 240


@pytest.fixture
def turns() -> Iterator[Callable[[], Turn]]:
    """Beats that ask for the lock; none keeps it beyond the test."""
    made: list[Turn] = []

    def turn() -> Turn:
        made.append(Turn())
        return made[-1]

    yield turn
    for each in made:
        each.leave()


def test_the_turn_is_one_beat_s_until_it_leaves(turns):
    first, second = turns(), turns()
    assert first.ask()
    assert not second.ask()
    assert first.ask()
    first.leave()
    # The server notices in its own time that a session is over.
    wait_until(second.ask)
    assert not first.ask()


def test_a_session_that_died_is_noticed_before_the_next_tick(turns):
    first, second = turns(), turns()
    assert first.ask()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_locks"
            " WHERE locktype = 'advisory' AND objid = %s AND granted",
            [LOCK],
        )
        assert cursor.fetchone() == (1,)
    assert second.ask()
    assert not first.ask()


def test_without_a_database_nobody_ticks_and_with_it_again_one_does(turns, monkeypatch):
    first = turns()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", "/nowhere")
        assert not first.ask()
    assert first.ask()


def test_one_that_stands_by_sends_nothing_and_who_takes_over_sends_everything(monkeypatch):
    sent: list[tuple[str, str]] = []

    class Noted(OnlyScheduler):
        def __init__(self, name: str) -> None:
            super().__init__(app)
            self.name = name

        def apply_entry(self, entry, producer=None):
            sent.append((self.name, entry.name))

    monkeypatch.setattr(Scheduler, "producer", None)
    first, second = Noted("first"), Noted("second")
    cache.clear()
    for _tick in range(80):
        first.tick()
        second.tick()
    whole = set(settings.CELERY_BEAT_SCHEDULE)
    assert sorted(sent) == sorted(("first", name) for name in whole)
    assert health.pulses()["beat"]
    first.close()
    wait_until(second.turn.ask)
    second.turn.mine = False
    for _tick in range(80):
        second.tick()
        first.tick()
    assert sorted(sent[len(whole) :]) == sorted(("second", name) for name in whole)
    second.close()


@contextmanager
def beat(log: Path) -> Iterator[int]:
    """A real one; its process id."""
    row = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{row['USER']}@/{row['HOST']}/{row['NAME']}",
        "SWEEP_SECONDS": "1",
    }
    command = python("-m", "celery", "-A", "citymgmt", "beat", "--pidfile=", "--loglevel", "INFO")
    with log.open("wb") as output:
        process = subprocess.Popen(
            leash.command(command), cwd=ROOT, env=environment, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process.pid
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(held: Callable[[], object], logs: Sequence[Path] = ()) -> None:
    limit = time.monotonic() + PATIENCE
    while not held():
        assert time.monotonic() < limit, [log.read_text()[-2000:] for log in logs if log.exists()]
        time.sleep(0.05)


def test_the_holder_is_killed_and_the_other_ticks(tmp_path):
    logs = [tmp_path / "one.log", tmp_path / "two.log"]

    def ticking() -> list[Path]:
        return [log for log in logs if "this beat ticks now" in log.read_text()]

    def waiting() -> int:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            return sum(client.llen(queue) for queue in health.QUEUES)

    def emptied() -> None:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.delete(*health.QUEUES)

    emptied()
    with beat(logs[0]) as first, beat(logs[1]) as second:
        wait_until(lambda: ticking() and sessions() == 2, logs)
        wait_until(waiting, logs)
        (holder,) = ticking()
        (other,) = {*logs} - {holder}
        assert "Sending due task" not in other.read_text()
        os.killpg(first if holder == logs[0] else second, signal.SIGKILL)
        wait_until(lambda: other in ticking(), logs)
        emptied()
        wait_until(waiting, logs)
    emptied()


def sessions() -> int:
    """How many beats are connected, seen by what they asked last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND (query LIKE 'SELECT pg_try_advisory_lock%%'"
            " OR query = 'SELECT 1' AND pid <> pg_backend_pid())"
        )
        row: tuple[int] = cursor.fetchone()
        return row[0]
