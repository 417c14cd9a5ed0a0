"""A copy of the house: the database as a dump, then every original photo that it names.

In this order: photos are only ever added, so that whatever a dump names lies in the files that
are copied after it. Photos are kept under their SHA-256 and copied once; what is derived from
them is not copied, it is made again.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connection
from django.utils.translation import gettext as _

from citymgmt.errors import DomainError
from citymgmt.models import Blob
from citymgmt.photo_store import full_disk_told, place
from citymgmt.services.photos import open_original, original_name

DEBIAN = Path("/usr/lib/postgresql")
_NAME = re.compile(r"database-\d{8}T\d{6}Z\.dump")
_VARIABLES = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}


@dataclass(frozen=True, slots=True)
class Copied:
    """What a backup holds: its dump, how many photos it names, how many of them were new."""

    dump: Path
    photos: int
    fresh: int
    spoilt: tuple[str, ...]
    """SHA-256 of originals that are missing here, or are not what they were."""


def back_up(*, directory: Path, at: datetime, keep: int) -> Copied:
    """Write a dump and the photos that the directory does not hold yet; the newest `keep` dumps
    stay. Raises DomainError where PostgreSQL's programmes are missing or fail, NoRoom."""
    with full_disk_told():
        (directory / "originals").mkdir(parents=True, exist_ok=True)
        dump = _dump(directory / f"database-{at:%Y%m%dT%H%M%SZ}.dump")
        hashes = list(Blob.objects.order_by("stored_at").values_list("pk", flat=True).iterator())
        fresh, spoilt = copy_photos(hashes, directory)
        told = {"at": at.isoformat(), "photos": len(hashes), "spoilt": spoilt}
        _write(dump.with_suffix(".json"), told | {"sha256": _hash_of(dump)})
    for old in dumps(directory)[:-keep]:
        old.unlink()
        old.with_suffix(".json").unlink(missing_ok=True)
    return Copied(dump, len(hashes), fresh, tuple(spoilt))


def dumps(directory: Path) -> list[Path]:
    """The whole dumps of a directory, the oldest first."""
    found = (path for path in directory.glob("*.dump") if _NAME.fullmatch(path.name))
    return sorted(path for path in found if path.with_suffix(".json").exists())


def restore(*, directory: Path, dump: Path) -> Iterator[str]:
    """Fill the empty database of the settings from a dump, then bring the photos it names into
    the empty place of the settings; gives the SHA-256 of those that the backup does not hold.

    Raises DomainError where the database is not empty, the dump is not what was written, or
    PostgreSQL's programmes are missing or fail.
    """
    if connection.introspection.table_names():
        raise DomainError("not_empty", _("这个数据库里已经有表。请建一个空库再恢复。"))
    told = json.loads(dump.with_suffix(".json").read_text(encoding="utf-8"))
    if _hash_of(dump) != told["sha256"]:
        raise DomainError("dump", _("备份文件 %(name)s 坏了，请换一份。") % {"name": dump.name})
    wishes = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run("pg_restore", *wishes, "--dbname", _name_of_database(), str(dump))
    connection.close()
    for sha256 in Blob.objects.values_list("pk", flat=True).iterator():
        if not _brought(directory / original_name(sha256), sha256):
            yield sha256


def _brought(source: Path, sha256: str) -> bool:
    """Bring a photo to its place, over whatever lies there; False where the backup does not hold
    it."""
    try:
        content = source.read_bytes()
    except FileNotFoundError:
        return False
    if hashlib.sha256(content).hexdigest() != sha256:
        return False
    name = original_name(sha256)
    if place().has(name):
        place().remove(name)
    place().write_whole(name, content)
    return True


def copy_photos(hashes: list[str], directory: Path) -> tuple[int, list[str]]:
    """Copy those originals that the directory does not hold; how many, and which are missing here
    or are not what they were."""
    fresh, spoilt = 0, []
    for sha256 in hashes:
        goal = directory / original_name(sha256)
        if goal.exists():
            continue
        try:
            with open_original(sha256) as source:
                whole = _copy(source, goal, sha256)
        except FileNotFoundError:
            whole = False
        if whole:
            fresh += 1
        else:
            spoilt.append(sha256)
    return fresh, spoilt


def _copy(source: BinaryIO, goal: Path, sha256: str) -> bool:
    """Copy a photo, there whole or not at all; False where its bytes are not those it is kept
    under."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=goal.parent, prefix=".draft-", delete=False) as draft:
        path = Path(draft.name)
        try:
            shutil.copyfileobj(source, draft)
            draft.flush()
            os.fsync(draft.fileno())
            whole = _hash_of(path) == sha256
        except BaseException:
            path.unlink()
            raise
    if whole:
        path.replace(goal)
    else:
        path.unlink()
    return whole


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, told: dict[str, Any]) -> None:
    """Beside a dump without it there is no backup: it is written last."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(path)


def _dump(target: Path) -> Path:
    draft = target.with_suffix(".new")
    wishes = ["--format", "custom", "--no-owner", "--no-privileges"]
    try:
        _run("pg_dump", *wishes, "--file", str(draft), _name_of_database())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def _name_of_database() -> str:
    return str(connection.settings_dict["NAME"])


def _run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programmes on the database of the settings; its password is given
    where nobody sees it."""
    place = {
        variable: str(connection.settings_dict[name])
        for name, variable in _VARIABLES.items()
        if connection.settings_dict.get(name)
    }
    answer = subprocess.run(
        [_found(program), *arguments], capture_output=True, text=True, env=os.environ | place
    )
    if answer.returncode != 0:
        words = _("%(program)s 没有成功：%(error)s")
        said = {"program": program, "error": answer.stderr.strip()[-1000:]}
        raise DomainError("program", words % said)


def _found(program: str) -> str:
    """Its path: in PG_BIN, on the PATH, or where Debian keeps the newest."""
    debian = sorted(DEBIAN.glob(f"*/bin/{program}"), key=lambda path: -float(path.parts[4]))
    places = [os.environ.get("PG_BIN"), None, *[str(path.parent) for path in debian]]
    for directory in places:
        found = shutil.which(program, path=directory)
        if found:
            return found
    words = _("找不到 %(program)s。请装 PostgreSQL 的客户端，或用 PG_BIN 说明在哪里。")
    raise DomainError("program", words % {"program": program})
