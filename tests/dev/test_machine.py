"""What of the system tests need: put there where that may be, skipped or refused where not."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from citymgmt.dev import bootstrap, machine, pytest_plugin
from citymgmt.dev.machine import NEEDS, Need


class Item(SimpleNamespace):
    """A collected test, as far as the plugin looks."""

    def __init__(self, *needs: str) -> None:
        super().__init__(nodeid="tests/x.py::test", added=[], needs=needs)

    __hash__ = object.__hash__

    def iter_markers(self, name: str):
        return [pytest.mark.needs(*self.needs).mark] if name == "needs" and self.needs else []

    def get_closest_marker(self, name: str):
        return None

    def add_marker(self, mark) -> None:
        self.added.append(mark.kwargs["reason"])


@pytest.fixture
def _without_nginx(monkeypatch):
    there = {name: Need(lambda: True, need.packages) for name, need in NEEDS.items()}
    there["nginx"] = Need(lambda: False, ("nginx-light",), quiet=False)
    monkeypatch.setattr(machine, "NEEDS", there)


@pytest.mark.usefixtures("_without_nginx")
def test_a_test_of_what_is_not_here_is_skipped_and_says_of_what(monkeypatch):
    monkeypatch.delenv("REQUIRE_PROGRAMS", raising=False)
    items = [Item(), Item("openssl"), Item("openssl", "nginx")]
    pytest_plugin.pytest_collection_modifyitems(list(items))
    assert [item.added for item in items] == [[], [], ["这台机器没有 nginx"]]


@pytest.mark.usefixtures("_without_nginx")
def test_where_it_must_be_here_nothing_is_skipped(monkeypatch):
    monkeypatch.setenv("REQUIRE_PROGRAMS", "1")
    with pytest.raises(pytest.UsageError, match="没有 nginx"):
        pytest_plugin.pytest_collection_modifyitems([Item("nginx")])
    pytest_plugin.pytest_collection_modifyitems([Item("openssl")])


@pytest.mark.parametrize("root", [True, False])
def test_what_is_missing_comes_onto_a_machine_that_is_ours_unless_it_would_serve(monkeypatch, root):
    here = {"openssl"}
    needs = {
        "openssl": Need(lambda: "openssl" in here, ("openssl",)),
        "pango": Need(lambda: "pango" in here, ("libpango-1.0-0", "libpangoft2-1.0-0")),
        "nginx": Need(lambda: False, ("nginx-light",), quiet=False),
    }
    asked = []
    monkeypatch.setattr(machine, "NEEDS", needs)
    monkeypatch.setattr(bootstrap, "debian_root", lambda: root)
    monkeypatch.setattr(bootstrap, "apt_install", lambda *of: (asked.append(of), here.add("pango")))
    left = machine.provide(needs)
    assert asked == ([("libpango-1.0-0", "libpangoft2-1.0-0")] if root else [])
    assert left == (["nginx"] if root else ["pango", "nginx"])


def test_a_library_and_a_programme_are_looked_for_where_they_may_be():
    assert machine.library("libc.so.6")
    assert not machine.library("libpangoft2-0.0.so.9")
    assert machine.program("sh")
    assert machine.program("no-such-programme") is None


CI = Path(".ci/run")


def test_continuous_integration_installs_all_that_tests_need():
    text = CI.read_text()
    packages = [package for need in NEEDS.values() for package in need.packages]
    assert [package for package in packages if f"missing+=({package})" not in text] == []


@pytest.fixture
def fresh(tmp_path):
    """A machine that has next to nothing, on which apt-get can bring everything."""
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name in ("bash", "dirname", "sh", "chmod"):
        (bin_ / name).symlink_to(machine.program(name))
    said = {
        "id": "echo 0",
        "apt-get": f"""echo "$@" >>{tmp_path}/asked
            [ "$1" = update ] || for each in chromium fc-list; do
                printf '#!/bin/sh\\necho font\\n' >{bin_}/$each; chmod +x {bin_}/$each
            done""",
        "make": f'echo "$@ $REQUIRE_BROWSER$REQUIRE_PROGRAMS" >{tmp_path}/made',
    }
    for name, line in said.items():
        (bin_ / name).write_text(f"#!/bin/sh\n{line}\n")
        (bin_ / name).chmod(0o755)
    return bin_


def ran(bin_: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(bin_), "HOME": os.environ.get("HOME", "/")}
    command = [bin_ / "bash", CI.absolute()]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_on_a_fresh_machine_it_installs_and_then_skips_nothing(fresh, tmp_path):
    answer = ran(fresh)
    assert answer.returncode == 0, answer.stderr
    update, install = (tmp_path / "asked").read_text().splitlines()
    assert update.startswith("update")
    assert {"chromium", "fontconfig", "fonts-noto-cjk", "openssl"} <= set(install.split())
    assert (tmp_path / "made").read_text() == "test 11\n"


def test_who_may_not_install_hears_what_is_missing(fresh, tmp_path):
    (fresh / "id").write_text("#!/bin/sh\necho 1000\n")
    answer = ran(fresh)
    assert answer.returncode == 1
    assert "chromium" in answer.stderr
    assert "openssl" in answer.stderr
    assert not (tmp_path / "made").exists()
