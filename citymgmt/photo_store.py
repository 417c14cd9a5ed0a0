"""Where the files of photos lie: a directory of this machine, or a bucket (`citymgmt.bucket`).

A file has a name below that place, the same in both: `originals/ab/cd/…`, `derived/ab/cd/…`,
`uploads/…`. So they can be carried from one to the other by their names.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Protocol, cast

from django.conf import settings
from django.core.files.storage import storages

from citymgmt.errors import FULL_DISK, NoRoom

PROBE_BYTES = 64 * 1024

Opened = BufferedReader | BytesIO
"""A file that is read: from the disk, or out of memory."""


class Place(Protocol):
    """What both kinds can. Each raises NoRoom where the place takes no more bytes; a bucket
    raises StoreAway where it cannot be reached: then nothing was kept and nothing was lost."""

    def has(self, name: str) -> bool:
        """Whether there is such a file."""

    def size_of(self, name: str) -> int | None:
        """Its bytes; None where there is none."""

    def open_file(self, name: str) -> Opened:
        """Open it for reading; raises FileNotFoundError."""

    def write_whole(self, name: str, content: bytes) -> None:
        """Write it so that it is there whole or not at all, and lasts; does nothing where it is
        there."""

    def remove(self, name: str) -> None:
        """Take it away; does nothing where it is gone."""

    def names(self, folder: str) -> Iterator[str]:
        """Every file below a folder, in no order."""

    def write_part(self, name: str, offset: int, content: bytes) -> None:
        """Keep a part of what comes in parts; what lay at the offset and behind it counts no
        more."""

    def read_parts(self, name: str, size: int) -> bytes:
        """What has come, `size` bytes in all; raises FileNotFoundError where a part is gone."""

    def remove_parts(self, name: str) -> None:
        """Take all parts away; does nothing where they are gone."""

    def works(self) -> bool:
        """Whether it takes bytes now."""


def place() -> Place:
    """The place that the settings chose."""
    return cast(Place, storages["photos"]) if "photos" in settings.STORAGES else DISK


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Raise NoRoom where writing fails because the disk takes no more."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL_DISK:
            raise NoRoom from error
        raise


class Disk:
    """The directory `MEDIA_ROOT`; see `Place`."""

    def path(self, name: str) -> Path:
        """Where a file lies."""
        return Path(settings.MEDIA_ROOT) / name

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return self.path(name).exists()

    def size_of(self, name: str) -> int | None:
        """Its bytes; None where there is none."""
        try:
            return self.path(name).stat().st_size
        except FileNotFoundError:
            return None

    def open_file(self, name: str) -> Opened:
        """Open it for reading."""
        return self.path(name).open("rb")

    def write_whole(self, name: str, content: bytes) -> None:
        """Write a draft beside it, then move that into its place."""
        target = self.path(name)
        if target.exists():
            return
        with full_disk_told():
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".draft-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(draft).replace(target)
            except BaseException:
                Path(draft).unlink(missing_ok=True)
                raise

    def remove(self, name: str) -> None:
        """Take it away."""
        with suppress(FileNotFoundError):
            self.path(name).unlink()

    def names(self, folder: str) -> Iterator[str]:
        """Every file below a folder."""
        root = Path(settings.MEDIA_ROOT)
        for path in (root / folder).rglob("*"):
            if path.is_file():
                yield path.relative_to(root).as_posix()

    def write_part(self, name: str, offset: int, content: bytes) -> None:
        """Write into one file at the offset and cut off whatever lay behind it; on the disk
        before it returns."""
        path = self.path(name)
        with full_disk_told():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(handle, "r+b") as file:
                file.seek(offset)
                file.write(content)
                file.truncate()
                file.flush()
                os.fsync(file.fileno())

    def read_parts(self, name: str, size: int) -> bytes:
        """The one file."""
        return self.path(name).read_bytes()

    def remove_parts(self, name: str) -> None:
        """Take the one file away."""
        self.remove(name)

    def works(self) -> bool:
        """Whether the disk takes bytes; a full one says so only when written to."""
        root = Path(settings.MEDIA_ROOT)
        try:
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=root) as file:
                file.write(os.urandom(PROBE_BYTES))
        except OSError:
            return False
        return True


DISK = Disk()
