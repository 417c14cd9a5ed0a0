"""One door out: cells in WGS-84 → the bytes of a file in a format and a system."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import Words
from grids.formats.base import OutCell
from grids.formats.geojson import write_geojson
from grids.formats.kml import write_kml
from grids.formats.shapefile import write_shapefile
from grids.formats.systems import BD09, CGCS2000, CHOICES, GCJ02, WGS84, Positions, from_wgs84
from grids.formats.wkt import write_csv


@dataclass(frozen=True, slots=True)
class Format:
    """A way to write cells: the words for it, the file's ending and type, and its systems."""

    label: Words
    suffix: str
    content_type: str
    write: Callable[[Sequence[OutCell], str], bytes]
    systems: tuple[str, ...] = tuple(CHOICES)


FORMATS: dict[str, Format] = {
    "geojson": Format(_("GeoJSON"), "geojson", "application/geo+json", write_geojson),
    "shp-gbk": Format(
        _("Shapefile（中文列名，GBK）"),
        "zip",
        "application/zip",
        partial(write_shapefile, encoding="gbk"),
    ),
    "shp-utf8": Format(
        _("Shapefile（英文列名，UTF-8）"),
        "zip",
        "application/zip",
        partial(write_shapefile, encoding="utf-8"),
    ),
    # KML knows degrees only.
    "kml": Format(
        _("KML"),
        "kml",
        "application/vnd.google-earth.kml+xml",
        write_kml,
        (WGS84, CGCS2000, GCJ02, BD09),
    ),
    "csv": Format(_("CSV（WKT 边界）"), "csv", "text/csv; charset=utf-8", write_csv),
}


def write_file(cells: Sequence[OutCell], *, kind: str, system: str) -> bytes:
    """The bytes of a file of these cells; `kind` is of FORMATS, `system` one that it knows."""
    convert = from_wgs84(system)
    if convert is not None:
        cells = _converted(cells, convert)
    return FORMATS[kind].write(cells, system)


def _converted(
    cells: Sequence[OutCell], convert: Callable[[Positions], Positions]
) -> list[OutCell]:
    found: list[list[float]] = []
    for cell in cells:
        for ring in _rings(cell.polygon):
            found.extend(ring)
    there = iter(convert(np.array(found, dtype=float).reshape(-1, 2)).tolist())
    return [
        OutCell(cell.code, cell.name, cell.area_code, _placed(cell.polygon, there))
        for cell in cells
    ]


def _rings(polygon: Any) -> Sequence[list[list[float]]]:
    whole = polygon["coordinates"]
    return whole if polygon["type"] == "Polygon" else [ring for part in whole for ring in part]


def _placed(polygon: Any, there: Any) -> dict[str, Any]:
    whole = polygon["coordinates"]
    if polygon["type"] == "Polygon":
        placed: list[Any] = [[next(there) for _point in ring] for ring in whole]
    else:
        placed = [[[next(there) for _point in ring] for ring in part] for part in whole]
    return {"type": polygon["type"], "coordinates": placed}
