"""Services of our own: found, started, and gone with whoever started them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from citymgmt.dev import bootstrap, postgres, services
from citymgmt.dev.processes import Crew, Failed
from tests.dev.reach import open_to_all
from tests.dev.test_leash import gone, wait_for

ANNOUNCE = [
    sys.executable,
    "-c",
    "import os, time; print(os.environ['REDIS_URL'], flush=True); time.sleep(300)",
]


def members(directory: str) -> list[int]:
    """Ids of the processes that name the directory on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().decode(errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if directory in line:
                found.append(int(entry.name))
    return found


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without PostgreSQL's programs and without a way to get them."""
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path / "none")
    monkeypatch.setattr(postgres, "_wheel", lambda: None)
    monkeypatch.setattr(postgres, "_install_wheel", lambda: None)
    monkeypatch.setattr(bootstrap, "debian_root", lambda: False)
    return tmp_path


def test_throw_away_services_serve_and_leave_nothing():
    with services.throwaway(brokers=2) as addresses:
        directory = addresses.directory
        for url in (addresses.redis_url, *addresses.more_brokers):
            with redis.Redis.from_url(url) as client:
                assert client.ping()
        with postgres.connect(addresses.socket_dir, services.DATABASE) as connection:
            locale = connection.execute(
                "SELECT datctype FROM pg_database WHERE datname = 'citymgmt'"
            )
            assert locale.fetchone() == ("C.UTF-8",)
            for extension in ("btree_gist", "pg_trgm"):
                connection.execute(f"CREATE EXTENSION {extension}")
        pids = members(directory.name)
        assert len(pids) >= 5
    assert not directory.exists()
    assert all(gone(pid) for pid in pids)


def test_a_killed_runner_leaves_no_server_and_no_directory():
    runner = subprocess.Popen(
        [sys.executable, "-m", "citymgmt.dev.services", *ANNOUNCE],
        stdout=subprocess.PIPE,
        text=True,
    )
    directory = Path(runner.stdout.readline().strip().removeprefix("unix://")).parent
    pids = [pid for pid in members(directory.name) if pid != runner.pid]
    assert len(pids) >= 4
    runner.send_signal(signal.SIGKILL)
    runner.wait()
    runner.stdout.close()
    wait_for(lambda: all(gone(pid) for pid in pids), seconds=30)
    wait_for(lambda: not directory.exists())


def test_sockets_are_closed_to_other_users():
    with services.throwaway() as addresses:
        assert addresses.socket_dir.stat().st_mode & 0o077 == 0
        socket = Path(addresses.redis_url.removeprefix("unix://"))
        assert socket.stat().st_mode & 0o077 == 0


def test_given_addresses_are_used_and_nothing_is_started(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://who@db.example/city")
    monkeypatch.setenv("REDIS_URL", "redis://broker.example/0")
    crew = Crew(tmp_path / "log")
    addresses = services.start_durable(crew, tmp_path)
    assert addresses.database_url == "postgres://who@db.example/city"
    assert addresses.redis_url == "redis://broker.example/0"
    assert crew.services == []


def test_without_programs_the_message_says_what_to_do(elsewhere):
    with pytest.raises(Failed) as caught:
        postgres.find_programs(postgres.unprivileged())
    for hint in ("apt-get install postgresql", "PG_BIN", "DATABASE_URL"):
        assert hint in str(caught.value)


def test_the_given_directory_of_programs_wins(elsewhere, monkeypatch):
    identity = postgres.unprivileged()
    monkeypatch.undo()
    real = postgres.find_programs(identity)
    monkeypatch.setattr(postgres, "DEBIAN", elsewhere / "none")
    monkeypatch.setenv("PG_BIN", str(real))
    assert postgres.find_programs(identity) == real


def test_programs_of_another_major_version_are_not_used_on_a_cluster(elsewhere, monkeypatch):
    identity = postgres.unprivileged()
    monkeypatch.setattr(postgres, "_known_directories", lambda: [elsewhere])
    monkeypatch.setattr(postgres, "major", lambda directory, who: 16)
    assert postgres.find_programs(identity, 16) == elsewhere
    with pytest.raises(Failed, match="15"):
        postgres.find_programs(identity, 15)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's home is closed to the server's user")
def test_under_a_closed_home_the_cluster_moves_to_where_its_user_can_go(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "FALLBACK_HOME", tmp_path / "lib")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = postgres.cluster_home(closed / "demo", postgres.unprivileged())
    assert home.parent == tmp_path / "lib"
    assert home == postgres.cluster_home(closed / "demo", postgres.unprivileged())


def test_an_unfinished_cluster_is_made_again(tmp_path):
    identity = postgres.unprivileged()
    open_to_all(tmp_path)
    home = tmp_path / "postgres"
    home.mkdir()
    (home / "half").mkdir()
    (home / "half" / "PG_VERSION").write_text("1")
    if identity.switch:
        for path in (home, home / "half", home / "half" / "PG_VERSION"):
            os.chown(path, identity.uid, identity.gid)
    postgres.make_cluster(postgres.find_programs(identity), home, identity)
    assert int((home / "cluster" / "PG_VERSION").read_text()) >= postgres.OLDEST_MAJOR


def test_the_address_is_one_that_the_settings_understand():
    from environ import Env

    parsed = Env.db_url_config(services.database_url(Path("/tmp/citymgmt-x/pg")))
    assert (parsed["HOST"], parsed["NAME"]) == ("/tmp/citymgmt-x/pg", "citymgmt")
    with pytest.raises(psycopg.OperationalError, match="/tmp/citymgmt-x/pg"):
        psycopg.connect(host=parsed["HOST"], dbname=parsed["NAME"], user=parsed["USER"])
