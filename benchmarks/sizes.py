"""How much room a city takes in the database, and how long its backup and its restoring take.

    SIZES_CITY=20000 make bench ARGS=sizes       a measured city, loaded where it is not there yet

The city's database (`BENCH_DATA`, var/bench) is brought up as `pages` does. Told are its bytes,
those of its largest tables with their indexes, a case's share; how long the dump takes and how
large it is, how long it takes to be restored into a second database and how long all rows of the
evidence take to be verified; how long a gigabyte of photos of 2 MB takes to be copied and to be
verified, and what is made of one. The city has no photo files: the parts are told apart. Times are
seconds by the clock and, on a busy machine worth more, of processor without that of the database
server. Prints JSON, part by part; what was copied is gone in the end.
"""

import json
import os
import resource
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import django

CITY = int(os.environ.get("SIZES_CITY", "20000"))
PHOTOS, PHOTO_BYTES = 250, 2_000_000
SECOND = "sizes_restored"
Figures = dict[str, Any]
T = TypeVar("T")
_TABLES = """
    SELECT c.relname, pg_total_relation_size(c.oid), pg_indexes_size(c.oid)
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    ORDER BY 2 DESC LIMIT 12
"""


def main() -> None:
    """Bring the city up, measure, print the figures."""
    if "SIZES_INSIDE" not in os.environ:
        _beside_a_city()
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "citymgmt.settings")
    django.setup()
    directory = Path(os.environ["SIZES_INSIDE"])
    told({"cores": os.cpu_count(), "load": os.getloadavg(), **sizes()})
    told(_photos(directory))
    told(_kept(directory))
    told(_verified())


def told(figures: Figures) -> None:
    """Print a part as soon as it is measured: verifying takes longer than all the rest."""
    print(json.dumps(figures, ensure_ascii=False, indent=1), flush=True)


def _beside_a_city() -> None:
    from benchmarks.city.keeping import cluster, environment_of, ready
    from citymgmt.dev import postgres
    from citymgmt.dev.processes import ROOT, Failed, listen_for_stop, python, step

    listen_for_stop()
    data = Path(os.environ.get("BENCH_DATA", ROOT / "var" / "bench")).absolute()
    directory = data / "sizes"
    ready(data, [CITY])
    try:
        with cluster(data) as addresses:
            assert addresses.socket_dir
            postgres.ensure_database(addresses.socket_dir, SECOND, anew=True)
            environment = environment_of(addresses, CITY) | {
                "SIZES_INSIDE": str(directory), "MEDIA_ROOT": str(directory / "media"),
            }  # fmt: skip
            failed = step(python("-m", "benchmarks.sizes"), env=environment)
            with postgres.connect(addresses.socket_dir, "postgres") as session:
                session.execute(f"DROP DATABASE {SECOND} WITH (FORCE)")
            if failed:
                raise Failed("sizes")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def sizes() -> Figures:
    """The bytes of the database, of its largest tables, and the share of a case."""
    from django.db import connection

    from cases.models import Case

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (whole,) = cursor.fetchone()
        cursor.execute(_TABLES)
        tables = {
            name: {"mb": round(size / 1e6, 1), "of_it_indexes": round(indexes / 1e6, 1)}
            for name, size, indexes in cursor.fetchall()
        }
    cases = Case.objects.count()
    return {
        "cases": cases, "database_mb": round(whole / 1e6, 1),
        "kb_a_case": round(whole / 1e3 / max(1, cases), 2), "tables": tables,
    }  # fmt: skip


def _kept(directory: Path) -> Figures:
    """The city's dump, and what comes of it elsewhere."""
    from django.db import connection

    from citymgmt import clock
    from citymgmt.services.backups import back_up, restore

    backup = directory / "backup"
    copied, dumping = _timed(lambda: back_up(directory=backup, at=clock.now(), keep=1))
    connection.close()
    connection.settings_dict["NAME"] = SECOND
    _missing, restoring = _timed(lambda: list(restore(directory=backup, dump=copied.dump)))
    return {
        "photos": copied.photos, "dump_mb": round(copied.dump.stat().st_size / 1e6, 1),
        "dump": dumping, "restore": restoring,
    }  # fmt: skip


def _verified() -> Figures:
    """How long all rows of the evidence take, as they were restored."""
    from cases.services.evidence import verify_evidence

    faults, verifying = _timed(lambda: Counter(fault.why for fault in verify_evidence()))
    # The files that the city never had, and nothing else.
    return {"verify_evidence": verifying, "faults": faults}


def _photos(directory: Path) -> Figures:
    """How long photos as large as real ones take to be copied, hashed and on the disk; how much
    is made of one."""
    import hashlib

    from benchmarks.crowd.pictures import another, photo
    from citymgmt.photo_store import place
    from citymgmt.services.backups import copy_photos
    from citymgmt.services.photos import derived_name, original_name, write_derived

    taken, hashes = photo(PHOTO_BYTES / 1e6), []
    for _each in range(PHOTOS):
        content = another(taken)
        hashes.append(hashlib.sha256(content).hexdigest())
        place().write_whole(original_name(hashes[-1]), content)
    (fresh, _spoilt), copying = _timed(lambda: copy_photos(hashes, directory / "photos"))
    altered, verifying = _timed(lambda: [each for each in hashes if _hash_of(each) != each])
    assert (fresh, altered) == (PHOTOS, [])
    write_derived(hashes[0])
    derived = [place().size_of(derived_name(hashes[0], size)) or 0 for size in ("display", "thumb")]
    return {
        "photo_bytes": len(taken), "derived_kb_of_a_photo": round(sum(derived) / 1e3),
        "photos_gb": round(PHOTOS * len(taken) / 1e9, 2), "photos_copied": copying,
        "photos_verified": verifying,
    }  # fmt: skip


def _hash_of(sha256: str) -> str:
    import hashlib

    from citymgmt.services.photos import open_original

    with open_original(sha256) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _timed(work: Callable[[], T]) -> tuple[T, dict[str, float]]:
    began, before = time.perf_counter(), _processor()
    done = work()
    took = {"seconds": time.perf_counter() - began, "processor_seconds": _processor() - before}
    return done, {name: round(seconds, 1) for name, seconds in took.items()}


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
