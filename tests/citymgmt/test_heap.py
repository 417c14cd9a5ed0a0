"""Memory that was given back is the system's again."""

import subprocess
import sys

import pytest

# What a process of a day's work does: large pieces among small ones that stay.
WORK = """
import os, runpy, sys

give_back = runpy.run_path("citymgmt/heap.py")["give_back"]
if sys.argv[1] == "set" and not give_back():
    sys.exit("another C library")


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


before, kept = resident(), []
del [b"x" * 30_000_000][0]
pieces = [b"x" * 5_000_000 for _piece in range(8)]
kept.append(b"y" * 5_000)
del pieces
print((resident() - before) // 1_000_000)
"""


# What pages made at once leave: small pieces that stay between many that went.
HOLES = """
import os, runpy, sys

heap = runpy.run_path("citymgmt/heap.py")
if not heap["give_back"]():
    sys.exit("another C library")


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


before = resident()
pieces = [b"x" * 20_000 for _piece in range(2_000)]
stay = pieces[::50]
del pieces
if sys.argv[1] == "early":
    assert not heap["Trimmer"](seconds=3600)()
if sys.argv[1] == "due":
    assert heap["Trimmer"](seconds=0)()
print((resident() - before) // 1_000_000)
"""


def kept(how: str, work: str = WORK) -> int:
    """Megabytes that a process holds after it has given forty back."""
    told = subprocess.run([sys.executable, "-c", work, how], capture_output=True, text=True)
    if "another C library" in told.stderr:
        pytest.skip("not glibc")
    return int(told.stdout)


def test_what_is_given_back_is_not_kept_for_later():
    assert kept("left alone") > 20
    assert kept("set") < 5


def test_what_lies_free_between_what_stays_is_handed_back_when_it_is_time():
    assert kept("early", HOLES) > 20
    assert kept("due", HOLES) < 5
