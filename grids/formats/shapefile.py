"""Shapefiles as people send them: one layer, zipped with what belongs to it."""

import struct
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
import shapefile
import shapely
from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import TableError, check_size
from grids.formats.archive import Archive, opened, stem
from grids.formats.base import (
    MAX_BYTES,
    MAX_FEATURES,
    MAX_POSITIONS,
    SHAPEFILE,
    OutCell,
    RawFeature,
    RawFile,
    refuse,
)
from grids.formats.dbf import read_dbf
from grids.formats.geojson import too_many_positions
from grids.formats.systems import CGCS2000, MERCATOR, declared_by_prj

_NEEDED = ("shx", "dbf")
_POLYGONS = (5, 15, 25)
_SOLID = (15, 25)
_KINDS = {1: _("点"), 3: _("线"), 8: _("点"), 31: _("立体面片")}
_POSITION_BYTES = 16
MAX_RINGS = 2_000

Ring = list[list[float]]


def read_shapefile(data: bytes) -> RawFile:
    """The polygons of the one layer of an archive. Raises TableError."""
    check_size(data, MAX_BYTES)
    with opened(data) as archive:
        base = _layer(archive)
        parts = {suffix: archive.read(f"{base}.{suffix}") for suffix in ("shp", *_NEEDED, "prj")}
        page = archive.read(f"{base}.cpg") or archive.read(f"{base}.cst")
    declared = declared_by_prj(parts["prj"].decode("utf-8", "replace")) if parts["prj"] else ""
    is_solid = _check_shp(parts["shp"])
    names, rows = read_dbf(parts["dbf"], page)
    shapes = _shapes(parts["shp"], parts["shx"])
    if not shapes:
        raise refuse(_("图层里一个面也没有，请补上后再导入。"))
    if len(shapes) != len(rows):
        words = _("图形有 %(shapes)s 个，属性表有 %(rows)s 行，对不上；请从测绘软件重新导出。")
        raise refuse(words % {"shapes": len(shapes), "rows": len(rows)})
    features = [
        RawFeature(number, row, geometry, is_solid)
        for number, (row, geometry) in enumerate(zip(rows, shapes, strict=True), 1)
    ]
    return RawFile(SHAPEFILE, names, features, declared)


def _layer(archive: Archive) -> str:
    """The path of the one layer, without its ending; raises TableError where it is not whole."""
    layers = [name[: -len(".shp")] for name in archive.ending(".shp")]
    if not layers:
        raise refuse(
            _("压缩包里没有 .shp；请把同名的 .shp、.shx、.dbf、.prj 一起打包成一个 .zip。")
        )
    if len(layers) > 1:
        names = "、".join(stem(f"{name}.shp")[:40] for name in layers[:4])
        words = _("压缩包里有 %(count)s 个图层（%(names)s），请每个图层单独打包、分开导入。")
        raise refuse(words % {"count": len(layers), "names": names})
    there = set(archive)
    missing = [f".{suffix}" for suffix in _NEEDED if f"{layers[0]}.{suffix}" not in there]
    if missing:
        words = _("压缩包里少了 %(parts)s；请把同名的 .shp、.shx、.dbf、.prj 一起打包。")
        raise refuse(words % {"parts": "、".join(missing)})
    return layers[0]


def _check_shp(data: bytes) -> bool:
    """Refuse what is no layer of polygons, or too many positions; whether it has heights."""
    if len(data) < 100 or data[:4] != b"\x00\x00\x27\x0a":
        raise _broken()
    [kind] = struct.unpack_from("<i", data, 32)
    if kind not in _POLYGONS:
        noun = _KINDS.get(kind % 10 if kind < 30 else kind, _("别的图形"))
        words = _("这个图层画的是%(noun)s，不是面；请导出网格的面图层。")
        raise refuse(words % {"noun": noun})
    if len(data) > (MAX_POSITIONS + MAX_POSITIONS // 2) * _POSITION_BYTES:
        raise too_many_positions()
    return kind in _SOLID


def _broken() -> TableError:
    return refuse(_("图形文件（.shp）已损坏，请从测绘软件重新导出后再打包。"))


def _shapes(shp: bytes, shx: bytes) -> list[object]:
    """The geometries in order; None for what is empty."""
    found: list[object] = []
    positions = 0
    try:
        reader = shapefile.Reader(shp=BytesIO(shp), shx=BytesIO(shx))
        for shape in reader.iterShapes():
            points = shape.points if shape.shapeType else []
            # The index may name one record a thousand times.
            positions += len(points)
            if positions > MAX_POSITIONS:
                raise too_many_positions()
            if len(found) >= MAX_FEATURES:
                words = _("超过 %(limit)s 个网格，请分成几个文件再导入。")
                raise refuse(words % {"limit": MAX_FEATURES})
            found.append(_geometry(points, list(shape.parts)) if points else None)
    except TableError:
        raise
    # The library answers broken bytes with nearly any exception; the file is at fault.
    except Exception as error:
        raise _broken() from error
    return found


def _geometry(points: Sequence[Sequence[float]], parts: list[int]) -> dict[str, Any]:
    """Rings in one row → a Polygon or MultiPolygon: shells run clockwise, holes the other way."""
    if len(parts) > MAX_RINGS:
        raise too_many_positions()
    ends = [*parts[1:], len(points)]
    if not parts or parts[0] != 0 or any(a >= b for a, b in zip(parts, ends, strict=True)):
        raise _broken()
    rings = [
        [[point[0], point[1]] for point in points[start:end]]
        for start, end in zip(parts, ends, strict=True)
    ]
    if len(rings) == 1:
        return {"type": "Polygon", "coordinates": rings}
    return _grouped(rings)


def _grouped(rings: list[Ring]) -> dict[str, Any]:
    """Each hole goes into the smallest shell around it, into the first where none is: it is then
    found to be wrong by whoever checks the polygon."""
    turns = [_turn(ring) for ring in rings]
    shells = [[ring] for ring, turn in zip(rings, turns, strict=True) if turn <= 0]
    holes = [ring for ring, turn in zip(rings, turns, strict=True) if turn > 0]
    if not shells:
        shells, holes = [holes[:1]], holes[1:]
    outers = [shapely.Polygon(shell[0]) if len(shell[0]) > 3 else None for shell in shells]
    sound = [
        (outer.area, place, outer)
        for place, outer in enumerate(outers)
        if outer is not None and outer.is_valid
    ]
    sound.sort(key=lambda one: one[:2])
    for hole in holes:
        line = shapely.LineString(hole) if len(shells) > 1 and len(hole) > 1 else None
        around = (place for _area, place, outer in sound if line and outer.covers(line))
        shells[next(around, 0)].append(hole)
    if len(shells) == 1:
        return {"type": "Polygon", "coordinates": shells[0]}
    return {"type": "MultiPolygon", "coordinates": shells}


def _turn(ring: Ring) -> float:
    """Twice the signed area: positive where the ring runs counter-clockwise."""
    corners = np.asarray(ring, dtype=float).reshape(-1, 2)
    # From the first corner, so that large coordinates do not eat the digits.
    x, y = (corners - corners[:1]).T
    with np.errstate(all="ignore"):
        return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


# --- Out ------------------------------------------------------------------------------------

_NAMES = {"gbk": ("网格编码", "网格名称", "区划代码"), "utf-8": ("code", "name", "area_code")}
_PAGES = {"gbk": b"GBK", "utf-8": b"UTF-8"}
_WIDTHS = (120, 240, 12)


def write_shapefile(cells: Sequence[OutCell], system: str, encoding: str) -> bytes:
    """An archive of one layer; `encoding` is "gbk" or "utf-8" and decides the names of fields."""
    shp, shx, dbf = BytesIO(), BytesIO(), BytesIO()
    writer = shapefile.Writer(
        shp=shp, shx=shx, dbf=dbf, shapeType=shapefile.POLYGON, encoding=encoding,
        encodingErrors="replace",
    )  # fmt: skip
    with writer:
        for name, width in zip(_NAMES[encoding], _WIDTHS, strict=True):
            writer.field(name, "C", size=width)
        for cell in cells:
            writer.poly(_rings(cell.polygon))
            writer.record(cell.code, cell.name, cell.area_code)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix, content in (("shp", shp), ("shx", shx), ("dbf", dbf)):
            archive.writestr(f"cells.{suffix}", content.getvalue())
        archive.writestr("cells.prj", _prj(system))
        archive.writestr("cells.cpg", _PAGES[encoding])
    return out.getvalue()


def _rings(polygon: Any) -> list[Ring]:
    """All rings in one row, shells clockwise and holes counter-clockwise as the format wants."""
    whole = polygon["coordinates"]
    parts = [whole] if polygon["type"] == "Polygon" else whole
    return [
        ring if (_turn(ring) > 0) is bool(place) else ring[::-1]
        for rings in parts
        for place, ring in enumerate(rings)
    ]


def _prj(system: str) -> str:
    """The .prj of a system; a base map's shift is nothing that it could say."""
    from pyproj import CRS

    code = {CGCS2000: 4490, MERCATOR: 3857}.get(system, 4326)
    return CRS.from_epsg(code).to_wkt("WKT1_ESRI")
