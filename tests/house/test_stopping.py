"""A container of the web is told to end while it answers: an upgrade takes nobody's answer."""

import os
import signal
import socket

from django.conf import settings

from tests.servers import Server, running

BODY = b"username=a&password=b"
# With a cookie of the right shape the body must be read before anything can be answered, and
# who waits to be told to go on hears when it is asked for.
BEGUN = (
    b"POST /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    b"Cookie: %s=%s\r\nExpect: 100-continue\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: %d\r\n\r\n" % (settings.CSRF_COOKIE_NAME.encode(), b"a" * 32, len(BODY))
)


def test_what_was_begun_is_answered_and_nothing_else_is_begun(tmp_path):
    with running(Server(dict(os.environ), tmp_path / "log")) as server:
        assert server.process is not None
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.settimeout(60)
            line.sendall(BEGUN)
            assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            line.sendall(BODY[:5])
            server.process.send_signal(signal.SIGTERM)
            server._wait(lambda: not server._listens())
            assert server.process.poll() is None
            line.sendall(BODY[5:])
            assert line.recv(12) == b"HTTP/1.1 403"
        assert server.process.wait(60) == 0
