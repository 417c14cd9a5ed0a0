"""A killed parent leaves nothing behind, whoever the child runs as and however it hides."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from citymgmt.dev import leash
from tests.dev.reach import open_to_all

# Tells its own pid and that of a grandchild in a session of its own, then waits.
FAMILY = """
setsid sh -c 'echo $$ >> "$1"; exec sleep 300' sh "$1" &
echo $$ >> "$1"
wait
"""
STUBBORN = "trap '' TERM INT; echo $$ >> \"$1\"; while :; do sleep 0.2; done"
# A parent that starts a leashed command and waits, as the demonstration does.
PARENT = """
import subprocess, sys
from citymgmt.dev import leash
user = tuple(map(int, sys.argv[1].split(":"))) if sys.argv[1] else None
argv = leash.command(sys.argv[3:], user=user, grace=1, remove=[sys.argv[2]])
subprocess.Popen(argv, start_new_session=True).wait()
"""


def gone(pid: int) -> bool:
    """Whether the process has ended; a zombie has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def wait_for(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Poll until the condition holds."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A file that processes of any user may write their ids to."""
    open_to_all(tmp_path)
    path = tmp_path / "pids"
    path.touch()
    path.chmod(0o666)
    return path


@pytest.fixture
def parent(notes: Path, tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen, list]]]:
    """Starts a parent with a leashed script; returns it and the pids the script told."""
    started = []

    def start(script: str, told: int, user: str = "") -> tuple[subprocess.Popen, list[int]]:
        doomed = tmp_path / "doomed"
        doomed.mkdir()
        argv = [sys.executable, "-c", PARENT, user, doomed, "sh", "-c", script, "sh", notes]
        process = subprocess.Popen(list(map(str, argv)))
        started.append(process)
        wait_for(lambda: len(notes.read_text().split()) == told)
        return process, [int(pid) for pid in notes.read_text().split()]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_the_command_s_exit_code_is_passed_on() -> None:
    assert subprocess.run(leash.command(["sh", "-c", "exit 7"])).returncode == 7
    assert subprocess.run(leash.command(["sh", "-c", "kill -9 $$"])).returncode == 128 + 9


def test_a_command_that_does_not_exist_is_127() -> None:
    answer = subprocess.run(leash.command(["/does/not/exist"]), capture_output=True)
    assert answer.returncode == 127
    assert b"/does/not/exist" in answer.stderr


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
def test_a_dead_parent_takes_children_and_hidden_grandchildren_along(parent, tmp_path, signum):
    process, pids = parent(FAMILY, told=2)
    process.send_signal(signum)
    wait_for(lambda: all(gone(pid) for pid in pids))
    wait_for(lambda: not (tmp_path / "doomed").exists())


def test_a_child_that_ignores_the_stop_signal_is_killed_after_the_grace(parent):
    process, pids = parent(STUBBORN, told=1)
    process.kill()
    wait_for(lambda: gone(pids[0]))


@pytest.mark.skipif(os.geteuid() != 0, reason="changing the user needs root")
@pytest.mark.parametrize("script", [FAMILY, STUBBORN])
def test_a_child_of_another_user_goes_too(parent, script):
    process, pids = parent(script, told=2 if script == FAMILY else 1, user="65534:65534")
    assert all(Path(f"/proc/{pid}").stat().st_uid == 65534 for pid in pids)
    process.kill()
    wait_for(lambda: all(gone(pid) for pid in pids))


@pytest.mark.skipif(os.geteuid() != 0, reason="changing the user needs root")
def test_a_killed_leash_takes_its_command_along_even_as_another_user(notes: Path):
    process = subprocess.Popen(
        leash.command(
            ["sh", "-c", 'echo $$ >> "$1"; exec sleep 300', "sh", notes], user=(65534, 65534)
        )
    )
    wait_for(lambda: bool(notes.read_text().split()))
    process.kill()
    process.wait()
    wait_for(lambda: gone(int(notes.read_text())))


def test_leftovers_of_a_finished_command_are_ended(notes: Path):
    script = 'setsid sleep 300 & echo $! >> "$1"'
    assert subprocess.run(leash.command(["sh", "-c", script, "sh", notes])).returncode == 0
    assert gone(int(notes.read_text()))
