"""Health checks of the containers: `probe.py web|worker|beat` ends with 0 where the part lives."""

import json
import sys
from http.client import HTTPConnection


def ask(host: str, path: str) -> tuple[int, bytes]:
    """Status and body; the Host header is one that the settings allow."""
    connection = HTTPConnection(host, 8000, timeout=4)
    connection.request("GET", path, headers={"Host": "127.0.0.1"})
    response = connection.getresponse()
    return response.status, response.read()


def alive(part: str) -> bool:
    """The web process is asked itself; worker and beat are those that it has seen."""
    if part == "web":
        return ask("127.0.0.1", "/healthz")[0] == 200
    return json.loads(ask("web", "/readyz")[1])["checks"][part] is True


if __name__ == "__main__":
    sys.exit(0 if alive(sys.argv[1]) else 1)
