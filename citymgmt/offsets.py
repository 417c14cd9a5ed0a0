"""Offset systems of Chinese base maps: WGS-84, GCJ-02, BD-09. Pure.

Everything is stored in WGS-84; these conversions serve display on a shifted base map, clicks on
one, and files that come from or go to one. Positions are (lon, lat) in degrees, one at a time or
as two arrays of the same length (`*_many`).
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Position = tuple[float, float]
Many = NDArray[np.float64]
Pair = tuple[Many, Many]

# Krasovsky 1940, on which GCJ-02 is defined.
_GCJ_AXIS = 6378245.0
_GCJ_ECCENTRICITY2 = 0.00669342162296594323
_BD_TURN = math.pi * 3000 / 180
# Hundredths of a millimetre; what is asked for is 1e-9 degrees.
_INVERSE_DEGREES = 1e-12
_ROUNDS = 30


def in_offset_area(lon: float, lat: float) -> bool:
    """Whether Chinese base maps are shifted there; outside all conversions change nothing."""
    return bool(_inside(np.array([lon]), np.array([lat]))[0])


def wgs_to_gcj(lon: float, lat: float) -> Position:
    """WGS-84 → GCJ-02."""
    return _one(wgs_to_gcj_many, lon, lat)


def gcj_to_wgs(lon: float, lat: float) -> Position:
    """GCJ-02 → WGS-84, to 1e-9 degrees."""
    return _one(gcj_to_wgs_many, lon, lat)


def gcj_to_bd(lon: float, lat: float) -> Position:
    """GCJ-02 → BD-09."""
    return _one(gcj_to_bd_many, lon, lat)


def bd_to_gcj(lon: float, lat: float) -> Position:
    """BD-09 → GCJ-02, to 1e-9 degrees."""
    return _one(bd_to_gcj_many, lon, lat)


def wgs_to_gcj_many(lon: Many, lat: Many) -> Pair:
    """WGS-84 → GCJ-02."""
    phi = np.radians(lat)
    curve = 1 - _GCJ_ECCENTRICITY2 * np.sin(phi) ** 2
    meridian = _GCJ_AXIS * (1 - _GCJ_ECCENTRICITY2) / curve**1.5
    parallel = _GCJ_AXIS / np.sqrt(curve) * np.cos(phi)
    east, north = _gcj_shift(lon - 105, lat - 35)
    there = lon + np.degrees(east / parallel), lat + np.degrees(north / meridian)
    return _where_shifted(lon, lat, there)


def gcj_to_wgs_many(lon: Many, lat: Many) -> Pair:
    """GCJ-02 → WGS-84, to 1e-9 degrees."""
    return _inverse(wgs_to_gcj_many, lon, lat)


def gcj_to_bd_many(lon: Many, lat: Many) -> Pair:
    """GCJ-02 → BD-09."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    there = radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
    return _where_shifted(lon, lat, there)


def bd_to_gcj_many(lon: Many, lat: Many) -> Pair:
    """BD-09 → GCJ-02, to 1e-9 degrees."""
    return _inverse(gcj_to_bd_many, lon, lat)


def _gcj_shift(x: Many, y: Many) -> Pair:
    """The shift in metres east and north, x and y degrees from 105° E, 35° N."""
    pi, sin = math.pi, np.sin
    root = np.sqrt(np.abs(x))
    common = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    waves = 20 * sin(pi * x) + 40 * sin(pi * x / 3)
    east += 2 / 3 * (common + waves + 150 * sin(pi * x / 12) + 300 * sin(pi * x / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    waves = 20 * sin(pi * y) + 40 * sin(pi * y / 3)
    north += 2 / 3 * (common + waves + 160 * sin(pi * y / 12) + 320 * sin(pi * y / 30))
    return east, north


def _inverse(forward: Callable[[Many, Many], Pair], lon: Many, lat: Many) -> Pair:
    """The points that `forward` sends to (lon, lat): both shifts are small and smooth."""
    x, y = lon, lat
    for _round in range(_ROUNDS):
        there_x, there_y = forward(x, y)
        off_x, off_y = lon - there_x, lat - there_y
        x, y = x + off_x, y + off_y
        if not np.any(np.abs(off_x) > _INVERSE_DEGREES) and not np.any(
            np.abs(off_y) > _INVERSE_DEGREES
        ):
            break
    return _where_shifted(lon, lat, (x, y))


def _inside(lon: Many, lat: Many) -> NDArray[np.bool_]:
    return (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)


def _where_shifted(lon: Many, lat: Many, there: Pair) -> Pair:
    """What was reckoned, but the point itself where maps are not shifted."""
    inside = _inside(lon, lat)
    return np.where(inside, there[0], lon), np.where(inside, there[1], lat)


def _one(convert: Callable[[Many, Many], Pair], lon: float, lat: float) -> Position:
    there_lon, there_lat = convert(np.array([lon], float), np.array([lat], float))
    return float(there_lon[0]), float(there_lat[0])
