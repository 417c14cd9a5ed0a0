"""What of a duty was walked: cells and streets against the track of a phone. Pure.

A track is points in time. Between two of them somebody walked straight, unless they are too far
apart in time (a gap) or in space for the time between them (a jump): what is not known is not
counted. Distances are taken on a plane around the track, good to 0.1 % within a town.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from citymgmt.geometry import EARTH_RADIUS_M, Geometry

_METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M
# So many points in a row that agree are a place where somebody is, however he came there.
_AGREE = 3
# Pieces of a quarter of a circle: 0.1 % of its radius.
_ROUND = 16


class Fix(NamedTuple):
    """A point of a track: seconds of the phone's clock, degrees, how exact in metres."""

    at: float
    lon: float
    lat: float
    accuracy_m: float = 0.0


class Mark(StrEnum):
    """Why a point counts or does not."""

    KEPT = "kept"
    COARSE = "coarse"
    JUMP = "jump"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts. A cell is walked after so many seconds in it, a street by so much of it."""

    gap_s: float = 600.0
    speed_kmh: float = 60.0
    accuracy_m: float = 100.0
    reach_m: float = 25.0
    stay_s: float = 60.0
    share: float = 0.7


@dataclass(frozen=True, slots=True)
class Walk:
    """How a cell or a street was walked. `share` is of a street's length, of a cell 0 or 1."""

    first_at: float | None = None
    last_at: float | None = None
    seconds: float = 0.0
    metres: float = 0.0
    share: float = 0.0
    walked: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time of which nothing is known."""

    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Track:
    """Points in the order of time with what became of each (`marks`), as legs of kept points.

    `order` are positions in what was given. `gaps` lie between points that were kept.
    """

    order: tuple[int, ...]
    marks: tuple[Mark, ...]
    legs: tuple[tuple[Fix, ...], ...]
    gaps: tuple[Gap, ...]

    @property
    def links(self) -> list[tuple[Fix, Fix]]:
        """What was walked, piece by piece."""
        return [pair for leg in self.legs for pair in pairwise(leg)]

    @property
    def metres(self) -> float:
        """How far that is."""
        return sum(apart_m(one, other) for one, other in self.links)

    @property
    def seconds(self) -> float:
        """How long that took."""
        return sum(other.at - one.at for one, other in self.links)


def apart_m(one: Fix, other: Fix) -> float:
    """Metres between two points on the small distances of a town."""
    middle = math.radians((one.lat + other.lat) / 2)
    east = (other.lon - one.lon) * math.cos(middle)
    return math.hypot(east, other.lat - one.lat) * _METRES_PER_DEGREE


def read_track(fixes: Sequence[Fix], rules: Rules) -> Track:
    """The points in the order of time, what is no use among them marked, split where they do not
    hang together.

    A point that could only be reached too fast is a jump, unless the next ones agree with it and
    not with what was before: then a new leg begins there.
    """
    order = sorted(range(len(fixes)), key=lambda place: (fixes[place].at, place))
    marks: dict[int, Mark] = {}
    legs: list[list[Fix]] = [[]]
    held: list[int] = []
    latest: float | None = None
    for place in order:
        fix = fixes[place]
        if fix.accuracy_m > rules.accuracy_m:
            marks[place] = Mark.COARSE
            continue
        if fix.at == latest:
            marks[place] = Mark.AGAIN
            continue
        latest = fix.at
        if not legs[-1] or _plausible(legs[-1][-1], fix, rules):
            legs[-1].append(fix)
            marks[place] = Mark.KEPT
            _let_go(held, marks)
        elif held and _plausible(fixes[held[-1]], fix, rules):
            held.append(place)
            if len(held) == _AGREE:
                legs.append([fixes[each] for each in held])
                marks |= dict.fromkeys(held, Mark.KEPT)
                held.clear()
        else:
            _let_go(held, marks)
            held.append(place)
    _let_go(held, marks)
    whole, gaps = _split(legs, rules)
    return Track(tuple(order), tuple(marks[place] for place in order), whole, gaps)


def _let_go(held: list[int], marks: dict[int, Mark]) -> None:
    marks |= dict.fromkeys(held, Mark.JUMP)
    held.clear()


def _plausible(one: Fix, other: Fix, rules: Rules) -> bool:
    """Whether somebody may have come from one point to the other, as exact as they are."""
    metres = apart_m(one, other) - one.accuracy_m - other.accuracy_m
    return metres <= rules.speed_kmh / 3.6 * (other.at - one.at)


def _split(
    legs: Iterable[Sequence[Fix]], rules: Rules
) -> tuple[tuple[tuple[Fix, ...], ...], tuple[Gap, ...]]:
    """Legs without gaps in them, and the gaps."""
    whole: list[list[Fix]] = []
    gaps: list[Gap] = []
    for leg in legs:
        for place, fix in enumerate(leg):
            if place and fix.at - leg[place - 1].at <= rules.gap_s:
                whole[-1].append(fix)
                continue
            if whole and fix.at - whole[-1][-1].at > rules.gap_s:
                gaps.append(Gap(whole[-1][-1].at, fix.at))
            whole.append([fix])
    return tuple(tuple(leg) for leg in whole), tuple(gaps)


class Plane:
    """Degrees as metres on a plane around a point."""

    def __init__(self, lon: float, lat: float) -> None:
        self._middle = np.array([lon, lat])
        self._scale = np.array([math.cos(math.radians(lat)), 1.0]) * _METRES_PER_DEGREE

    def flat(self, geometry: shapely.Geometry) -> shapely.Geometry:
        """A shape in degrees as one in metres."""
        return shapely.transform(geometry, self.metres)

    def metres(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions in degrees as metres."""
        return (degrees - self._middle) * self._scale

    def from_middle(self, geometry: Geometry) -> float:
        """How many metres a shape (GeoJSON, degrees) is away from the middle of the plane."""
        return float(shapely.distance(self.flat(shape(geometry)), shapely.Point(0, 0)))


class Walked:
    """The links of a track on a plane, to be asked for cells and streets."""

    def __init__(self, track: Track, rules: Rules) -> None:
        self.rules = rules
        links = track.links
        ends = np.array(
            [[(one.lon, one.lat), (other.lon, other.lat)] for one, other in links], dtype=float
        ).reshape(-1, 2, 2)
        middle = ends.reshape(-1, 2).mean(axis=0) if len(links) else (0.0, 0.0)
        self.plane = Plane(*middle)
        flat = self.plane.metres(ends.reshape(-1, 2)).reshape(-1, 2, 2)
        self._lines = shapely.linestrings(flat) if len(links) else np.empty(0, dtype=object)
        self._lengths = shapely.length(self._lines)
        self._since = np.array([one.at for one, _other in links])
        self._spans = np.array([other.at - one.at for one, other in links])
        self._tree = shapely.STRtree(self._lines)

    def cell(self, polygon: Geometry) -> Walk:
        """How a cell (GeoJSON polygon) was walked: time and way within its border."""
        ground = self.plane.flat(shape(polygon))
        near = self._near(ground)
        seconds, metres, walk = self._within(near, ground)
        walked = seconds >= self.rules.stay_s
        return Walk(*walk, seconds, metres, float(walked), walked)

    def street(self, line: Geometry) -> Walk:
        """How a street (GeoJSON line) was walked: the share of it in reach of the track, and the
        time and way in reach of it."""
        street = self.plane.flat(shape(line))
        reach = self.rules.reach_m
        around = street.buffer(reach, quad_segs=_ROUND)
        near = self._near(around)
        seconds, metres, walk = self._within(near, around)
        if not len(near) or not street.length:
            return Walk(*walk, seconds, metres)
        strip = shapely.union_all(shapely.buffer(self._lines[near], reach, quad_segs=_ROUND))
        share = float(street.intersection(strip).length / street.length)
        return Walk(*walk, seconds, metres, share, share >= self.rules.share)

    def _near(self, ground: shapely.Geometry) -> NDArray[np.int64]:
        return np.sort(self._tree.query(ground, predicate="intersects"))

    def _within(
        self, near: NDArray[np.int64], ground: shapely.Geometry
    ) -> tuple[float, float, tuple[float | None, float | None]]:
        """Seconds and metres of the links in a ground, and when first and last."""
        if not len(near):
            return 0.0, 0.0, (None, None)
        lengths = self._lengths[near]
        parts = shapely.length(shapely.intersection(self._lines[near], ground))
        # Whoever stands still is within with all of his time.
        shares = np.where(lengths > 0, parts / np.where(lengths > 0, lengths, 1.0), 1.0)
        seconds = float((shares * self._spans[near]).sum())
        first = float(self._since[near].min())
        last = float((self._since[near] + self._spans[near]).max())
        return seconds, float(parts.sum()), (first, last)


def walks(
    track: Track, rules: Rules, cells: Sequence[Geometry], streets: Sequence[Geometry]
) -> tuple[list[Walk], list[Walk]]:
    """How each cell and each street of a duty was walked."""
    walked = Walked(track, rules)
    return [walked.cell(each) for each in cells], [walked.street(each) for each in streets]
