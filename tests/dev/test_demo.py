"""What the demonstration says when it cannot run, and what it keeps."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from citymgmt.dev import demo
from citymgmt.dev.processes import Crew, Failed, Stopped, listen_for_stop


def test_a_busy_port_is_named_with_a_way_out():
    with socket.socket() as taken:
        taken.bind((demo.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Failed, match=f"端口 {port} .*PORT={port + 1}"):
            demo.need_free_port(port)
    demo.need_free_port(port)


def test_a_data_directory_serves_one_demonstration(tmp_path):
    handle = demo.claim(tmp_path)
    with pytest.raises(Failed, match=f"进程 {os.getpid()}"):
        demo.claim(tmp_path)
    os.close(handle)
    os.close(demo.claim(tmp_path))


def test_leftovers_of_a_killed_demonstration_are_waited_for(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", "import fcntl, os, sys, time\n"
         "handle = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
         "fcntl.flock(handle, fcntl.LOCK_EX); os.write(handle, b'999999999')\n"
         "print('held', flush=True); time.sleep(1)", tmp_path / "lock"],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    with holder:
        holder.stdout.readline()
        started = time.monotonic()
        os.close(demo.claim(tmp_path))
        assert time.monotonic() - started > 0.3


def test_the_password_is_made_once_and_kept_private(tmp_path, monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    first = demo.password(tmp_path)
    assert len(first) >= 12
    assert demo.password(tmp_path) == first
    assert (tmp_path / "password").stat().st_mode & 0o077 == 0


def test_a_chosen_password_holds_until_the_city_is_loaded(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DEMO_PASSWORD", "第一个口令")
    assert demo.password(tmp_path) == "第一个口令"
    (tmp_path / "loaded").touch()
    monkeypatch.setenv("DEMO_PASSWORD", "another")
    assert demo.password(tmp_path) == "第一个口令"
    assert "第一次载入" in capsys.readouterr().out


def test_a_fallen_child_is_named_with_its_last_words(tmp_path):
    crew = Crew(tmp_path)
    service = crew.start("beat", ["sh", "-c", "echo out of paper; exit 3"])
    service.process.wait()
    with pytest.raises(Failed, match=r"(?s)beat.*代码 3.*out of paper"):
        crew.check()
    crew.stop()


def test_every_child_is_stopped_and_one_that_lives_is_not_reported(tmp_path):
    crew = Crew(tmp_path)
    service = crew.start("sleeper", ["sleep", "300"])
    crew.check()
    crew.stop()
    assert service.code() is not None
    assert crew.services == []


def test_a_stop_signal_becomes_one_exception():
    before = {
        number: signal.getsignal(number)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    }
    try:
        listen_for_stop()
        with pytest.raises(Stopped):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_the_accounts_are_the_seven_of_the_house():
    assert list(demo.ACCOUNTS) == [
        "admin", "dispatcher", "supervisor", "inspector", "leader", "officer", "viewer",
    ]  # fmt: skip
