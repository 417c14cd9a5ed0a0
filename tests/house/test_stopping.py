"""A container of the web is told to end while it answers: an upgrade takes nobody's answer."""

import os
import signal
import socket
import time

from tests.servers import Server, running

BODY = b"username=a&password=b"
BEGUN = (
    b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)


def test_what_was_begun_is_answered_and_nothing_else_is_begun(tmp_path):
    with running(Server(dict(os.environ), tmp_path / "log")) as server:
        assert server.process is not None
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(BEGUN + BODY[:5])
            # It has come to the application, which waits for the rest.
            time.sleep(1)
            server.process.send_signal(signal.SIGTERM)
            server._wait(lambda: not server._listens())
            assert server.process.poll() is None
            line.sendall(BODY[5:])
            line.settimeout(60)
            assert line.recv(12) in (b"HTTP/1.1 403", b"HTTP/1.1 500")
        assert server.process.wait(60) == 0
