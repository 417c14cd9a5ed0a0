"""Somebody who goes on asking for the house's health while it is broken: what it says is true."""

import threading
import time
from dataclasses import dataclass
from typing import Self

from citymgmt.health import ANSWER_SECONDS
from tests.chaos.house import READY_TIMEOUT, House

PAUSE = 0.2
WEB = "web"
"""What is away where nothing answers."""
PULSES = frozenset({"worker", "beat"})
"""Told by when they were last seen: on a busy machine late, without any fault."""
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Truth:
    """What has to be told as away while a fault lasts, and what else may be."""

    must: frozenset[str] = NOTHING
    may: frozenset[str] = NOTHING


TRUTHS = {
    "web": Truth(must=frozenset({WEB})),
    "worker": Truth(must=frozenset({"worker"})),
    "beat": Truth(),
    "beats": Truth(must=frozenset({"beat"})),
    "valkey": Truth(must=frozenset({"broker"})),
    "database": Truth(must=frozenset({"database"})),
    "disk": Truth(must=frozenset({"files"})),
    "database disk": Truth(must=frozenset({"database"})),
    "clock forward": Truth(),
    "clock back": Truth(),
    "statement": Truth(),
    "night": Truth(),
    "bulk job": Truth(),
    "slow": Truth(),
    "hang": Truth(must=frozenset({"database"})),
}
"""Of each fault; a part that nothing is done to works, and is told so."""


@dataclass(frozen=True)
class Said:
    """One answer: when it was asked for, how long it took, the parts that are away by it."""

    at: float
    took: float
    away: frozenset[str]

    @property
    def untrue(self) -> frozenset[str]:
        """The parts that it may not call away where nothing is done to them. A database that did
        not answer for as long as is waited for is away by what can be known."""
        kept_waiting = {"database"} if self.took >= ANSWER_SECONDS else set()
        not_answered = {WEB} if self.took >= READY_TIMEOUT else set()
        return self.away - PULSES - kept_waiting - not_answered


class Watch(threading.Thread):
    """Asks again and again, as long as the block lasts."""

    def __init__(self, house: House) -> None:
        super().__init__(daemon=True)
        self.house = house
        self.answers: list[Said] = []
        self.errors: list[str] = []
        self._enough = threading.Event()

    def run(self) -> None:
        """Until the block ends."""
        while not self._enough.wait(PAUSE):
            self.ask()

    def ask(self) -> None:
        """Ask once."""
        began = time.monotonic()
        try:
            checks = self.house.readyz()
        except Exception as error:
            self.errors.append(f"/readyz is no answer: {error!r}")
            return
        away = {WEB} if checks is None else {name for name, works in checks.items() if not works}
        self.answers.append(Said(began, time.monotonic() - began, frozenset(away)))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_ending: object) -> None:
        self._enough.set()
        self.join()

    def since(self, moment: float) -> list[Said]:
        """What was said of what was asked after a moment (of `time.monotonic`)."""
        return [said for said in list(self.answers) if said.at > moment]

    def breaches(self, truth: Truth) -> list[str]:
        """What was said that is not true, and what was not said."""
        said = frozenset[str]().union(*(each.away for each in self.answers))
        lies = frozenset[str]().union(*(each.untrue for each in self.answers))
        lies -= truth.must | truth.may
        found = [*self.errors]
        found += [f"/readyz said that {part} is away, and nothing was done to it" for part in lies]
        found += [f"/readyz never said that {part} is away" for part in truth.must - said]
        return found
