"""Channels for tests, and a server that speaks the robots' protocols as strictly as their makers.

It answers HTTP 200 to nearly everything, as they do: the code in the body tells. Time is a
parameter, so that a minute of theirs may last two seconds of ours.
"""

import base64
import hmac
import json
import random
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from citymgmt.models import Channel, ChannelFlow
from citymgmt.outbound import read_policy
from citymgmt.secretbox import sealed
from citymgmt.services.channels import TERMS

TOKEN, SECRET = "tok-9f8e7d6c5b4a", "SECaa11bb22cc33"


def robot(kind: str = "dingtalk", **said: Any) -> Channel:
    """A channel that sends by itself, with token and secret."""
    terms = TERMS[kind]
    plain = {
        "name": f"工作群{Channel.objects.count() + 1}",
        "kind": kind,
        "limit_messages": terms.messages,
        "limit_seconds": terms.seconds,
        "burst_messages": terms.burst,
        "burst_seconds": terms.burst_seconds,
        "block_seconds": terms.block,
        "merge_seconds": 0,
    }
    if kind != "mail":
        plain["sealed"] = sealed({"token": TOKEN, "secret": "" if kind == "wecom" else SECRET})
    channel = Channel.objects.create(**plain | said)
    ChannelFlow.objects.create(channel=channel)
    return channel


@dataclass
class Hit:
    """A request as the server saw it. `code` is what it answered, None where it did not."""

    kind: str
    at: float
    text: str
    code: int | None = None
    # Whether the whole answer went out, and how long after the request came.
    answered: bool = False
    took: float = 0.0
    # Whoever asked was killed before the answer.
    orphaned: bool = False
    body: dict[str, Any] = field(default_factory=dict)


@dataclass
class Rules:
    """How strict it is, and how unwell. `window` and `burst` are in real seconds."""

    window: float = 60.0
    per_window: dict[str, int] = field(
        default_factory=lambda: {"dingtalk": 20, "wecom": 20, "feishu": 100, "webhook": 1000}
    )
    per_burst: int = 5
    burst: float = 1.0
    block: float = 600.0
    hang: float = 1.0
    # Of all requests, how many meet which mishap.
    refuse: float = 0.0
    silent: float = 0.0
    cut: float = 0.0


REFUSALS = {
    "dingtalk": [(310000, "sign not match"), (130101, "send too fast")],
    "wecom": [(45009, "api freq out of limit")],
    "feishu": [(19021, "sign match fail"), (11232, "frequency limited")],
    "webhook": [],
}
TOO_FAST = {"dingtalk": 130101, "wecom": 45009, "feishu": 11232}


def signed(key: str, message: str) -> str:
    """base64(HMAC-SHA256) as the makers' documents put it: not the sender's own reckoning."""
    return base64.b64encode(hmac.new(key.encode(), message.encode(), "sha256").digest()).decode()


class RobotServer:
    """The three robots and a signed address on one port. `hits` is all that it heard."""

    def __init__(self, rules: Rules, seed: int = 1) -> None:
        self.rules = rules
        self.dice = random.Random(seed)
        self.lock = threading.Lock()
        self.hits: list[Hit] = []
        self.broken: list[str] = []
        self.blocked: dict[str, float] = defaultdict(float)
        self.before_answer: Callable[[Hit], None] = lambda hit: None
        self.script: list[int | str] = []
        self.done = threading.Event()

    # --- What the makers' documents say -----------------------------------------------------

    def judge(self, hit: Hit, query: dict[str, str], headers: Any, raw: bytes) -> int:
        """The code of an answer: signature first, then the pace."""
        wrong = getattr(self, f"_{hit.kind}")(hit, query, headers, raw)
        if wrong:
            return wrong
        return self._pace(hit)

    def _dingtalk(self, hit: Hit, query: dict[str, str], headers: Any, raw: bytes) -> int:
        stamp = query.get("timestamp", "0")
        fresh = stamp.isdigit() and abs(time.time() * 1000 - int(stamp)) < 3_600_000
        right = query.get("sign") == signed(SECRET, f"{stamp}\n{SECRET}")
        if query.get("access_token") != TOKEN:
            return 300001
        return 0 if fresh and right else 310000

    def _wecom(self, hit: Hit, query: dict[str, str], headers: Any, raw: bytes) -> int:
        if query.get("key") != TOKEN:
            return 93000
        return 0 if len(hit.text.encode()) <= 2048 else 40058

    def _feishu(self, hit: Hit, query: dict[str, str], headers: Any, raw: bytes) -> int:
        stamp = str(hit.body.get("timestamp", "0"))
        fresh = stamp.isdigit() and abs(time.time() - int(stamp)) < 3600
        if not fresh or hit.body.get("sign") != signed(f"{stamp}\n{SECRET}", ""):
            return 19021
        return 0 if len(raw) <= 20 * 1024 else 9499

    def _webhook(self, hit: Hit, query: dict[str, str], headers: Any, raw: bytes) -> int:
        stamped = headers["X-Citymgmt-Timestamp"].encode() + b"." + raw
        wanted = f"sha256={hmac.new(SECRET.encode(), stamped, 'sha256').hexdigest()}"
        return 0 if headers["X-Citymgmt-Signature"] == wanted else 403

    def _pace(self, hit: Hit) -> int:
        """Too fast is answered, blocked for a while, and noted as a breach of the sender."""
        limits = [(self.rules.per_window[hit.kind], self.rules.window)]
        if hit.kind == "feishu":
            limits.append((self.rules.per_burst, self.rules.burst))
        earlier = [row.at for row in self.hits if row.kind == hit.kind and row is not hit]
        for most, seconds in limits:
            if sum(1 for at in earlier if hit.at - at < seconds) >= most:
                self.broken.append(f"{hit.kind}: more than {most} in {seconds} s")
                self.blocked[hit.kind] = hit.at + self.rules.block
        if hit.at < self.blocked[hit.kind]:
            return TOO_FAST.get(hit.kind, 429)
        return 0

    # --- What goes wrong ---------------------------------------------------------------------

    def mishap(self) -> str:
        """What happens to this request: "", "refuse", "silent" (taken, no answer), "cut"."""
        if self.script:
            return str(self.script.pop(0))
        roll = self.dice.random()
        for name in ("refuse", "silent", "cut"):
            share = getattr(self.rules, name)
            if roll < share:
                return name
            roll -= share
        return ""

    def said(self) -> list[Hit]:
        """What it took as said to its group."""
        return [hit for hit in self.hits if hit.code == 0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    robots: RobotServer

    def do_POST(self) -> None:
        robots = self.robots
        parts = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        body = json.loads(raw)
        kind = _kind_of(parts.path)
        hit = Hit(kind, time.monotonic(), _text_of(kind, body), body=body)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with robots.lock:
            mishap = robots.mishap()
            robots.hits.append(hit)
            hit.code = self._code(robots, hit, query, raw, mishap)
        robots.before_answer(hit)
        self._answer(hit, mishap)

    def _code(
        self, robots: RobotServer, hit: Hit, query: dict[str, str], raw: bytes, mishap: str
    ) -> int:
        code = robots.judge(hit, query, self.headers, raw)
        if code == 0 and mishap == "refuse" and REFUSALS[hit.kind]:
            return robots.dice.choice(REFUSALS[hit.kind])[0]
        return int(mishap) if code == 0 and mishap.isdigit() else code

    def _answer(self, hit: Hit, mishap: str) -> None:
        name = "code" if hit.kind == "feishu" else "errcode"
        data = json.dumps({name: hit.code, "msg": "ok"}).encode()
        status = hit.code if hit.kind == "webhook" and hit.code else 200
        if hit.orphaned:
            return self._hang_up()
        if mishap == "silent":
            self.robots.done.wait(self.robots.rules.hang)
            return self._hang_up()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n"
        if mishap == "redirect":
            head = "HTTP/1.1 302 X\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
        try:
            self.connection.sendall(head.encode())
            if mishap == "cut":
                self.connection.sendall(data[: len(data) // 2])
                return self._hang_up()
            self.connection.sendall(data)
            hit.answered, hit.took = True, time.monotonic() - hit.at
        except OSError:
            # Whoever asked has died.
            hit.answered = False
        self.close_connection = True
        return None

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_words: Any) -> None:
        """Nothing is printed."""


def _kind_of(path: str) -> str:
    for start, kind in (("/robot/", "dingtalk"), ("/cgi-bin/", "wecom"), ("/open-apis/", "feishu")):
        if path.startswith(start):
            return kind
    return "webhook"


def _text_of(kind: str, body: dict[str, Any]) -> str:
    found = body.get("text") or body.get("content") or ""
    return found if isinstance(found, str) else found.get("content") or found.get("text", "")


@contextmanager
def serving(rules: Rules, seed: int = 1) -> Iterator[tuple[RobotServer, str]]:
    """The server on a free port, and its address."""
    robots = RobotServer(rules, seed)
    handler = type("Handler", (_Handler,), {"robots": robots})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield robots, f"http://127.0.0.1:{server.server_port}"
    finally:
        robots.done.set()
        server.shutdown()
        server.server_close()
        thread.join()


def point_at(settings: Any, address: str, *, seconds: float = 1.0) -> None:
    """Let the settings name the server as all three makers', and allow this machine."""
    settings.ROBOT_URLS = dict.fromkeys(("dingtalk", "wecom", "feishu"), address)
    settings.OUTBOUND_POLICY = read_policy(
        hosts=["127.0.0.1"], addresses=[address], private=["127.0.0.0/8"], seconds=seconds
    )
