"""Who sends half a body and then nothing: the web process waits for him, the proxy before it does
not let him in.

The web process is started as the demonstration and the image start it, with four threads; the
proxy with the very file of the image, save where it listens and to whom it hands on.
"""

import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from os import environ
from pathlib import Path

import pytest

from citymgmt.dev import leash, machine
from tests.servers import Server

THREADS = 4
STALLED = 2 * THREADS
SITE = Path("docker/site.conf.template")
BODY_SECONDS = re.compile(r"client_body_timeout \d+s;")
HALF = (
    b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nusername=a"
)


@pytest.fixture(scope="module")
def web(tmp_path_factory) -> Iterator[Server]:
    """The web process, with nothing before it."""
    server = Server(dict(environ), tmp_path_factory.mktemp("web") / "log")
    server.start()
    try:
        server.wait_ready()
        yield server
    finally:
        server.kill()


def settings(directory: Path, site: str, port: int, upstream: int) -> str:
    """The image's site as a whole configuration, without what only the image has."""
    _redirecting, _blank, told = site.rpartition("\nserver {")
    told = re.sub(r"(?m)^ +(ssl_\w+|http2|resolver|access_log|error_log) .*$", "", told)
    told = told.replace("listen 443 ssl default_server;", f"listen 127.0.0.1:{port};")
    told = told.replace("${SITE_HOST}", "_").replace("http://web;", f"http://127.0.0.1:{upstream};")
    own = " ".join(
        f"{kind}_temp_path {directory}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; master_process off; pid {directory}/pid; events {{}}\n"
        f"http {{ {own} access_log off; server {{ {told} }}"
    )


@contextmanager
def proxied(directory: Path, web: Server, site: str) -> Iterator[int]:
    """The proxy before the web process; the port at which it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = directory / "nginx.conf"
    told.write_text(settings(directory, site, port, web.port))
    argv = leash.command(
        [machine.program("nginx"), "-p", directory, "-c", told, "-e", directory / "errors"]
    )
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL) as process:
        try:
            until(lambda: answers(port, seconds=5), directory / "errors")
            yield port
        finally:
            process.terminate()


def until(held: Callable[[], bool], log: Path) -> None:
    """Return once it holds."""
    limit = time.monotonic() + 60
    while not held():
        assert time.monotonic() < limit, log.read_text()[-2000:]
        time.sleep(0.1)


def answers(port: int, *, seconds: float) -> bool:
    """Whether somebody else hears an answer within so many seconds."""
    ask = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"Host": "127.0.0.1"})
    try:
        with urllib.request.urlopen(ask, timeout=seconds) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextmanager
def half_bodies(port: int) -> Iterator[list[socket.socket]]:
    """Twice as many as there are threads, each with half a body."""
    lines = [socket.create_connection(("127.0.0.1", port)) for _each in range(STALLED)]
    try:
        for line in lines:
            line.sendall(HALF)
        yield lines
    finally:
        for line in lines:
            line.close()


def closed(line: socket.socket, seconds: float) -> bool:
    """Whether the other side says that it is over within so many seconds."""
    line.settimeout(seconds)
    with suppress(TimeoutError):
        return line.recv(4096) == b"" or line.recv(4096) == b""
    return False


@pytest.mark.needs("nginx")
def test_behind_the_proxy_half_bodies_keep_nobody_waiting(web: Server, tmp_path: Path):
    with proxied(tmp_path, web, SITE.read_text()) as port, half_bodies(port) as lines:
        time.sleep(1)
        assert [answers(port, seconds=20) for _each in range(3)] == [True] * 3
        # They are still waited for: it was not that they had been sent away.
        assert not closed(lines[0], 0.5)


@pytest.mark.needs("nginx")
def test_the_proxy_sends_them_away_when_their_time_is_over(web: Server, tmp_path: Path):
    site, count = BODY_SECONDS.subn("client_body_timeout 1s;", SITE.read_text())
    assert count == 1
    with proxied(tmp_path, web, site) as port, half_bodies(port) as lines:
        assert all(closed(line, 20) for line in lines)
        assert answers(port, seconds=20)


@pytest.mark.needs("nginx")
def test_without_buffering_of_bodies_the_proxy_would_protect_nobody(web: Server, tmp_path: Path):
    """What the first of these tests sees is that one line of the proxy's file."""
    site = SITE.read_text().replace("proxy_request_buffering on;", "proxy_request_buffering off;")
    with proxied(tmp_path, web, site) as port, half_bodies(port):
        time.sleep(1)
        assert not answers(port, seconds=5)


def test_without_a_proxy_half_bodies_hold_every_thread_until_they_hang_up(web: Server):
    """Why the web process belongs behind one: it bounds nothing itself."""
    with half_bodies(web.port):
        time.sleep(1)
        assert not answers(web.port, seconds=5)
    until(lambda: answers(web.port, seconds=5), web.log)
