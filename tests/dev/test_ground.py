"""The migrated database that tests copy: made once, loaded again, made anew where it must be."""

from pathlib import Path

import pytest

from citymgmt.dev import ground, postgres, services

MIGRATED = "SELECT count(*) FROM django_migrations WHERE app = 'cases'"
REFUSES = "SELECT count(*) FROM pg_trigger WHERE tgname = 'cases_caseevent_whole'"

HALF = "SELECT count(*) FROM pg_class WHERE relname = 'half'"


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A place for dumps that nobody else uses."""
    monkeypatch.setattr(ground, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


def laid(addresses: services.Addresses, question: str) -> int:
    """The answer to a question to the migrated database."""
    with postgres.connect(addresses.socket_dir, ground.GROUND) as connection:
        row = connection.execute(question).fetchone()
    return row[0]


def test_a_torn_dump_is_made_anew_and_the_next_run_loads_it(cache, monkeypatch):
    steps = []
    run = ground.step
    monkeypatch.setattr(
        ground, "step", lambda argv, **rest: steps.append(argv) or run(argv, **rest)
    )
    cache.mkdir()
    torn = cache / f"ground-{ground.key(postgres.find_programs(postgres.unprivileged()))}.sql"
    torn.write_text("CREATE TABLE half (id int); SELECT nonsense;")
    found = []
    for _time in range(2):
        with services.throwaway() as addresses:
            environment = services.on_ground(addresses)
            assert environment[ground.VARIABLE] == ground.GROUND
            found.append([laid(addresses, question) for question in (MIGRATED, REFUSES, HALF)])

    assert len(steps) == 1
    assert found[0] == found[1]
    assert found[0][0] > 10
    assert found[0][1:] == [1, 0]


def test_another_migration_is_another_ground(monkeypatch, tmp_path):
    root = tmp_path / "project"
    (root / "grids" / "migrations").mkdir(parents=True)
    migration = root / "grids" / "migrations" / "0001_initial.py"
    migration.write_text("import grids.shapes\n")
    shapes = root / "grids" / "shapes.py"
    shapes.write_text("SIDES = 3\n")
    monkeypatch.setattr(ground, "ROOT", root)
    first = ground.key(Path("/bin"))
    migration.write_text("import grids.shapes\n# more\n")
    second = ground.key(Path("/bin"))
    shapes.write_text("SIDES = 4\n")
    third = ground.key(Path("/bin"))

    assert len({first, second, third}) == 3
