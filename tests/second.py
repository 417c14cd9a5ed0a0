"""A second database on the server of the tests, as another machine would have one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from citymgmt.dev import postgres


def server() -> Path:
    """Where the server of the tests listens."""
    return Path(connection.settings_dict["HOST"])


def session(database: str) -> psycopg.Connection[Any]:
    """A connection of its own to a database, in autocommit mode."""
    return postgres.connect(server(), database)


def drop(name: str) -> None:
    """The database is gone, whoever was still connected to it."""
    with session("postgres") as other:
        other.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def copy_of(template: str, name: str) -> None:
    """Make the database as a copy of one to which nobody is connected."""
    drop(name)
    with session("postgres") as other:
        other.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


@contextmanager
def within(name: str, **options: str) -> Iterator[None]:
    """Django's connection leads to that database meanwhile, with settings of PostgreSQL besides."""
    said = " ".join(f"-c {key}={value}" for key, value in options.items())
    row = connection.settings_dict
    connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(row, "NAME", name)
        patch.setitem(row["OPTIONS"], "options", f"{row['OPTIONS'].get('options', '')} {said}")
        try:
            yield
        finally:
            connection.close()
