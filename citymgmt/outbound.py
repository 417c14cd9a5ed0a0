"""Requests out of the house: only to hosts that are allowed, at addresses that were checked.

The name is resolved once, each address is checked, and the connection goes to the very address
that was checked. Nothing is followed, nothing waits for ever, no answer is read without end.
"""

import http.client
import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MOST_BYTES = 64 * 1024

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_OLD_V4 = ipaddress.ip_network("::/96")
# All that is handed out to the world; outside of it are old sites' own addresses and translators'.
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")


class NotReached(Exception):
    """Nothing was handed over; the words say why, without address or secret."""


class NoAnswer(Exception):
    """It was handed over, at least in part, and no whole answer came."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Where requests may go. `hosts`: names, "*.name" for all below one. `private`: networks of
    the house that may be reached though they are not public. `ca`: a file of certificates."""

    hosts: frozenset[str]
    private: tuple[Network, ...] = ()
    seconds: float = 10.0
    ca: str = ""

    def allows_host(self, host: str) -> bool:
        """Whether the name is on the list."""
        name = host.rstrip(".").lower()
        above = {"*" + name[at:] for at, letter in enumerate(name) if letter == "."}
        return name in self.hosts or bool(above & self.hosts)

    def allows_address(self, address: str) -> bool:
        """Whether an address is public, or of a network that is allowed by itself."""
        ip = inner(ipaddress.ip_address(address.partition("%")[0]))
        if ip is None:
            return False
        if any(ip.version == network.version and ip in network for network in self.private):
            return True
        if ip.version == 6 and ip not in _PUBLIC_V6:
            return False
        return ip.is_global and not ip.is_multicast and not ip.is_reserved


def read_policy(
    *,
    hosts: Sequence[str],
    addresses: Sequence[str],
    private: Sequence[str],
    seconds: float,
    ca: str = "",
) -> Policy:
    """A policy from words of the settings; the hosts of `addresses` are allowed by themselves.

    Raises ValueError for what is no address, network or file.
    """
    named = {host.strip().lower() for host in hosts if host.strip()}
    for address in addresses:
        host = urlsplit(address).hostname
        if host is None:
            raise ValueError(f"{address} is no address")
        named.add(host)
    if ca and not os.path.isfile(ca):
        raise ValueError(f"{ca} is no file")
    networks = tuple(ipaddress.ip_network(word.strip()) for word in private if word.strip())
    return Policy(frozenset(named), networks, seconds, ca)


def inner(ip: IPAddress) -> IPAddress | None:
    """The address that is really reached: IPv4 in whatever IPv6 form it hides; None for tunnels."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None or ip.teredo is not None:
        return None
    if ip in _NAT64 or (ip in _OLD_V4 and int(ip) > 1):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, at most MOST_BYTES of it."""

    status: int
    body: bytes


@dataclass(slots=True)
class Deadline:
    """When a request has to be over, whatever it is waiting for."""

    seconds: float
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        """It runs from now on."""
        self.ends = time.monotonic() + self.seconds

    def left(self) -> float:
        """The seconds that are left; raises TimeoutError where there are none."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def post(url: str, *, headers: Mapping[str, str], body: bytes, policy: Policy) -> Answer:
    """POST it; raises NotReached or NoAnswer. A redirect is an answer like any other."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise NotReached("address") from None
    if (
        not url.isascii()
        or parts.scheme not in ("http", "https")
        or not host
        or "@" in parts.netloc
    ):
        raise NotReached("address")
    deadline = Deadline(policy.seconds)
    sock = connected(host, port, policy=policy, deadline=deadline)
    if parts.scheme == "https":
        sock = secured(sock, host, policy=policy)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    with watched(sock, deadline):
        return _exchange(sock, parts.netloc, target, headers, body)


def _exchange(
    sock: socket.socket, netloc: str, target: str, headers: Mapping[str, str], body: bytes
) -> Answer:
    connection = http.client.HTTPConnection(netloc)
    connection.sock = sock
    try:
        connection.request("POST", target, body, {**headers, "Connection": "close"})
        response = connection.getresponse()
        body = response.read(MOST_BYTES)
        if _is_broken_off(response, body):
            raise NoAnswer("cut")
        return Answer(response.status, body)
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(type(error).__name__) from None
    finally:
        connection.close()


def _is_broken_off(response: http.client.HTTPResponse, body: bytes) -> bool:
    """Whether the line ended before the answer did. One that says nothing of its length and has
    no body may have broken off within its head, which the library takes for the end of it."""
    if response.length is None:
        return not body and not response.chunked
    return response.length > 0 and len(body) < MOST_BYTES


def connected(host: str, port: int, *, policy: Policy, deadline: Deadline) -> socket.socket:
    """A socket to an address of the host that was checked; raises NotReached."""
    if not policy.allows_host(host):
        raise NotReached("host")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotReached("dns") from None
    allowed = [row for row in found if policy.allows_address(str(row[4][0]))]
    if not allowed:
        raise NotReached("private")
    return _first(allowed, deadline)


def _first(found: Sequence[tuple], deadline: Deadline) -> socket.socket:
    for family, kind, protocol, _name, address in found:
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(deadline.left())
            sock.connect(address)
        except OSError:
            sock.close()
            continue
        return sock
    raise NotReached("connect")


def secured(sock: socket.socket, host: str, *, policy: Policy) -> ssl.SSLSocket:
    """The socket under TLS, the name checked; raises NotReached."""
    try:
        return tls_context(policy.ca).wrap_socket(sock, server_hostname=host)
    except OSError:
        sock.close()
        raise NotReached("tls") from None


def tls_context(ca: str) -> ssl.SSLContext:
    """Trust in the public authorities, and in those of a file besides."""
    context = ssl.create_default_context()
    if ca:
        context.load_verify_locations(ca)
    return context


@contextmanager
def watched(sock: socket.socket, deadline: Deadline) -> Iterator[None]:
    """Cut the line when the time is over, also for one who answers a byte a second."""
    try:
        left = deadline.left()
    except TimeoutError:
        sock.close()
        raise NotReached("time") from None
    sock.settimeout(left)
    # A second handle on the same line, below TLS, whose own way of closing waits for an answer.
    line = socket.socket(fileno=os.dup(sock.fileno()))
    timer = threading.Timer(left, _cut, [line])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        line.close()


def _cut(line: socket.socket) -> None:
    # Where it is closed already there is nothing left to cut.
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
