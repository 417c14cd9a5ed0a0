"""Who sends half of something and then nothing, or a byte now and then: the web process waits for
him, the proxy before it does not let him in.

The web process is started as the demonstration and the image start it, with four threads; the
proxy with the very file of the image, save where it listens and to whom it hands on.
"""

import re
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from os import environ
from pathlib import Path

import pytest

from citymgmt.dev import leash, machine
from tests.servers import Server

THREADS = 4
STALLED = 2 * THREADS
SITE = Path("docker/site.conf.template")
SECONDS = re.compile(r"(client_(?:header|body)_timeout) \d+s;")
PATIENCE = 2
"""How long an answer is waited for that must not come."""
HALF_HEAD = b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken=" + b"a" * 32
HEAD = HALF_HEAD + (
    b"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
)
HALF = HEAD + b"username=a"
PIECE = (
    b"PUT /uploads/7f3f7c4e-0000-4000-8000-000000000001/?offset=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Content-Type: application/octet-stream\r\nContent-Length: 500000\r\n\r\n" + b"a" * 9000
)
KINDS = {"half a head": HALF_HEAD, "a head": HEAD, "half a body": HALF, "half a piece": PIECE}


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
    told = re.sub(r"(?m)^ +(ssl_\w+|http2|resolver|access_log|error_log|add_header) .*$", "", told)
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
def stalled(port: int, sent: bytes = HALF) -> Iterator[list[socket.socket]]:
    """Twice as many as there are threads, each of whom sent so much and goes silent."""
    lines = [socket.create_connection(("127.0.0.1", port)) for _each in range(STALLED)]
    try:
        for line in lines:
            line.sendall(sent)
        yield lines
    finally:
        for line in lines:
            line.close()


@contextmanager
def dripping(port: int, sent: bytes = HALF) -> Iterator[list[socket.socket]]:
    """The same, but each sends another byte three times a second."""
    over = threading.Event()

    def drip(lines: list[socket.socket]) -> None:
        while not over.wait(0.3):
            for line in lines:
                with suppress(OSError):  # it was sent away
                    line.sendall(b"a")

    with stalled(port, sent) as lines:
        thread = threading.Thread(target=drip, args=[lines])
        thread.start()
        try:
            yield lines
        finally:
            over.set()
            thread.join()


def closed(line: socket.socket, seconds: float) -> bool:
    """Whether the other side says that it is over within so many seconds."""
    line.settimeout(seconds)
    with suppress(TimeoutError):
        return line.recv(4096) == b"" or line.recv(4096) == b""
    return False


@pytest.mark.needs("nginx")
def test_behind_the_proxy_who_stalls_keeps_nobody_waiting(web: Server, tmp_path: Path):
    with proxied(tmp_path, web, SITE.read_text()) as port, ExitStack() as held:
        kinds = {name: held.enter_context(stalled(port, sent)) for name, sent in KINDS.items()}
        time.sleep(1)
        assert [answers(port, seconds=20) for _each in range(3)] == [True] * 3
        # They are still waited for: it was not that they had been sent away.
        assert [name for name, lines in kinds.items() if closed(lines[0], 0.2)] == []


@pytest.mark.needs("nginx")
def test_the_proxy_sends_them_away_when_their_time_is_over(web: Server, tmp_path: Path):
    """Who drips a head is sent away as well. Who drips a body is not, since each byte is in time:
    he holds a line of the proxy's and nothing of ours."""
    site, count = SECONDS.subn(r"\1 1s;", SITE.read_text())
    assert count == 2
    with proxied(tmp_path, web, site) as port, ExitStack() as held:
        heads = held.enter_context(dripping(port, HALF_HEAD))
        bodies = held.enter_context(dripping(port, HALF))
        kinds = {name: held.enter_context(stalled(port, sent)) for name, sent in KINDS.items()}
        left = [name for name, lines in kinds.items() for line in lines if not closed(line, 20)]
        assert left == []
        assert all(closed(line, 20) for line in heads)
        time.sleep(2)
        assert [closed(line, 0.05) for line in bodies] == [False] * STALLED
        assert [answers(port, seconds=20) for _each in range(3)] == [True] * 3


@pytest.mark.needs("nginx")
def test_without_buffering_of_bodies_the_proxy_would_protect_nobody(web: Server, tmp_path: Path):
    """What the first of these tests sees is that one line of the proxy's file."""
    site = SITE.read_text().replace("proxy_request_buffering on;", "proxy_request_buffering off;")
    with proxied(tmp_path, web, site) as port, stalled(port):
        time.sleep(1)
        assert not answers(port, seconds=PATIENCE)


@pytest.mark.needs("nginx")
@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Content-Length: 4\r\nContent-Length: 90\r\n",
        b"Content-Length: +4\r\n",
        b"Transfer-Encoding: xchunked\r\n",
    ],
    ids=["both", "both the other way", "two lengths", "a signed length", "an unknown coding"],
)
def test_a_body_of_two_lengths_is_not_handed_on(web: Server, tmp_path: Path, lengths: bytes):
    """Where one would end it by the first and the other by the second, the rest were a request."""
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    head = b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n" + lengths + b"\r\n"
    with proxied(tmp_path, web, SITE.read_text()) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
            line.sendall(head + smuggled)
            heard = b""
            while part := line.recv(65536):
                heard += part
        assert heard.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 "))
        assert heard.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "holding",
    [
        lambda port: stalled(port, HALF),
        lambda port: stalled(port, HEAD),
        lambda port: dripping(port, HALF),
    ],
    ids=["half a body", "a head alone", "a byte now and then"],
)
def test_without_a_proxy_they_hold_every_thread_until_they_hang_up(web: Server, holding):
    """Why the web process belongs behind one: it bounds nothing itself."""
    with holding(web.port):
        time.sleep(1)
        assert not answers(web.port, seconds=PATIENCE)
    until(lambda: answers(web.port, seconds=5), web.log)


def test_a_head_that_never_ends_holds_no_thread(web: Server):
    with stalled(web.port, HALF_HEAD) as lines, dripping(web.port, HALF_HEAD):
        time.sleep(1)
        assert [answers(web.port, seconds=20) for _each in range(3)] == [True] * 3
        assert not closed(lines[0], 0.2)


def test_half_a_piece_of_a_photo_from_nobody_is_refused_unread(web: Server):
    """Only who is signed in is waited for: nobody else's piece is read."""
    with stalled(web.port, PIECE) as lines:
        for line in lines:
            line.settimeout(20)
            assert line.recv(4096).startswith(b"HTTP/1.1 401 ")
        assert answers(web.port, seconds=20)
