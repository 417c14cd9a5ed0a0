"""A migrated database that tests copy instead of migrating their own.

All migrations take 20 s of CPU, nearly all of it Django's rendering of models, and each test
process would spend them again. Here they run once; what they made is kept as a dump, under a
name that changes with whatever they are made of, and the next run loads it in a second.
"""

import ast
import hashlib
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from citymgmt.dev import postgres
from citymgmt.dev.processes import ROOT, Failed, python, say, step

GROUND = "citymgmt_ground"
VARIABLE = "TEST_TEMPLATE"
CACHE = ROOT / "var" / "cache"
KEPT = 3
_PACKAGES = ("citymgmt", "grids", "cases", "inspections")


def lay(sockets: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Make the migrated database on a throw-away server; returns the variable that names it.

    `environment` is that of `manage.py` on this database. Raises Failed where the migrations do
    not run through.
    """
    postgres.ensure_database(sockets, GROUND)
    programs = postgres.find_programs(postgres.unprivileged())
    dump = CACHE / f"ground-{key(programs)}.sql"
    if not (dump.exists() and _load(programs, sockets, dump)):
        if step(python("manage.py", "migrate", "--verbosity", "0"), env=dict(environment)):
            raise Failed("迁移没有走完，见上面的错误。")
        _keep(programs, sockets, dump)
    return {VARIABLE: GROUND}


def key(programs: Path) -> str:
    """What the migrated database is made of, as a short name: migrations and what they import,
    the versions of Django and of PostgreSQL's programs."""
    seal = hashlib.sha256(f"{version('django')} {programs}".encode())
    for path in sorted({*_migrations(), *_imported(_migrations())}):
        seal.update(str(path.relative_to(ROOT)).encode())
        seal.update(path.read_bytes())
    return seal.hexdigest()[:16]


def _migrations() -> list[Path]:
    return [path for name in _PACKAGES for path in (ROOT / name / "migrations").glob("*.py")]


def _imported(paths: Iterable[Path]) -> Iterator[Path]:
    """Modules of this project that the files import, one step deep."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                found = (ROOT / name.replace(".", "/")).with_suffix(".py")
                if name.split(".")[0] in _PACKAGES and found.exists():
                    yield found


def _load(programs: Path, sockets: Path, dump: Path) -> bool:
    """Fill the empty database from a dump; False, and an empty one again, where that fails."""
    argv: list[str | Path] = [
        programs / "psql",
        "-q",
        "-X",
        "-v",
        "ON_ERROR_STOP=1",
        "-1",
        "-o",
        "/dev/null",
    ]
    if _run([*argv, *_whom(sockets), "-f", dump]):
        return True
    say(f"   {dump.name} 读不进去，重新迁移")
    postgres.ensure_database(sockets, GROUND, anew=True)
    return False


def _keep(programs: Path, sockets: Path, dump: Path) -> None:
    """Write the dump for later runs, the newest few of all; without pg_dump there is none."""
    CACHE.mkdir(parents=True, exist_ok=True)
    half = CACHE / f"{sockets.parent.name}.half"
    if _run([programs / "pg_dump", "--no-sync", *_whom(sockets), "-f", half]):
        half.replace(dump)
    else:
        half.unlink(missing_ok=True)
    dumps = sorted(CACHE.glob("ground-*.sql"), key=lambda path: path.stat().st_mtime)
    for old in dumps[:-KEPT]:
        old.unlink(missing_ok=True)


def _whom(sockets: Path) -> list[str | Path]:
    return ["-h", sockets, "-U", postgres.ROLE, "-d", GROUND]


def _run(argv: Sequence[str | Path]) -> bool:
    try:
        answer = subprocess.run([str(part) for part in argv], capture_output=True, text=True)
    except OSError:
        return False
    return answer.returncode == 0
