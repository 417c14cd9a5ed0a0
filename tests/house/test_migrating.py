"""The newest migrations are run while people write: nobody waits long, and a run that gave up is
simply repeated."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.utils import OperationalError

from tests import builders, second
from tests.house.test_migrations import BASELINE

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = "citymgmt_migrating"
NEWEST = 5
MOST_SECONDS = 2
# The tables of which a measured city has most rows, see docs/measurements.md.
BIGGEST = (
    "inspections_facthour", "cases_caseevent", "cases_caseeventtext", "citymgmt_photo",
    "citymgmt_blob", "citymgmt_derivation", "cases_stageclock", "cases_order", "cases_report",
    "cases_case", "citymgmt_notice",
)  # fmt: skip


@pytest.fixture
def _second(city) -> Iterator[None]:
    """A database with cases, on which the migrations may be tried."""
    builders.closed(city, photos=1)
    builders.issued(city)
    name = connection.settings_dict["NAME"]
    connection.close()
    second.copy_of(name, SECOND)
    yield
    second.drop(SECOND)


class Writer(threading.Thread):
    """Writes to the biggest tables again and again; whoever keeps it waiting for a lock longer
    than people would wait is found."""

    def __init__(self) -> None:
        super().__init__()
        self.over, self.kept_waiting = threading.Event(), threading.Event()
        self.written = 0
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with second.session(SECOND) as session:
                session.execute(f"SET lock_timeout = '{MOST_SECONDS}s'")
                statements = [_writing(session, table) for table in BIGGEST]
                while not self.over.is_set():
                    for statement in statements:
                        session.execute(statement)
                        self.written += 1
                    self.over.wait(0.01)
        except psycopg.errors.LockNotAvailable:
            self.kept_waiting.set()
        except Exception as error:
            self.error = error


def _writing(session: psycopg.Connection, table: str) -> str:
    """A statement that writes to a table: its rows anew, where they may be changed, else none."""
    touch = _touch(session, table)
    with suppress(psycopg.Error):
        session.execute(touch)
        return touch
    # What is only ever added to takes the same lock.
    return f"INSERT INTO {table} SELECT * FROM {table} WHERE false"


def _touch(session: psycopg.Connection, table: str) -> str:
    key = session.execute(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a"
        " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE i.indrelid = %s::regclass AND i.indisprimary",
        [table],
    ).fetchone()
    assert key is not None
    return f"UPDATE {table} SET {key[0]} = {key[0]}"


@contextmanager
def somebody_writes() -> Iterator[Writer]:
    """A writer at work; it has written before the block is entered and at its end."""
    writer = Writer()
    writer.start()
    try:
        while writer.is_alive() and writer.written < len(BIGGEST):
            writer.over.wait(0.01)
        yield writer
    finally:
        writer.over.set()
        writer.join()
    assert writer.error is None


@contextmanager
def a_long_transaction() -> Iterator[None]:
    """Somebody has written to the cases and does not end for a while."""
    with second.session(SECOND) as session, session.transaction():
        session.execute("LOCK TABLE cases_case IN ROW EXCLUSIVE MODE")
        yield


def newest() -> list[tuple[str, str]]:
    """What each app is to be taken back to: before its newest migrations, and not before those
    of which the rules know nothing."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    targets = []
    for app, oldest in BASELINE.items():
        (leaf,) = graph.leaf_nodes(app)
        names = [name for owner, name in graph.forwards_plan(leaf) if owner == app]
        targets.append((app, max(names[-NEWEST - 1], oldest)))
    return targets


def unapplied() -> list[tuple[str, str]]:
    """What is still to be run."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _backwards in plan]


def not_valid() -> list[str]:
    """Indexes of which only half was built."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.usefixtures("_second")
def test_the_newest_migrations_keep_nobody_waiting_and_may_be_repeated():
    with second.within(SECOND):
        MigrationExecutor(connection).migrate(newest())
        taken_back = unapplied()
        assert {app for app, _name in taken_back} >= {"cases", "inspections"}
    with somebody_writes() as writer:
        with a_long_transaction(), second.within(SECOND, lock_timeout="1s"):
            with pytest.raises(OperationalError, match="lock timeout"):
                call_command("migrate", interactive=False, verbosity=0)
            assert unapplied()
            assert not_valid()
        with second.within(SECOND, lock_timeout="5s"):
            call_command("migrate", interactive=False, verbosity=0)
            assert (unapplied(), not_valid()) == ([], [])
        after = writer.written
        while writer.is_alive() and writer.written <= after:
            writer.over.wait(0.01)
    assert not writer.kept_waiting.is_set()


@pytest.mark.usefixtures("_second")
def test_a_migration_that_held_a_lock_would_be_found():
    """The same writer beside one that is not gentle: a column, and rows filled under its lock."""
    with somebody_writes() as writer, second.session(SECOND) as session, session.transaction():
        session.execute("ALTER TABLE cases_case ADD COLUMN added integer")
        session.execute("UPDATE cases_case SET added = 1")
        assert writer.kept_waiting.wait(MOST_SECONDS + 20)
        raise psycopg.Rollback
