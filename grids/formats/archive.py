"""Zip archives from strangers, read in memory and only as far as their bounds."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import PurePosixPath

from django.utils.translation import gettext_lazy as _

from grids.formats.base import refuse

MAX_PARTS = 200
MAX_UNPACKED = 120 * 1024 * 1024
MAX_RATIO = 300
_SMALL = 10 * 1024 * 1024
_ENCRYPTED = 0x1
_UTF8 = 0x800


class Archive:
    """The files of an archive by their names in lower letters, folders left out."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._parts = {
            name.lower(): part
            for part in archive.infolist()
            if not part.is_dir() and not _is_litter(name := shown(part))
        }

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._parts))

    def ending(self, suffix: str) -> list[str]:
        """Names with this ending."""
        return [name for name in self if name.endswith(suffix)]

    def read(self, name: str) -> bytes:
        """The bytes of a file; b"" where there is none. Raises TableError."""
        part = self._parts.get(name)
        if part is None:
            return b""
        try:
            with self._archive.open(part) as source:
                # The stated size may lie: never beyond the bound.
                content = source.read(MAX_UNPACKED + 1)
        # The library lets out nearly any exception for broken or exotic archives.
        except Exception as error:
            raise broken() from error
        if len(content) > MAX_UNPACKED:
            raise too_large()
        return content


def broken() -> Exception:
    """That an archive cannot be read."""
    return refuse(_("压缩包已损坏，或用了少见的压缩方式；请重新打包成普通的 .zip 再上传。"))


def too_large() -> Exception:
    """That an archive unpacks to too much."""
    return refuse(_("压缩包解压后过大，请只打包一个图层，或分成几个文件再导入。"))


def unpacked_size(data: bytes) -> int:
    """How much an archive says that it unpacks to; the size itself of what is none."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return sum(part.file_size for part in archive.infolist())
    # Whoever reads it says what is wrong with it.
    except Exception:
        return len(data)


@contextmanager
def opened(data: bytes) -> Iterator[Archive]:
    """An archive to be read within. Raises TableError for what is none, a bomb, or locked."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except Exception as error:
        raise broken() from error
    with archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        stuffed = unpacked > MAX_RATIO * len(data) and unpacked > _SMALL
        if stuffed or unpacked > MAX_UNPACKED:
            raise too_large()
        if len(parts) > MAX_PARTS:
            raise refuse(_("压缩包里文件太多，请只打包一个图层的几个文件。"))
        if any(part.flag_bits & _ENCRYPTED for part in parts):
            raise refuse(_("压缩包有密码，打不开；请去掉密码再打包。"))
        yield Archive(archive)


def shown(part: zipfile.ZipInfo) -> str:
    """The name of a part for people: Chinese Windows writes GBK where it should say UTF-8."""
    if part.flag_bits & _UTF8:
        return part.filename
    try:
        return part.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return part.filename


def stem(name: str) -> str:
    """A file's name without its folder and ending."""
    return PurePosixPath(name.replace("\\", "/")).stem


def _is_litter(name: str) -> bool:
    """What systems put into archives by themselves."""
    path = PurePosixPath(name.replace("\\", "/"))
    return "__MACOSX" in path.parts or path.name.startswith(".")
