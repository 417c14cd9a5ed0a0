"""Somebody who goes on asking for the house's health while it is broken: what it says is true.

What is said is judged by when it was asked for and when it was answered. While a part is away for
certain (it has been struck, nobody has begun to mend it) no question asked and answered within that
time may call it well, and no part that nothing is done to may be called away. So however late an
answer comes on a busy machine, it is never judged by what happened before it was asked for or
after it was given.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from citymgmt.health import ANSWER_SECONDS
from tests.chaos.house import PULSE_SECONDS, READY_TIMEOUT, House

PAUSE = 0.2
WEB = "web"
"""What is away where nothing answers."""
PULSES = frozenset({"worker", "beat"})
"""Told by when they were last seen: on a busy machine late, without any fault."""
PULSE_SLACK = 0.5
"""Seconds for which a part may be called well beyond its last sign of life and PULSE_SECONDS: the
house reckons by the time of day, we by a clock that nobody sets."""
LATE_SECONDS = 60.0
"""So long a part that nothing is done to may be called away by its pulse: on the busiest machine
that was seen (25 to 40 programmes at its two processors) one came some seconds late."""
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Truth:
    """What has to be told as away while a fault lasts, and what else may be."""

    must: frozenset[str] = NOTHING
    may: frozenset[str] = NOTHING


# A beat ticks only while it holds a lock in the database.
BEAT = frozenset({"beat"})
DATABASE = Truth(must=frozenset({"database"}), may=BEAT)
TRUTHS = {
    "web": Truth(must=frozenset({WEB})),
    "worker": Truth(),
    "workers": Truth(must=frozenset({"worker"})),
    "beat": Truth(may=BEAT),
    "beats": Truth(must=BEAT),
    "valkey": Truth(must=frozenset({"broker"}), may=PULSES),
    "database": DATABASE,
    "disk": Truth(must=frozenset({"files"})),
    "database disk": DATABASE,
    "clock forward": Truth(),
    "clock back": Truth(),
    "statement": Truth(),
    "night": Truth(),
    "bulk job": Truth(),
    "slow": Truth(),
    "hang": DATABASE,
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

    def calls_well(self, part: str) -> bool:
        """Whether it says of a part that it works."""
        return not self.away & {part, WEB}


@dataclass(frozen=True)
class Away:
    """A part was away for certain: struck at a moment, and nobody began to mend it before
    another."""

    part: str
    struck: float
    mended: float

    def covers(self, said: Said) -> bool:
        """Whether an answer was asked for and given meanwhile."""
        return said.at >= known_from(self.part, self.struck) and said.at + said.took <= self.mended


def known_from(part: str, struck: float) -> float:
    """From when on a part that was struck has to be called away. What is known by its pulse a
    while after, anything else at once: who asks later asks what is gone."""
    return struck + (PULSE_SECONDS + PULSE_SLACK if part in PULSES else 0.0)


class Watch(threading.Thread):
    """Asks again and again, as long as the block lasts."""

    def __init__(self, house: House) -> None:
        super().__init__(daemon=True)
        self.house = house
        self.answers: list[Said] = []
        self.errors: list[str] = []
        self.gone: list[Away] = []
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

    @contextmanager
    def away(self, part: str) -> Iterator[float]:
        """Entered once a part has been struck, left before it is mended; from when on it has to be
        called away."""
        struck = time.monotonic()
        yield known_from(part, struck)
        self.gone.append(Away(part, struck, time.monotonic()))

    def since(self, moment: float) -> list[Said]:
        """What was said of what was asked after a moment (of `time.monotonic`)."""
        return [said for said in list(self.answers) if said.at > moment]

    def breaches(self, truth: Truth) -> list[str]:
        """What was said that is not true, and what was not said."""
        lies = frozenset[str]().union(*(each.untrue for each in self.answers))
        lies -= truth.must | truth.may
        found = [*self.errors]
        found += [f"/readyz said that {part} is away, and nothing was done to it" for part in lies]
        for part in sorted(truth.must):
            found += self._of_what_was_away(part)
        for part in sorted(PULSES - truth.must - truth.may):
            lasted = self._longest_away(part)
            if lasted > LATE_SECONDS:
                found.append(
                    f"/readyz said for {lasted:.0f} s that {part} is away, nothing was done to it"
                )
        return found

    def _of_what_was_away(self, part: str) -> list[str]:
        """What is wrong with what was said of a part that was struck."""
        times = [each for each in self.gone if each.part == part]
        if not times:
            return [f"nobody noted when {part} was struck and when it was mended"]
        told = [each for each in self.answers if any(time.covers(each) for time in times)]
        if not any(part in each.away for each in told):
            return [f"/readyz never said that {part} is away"]
        wrong = [each for each in told if each.calls_well(part)]
        if wrong:
            after = wrong[-1].at - min(each.struck for each in times)
            return [
                f"/readyz said {len(wrong)} times that {part} works while it was away,"
                f" at last when asked {after:.1f} s after it was struck"
            ]
        return []

    def _longest_away(self, part: str) -> float:
        """For how many seconds on end every answer called a part away."""
        longest, since = 0.0, None
        for said in self.answers:
            if part in said.away:
                since = said.at if since is None else since
                longest = max(longest, said.at + said.took - since)
            elif said.calls_well(part):
                since = None
        return longest
