"""Cells from GeoJSON: a changed polygon is a new generation, nothing is edited in place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from shapely.geometry import shape

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.geometry import area_m2
from citymgmt.models import User
from citymgmt.services.importing import Outcome
from citymgmt.services.revisions import GRID, raise_revision
from grids.models import Area, Cell, CellGeneration
from grids.services.rights import require
from grids.services.shapes import (
    CELLS,
    Feature,
    FeatureFindings,
    check_code,
    check_name,
    overlaps,
    place_words,
    read_features,
)

_PROPERTIES = ("code", "name", "street_code", "area_code")


@dataclass(frozen=True, slots=True)
class _Shaped:
    """A checked feature: what the cell is to be."""

    number: int
    code: str
    name: str
    area: Area
    polygon: dict[str, Any]


def import_cells(data: bytes, *, at: datetime, actor: User | None = None) -> Outcome:
    """Take the cells of a GeoJSON FeatureCollection, valid from `at`.

    Properties are code, name, and area_code or street_code. A changed polygon closes the
    generation in force and opens a new one; an unchanged one changes nothing; cells that are not
    in the file stay as they are. Raises TableError with every error by feature and property,
    overlaps naming both cells and the place; then nothing was imported.
    """
    require(actor, Capability.GRID_EDIT)
    findings = FeatureFindings(CELLS)
    features = read_features(data, _PROPERTIES, findings)
    with transaction.atomic():
        cells = {cell.code: cell for cell in Cell.objects.select_for_update().order_by("pk")}
        standing = _open_ones()
        shaped = _checked(features, standing, at, findings)
        _check_overlaps(shaped, standing, findings)
        findings.raise_if_any()
        outcome = _store(shaped, cells, standing, at)
        if outcome.touched:
            raise_revision(GRID)
    return outcome


def _open_ones() -> dict[str, CellGeneration]:
    """The newest generation of each cell that has not been closed."""
    rows = CellGeneration.objects.filter(valid_to__isnull=True).select_related("cell")
    return {row.cell.code: row for row in rows}


def _checked(
    features: Sequence[Feature],
    standing: dict[str, CellGeneration],
    at: datetime,
    findings: FeatureFindings,
) -> list[_Shaped]:
    """The features that are sound in themselves; what is wrong with others is noted."""
    areas = {area.code: area for area in Area.objects.all()}
    numbers: dict[str, int] = {}
    shaped = []
    for feature in features:
        code, name = feature.texts["code"], feature.texts["name"]
        check_code(feature.number, code, numbers, findings)
        check_name(feature.number, name, findings)
        area = _area(feature, areas, findings)
        current = standing.get(code)
        if current is not None and feature.geometry and _reborn(current, feature.geometry, at):
            since = current.valid_from.astimezone(clock.LOCAL)
            late = _("现行边界自 %(since)s 起启用，新的边界只能在那之后启用。")
            findings.add(feature.number, "geometry", late % {"since": f"{since:%Y-%m-%d %H:%M}"})
        if area is not None and feature.geometry is not None:
            shaped.append(_Shaped(feature.number, code, name, area, feature.geometry))
    return shaped


def _area(feature: Feature, areas: dict[str, Area], findings: FeatureFindings) -> Area | None:
    name = "area_code" if feature.texts["area_code"] else "street_code"
    code = feature.texts[name]
    if not code:
        findings.add(feature.number, name, _("不能为空，请填写所在街道或社区的代码。"))
    elif code not in areas:
        message = _("没有代码为 %(code)s 的区划，请先导入行政区划。") % {"code": code}
        findings.add(feature.number, name, message)
    return areas.get(code)


def _reborn(current: CellGeneration, polygon: dict[str, Any], at: datetime) -> bool:
    """Whether a new shape would have to begin no later than the one it follows."""
    return current.polygon != polygon and current.valid_from >= at


def _check_overlaps(
    shaped: list[_Shaped], standing: dict[str, CellGeneration], findings: FeatureFindings
) -> None:
    named = {one.code for one in shaped}
    others = [row for code, row in standing.items() if code not in named]
    codes = [*(one.code for one in shaped), *(row.cell.code for row in others)]
    polygons = [*(one.polygon for one in shaped), *(row.polygon for row in others)]
    for pair in overlaps(polygons, len(shaped)):
        message = _("%(first)s 与 %(second)s 重叠 %(size)s 平方米，在 %(place)s 附近，请改边界。")
        words = {
            "first": codes[pair.first],
            "second": codes[pair.second],
            "size": round(pair.square_metres),
            "place": place_words(pair.lon, pair.lat),
        }
        findings.add(shaped[pair.first].number, "geometry", message % words)


def _store(
    shaped: list[_Shaped],
    cells: dict[str, Cell],
    standing: dict[str, CellGeneration],
    at: datetime,
) -> Outcome:
    new = [Cell(code=one.code, name=one.name, area=one.area) for one in shaped]
    new = [cell for cell in new if cell.code not in cells]
    renamed = _renamed(shaped, cells)
    reshaped = [one for one in shaped if _differs(standing.get(one.code), one)]
    cells |= {cell.code: cell for cell in Cell.objects.bulk_create(new)}
    Cell.objects.bulk_update([cells[code] for code in renamed], ["name", "area"])
    _open_generations(reshaped, cells, standing, at)
    created = {cell.code for cell in new}
    changed = (renamed | {one.code for one in reshaped}) - created
    return Outcome(len(created), len(changed), len(shaped) - len(created) - len(changed))


def _renamed(shaped: list[_Shaped], cells: dict[str, Cell]) -> set[str]:
    renamed = set()
    for one in shaped:
        cell = cells.get(one.code)
        if cell is not None and (cell.name, cell.area_id) != (one.name, one.area.pk):
            cell.name, cell.area = one.name, one.area
            renamed.add(one.code)
    return renamed


def _differs(current: CellGeneration | None, one: _Shaped) -> bool:
    return current is None or current.polygon != one.polygon


def _open_generations(
    reshaped: list[_Shaped],
    cells: dict[str, Cell],
    standing: dict[str, CellGeneration],
    at: datetime,
) -> None:
    ended = [standing[one.code].pk for one in reshaped if one.code in standing]
    CellGeneration.objects.filter(pk__in=ended).update(valid_to=at)
    last = dict(
        CellGeneration.objects.values_list("cell_id").annotate(last=Max("number")).order_by()
    )
    CellGeneration.objects.bulk_create(
        _generation(one, cells[one.code], last.get(cells[one.code].pk, 0) + 1, at)
        for one in reshaped
    )


def _generation(one: _Shaped, cell: Cell, number: int, at: datetime) -> CellGeneration:
    place = shape(one.polygon).representative_point()
    return CellGeneration(
        cell=cell,
        number=number,
        polygon=one.polygon,
        lon=round(place.x, 6),
        lat=round(place.y, 6),
        area_m2=area_m2(one.polygon),
        valid_from=at,
    )
