"""Cases on a map of any zoom: one marker a tile, counted by a shift of the Morton key.

Counts are exact up to `COUNTED` cases in what is shown. Beyond that they are estimated from one
case in `SAMPLE`, drawn by a hash of its id and served by an index of its own, so that a map of a
million cases costs no more than one of some thousand; `about` says so, and a person who looks
closer or asks for less has exact counts again.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models import Case
from cases.querysets import SAMPLE, CaseQuerySet, in_sample, keys_within
from citymgmt.errors import DomainError
from citymgmt.tiles import MAX_ZOOM, Tile, Window, shift_of, tile_of, window_of

COUNTED = 40_000
# So many markers that stand for one case carry its number and words.
_NAMED = 300
_RANGES = 12

_GROUPED = """
    SELECT morton >> %s, COUNT(*), COUNT(*) FILTER (WHERE due_at < %s), AVG(lon), AVG(lat), MIN(id)
    FROM ({inner}) AS shown GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """What one marker stands for. `case` is known where it stands for one case."""

    tile: Tile
    count: int
    overdue: int
    lon: float
    lat: float
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class Clusters:
    """The markers of a window; `about` where counts are estimates."""

    items: list[Cluster]
    about: bool

    @property
    def total(self) -> int:
        """How many cases stand behind the markers."""
        return sum(item.count for item in self.items)


@dataclass(frozen=True, slots=True)
class _Group:
    tile: Tile
    count: int
    overdue: int
    lon: float
    lat: float
    first_id: int


def parse_window(box: str, zoom: str) -> Window:
    """The window asked for by `box` ("west,south,east,north") and `zoom`; DomainError in words."""
    try:
        level = int(zoom) if zoom.isascii() else -1
    except ValueError:
        level = -1
    if not 0 <= level <= MAX_ZOOM:
        words = _("地图的缩放级别要在 0 到 %(most)s 之间。") % {"most": MAX_ZOOM}
        raise DomainError("zoom", words, field="zoom")
    return window_of(parse_box(box), level)


def parse_box(text: str) -> tuple[float, float, float, float]:
    """West, south, east and north of a box, clamped to the map; DomainError in words."""
    try:
        west, south, east, north = map(float, text[:120].split(","))
    except ValueError:
        west = south = east = north = math.nan
    if not all(map(math.isfinite, (west, south, east, north))):
        words = _("地图范围要写成“西,南,东,北”四个经纬度，请刷新地图再试。")
        raise DomainError("box", words, field="box")
    if west > east:
        raise DomainError("box", _("地图范围跨过了 180 度经线，请移到一边再看。"), field="box")
    if south > north or west > 180 or east < -180 or south > 90 or north < -90:
        raise DomainError("box", _("地图范围不在地球上，请刷新地图再试。"), field="box")
    return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)


def clusters_in(rows: CaseQuerySet, window: Window, at: datetime) -> Clusters:
    """The markers of the window for cases that `rows` holds; two statements, three if many."""
    inside = rows.filter(_inside(window))
    groups = _grouped(inside, window, at, COUNTED + 1)
    about = sum(group.count for group in groups) > COUNTED
    if about:
        groups = [_scaled(group) for group in _grouped(inside.filter(in_sample()), window, at)]
    groups = [group for group in groups if group.tile in window]
    named = {} if about else _named(groups)
    return Clusters([_cluster(group, named) for group in groups], about)


def _inside(window: Window) -> Q:
    if window.whole_earth:
        return Q(morton__isnull=False)
    return keys_within(window.ranges(_RANGES))


def _grouped(
    rows: CaseQuerySet, window: Window, at: datetime, limit: int | None = None
) -> list[_Group]:
    shown = rows.order_by().values("id", "morton", "due_at", "lon", "lat")[:limit]
    try:
        inner, params = shown.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_GROUPED.format(inner=inner), [shift_of(window.z), at, *params])
        found = cursor.fetchall()
    return [_Group(tile_of(window.z, prefix), *rest) for prefix, *rest in found]


def _scaled(group: _Group) -> _Group:
    return replace(group, count=group.count * SAMPLE, overdue=group.overdue * SAMPLE)


def _named(groups: list[_Group]) -> dict[int, Case]:
    """The cases that stand alone, for as many markers as a screen can name."""
    alone = [group.first_id for group in groups if group.count == 1][:_NAMED]
    rows = Case.objects.select_related("category").only(
        "number", "state", "address", "due_at", "closing", "rebound_count", "category__name"
    )
    return rows.in_bulk(alone) if alone else {}


def _cluster(group: _Group, named: dict[int, Any]) -> Cluster:
    lon, lat = group.lon, group.lat
    if group.count > 1:
        lon, lat = group.tile.pulled_in(lon, lat)
    case = named.get(group.first_id) if group.count == 1 else None
    return Cluster(group.tile, group.count, group.overdue, lon, lat, case)
