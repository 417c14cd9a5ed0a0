"""What a map shows at a zoom: a window of square tiles, and the marker of each. Pure.

The plane is that of web map tiles and of the Morton keys (`zorder.morton`), so a tile is one
range of keys. Positions are degrees in WGS-84, lon before lat.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from citymgmt.zorder import MORTON_BITS, KeyRange, morton, morton_ranges, tile_range

MAX_ZOOM = 22
_MAX_LAT = 85.05
# A tile of the map is 256 pixels wide; a quarter of it holds one marker and some air.
_FINER = 2
# Of a cluster's tile the outer part stays free, so that two markers never touch.
_MARGIN = 0.28
_MOST_TILES = 4096


class Tile(NamedTuple):
    """A tile of the map: column x from the date line, row y from the north."""

    z: int
    x: int
    y: int

    @property
    def keys(self) -> KeyRange:
        """The Morton keys of everything in it."""
        return tile_range(self.z, self.x, self.y)

    @property
    def name(self) -> str:
        """As an address carries it: `z/x/y`."""
        return f"{self.z}/{self.x}/{self.y}"

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        west, north = place_of(self, 0, 0)
        east, south = place_of(self, 1, 1)
        return west, south, east, north

    def pulled_in(self, lon: float, lat: float) -> tuple[float, float]:
        """The place in the tile's inner part that is nearest to the given one."""
        side = 1 << self.z
        right = (lon + 180) / 360 * side - self.x
        phi = math.radians(max(-_MAX_LAT, min(_MAX_LAT, lat)))
        down = (1 - math.asinh(math.tan(phi)) / math.pi) / 2 * side - self.y
        return place_of(self, _inner(right), _inner(down))


def _inner(share: float) -> float:
    return max(_MARGIN, min(1 - _MARGIN, share))


def place_of(tile: Tile, right: float, down: float) -> tuple[float, float]:
    """The position at a share of the tile's width and height, from its upper left corner."""
    side = 1 << tile.z
    lon = (tile.x + right) / side * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (tile.y + down) / side))))
    return lon, lat


def tile_of(z: int, prefix: int) -> Tile:
    """The tile at zoom z whose keys begin with `prefix`, that is `key >> 2 * (31 - z)`."""
    return Tile(z, _gathered(prefix), _gathered(prefix >> 1))


def _gathered(number: int) -> int:
    """Every second bit of a number, beginning with the lowest."""
    return sum((number >> 2 * place & 1) << place for place in range(MORTON_BITS))


def shift_of(z: int) -> int:
    """By how many bits a key is shifted to become the prefix of its tile at zoom z."""
    return 2 * (MORTON_BITS - z)


@dataclass(frozen=True, slots=True)
class Window:
    """The tiles of one zoom that a part of the map touches, edges included."""

    z: int
    left: int
    top: int
    right: int
    bottom: int

    def __contains__(self, tile: Tile) -> bool:
        inside = self.left <= tile.x <= self.right and self.top <= tile.y <= self.bottom
        return tile.z == self.z and inside

    @property
    def whole_earth(self) -> bool:
        """Whether it leaves nothing out."""
        last = (1 << self.z) - 1
        return (self.left, self.top, self.right, self.bottom) == (0, 0, last, last)

    def ranges(self, most: int) -> list[KeyRange]:
        """At most `most` ranges of keys that hold every tile of it, and perhaps some more."""
        # A quarter of the finest column within the edge, which belongs to the next tile.
        edge = 0.25 / (1 << MORTON_BITS - self.z)
        west, north = place_of(Tile(self.z, self.left, self.top), edge, edge)
        east, south = place_of(Tile(self.z, self.right, self.bottom), 1 - edge, 1 - edge)
        return morton_ranges((west, south, east, north), max_ranges=most)


def window_of(box: tuple[float, float, float, float], zoom: int) -> Window:
    """The clusters' tiles in a box (west, south, east, north) seen at a zoom of the map.

    Tiles are a quarter of a map tile wide; where the box is so large that there would be too
    many of them, they are as much coarser as needed.
    """
    west, south, east, north = box
    z = min(zoom + _FINER, MORTON_BITS)
    first, last = tile_at(west, north, z), tile_at(east, south, z)
    while (last.x - first.x + 1) * (last.y - first.y + 1) > _MOST_TILES:
        z -= 1
        first, last = tile_at(west, north, z), tile_at(east, south, z)
    return Window(z, first.x, first.y, last.x, last.y)


def tile_at(lon: float, lat: float, z: int) -> Tile:
    """The tile at zoom z in which a point lies."""
    return tile_of(z, morton(lon, lat) >> shift_of(z))
