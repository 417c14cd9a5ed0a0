"""What a phone keeps to report without a signal: classes, words, one's own use; places around."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from cases.catalogue_defaults import icon_of
from cases.models import FilingStandard, Report
from cases.suggestions import most_used, usable_classes
from cases.workload import teams_for_orders
from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.geometry import distance_m
from grids.locate import locate
from grids.models import Area, Assignment, CellGeneration, RoadSegment
from grids.policies import Access
from inspections.services.phone_reports import ABOUT_METRES, place_words

LATEST = 400
"""Of so many of his own latest reports the person's use is told."""
REACH = 0.002
"""Degrees around a point whose cells and streets its map shows: some 200 metres."""
_MOST_DRAWN = 40
MOST_CELLS = 500
MOST_STREETS = 500
_MARGIN = 0.001
"""Degrees around the kept cells in which a street is kept, too: some 100 metres."""


def class_book(access: Access, *, standards: bool, teams: bool) -> dict[str, Any]:
    """Classes in the bureau's order of use, and the person's own tally by cell and hour.

    `standards` and `teams` come only to whoever may put right or order at once. Five
    statements at most.
    """
    rows = usable_classes()
    ranks = {row.pk: rank for rank, row in enumerate(most_used(rows, len(rows)))}
    told: dict[int, list[tuple[int, str]]] = {}
    if standards:
        usable = FilingStandard.objects.filter(is_active=True, category__in=rows)
        for pk, category, words in usable.values_list("pk", "category_id", "condition"):
            told.setdefault(category, []).append((pk, words[:60]))
    return {
        "classes": [
            {
                "id": row.pk,
                "code": row.code,
                "name": row.name,
                "words": row.synonyms,
                "unit": row.get_unit_display(),
                "original": row.keeps_original,
                "icon": icon_of(row.standard, row.code),
                "rank": ranks[row.pk],
                "standards": told.get(row.pk, []),
            }
            for row in rows
        ],
        "usage": own_use(access.user_id),
        "teams": [(team.pk, team.name) for team in teams_for_orders()] if teams else [],
    }


def own_use(user_id: int) -> list[tuple[int, int | None, int, int]]:
    """How often a person reported which class in which cell at which hour, of late."""
    rows = Report.objects.filter(reporter_id=user_id, category__isnull=False)
    latest = rows.order_by("-created_at", "-id").values_list("category_id", "cell_id", "created_at")
    tally: Counter[tuple[int, int | None, int]] = Counter()
    for category, cell, at in latest[:LATEST]:
        tally[category, cell, at.astimezone(clock.LOCAL).hour] += 1
    return [(*key, times) for key, times in sorted(tally.items(), key=str)]


def surroundings(lon: float, lat: float, *, at: datetime) -> dict[str, Any]:
    """A point in words, its cell, the area that the words leave out, and outlines of what lies
    around it."""
    here = locate(lon, lat, at=at)
    area = Area.objects.filter(code=here.area_code).values_list("name", flat=True).first()
    return {
        "words": place_words(lon, lat, at=at),
        "cell": here.cell_id,
        "area": area or "",
        "cells": _outlines(lon, lat, at),
        "streets": _streets(lon, lat, at),
    }


def cell_book(access: Access, at: datetime) -> dict[str, Any]:
    """Cells and streets of the person's area with their outlines, for hours without a signal: the
    cells that he or his teams answer for, those of the areas that he reports in, and the streets
    among them. Three statements, at most MOST_CELLS and MOST_STREETS."""
    areas = {reach.area_code for reach in access.holding(Capability.REPORT_CREATE)} - {""}
    held = Assignment.objects.in_force(at).filter(team_id__in=access.own_team_ids)
    own = Q(cell_id__in=access.cell_ids) | Q(cell_id__in=held.values("cell_id"))
    for code in sorted(areas):
        own |= Q(cell__area__code__startswith=code)
    rows = CellGeneration.objects.in_force(at)
    if not access.own_team_ids and not areas:
        own = Q()
    named = (
        rows.filter(own)
        .order_by("cell_id")
        .values_list("cell_id", "cell__name", "cell__area__name", "polygon")
    )
    cells: list[dict[str, Any]] = [
        {"id": pk, "name": name, "area": area, "rings": _short(rings_of(shape))}
        for pk, name, area, shape in named[:MOST_CELLS]
    ]
    points = [point for cell in cells for ring in cell["rings"] for point in ring]
    return {
        "cells": cells,
        "reach": settings.SEGMENT_REACH_METRES,
        "about": ABOUT_METRES,
        "streets": _streets_among(points, at),
    }


def _streets_among(points: list[Any], at: datetime) -> list[dict[str, Any]]:
    """The streets in force that have a point in the box around some points, at most so many."""
    if not points:
        return []
    west, east = min(x for x, _y in points) - _MARGIN, max(x for x, _y in points) + _MARGIN
    south, north = min(y for _x, y in points) - _MARGIN, max(y for _x, y in points) + _MARGIN
    found = []
    for name, line in _segments(at).values_list("name", "line"):
        if any(west <= x <= east and south <= y <= north for x, y, *_z in line["coordinates"]):
            found.append({"name": name, "line": _short([line["coordinates"]])[0]})
        if len(found) == MOST_STREETS:
            break
    return found


def _segments(at: datetime) -> QuerySet[RoadSegment]:
    rows = RoadSegment.objects.filter(valid_from__lte=at).exclude(valid_to__lte=at)
    return rows.order_by("pk")


def rings_of(shape: dict[str, Any]) -> list[Any]:
    """The outer rings of a polygon or several."""
    several = shape["type"] == "MultiPolygon"
    return [part[0] for part in (shape["coordinates"] if several else [shape["coordinates"]])]


def _short(rings: list[Any]) -> list[Any]:
    """To the metre: it is told where one stands, not measured."""
    return [[[round(x, 5), round(y, 5)] for x, y, *_rest in ring] for ring in rings]


def _outlines(lon: float, lat: float, at: datetime) -> list[Any]:
    """Rings of the cells whose middle is near, at most so many."""
    rows = CellGeneration.objects.in_force(at).filter(
        lon__range=(lon - 5 * REACH, lon + 5 * REACH), lat__range=(lat - 5 * REACH, lat + 5 * REACH)
    )
    shapes = rows.order_by("pk").values_list("polygon", flat=True)[:_MOST_DRAWN]
    return [ring for shape in shapes for ring in rings_of(shape)]


def _streets(lon: float, lat: float, at: datetime) -> list[Any]:
    """Lines of the streets in force that come near, at most so many."""
    near = []
    for line in _segments(at).values_list("line", flat=True):
        points = line["coordinates"]
        if any(distance_m(lon, lat, *point[:2]) < 400 for point in points):
            near.append(points)
        if len(near) == _MOST_DRAWN:
            break
    return near
