"""The Z-order (Morton) key of a point: a map tile is one range of keys, a shift is the cluster.

Pure. The plane is that of web map tiles; degrees in WGS-84.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

MORTON_BITS = 31
_MORTON_SIDE = 1 << MORTON_BITS
_SPREAD_STEPS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


class KeyRange(NamedTuple):
    """Morton keys k with low <= k < high."""

    low: int
    high: int


def morton(lon: float, lat: float) -> int:
    """The Z-order key of a point, 62 bits, fit for a bigint.

    The plane is that of web map tiles (Mercator, row 0 in the north), so the tile z/x/y is
    exactly the keys of `tile_range(z, x, y)`, and `key >> 2 * (31 - z)` is the cluster at zoom
    z. 2 cm wide at the equator. Latitudes beyond the map's edge (85.05°) fall on the edge.
    """
    column = _clamp((lon + 180) / 360 * _MORTON_SIDE)
    return _spread(column) | _spread(_row(lat)) << 1


def tile_range(z: int, x: int, y: int) -> KeyRange:
    """The keys of a map tile. Raises ValueError for a tile that does not exist."""
    if not (0 <= z <= MORTON_BITS and 0 <= x < 1 << z and 0 <= y < 1 << z):
        raise ValueError(f"no tile {z}/{x}/{y}")
    shift = 2 * (MORTON_BITS - z)
    low = (_spread(x) | _spread(y) << 1) << shift
    return KeyRange(low, low + (1 << shift))


def morton_ranges(bbox: tuple[float, float, float, float], max_ranges: int = 16) -> list[KeyRange]:
    """At most `max_ranges` sorted, disjoint ranges that together hold every key of the box.

    `bbox` is (west, south, east, north). They also hold some points outside of it, fewer the
    more ranges are allowed: compare lon and lat as well.
    """
    west, south, east, north = bbox
    if west > east or south > north:
        return []
    window = _Window(
        _clamp((west + 180) / 360 * _MORTON_SIDE),
        _row(north),
        _clamp((east + 180) / 360 * _MORTON_SIDE),
        _row(south),
    )
    ranges = [KeyRange(0, 1 << 2 * MORTON_BITS)]
    tiles = [(0, 0, 0)]
    # Refine level by level as long as the whole level fits into the allowance.
    for _level in range(MORTON_BITS):
        tiles = [part for tile in tiles for part in window.split(tile)]
        finer = _merged(tile_range(*tile) for tile in tiles)
        if len(finer) > max_ranges or len(tiles) > 64 * max_ranges:
            break
        ranges = finer
    return ranges


@dataclass(frozen=True, slots=True)
class _Window:
    """A box of columns and rows of the finest level, edges included."""

    left: int
    top: int
    right: int
    bottom: int

    def split(self, tile: tuple[int, int, int]) -> list[tuple[int, int, int]]:
        """The quarters of a tile that touch the window; a tile wholly inside stays whole."""
        z, x, y = tile
        if self._holds(z, x, y):
            return [tile]
        quarters = [(z + 1, 2 * x + dx, 2 * y + dy) for dx in (0, 1) for dy in (0, 1)]
        return [quarter for quarter in quarters if self._touches(*quarter)]

    def _holds(self, z: int, x: int, y: int) -> bool:
        side = 1 << (MORTON_BITS - z)
        inside_x = self.left <= x * side and (x + 1) * side - 1 <= self.right
        return inside_x and self.top <= y * side and (y + 1) * side - 1 <= self.bottom

    def _touches(self, z: int, x: int, y: int) -> bool:
        side = 1 << (MORTON_BITS - z)
        beside = x * side > self.right or (x + 1) * side <= self.left
        return not (beside or y * side > self.bottom or (y + 1) * side <= self.top)


def _merged(ranges: Iterable[KeyRange]) -> list[KeyRange]:
    merged: list[KeyRange] = []
    for low, high in sorted(ranges):
        if merged and merged[-1].high == low:
            merged[-1] = KeyRange(merged[-1].low, high)
        else:
            merged.append(KeyRange(low, high))
    return merged


def _row(lat: float) -> int:
    # The poles themselves have no place on the map.
    phi = math.radians(max(-89.9, min(89.9, lat)))
    return _clamp((1 - math.asinh(math.tan(phi)) / math.pi) / 2 * _MORTON_SIDE)


def _clamp(value: float) -> int:
    return max(0, min(_MORTON_SIDE - 1, math.floor(value)))


def _spread(number: int) -> int:
    """Put a zero bit before each bit of a 31-bit number."""
    for shift, mask in _SPREAD_STEPS:
        number = (number | number << shift) & mask
    return number
