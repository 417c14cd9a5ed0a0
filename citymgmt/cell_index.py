"""Point → cell, one at a time and by the million. Pure: shapely and numpy, no framework."""

import math
from collections.abc import Iterable, Sequence
from typing import Generic

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from citymgmt.geometry import SEAM_DEGREES, Geometry, Id, Position

# Points that are located together: what they need besides their answer is bounded.
_AT_ONCE = 100_000
# Shapes that are unpacked together while an index is built.
_UNPACKED = 2_000
_SQUARES = 64


class _Boxes:
    """Which boxes may hold a point: by squares of equal size over all of them. A few arrays,
    however many boxes there are; where boxes are large the squares are, so that the arrays stay
    in proportion."""

    _MOST_ACROSS = 1024
    _MOST_SHARES = 16

    def __init__(self, boxes: NDArray[np.float64]) -> None:
        """`boxes` are west, south, east, north, one a row; there is at least one."""
        self.boxes = boxes
        self.bounds = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
        self._spans = np.maximum(self.bounds[2:] - self.bounds[:2], 1e-9)
        self._across = min(max(math.isqrt(len(boxes)), 1), self._MOST_ACROSS)
        while True:
            lows, highs = self._squares(boxes[:, :2]), self._squares(boxes[:, 2:])
            wide, high = (highs - lows + 1).T
            shares = wide * high
            if self._across == 1 or shares.sum() <= self._MOST_SHARES * len(boxes):
                break
            self._across //= 2
        which = np.repeat(np.arange(len(boxes), dtype=np.int32), shares)
        within = np.arange(len(which)) - np.repeat(np.cumsum(shares) - shares, shares)
        column = lows[which, 0] + within % wide[which]
        squares = (lows[which, 1] + within // wide[which]) * self._across + column
        # Stable: in a square the smallest position comes first.
        self._members = which[np.argsort(squares, kind="stable")]
        counts = np.bincount(squares, minlength=self._across**2)
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

    def _squares(self, points: NDArray[np.float64]) -> NDArray[np.int64]:
        """Column and row of the square of each point, of the nearest one outside of all."""
        shares = (points - self.bounds[:2]) / self._spans * self._across
        return np.clip(shares, 0, self._across - 1).astype(np.int64)

    def around(self, lon: float, lat: float) -> list[int]:
        """The boxes that hold a point, the smallest position first."""
        west, south, east, north = self.bounds
        if not (west <= lon <= east and south <= lat <= north):
            return []
        column, row = (
            min(int((value - low) / span * self._across), self._across - 1)
            for value, low, span in ((lon, west, self._spans[0]), (lat, south, self._spans[1]))
        )
        square = row * self._across + column
        members = self._members[self._starts[square] : self._starts[square + 1]]
        boxes = self.boxes[members]
        held = (boxes[:, 0] <= lon) & (boxes[:, 2] >= lon)
        held &= (boxes[:, 1] <= lat) & (boxes[:, 3] >= lat)
        return members[held].tolist()

    def pairs(self, points: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Every point with every box that holds it, as positions of both."""
        columns, rows = self._squares(points).T
        squares = rows * self._across + columns
        counts = self._starts[squares + 1] - self._starts[squares]
        which = np.repeat(np.arange(len(points)), counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        members = self._members[np.repeat(self._starts[squares], counts) + within]
        boxes, there = self.boxes[members], points[which]
        held = (boxes[:, :2] <= there).all(axis=1) & (boxes[:, 2:] >= there).all(axis=1)
        return which[held], members[held]


class CellIndex(Generic[Id]):
    """Point → cell, for polygons that tile an area. Built once a generation, then read-only.

    A point on a shared border, or in the hair between two borders that rounding leaves, always
    gives the same cell: the one with the smallest id, in whatever order they came.

    Shapes are kept as the bytes in which they travel (WKB), half as large as ready ones; what a
    question needs of them is unpacked for it.
    """

    def __init__(self, items: Iterable[tuple[Id, Geometry | BaseGeometry | bytes]]) -> None:
        """`items` are (id, valid polygon, as GeoJSON, as a shape or as WKB); ids are of one
        type."""
        pairs = sorted(items, key=lambda pair: pair[0])
        # In the order of ids, so that the smallest position is the smallest id.
        self.ids: list[Id] = [key for key, _polygon in pairs]
        self.kept: NDArray[np.object_] = np.empty(len(pairs), dtype=object)
        self.kept[:] = [_packed(one) for _key, one in pairs]
        self._boxes = _Boxes(self._reaches()) if pairs else None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def shapes(self) -> NDArray[np.object_]:
        """The shapes in the order of ids, unpacked."""
        return np.asarray(shapely.from_wkb(self.kept), dtype=object)

    def _reaches(self) -> NDArray[np.float64]:
        """The boxes around the shapes and the hair beside them."""
        reaches = np.empty((len(self.kept), 4))
        for start in range(0, len(self.kept), _UNPACKED):
            some = slice(start, start + _UNPACKED)
            reaches[some] = shapely.bounds(shapely.from_wkb(self.kept[some]))
        hair = np.array([-SEAM_DEGREES, -SEAM_DEGREES, SEAM_DEGREES, SEAM_DEGREES])
        return reaches + hair

    def locate(self, lon: float, lat: float) -> Id | None:
        """The cell that holds the point, or None outside of all (or for NaN)."""
        place = self.place(lon, lat)
        return None if place is None else self.ids[place]

    def place(self, lon: float, lat: float) -> int | None:
        """The same as a position in `ids`."""
        if self._boxes is None or not (math.isfinite(lon) and math.isfinite(lat)):
            return None
        near = self._boxes.around(lon, lat)
        shapes = [shapely.from_wkb(self.kept[place]) for place in near]
        for place, one in zip(near, shapes, strict=True):
            if shapely.intersects_xy(one, lon, lat):
                return place
        point = shapely.points(lon, lat)
        for place, one in zip(near, shapes, strict=True):
            if shapely.dwithin(one, point, SEAM_DEGREES):
                return place
        return None

    def locate_many(self, points: Sequence[Position]) -> list[Id | None]:
        """The same for many points at once, in their order."""
        places = self.places(points).tolist()
        return [self.ids[place] if place >= 0 else None for place in places]

    def places(self, points: Sequence[Position] | NDArray[np.float64]) -> NDArray[np.int64]:
        """The same as positions in `ids`, -1 outside of all."""
        numbers = np.asarray(points, dtype=float).reshape(-1, 2)
        found = np.full(len(numbers), -1, dtype=np.int64)
        # Not a number is nowhere.
        real = np.flatnonzero(np.isfinite(numbers).all(axis=1))
        if self._boxes is not None and len(real):
            # Neighbours together: each cell is made ready once, and few of them at a time.
            key = _coarse_key(numbers[real], self._boxes.bounds)
            real = real[np.argsort(key, kind="stable")]
            for start in range(0, len(real), _AT_ONCE):
                some = real[start : start + _AT_ONCE]
                found[some] = self._places(numbers[some], self._boxes)
        return found

    def _places(self, numbers: NDArray[np.float64], boxes: _Boxes) -> NDArray[np.int64]:
        nowhere = len(self.ids)
        found = np.full(len(numbers), nowhere, dtype=np.int64)
        rows, cells = boxes.pairs(numbers)
        near, which = np.unique(cells, return_inverse=True)
        ready = np.asarray(shapely.from_wkb(self.kept[near]), dtype=object)
        shapely.prepare(ready)
        held = shapely.intersects_xy(ready[which], numbers[rows, 0], numbers[rows, 1])
        np.minimum.at(found, rows[held], cells[held])
        lost = found[rows] == nowhere
        rows, cells, which = rows[lost], cells[lost], which[lost]
        seams = shapely.dwithin(ready[which], shapely.points(numbers[rows]), SEAM_DEGREES)
        np.minimum.at(found, rows[seams], cells[seams])
        return np.where(found == nowhere, -1, found)


def _packed(polygon: Geometry | BaseGeometry | bytes) -> bytes:
    if isinstance(polygon, bytes):
        return polygon
    one = polygon if isinstance(polygon, BaseGeometry) else shape(polygon)
    packed: bytes = shapely.to_wkb(one)
    return packed


def _coarse_key(numbers: NDArray[np.float64], bounds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which of a few thousand squares over the bounds a point lies in, or next to."""
    west, south, east, north = bounds
    spans = np.maximum([east - west, north - south], 1e-9)
    squares = np.clip((numbers - (west, south)) / spans * _SQUARES, 0, _SQUARES - 1)
    columns, lines = squares.astype(np.int64).T
    return lines * _SQUARES + columns
