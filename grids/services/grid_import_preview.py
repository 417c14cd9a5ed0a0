"""What a file of cells would do, for people: a list, and a drawing for the map."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry import mapping, shape

from grids.choices import CHANGE_TONES, CellChange
from grids.formats.columns import AREA
from grids.models import CellGeneration
from grids.rings import degrees
from grids.services.cell_plan import BORDER, Plan, Planned
from grids.services.cell_seams import words_of

# Finer than this no screen shows it when the whole grid is on it.
_FINENESS = 4_000
_LEAST_DEGREES = 1e-6
_DECIMALS = 6
_FAR = 1e-9
# Each is a pin on the map; the others are counted.
_MOST_SEAMS = 300
# What is wrong stands in no property of the file.
_WORDS = {BORDER: gettext_lazy("边界"), AREA: gettext_lazy("区划")}


@dataclass(frozen=True, slots=True)
class Row:
    """A cell of the preview: its number in the file (0: it is not in it), what becomes of it, and
    what there is to say."""

    number: int
    change: str
    code: str
    name: str
    area: str
    words: tuple[str, ...]

    @property
    def label(self) -> str:
        """What becomes of it, as a word."""
        return str(CellChange(self.change).label)

    @property
    def tone(self) -> str:
        """The tone of that word."""
        return CHANGE_TONES[self.change]


def errors_of(plan: Plan) -> list[list[Any]]:
    """All that is wrong: number of the feature, property, what to do."""
    found = plan.findings.by_number
    return [[number, one.column, one.message] for number in sorted(found) for one in found[number]]


def rows_of(plan: Plan) -> bytes:
    """The list: what is wrong first, then what changes; packed."""
    order = {change: place for place, change in enumerate(CellChange.values)}
    rows = [*(_row(row, plan) for row in plan.rows), *(_gone_row(one) for one in plan.gone)]
    rows.sort(key=lambda row: (order[row[1]], row[0], row[2]))
    return _packed(rows)


def _row(row: Planned, plan: Plan) -> list[Any]:
    errors = plan.findings.by_number.get(row.number, ())
    wrong = [f"{_WORDS.get(one.column, one.column)}：{one.message}" for one in errors]
    area = row.area.name if row.area else ""
    return [row.number, str(row.change), row.code, row.name, area, wrong or _notes(row, plan)]


def _notes(row: Planned, plan: Plan) -> list[str]:
    notes = [_("自相交的边界已修好")] if row.mended else []
    if row.aligned:
        notes.append(_("边界已和邻格对齐"))
    cell = plan.cells.get(row.code)
    if row.change == CellChange.NEW and cell is not None:
        notes.append(_("停用过的编码，重新启用"))
    if row.change != CellChange.CHANGED or cell is None or row.current is None:
        return notes
    if row.reshaped:
        notes.append(_("边界改为第 %(number)s 版") % {"number": row.current.number + 1})
    if cell.name != row.name:
        notes.append(_("名称原为 %(name)s") % {"name": cell.name})
    if row.area is not None and cell.area_id != row.area.pk:
        notes.append(_("区划原为 %(name)s") % {"name": cell.area.name})
    return notes


def _gone_row(one: CellGeneration) -> list[Any]:
    cell = one.cell
    return [0, CellChange.GONE.value, cell.code, cell.name, cell.area.name, [_("文件里没有它")]]


def unpacked_rows(packed: bytes) -> list[Row]:
    """The list again."""
    if not packed:
        return []
    listed = json.loads(zlib.decompress(packed))
    return [
        Row(number, change, code, name, area, tuple(words))
        for number, change, code, name, area, words in listed
    ]


def unpacked_drawing(packed: bytes) -> bytes:
    """The drawing as the text of a FeatureCollection."""
    return zlib.decompress(packed) if packed else _text({"type": "FeatureCollection"})


# --- The drawing ----------------------------------------------------------------------------


def drawn_of(plan: Plan) -> bytes:
    """A FeatureCollection, packed: each cell as it will be, with what it was where that changes,
    and a point where something is wrong."""
    listed = [*_cells(plan), *_former(plan)]
    shapes = np.array([geometry for geometry, _properties in listed], dtype=object)
    tolerance = _tolerance(shapes)
    slim = shapely.simplify(shapes, tolerance, preserve_topology=False)
    # What is smaller than a pixel stays as it is.
    kept = np.where(shapely.is_empty(slim) | shapely.is_missing(slim), shapes, slim)
    features = [
        {"type": "Feature", "properties": properties, "geometry": _rounded(geometry)}
        for geometry, (_whole, properties) in zip(kept, listed, strict=True)
    ]
    return _packed(
        {"type": "FeatureCollection", "features": [*features, *_places(plan), *_seams(plan)]}
    )


def _cells(plan: Plan) -> Iterator[tuple[Any, dict[str, Any]]]:
    for row in plan.rows:
        geometry = shape(row.polygon) if row.polygon else _crude(row.crude)
        if geometry is None:
            continue
        errors = plan.findings.by_number.get(row.number, ())
        lines = [one.message for one in errors] or _notes(row, plan)
        yield geometry, _properties(row.code, str(row.change), row.name, lines, row.number)
    for one in plan.gone:
        lines = [_("文件里没有它")]
        gone = CellChange.GONE.value
        yield shape(one.polygon), _properties(one.cell.code, gone, one.cell.name, lines, 0)


def _properties(
    code: str, change: str, name: str, lines: Iterable[str], number: int
) -> dict[str, Any]:
    return {
        "code": code,
        "number": number,
        "change": change,
        "title": f"{code} {name}",
        "lines": [str(CellChange(change).label), *lines][:4],
    }


def _former(plan: Plan) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Borders as they were, as lines."""
    for row in plan.rows:
        if row.change == CellChange.CHANGED and row.reshaped and row.current is not None:
            yield shape(row.current.polygon).boundary, {"former": row.code}


def _places(plan: Plan) -> list[dict[str, Any]]:
    """A point for each thing that is wrong at a place."""
    return [
        {
            "type": "Feature",
            "properties": {"tone": "bad", "title": one.message, "number": number},
            "geometry": {"type": "Point", "coordinates": [round(x, _DECIMALS) for x in one.at]},
        }
        for number, errors in plan.findings.by_number.items()
        for one in errors
        if one.at is not None and _on_globe(*one.at)
    ]


def _seams(plan: Plan) -> list[dict[str, Any]]:
    """A point for each gap, overlap or excess that the import would leave."""
    return [
        {
            "type": "Feature",
            "properties": {"tone": "warn", "title": words_of(seam), "number": 0},
            "geometry": {
                "type": "Point",
                "coordinates": [round(value, _DECIMALS) for value in degrees(seam.at)],
            },
        }
        for seam in plan.seams[:_MOST_SEAMS]
    ]


def _on_globe(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -85 <= lat <= 85


def _crude(geometry: object) -> Any:
    """A border that is wrong, as far as it can be drawn; None where it cannot."""
    parts = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    if not isinstance(parts, Sequence) or isinstance(parts, str):
        return None
    rings = parts if geometry.get("type") == "Polygon" else [r for p in _lists(parts) for r in p]  # type: ignore[attr-defined]
    lines = [line for ring in _lists(rings) if (line := _line(ring)) is not None]
    return shapely.MultiLineString(lines) if lines else None


def _lists(value: object) -> list[Any]:
    return [one for one in value if isinstance(one, list)] if isinstance(value, list) else []


def _line(ring: Sequence[object]) -> list[tuple[float, float]] | None:
    found = []
    for position in ring:
        if not isinstance(position, list) or len(position) < 2:
            return None
        lon, lat = position[:2]
        if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in (lon, lat)):
            return None
        if not _on_globe(lon, lat):
            return None
        found.append((float(lon), float(lat)))
    return found if len(found) > 1 else None


def _tolerance(shapes: np.ndarray) -> float:
    if not len(shapes):
        return _LEAST_DEGREES
    west, south, east, north = shapely.total_bounds(shapes)
    return max(float(east - west), float(north - south)) / _FINENESS + _FAR


def _rounded(geometry: Any) -> dict[str, Any]:
    return _with_few_digits(mapping(geometry))


def _with_few_digits(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DECIMALS)
    if isinstance(value, dict):
        return {key: _with_few_digits(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_few_digits(item) for item in value]
    return value


def _packed(content: object) -> bytes:
    return zlib.compress(_text(content), 6)


def _text(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
