"""Offset systems of Chinese base maps: WGS-84, GCJ-02, BD-09. Pure.

Everything is stored in WGS-84; these conversions serve display on a shifted base map and clicks
on one, nothing else. Positions are (lon, lat) in degrees.
"""

import math
from collections.abc import Callable

Position = tuple[float, float]

# Krasovsky 1940, on which GCJ-02 is defined.
_GCJ_AXIS = 6378245.0
_GCJ_ECCENTRICITY2 = 0.00669342162296594323
_BD_TURN = math.pi * 3000 / 180
_INVERSE_DEGREES = 1e-9


def in_offset_area(lon: float, lat: float) -> bool:
    """Whether Chinese base maps are shifted there; outside all conversions change nothing."""
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def wgs_to_gcj(lon: float, lat: float) -> Position:
    """WGS-84 → GCJ-02, for display on a shifted base map only."""
    if not in_offset_area(lon, lat):
        return lon, lat
    phi = math.radians(lat)
    curve = 1 - _GCJ_ECCENTRICITY2 * math.sin(phi) ** 2
    meridian = _GCJ_AXIS * (1 - _GCJ_ECCENTRICITY2) / curve**1.5
    parallel = _GCJ_AXIS / math.sqrt(curve) * math.cos(phi)
    east, north = _gcj_shift(lon - 105, lat - 35)
    return lon + math.degrees(east / parallel), lat + math.degrees(north / meridian)


def _gcj_shift(x: float, y: float) -> Position:
    """The shift in metres east and north, x and y degrees from 105° E, 35° N."""
    pi, sin = math.pi, math.sin
    root = math.sqrt(abs(x))
    common = 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    waves = 20 * sin(pi * x) + 40 * sin(pi * x / 3)
    east += 2 / 3 * (common + waves + 150 * sin(pi * x / 12) + 300 * sin(pi * x / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    waves = 20 * sin(pi * y) + 40 * sin(pi * y / 3)
    north += 2 / 3 * (common + waves + 160 * sin(pi * y / 12) + 320 * sin(pi * y / 30))
    return east, north


def gcj_to_wgs(lon: float, lat: float) -> Position:
    """GCJ-02 → WGS-84, to 1e-9 degrees; for clicks on a shifted base map."""
    return _inverse(wgs_to_gcj, lon, lat)


def gcj_to_bd(lon: float, lat: float) -> Position:
    """GCJ-02 → BD-09."""
    if not in_offset_area(lon, lat):
        return lon, lat
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * _BD_TURN)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * _BD_TURN)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006


def bd_to_gcj(lon: float, lat: float) -> Position:
    """BD-09 → GCJ-02, to 1e-9 degrees."""
    return _inverse(gcj_to_bd, lon, lat)


def _inverse(forward: Callable[[float, float], Position], lon: float, lat: float) -> Position:
    """The point that `forward` sends to (lon, lat): both shifts are small and smooth."""
    if not in_offset_area(lon, lat):
        return lon, lat
    x, y = lon, lat
    for _round in range(30):
        there_x, there_y = forward(x, y)
        off_x, off_y = lon - there_x, lat - there_y
        x, y = x + off_x, y + off_y
        if max(abs(off_x), abs(off_y)) < _INVERSE_DEGREES / 10:
            break
    return x, y
