"""A mail server that is at times busy, silent, or gone in the middle (aiosmtpd)."""

import asyncio
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from tests.channels import Hit, Rules


class Mailbox:
    """The server's handler; `hits` is every mail that was handed in whole."""

    def __init__(self, rules: Rules, seed: int) -> None:
        self.rules = rules
        self.dice = random.Random(seed)
        self.hits: list[Hit] = []
        self.readers: list[list[str]] = []
        self.before_answer: Callable[[Hit], None] = lambda hit: None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail, or not."""
        mail: Any = message_from_bytes(envelope.content, policy=policy.default)
        hit = Hit("mail", time.monotonic(), mail.get_content().replace("\r\n", "\n").strip())
        mishap = self._mishap()
        if mishap == "refuse":
            return "451 4.3.0 try again later"
        hit.code = 0
        self.hits.append(hit)
        self.readers.append(list(envelope.rcpt_tos))
        await asyncio.get_running_loop().run_in_executor(None, self.before_answer, hit)
        if mishap == "silent":
            await asyncio.sleep(self.rules.hang)
        if hit.orphaned or mishap in ("silent", "cut"):
            server.transport.abort()
            return "421 gone"
        hit.answered, hit.took = True, time.monotonic() - hit.at
        return "250 OK"

    def _mishap(self) -> str:
        roll = self.dice.random()
        for name in ("refuse", "silent", "cut"):
            share = getattr(self.rules, name)
            if roll < share:
                return name
            roll -= share
        return ""

    def said(self) -> list[Hit]:
        """All that it took."""
        return list(self.hits)


@contextmanager
def mailing(rules: Rules, seed: int = 1) -> Iterator[tuple[Mailbox, str]]:
    """The server on a free port, and its address for the settings."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    box = Mailbox(rules, seed)
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
