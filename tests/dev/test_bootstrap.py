"""From a clean clone on: versions, stamps, commands."""

import importlib.util
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from citymgmt.dev import bootstrap

ROOT = Path(bootstrap.ROOT)
Version = namedtuple("Version", "major minor")


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_an_unsupported_python_without_another_one_gets_a_clear_message(monkeypatch, version):
    monkeypatch.setattr(bootstrap.sys, "version_info", version)
    monkeypatch.setattr(bootstrap, "works", lambda argv: False)
    with pytest.raises(SystemExit, match=f"3.11.*{version[0]}.{version[1]}"):
        bootstrap.need_supported_python()


def test_an_unsupported_python_hands_over_to_a_supported_one(monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9))
    monkeypatch.setattr(bootstrap, "works", lambda argv: argv[0] == "python3.12")
    taken = []
    monkeypatch.setattr(bootstrap.os, "execvp", lambda name, argv: taken.append(name) or exit())
    with pytest.raises(SystemExit):
        bootstrap.need_supported_python()
    assert taken == ["python3.12"]


def test_a_stamp_holds_for_the_same_content_only(tmp_path):
    path = str(tmp_path / "done")
    assert not bootstrap.Stamp(path, "a").holds()
    bootstrap.Stamp(path, "a").set()
    assert bootstrap.Stamp(path, "a").holds()
    assert not bootstrap.Stamp(path, "b").holds()


def test_every_command_has_its_module_and_requirement_file():
    for requirements, module, _arguments in bootstrap.COMMANDS.values():
        assert requirements is None or (ROOT / requirements).is_file()
        assert module is None or importlib.util.find_spec(module) is not None


def test_a_command_is_entered_with_compiled_modules(monkeypatch):
    entered = []
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(bootstrap.sys, "argv", ["bootstrap.py", "bench", "startup"])
    monkeypatch.setattr(bootstrap, "prepare", lambda requirements: None)
    monkeypatch.setattr(bootstrap.leash, "die_with_parent", lambda: None)
    monkeypatch.setattr(bootstrap.os, "execv", lambda program, argv: entered.append(argv))
    bootstrap.main()
    assert [argv[1:] for argv in entered] == [["-m", "citymgmt.dev.bench", "startup"]]
    assert "PYTHONDONTWRITEBYTECODE" not in bootstrap.os.environ


def test_every_make_target_is_a_command():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = next(line for line in text.splitlines() if line.startswith(".PHONY:")).split()[1:]
    assert set(targets) == set(bootstrap.COMMANDS)


def test_an_unknown_command_lists_the_known_ones():
    script = ROOT / "citymgmt" / "dev" / "bootstrap.py"
    answer = subprocess.run([sys.executable, script, "dmeo"], capture_output=True, text=True)
    assert answer.returncode == 1
    assert "demo|test" in answer.stderr


def test_every_source_of_the_assets_exists():
    for name in bootstrap.ASSET_SOURCES:
        assert (ROOT / name).is_file()
