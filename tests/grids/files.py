"""Files of cells for tests, sound and hostile, as people and attackers send them."""

import io
import json
import struct
import zipfile
from functools import lru_cache
from typing import Any

import shapefile
from pyproj import CRS

from grids.formats.base import OutCell

WEST, SOUTH, SIDE = 121.12, 28.85, 0.01


def square(west: float = WEST, south: float = SOUTH, side: float = SIDE) -> dict[str, Any]:
    """A square cell."""
    east, north = round(west + side, 9), round(south + side, 9)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def cell(code: str = "甲-01", name: str = "东门片", **more: Any) -> OutCell:
    """A cell for a writer."""
    polygon = more.pop("polygon", None) or square()
    return OutCell(code, name, more.pop("area_code", "331082001"), polygon)


def feature(geometry: object, **properties: object) -> dict[str, Any]:
    """A GeoJSON feature; what is not said of it is as in any city."""
    named = {"code": "甲-01", "name": "东门片", "street_code": "331082001"} | properties
    return {"type": "Feature", "properties": named, "geometry": geometry}


def collection(*features: object, **members: object) -> bytes:
    """A GeoJSON file."""
    content = {"type": "FeatureCollection", **members, "features": features}
    return json.dumps(content, ensure_ascii=False).encode()


def prj(code: int) -> str:
    """The .prj of an EPSG code."""
    return CRS.from_epsg(code).to_wkt("WKT1_ESRI")


def layer(
    rows: list[tuple[list[list[list[float]]], dict[str, str]]],
    *,
    kind: int = shapefile.POLYGON,
    encoding: str = "gbk",
    titles: tuple[str, ...] = ("网格编码", "网格名称", "区划代码"),
) -> dict[str, bytes]:
    """The files of a layer by suffix; a row is its rings and its attributes."""
    out = {suffix: io.BytesIO() for suffix in ("shp", "shx", "dbf")}
    with shapefile.Writer(shapeType=kind, encoding=encoding, **out) as writer:  # type: ignore[arg-type]
        for title in titles:
            writer.field(title, "C", size=60)
        for rings, texts in rows:
            if kind == shapefile.POINT:
                writer.point(*rings[0][0])
            elif kind == shapefile.POLYLINE:
                writer.line(rings)
            elif kind == shapefile.POLYGONZ:
                writer.polyz(rings)
            else:
                writer.poly(rings)
            writer.record(*(texts.get(title, "") for title in titles))
    return {suffix: stream.getvalue() for suffix, stream in out.items()}


TEXTS = {"网格编码": "甲-01", "网格名称": "东门片", "区划代码": "331082001"}


def rings(west: float = WEST, south: float = SOUTH, side: float = SIDE) -> list[Any]:
    """A square as a shapefile has it: clockwise."""
    return [square(west, south, side)["coordinates"][0][::-1]]


def zipped(
    parts: dict[str, bytes | str], name: str = "cells", level: int = 9, **more: bytes
) -> bytes:
    """An archive of the parts of a layer, and of other files by their whole names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for suffix, content in parts.items():
            archive.writestr(f"{name}.{suffix}", content)
        for other, content in more.items():
            archive.writestr(other, content)
    return out.getvalue()


def shape_zip(*, epsg: int | None = 4326, leave_out: str = "", cpg: str = "", **more: Any) -> bytes:
    """A zipped shapefile of one cell."""
    corners = more.pop("corners", None) or rings()
    texts = dict(zip(more.get("titles", TEXTS), TEXTS.values(), strict=True))
    parts: dict[str, bytes | str] = dict(layer([(corners, texts)], **more))
    if epsg:
        parts["prj"] = prj(epsg)
    if cpg:
        parts["cpg"] = cpg
    parts.pop(leave_out, None)
    return zipped(parts)


@lru_cache
def many_corners(count: int) -> bytes:
    """A zipped shapefile whose one ring has so many corners, none like another."""
    import numpy as np

    turn = np.linspace(0, -2 * np.pi, count)
    points = np.column_stack([121 + np.cos(turn) / 9, 28 + np.sin(turn) / 9])
    points[-1] = points[0]
    body = struct.pack("<i4d2ii", 5, 120, 27, 122, 29, 1, count, 0) + points.astype("<f8").tobytes()
    record = struct.pack(">2i", 1, len(body) // 2) + body
    parts = layer([(rings(), TEXTS)])
    parts["shp"] = parts["shp"][:24] + struct.pack(">i", (100 + len(record)) // 2)
    parts["shp"] += layer([(rings(), TEXTS)])["shp"][28:100] + record
    parts["shx"] = parts["shx"][:100] + struct.pack(">2i", 50, len(body) // 2)
    return zipped(parts | {"prj": prj(4326)}, level=1)


def bomb() -> bytes:
    """A small archive that unpacks to a lot."""
    parts: dict[str, bytes | str] = dict(layer([(rings(), TEXTS)]))
    return zipped(parts | {"prj": prj(4326), "shp": b"\0" * (90 * 1024 * 1024)})


def encrypted() -> bytes:
    """An archive that says of itself that it is locked."""
    data = bytearray(shape_zip())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def kml(body: str, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    """A KML file with this in its document."""
    return (
        f'{declaration}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}'
        "</Document></kml>"
    )


def placemark(coordinates: str, name: str = "东门片", code: str = "甲-01") -> str:
    """A placemark with a polygon."""
    return (
        f"<Placemark><name>{name}</name><ExtendedData>"
        f'<Data name="code"><value>{code}</value></Data>'
        '<Data name="area_code"><value>331082001</value></Data></ExtendedData>'
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{coordinates}</coordinates>"
        "</LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )


SQUARE_KML = "121.12,28.85 121.13,28.85 121.13,28.86 121.12,28.86 121.12,28.85"
SQUARE_WKT = "POLYGON ((121.12 28.85, 121.13 28.85, 121.13 28.86, 121.12 28.86, 121.12 28.85))"


def table(*rows: str, titles: str = "网格编码,网格名称,区划代码,WKT") -> bytes:
    """A CSV file."""
    return "\r\n".join([titles, *rows]).encode()
