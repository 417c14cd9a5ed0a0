"""What about a photo wants a second look: pure comparisons, decided by nobody but the reader.

A file without metadata says nothing for or against it: that is a state of its own, never a
mismatch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from citymgmt.geometry import distance_m

Point = tuple[float, float]

NEAR_BITS = 3
"""Two perceptual hashes that differ in at most so many of 64 bits show the same picture."""


class Mark(StrEnum):
    """What was noticed."""

    PLACE = "place"
    SPOT = "spot"
    TIME = "time"
    FUTURE = "future"
    CLOCK = "clock"
    BARE = "bare"
    USED = "used"
    ALIKE = "alike"
    SAME = "same"
    COMPARING = "comparing"
    FLAT = "flat"


QUIET = frozenset({Mark.BARE, Mark.COMPARING, Mark.FLAT})
"""Marks that only say what is not known."""


@dataclass(frozen=True, slots=True)
class Shot:
    """When and where, as one source says; `point` is (lon, lat)."""

    at: datetime | None = None
    point: Point | None = None

    def __bool__(self) -> bool:
        return self.at is not None or self.point is not None


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far two sources may be apart before it is a mark."""

    metres: float
    span: timedelta


@dataclass(frozen=True, slots=True)
class Finding:
    """A mark with how far apart: metres for places, seconds for times, bits for pictures."""

    mark: Mark
    value: float = 0


def metadata_findings(
    exif: Shot, claim: Shot, *, received_at: datetime, bounds: Bounds, spot: Point | None = None
) -> Iterator[Finding]:
    """Where the file's own metadata disagrees with what came with the upload.

    `spot` is where the thing is that the photo should show. A camera's time that lies after the
    arrival disagrees as well; what neither side says is not compared.
    """
    if not exif:
        yield Finding(Mark.BARE)
        return
    for mark, other in ((Mark.PLACE, claim.point), (Mark.SPOT, spot)):
        if exif.point is not None and other is not None:
            metres = distance_m(*exif.point, *other)
            if metres > bounds.metres:
                yield Finding(mark, metres)
    if exif.at is None:
        return
    if claim.at is not None and abs(exif.at - claim.at) > bounds.span:
        yield Finding(Mark.TIME, abs(exif.at - claim.at).total_seconds())
    if exif.at - received_at > bounds.span:
        yield Finding(Mark.FUTURE, (exif.at - received_at).total_seconds())


def clock_finding(ahead_s: int | None, bounds: Bounds) -> Finding | None:
    """That the phone's clock was wrong when it sent a photo, by how many seconds (ahead: > 0)."""
    if ahead_s is None or abs(ahead_s) <= bounds.span.total_seconds():
        return None
    return Finding(Mark.CLOCK, ahead_s)
