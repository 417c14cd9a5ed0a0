"""Drives a running house through the phases of a load and writes down what came of it.

    python -m benchmarks.crowd.drive PORT OUT.json PARTS.json

PARTS names the processes whose costs are told. Options as in `benchmarks/load.py`.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import django

OFFICERS = int(os.environ.get("LOAD_OFFICERS", "60"))
DESKS = int(os.environ.get("LOAD_DESKS", "50"))
BOARDS = int(os.environ.get("LOAD_BOARDS", "20"))
WALLS = int(os.environ.get("LOAD_WALLS", "2"))
THINK = float(os.environ.get("LOAD_THINK", "30"))
MEGABYTES = float(os.environ.get("LOAD_PHOTO_MB", "2"))
PHASES = os.environ.get(
    "LOAD_PHASES", "quiet:60 photo:5:300 drain:300 photo:20:30 drain:300 plain:60:30"
)
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Phase:
    """`quiet`, `photo`, `plain` or `drain`, how many a second, for how many seconds at most."""

    kind: str
    rate: float
    seconds: float

    @classmethod
    def read(cls, text: str) -> "Phase":
        """Of `photo:5:300`, `quiet:60`, `drain:300`."""
        kind, *numbers = text.split(":")
        if kind not in ("quiet", "photo", "plain", "drain") or len(numbers) not in (1, 2):
            raise ValueError(f"no phase: {text}")
        return cls(kind, float(numbers[0]) if len(numbers) == 2 else 0.0, float(numbers[-1]))

    @property
    def reports(self) -> int:
        """How many are made in all."""
        return round(self.rate * self.seconds)

    @property
    def name(self) -> str:
        """As its figures are told."""
        return f"{self.kind} {self.rate:g}/s" if self.rate else self.kind


def main(port: int, out: Path, parts: dict[str, int]) -> None:
    """Gather the crowd, go through the phases, write the figures after each."""
    django.setup()
    from benchmarks.crowd.acts import Crowd
    from benchmarks.crowd.line import Book
    from benchmarks.crowd.people import gathered
    from benchmarks.crowd.pictures import photo
    from benchmarks.crowd.watching import Waiting, Watch

    phases = [Phase.read(text) for text in PHASES.split()]
    content = photo(MEGABYTES) if any(phase.kind == "photo" for phase in phases) else b""
    city = gathered(officers=OFFICERS, desks=DESKS, boards=BOARDS, walls=WALLS)
    book, waiting = Book(), Waiting()
    watch, depths = Watch(parts | {"crowd": os.getpid()}, waiting), waiting.depths
    crowd = Crowd(city, port, book, THINK)
    officers = Officers(city, port, book, content)
    figures: Figures = {
        "people": {"officers": OFFICERS, "desks": DESKS, "dashboards": BOARDS, "walls": WALLS},
        "photo_bytes": len(content), "phases": [],
    }  # fmt: skip
    watch.start()
    crowd.start()
    for phase in phases:
        before, began = depths(), time.monotonic()
        watch.spent()
        if phase.kind in ("photo", "plain"):
            officers.report(phase)
        else:
            _rest(phase, depths)
        took = time.monotonic() - began
        told = {
            "phase": phase.name, "wanted": phase.reports, "seconds": round(took, 1),
            "queue_before": before,
            "queue_after": depths(), **book.told(), "processor_seconds": watch.spent(),
            "samples": watch.taken(), "load_average": os.getloadavg(),
        }  # fmt: skip
        figures["phases"].append(told)
        figures["largest_process_mb"] = {name: round(most) for name, most in watch.most.items()}
        figures["largest_own_mb"] = {name: round(most) for name, most in watch.own.items()}
        out.write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    crowd.stop()
    watch.stop()


def _rest(phase: Phase, depths: Callable[[], dict[str, int]]) -> None:
    until = time.monotonic() + phase.seconds
    while time.monotonic() < until:
        if phase.kind == "drain" and depths()["photos"] == 0:
            return
        time.sleep(1)


class Officers:
    """Phones that report at a given pace, whatever the server does: who waits, waits."""

    def __init__(self, city: Any, port: int, book: Any, photo: bytes) -> None:
        self.city, self.port, self.book, self.photo = city, port, book, photo

    def report(self, phase: Phase) -> None:
        """As many a second as the phase says; returns when the last one has its receipt."""
        work: SimpleQueue[float | None] = SimpleQueue()
        hands = [
            threading.Thread(target=self._hand, args=(person, phase.kind, work), daemon=True)
            for person in self.city.officers
        ]
        for hand in hands:
            hand.start()
        began = time.perf_counter()
        for number in range(phase.reports):
            due = began + number / phase.rate
            time.sleep(max(0.0, due - time.perf_counter()))
            work.put(due)
        for _hand in hands:
            work.put(None)
        for hand in hands:
            hand.join()

    def _hand(self, person: Any, kind: str, work: "SimpleQueue[float | None]") -> None:
        from benchmarks.crowd.acts import report_with_photo, report_without
        from benchmarks.crowd.line import Line, Refusal

        line = Line(self.port, self.book, person)
        while True:
            try:
                due = work.get(timeout=60)
            except Empty:
                continue
            if due is None:
                return
            try:
                if kind == "photo":
                    report_with_photo(line, self.city, self.photo, due)
                else:
                    report_without(line, self.city, due)
            except Refusal as refusal:
                self.book.fail(str(refusal))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
