"""A line that does everything wrong that lines do, between the phone and the server.

Requests of the queue meet faults from a shuffled deck that holds each kind, so that each
really strikes; pages and files pass.
"""

import asyncio
import random
import threading
from collections import Counter
from dataclasses import dataclass

FAULTS = (
    "drop",
    "drop_answer",
    "delay",
    "cut_up",
    "cut_down",
    "double",
    "double_at_once",
    "answer_500",
    "answer_500_after",
    "answer_502",
    "answer_413",
    "login_page",
    "login_redirect",
)
OK = "ok"
QUEUE = (b"/uploads/", b"/m/reports/", b"/m/hello/")
_LOGIN = "<!doctype html><title>登录</title><form method=post action=/login/></form>".encode()


@dataclass
class Asked:
    """A request as it came."""

    head: bytes
    body: bytes

    @property
    def target(self) -> bytes:
        """Path and query."""
        return self.head.split(b" ", 2)[1]

    @property
    def whole(self) -> bytes:
        """What goes on, as the last of its connection."""
        lines = [line for line in self.head.split(b"\r\n") if not _is_connection(line)]
        return b"\r\n".join([*lines, b"Connection: close", b"", b""]) + self.body


def _is_connection(line: bytes) -> bool:
    return line.lower().startswith((b"connection:", b"keep-alive:"))


class BadLine:
    """The line, in a thread of its own."""

    def __init__(self, upstream: int, seed: int, share: float) -> None:
        self.upstream, self.seed, self.share = upstream, seed, share
        self.random = random.Random(seed)
        self.struck: Counter[str] = Counter()
        self.deck: list[str] = []
        self.port = 0
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "BadLine":
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._answer, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.close()

    def _draw(self, asked: Asked) -> str:
        """The fault of this request; what cannot strike it goes under the deck again."""
        if not asked.target.startswith(QUEUE):
            return OK
        if not self.deck:
            fine = round(len(FAULTS) * (1 - self.share) / self.share)
            self.deck = [*FAULTS, *[OK] * fine]
            self.random.shuffle(self.deck)
        fault = self.deck.pop()
        if fault == "cut_up" and not asked.body:
            self.deck.insert(0, fault)
            fault = OK
        self.struck[fault] += 1
        return fault

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await _read(reader)
            await self._meet(asked, self._draw(asked), writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            self.struck["upstream_away"] += 1
        finally:
            writer.close()

    async def _meet(self, asked: Asked, fault: str, writer: asyncio.StreamWriter) -> None:
        if fault == "drop":
            return
        if fault == "delay":
            await asyncio.sleep(self.random.uniform(0.05, 0.4))
        if fault == "cut_up":
            await self._break_off(asked)
            return
        if made := _made_up(fault):
            writer.write(made)
        elif fault == "double_at_once":
            answers = await asyncio.gather(self._pass(asked.whole), self._pass(asked.whole))
            writer.write(answers[0])
        else:
            if fault == "double":
                await self._pass(asked.whole)
            answer = await self._pass(asked.whole)
            if fault == "drop_answer":
                return
            if fault == "answer_500_after":
                answer = _page(b"500 Internal Server Error")
            if fault == "cut_down":
                answer = answer[: len(answer) // 2]
            writer.write(answer)
        await writer.drain()

    async def _break_off(self, asked: Asked) -> None:
        """Half of a body reaches the server, and then nothing."""
        _reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        writer.write(asked.whole[: -max(1, len(asked.body) // 2)])
        await writer.drain()
        writer.close()

    async def _pass(self, whole: bytes) -> bytes:
        """Ask the server; the whole answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            writer.write(whole)
            await writer.drain()
            answer = await asyncio.wait_for(reader.read(-1), 30)
        except TimeoutError as error:
            raise ConnectionResetError from error
        finally:
            writer.close()
        if not answer:
            raise ConnectionResetError
        return answer


def _made_up(fault: str) -> bytes:
    """The answer that the line itself makes up, without asking; empty for other faults."""
    if fault == "login_redirect":
        return (
            b"HTTP/1.1 302 Found\r\nLocation: /login/?next=/m/\r\n"
            b"Content-Length: 0\r\nConnection: close\r\n\r\n"
        )
    status = {
        "answer_500": b"500 Internal Server Error",
        "answer_502": b"502 Bad Gateway",
        "answer_413": b"413 Request Entity Too Large",
        "login_page": b"200 OK",
    }.get(fault)
    return _page(status) if status else b""


def _page(status: bytes) -> bytes:
    head = b"HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\n" % status
    return head + b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(_LOGIN), _LOGIN)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
    length = 0
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return Asked(head, await reader.readexactly(length) if length else b"")
