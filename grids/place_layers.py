"""Streets, places and shops as GeoJSON: lines and points, told by word, shape and colour."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import shapely
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry import shape

from grids.choices import PlaceKind, SiteKind
from grids.models import RoadSegment, Shop, Site
from grids.place_lists import demand_words, pledge_state
from grids.spans import hours_words

MOST = 800
Box = tuple[float, float, float, float]

SIGNS: dict[str, object] = {
    SiteKind.SCHOOL: gettext_lazy("校"),
    SiteKind.STATION: gettext_lazy("站"),
    SiteKind.MARKET: gettext_lazy("市"),
    SiteKind.SQUARE: gettext_lazy("广"),
    SiteKind.HOSPITAL: gettext_lazy("医"),
    SiteKind.SIGHT: gettext_lazy("景"),
    SiteKind.WORKS: gettext_lazy("工"),
    SiteKind.OTHER: gettext_lazy("重"),
    SiteKind.VENDING: gettext_lazy("摊"),
}
"""The character that stands in the marker of each kind of place."""


def collection_of(kind: str, rows: QuerySet[Any], box: Box | None, at: datetime) -> dict[str, Any]:
    """A FeatureCollection of at most MOST rows within the box; `more` where there are more."""
    if kind == PlaceKind.SEGMENTS:
        features = list(_segments(rows, box))
        return _collection(features, more=False)
    placed = rows.in_box(box) if box else rows.filter(lon__isnull=False)  # type: ignore[attr-defined]
    if kind == PlaceKind.SHOPS:
        taken = list(placed.order_by("code")[: MOST + 1])
        found = [_shop(row, at) for row in taken[:MOST]]
        return _collection(found, more=len(taken) > MOST)
    taken = list(placed.defer(None).defer("search_grams").order_by("code")[: MOST + 1])
    return _collection([_site(row) for row in taken[:MOST]], more=len(taken) > MOST)


def _collection(features: list[dict[str, Any]], *, more: bool) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features, "more": more}


def _segments(rows: QuerySet[RoadSegment], box: Box | None) -> Iterable[dict[str, Any]]:
    window = shapely.box(*box) if box else None
    for row in rows.defer(None).defer("search_grams").prefetch_related(None).order_by("code"):
        if window is None or shapely.intersects(shape(row.line), window):
            yield _feature(
                row.line,
                title=f"{row.get_grade_display()} {row.name}",
                lines=[line for line in (row.code, demand_words(row)) if line],
                url=reverse("grids:segment", args=[row.code]),
                grade=row.grade,
            )


def _site(row: Site) -> dict[str, Any]:
    hours = hours_words(row.starts_minute, row.ends_minute)
    stalls = _("%(n)s 个摊位") % {"n": row.capacity} if row.capacity else ""
    lines = [row.get_kind_display(), row.address, stalls, hours, row.goods]
    return _feature(
        row.polygon or _point(row),
        title=row.name,
        lines=[line for line in lines if line],
        url=reverse("grids:site", args=[row.code]),
        sign=str(SIGNS[row.kind]),
        kind=row.kind,
        at=[row.lon, row.lat],
    )


def _shop(row: Shop, at: datetime) -> dict[str, Any]:
    pledge = next(iter(row.current), None)  # type: ignore[attr-defined]
    state = pledge_state(pledge, at)
    return _feature(
        _point(row),
        title=row.name,
        lines=[line for line in (row.address, row.trade, str(state.label)) if line],
        url=reverse("grids:shop", args=[row.code]),
        kind="shop",
        pledge=str(state),
    )


def _point(row: Site | Shop) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [row.lon, row.lat]}


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}
