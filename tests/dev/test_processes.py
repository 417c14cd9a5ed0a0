"""What a command line program ends with."""

import subprocess
import sys

import pytest

from citymgmt.dev import processes
from citymgmt.dev.processes import Failed, Stopped, command


@pytest.fixture(autouse=True)
def _signals_as_they_are(monkeypatch) -> None:
    monkeypatch.setattr(processes, "listen_for_stop", lambda: None)


def raising(error: BaseException):
    def work() -> int:
        raise error

    return work


def test_a_command_ends_with_the_code_of_its_work():
    assert command(lambda: 0) == 0
    assert command(lambda: 3) == 3


def test_what_failed_says_so_in_words(capsys):
    assert command(raising(Failed("没有空间"))) == 1
    assert capsys.readouterr().out == "没有空间\n"


@pytest.mark.parametrize(("farewell", "said"), [("已停止。", "已停止。\n"), ("", "")])
def test_what_was_stopped_says_its_farewell(capsys, farewell, said):
    assert command(raising(Stopped()), farewell=farewell) == 130
    assert capsys.readouterr().out == said


def test_a_mistake_of_ours_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        command(raising(ZeroDivisionError()))


def test_what_a_command_starts_keeps_its_compiled_modules(monkeypatch):
    """Where the machine says otherwise each process compiled the whole house anew."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    ask = [sys.executable, "-c", "import sys; sys.exit(sys.dont_write_bytecode)"]
    assert subprocess.run(ask).returncode == 1
    assert command(lambda: subprocess.run(ask).returncode) == 0
