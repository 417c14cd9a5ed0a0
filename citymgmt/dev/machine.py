"""What of the system the tests need besides Python: known by name, found, put on Debian."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from citymgmt.dev import bootstrap
from citymgmt.dev.processes import say

_ALSO = "/usr/sbin:/usr/local/sbin"


def program(name: str) -> str | None:
    """Where a programme is, those for administrators too."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_ALSO}")


def library(name: str) -> bool:
    """Whether a library of the system can be loaded."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Need:
    """Something of the system: whether it is there, and in which Debian packages it comes.

    With `quiet` it is put there unasked; what would begin to serve is not.
    """

    found: Callable[[], bool]
    packages: tuple[str, ...]
    quiet: bool = True


NEEDS = {
    "openssl": Need(lambda: program("openssl") is not None, ("openssl",)),
    "pango": Need(
        lambda: library("libpangoft2-1.0.so.0"),
        ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
    ),
    "nginx": Need(lambda: program("nginx") is not None, ("nginx-light",), quiet=False),
}


def lacking(names: Iterable[str] = NEEDS) -> list[str]:
    """Those of the names that are not there, in their order."""
    return [name for name in names if not NEEDS[name].found()]


def provide(names: Iterable[str] = NEEDS) -> list[str]:
    """Put there what is missing and may be, where that is possible; what is missing after that."""
    wanted = [name for name in lacking(names) if NEEDS[name].quiet]
    if wanted and bootstrap.debian_root():
        say(f"安装 {'、'.join(wanted)} …")
        try:
            bootstrap.apt_install(*(package for name in wanted for package in NEEDS[name].packages))
        except subprocess.CalledProcessError as error:
            say(f"没有装上：{error}")
    return lacking(names)
