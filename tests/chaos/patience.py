"""Waiting for what must come: on a busy machine late, but never not at all."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 240.0
T = TypeVar("T")


def wait_for(
    question: Callable[[], T], what: str, seconds: float = PATIENCE, *, pause: float = 0.05
) -> T:
    """The first answer that is true, asked after each pause; AssertionError with `what` where
    none comes."""
    limit = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < limit, f"{what}: not in {seconds:.0f} s"
        time.sleep(pause)


def wait_until(question: Callable[[], bool], seconds: float) -> bool:
    """Whether the answer becomes true within some seconds."""
    limit = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < limit:
        time.sleep(0.05)
    return answer
