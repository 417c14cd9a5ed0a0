"""The databases of the measured cities: made once, kept in a directory, brought up again.

Each city has a database of its own in one cluster; it is loaded where it is not there yet, and
migrated to what the code is now where it is.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from citymgmt.dev import postgres, services
from citymgmt.dev.processes import ROOT, Crew, Failed, python, say, step

# As quick as it goes: a city whose load was interrupted is made anew.
LOADING = {
    "fsync": "off", "full_page_writes": "off", "autovacuum": "off", "max_wal_size": "16GB",
    "checkpoint_timeout": "1h", "wal_level": "minimal", "max_wal_senders": "0",
}  # fmt: skip


@contextmanager
def cluster(data: Path, *, loading: bool = False) -> Iterator[services.Addresses]:
    """The database server in `data`, and a throw-away Valkey; gone at the end, the data stays."""
    directory = services.run_directory()
    crew = Crew(data / "log")
    try:
        redis_url = services.start_valkey(crew, directory)
        sockets = directory / "pg"
        home = postgres.cluster_home(data, postgres.unprivileged())
        postgres.start(
            crew, home, sockets, durable=True, remove=(directory,),
            settings=LOADING if loading else None,
        )  # fmt: skip
        url = f"postgres://{postgres.ROLE}@/{sockets}/postgres"
        yield services.Addresses(url, redis_url, sockets, directory=directory)
    finally:
        crew.stop()


def name_of(cases: int) -> str:
    """The name of the database of a city."""
    return f"city_{cases}"


def environment_of(addresses: services.Addresses, cases: int) -> dict[str, str]:
    """The environment of a command at a city."""
    url = addresses.database_url.removesuffix("postgres") + name_of(cases)
    return services.test_environment(addresses) | {"DATABASE_URL": url}


@contextmanager
def copied(addresses: services.Addresses, cases: int) -> Iterator[Mapping[str, str]]:
    """The environment of a copy of a city, which is gone at the end: what is done there changes
    nothing of what is measured next. As large as the city, a million cases some 20 GB."""
    assert addresses.socket_dir
    name = f"{name_of(cases)}_copy"
    say(f"复制 {cases} 件案件的城市 …")
    with postgres.connect(addresses.socket_dir, "postgres") as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{name_of(cases)}" STRATEGY file_copy'
        )
    try:
        url = addresses.database_url.removesuffix("postgres") + name
        yield environment_of(addresses, cases) | {"DATABASE_URL": url}
    finally:
        with postgres.connect(addresses.socket_dir, "postgres") as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def ready(data: Path, sizes: list[int]) -> None:
    """Load the cities that are not there, bring the others up to the code.

    Those are vacuumed too, as a database that is always up sees to by itself: after a load of
    reports, index scans would else look up each row, and the planner know nothing of them.
    """
    missing = [cases for cases in sizes if not _note(data, cases).exists()]
    for cases in missing:
        with cluster(data, loading=True) as addresses:
            assert addresses.socket_dir
            say(f"载入 {cases} 件案件 …")
            postgres.ensure_database(addresses.socket_dir, name_of(cases), anew=True)
            environment = environment_of(addresses, cases)
            _run(environment, "manage.py", "migrate", "--verbosity", "0")
            _run(environment, "-m", "benchmarks.city.load", str(cases), str(_note(data, cases)))
    with cluster(data) as addresses:
        for cases in set(sizes) - set(missing):
            _run(environment_of(addresses, cases), "manage.py", "migrate", "--verbosity", "0")
            assert addresses.socket_dir
            with postgres.connect(addresses.socket_dir, name_of(cases)) as connection:
                connection.execute("VACUUM (ANALYZE)")


def loaded(data: Path, cases: int) -> Mapping[str, Any]:
    """What was loaded, and how long it took."""
    return json.loads(_note(data, cases).read_text())


def _note(data: Path, cases: int) -> Path:
    return data / f"{name_of(cases)}.json"


def _run(environment: dict[str, str], *arguments: str) -> None:
    if step(python(*arguments), env=environment):
        raise Failed(f"没有成功：{' '.join(arguments)}")


if __name__ == "__main__":
    ready(ROOT / "var" / "bench", [int(given) for given in sys.argv[1:]])
