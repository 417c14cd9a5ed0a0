"""One door for files of features: the kind is told by the content, coordinates become WGS-84."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import Words, check_size
from grids.formats.archive import opened
from grids.formats.base import MAX_BYTES, SHAPEFILE, RawFeature, RawFile, refuse
from grids.formats.geojson import read_geojson
from grids.formats.kml import read_kml
from grids.formats.shapefile import read_shapefile
from grids.formats.systems import Positions, agreed, to_wgs84
from grids.formats.wkt import read_csv

_ARCHIVE = b"PK\x03\x04"
_SNIFFED = 4096
_FOREIGN: tuple[tuple[bytes, Words], ...] = (
    (b"%PDF", _("PDF")),
    (b"\x89PNG", _("图片")),
    (b"\xff\xd8\xff", _("图片")),
    (b"GIF8", _("图片")),
    (b"\xd0\xcf\x11\xe0", _("旧版 Office 文件")),
    (b"Rar!", _("RAR 压缩包")),
    (b"7z\xbc\xaf", _("7z 压缩包")),
    (b"\x1f\x8b", _("gz 压缩包")),
    (b"AC10", _("CAD 图（.dwg）")),
    (b"SQLite format 3", _("GeoPackage 数据库")),
)
_SHP = b"\x00\x00\x27\x0a"
MAX_NESTING = 4


@dataclass(frozen=True, slots=True)
class Read:
    """A file whose coordinates are in WGS-84: what it says of itself, and by which system it was
    read. Geometries are still unchecked."""

    kind: str
    names: tuple[str, ...]
    features: Sequence[RawFeature]
    declared: str
    system: str


def read_file(data: bytes, *, chosen: str = "", noun: Words = "") -> Read:
    """The features of a GeoJSON, zipped shapefile, KML or CSV file, in WGS-84.

    `chosen` is the system that a person names, "" for what the file says; see
    `systems.agreed`. Raises TableError with what is wrong with the file as a whole.
    """
    raw = _raw(data, noun)
    if raw.kind == SHAPEFILE and not raw.declared and not chosen:
        raise refuse(
            _("压缩包里没有 .prj，说不清是什么坐标系；请把 .prj 一起打包，或选好坐标系再上传。")
        )
    system = agreed(raw.declared, chosen)
    convert = to_wgs84(system)
    features = raw.features if convert is None else _converted(raw.features, convert)
    return Read(raw.kind, raw.names, features, raw.declared, system)


def _raw(data: bytes, noun: Words) -> RawFile:
    check_size(data, MAX_BYTES)
    head = data[:_SNIFFED].removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, kind in _FOREIGN:
        if head.startswith(mark):
            words = _("这是%(kind)s，不是网格文件；请导出 GeoJSON 或打包成 .zip 的 Shapefile。")
            raise refuse(words % {"kind": kind})
    if head.startswith(_SHP):
        raise refuse(
            _("只有一个 .shp 不够；请把同名的 .shp、.shx、.dbf、.prj 一起打包成一个 .zip。")
        )
    if head.startswith(_ARCHIVE):
        return _from_archive(data)
    if head.startswith(b"<"):
        return _from_markup(data, head)
    if head.startswith((b"{", b"[")) or b"{" in head[:64]:
        return read_geojson(data, noun)
    return read_csv(data)


def _from_archive(data: bytes) -> RawFile:
    with opened(data) as archive:
        names = list(archive)
        marks = archive.ending(".kml")
        if any(name.endswith(".xlsx") or name == "xl/workbook.xml" for name in names):
            raise refuse(_("这是 Excel 文件，没有边界；请导出 GeoJSON 或打包好的 Shapefile。"))
        if len(marks) == 1 and not archive.ending(".shp"):
            return read_kml(archive.read(marks[0]))
    return read_shapefile(data)


def _from_markup(data: bytes, head: bytes) -> RawFile:
    low = head.lower()
    if b"<html" in low or b"<!doctype html" in low or b"<body" in low:
        raise refuse(
            _("这是一个网页，不是网格文件：多半是没登录就下载了；请登录后重新下载，再上传。")
        )
    return read_kml(data)


# --- Coordinates ----------------------------------------------------------------------------


def _converted(
    features: Sequence[RawFeature], convert: Callable[[Positions], Positions]
) -> list[RawFeature]:
    """The features with their positions converted, all at once."""
    found: list[tuple[float, float]] = []
    for feature in features:
        _gather(_coordinates(feature), found, 0)
    there = iter(convert(np.array(found, dtype=float).reshape(-1, 2)).tolist())
    return [_put(feature, there) for feature in features]


def _coordinates(feature: RawFeature) -> object:
    return feature.geometry.get("coordinates") if isinstance(feature.geometry, Mapping) else None


def _gather(value: object, found: list[tuple[float, float]], depth: int) -> None:
    if _is_position(value):
        found.append((value[0], value[1]))  # type: ignore[index]
    elif isinstance(value, list) and depth < MAX_NESTING:
        for item in value:
            _gather(item, found, depth + 1)


def _put(feature: RawFeature, there: Any) -> RawFeature:
    if not isinstance(feature.geometry, Mapping):
        return feature
    placed = _placed(_coordinates(feature), there, 0)
    geometry = {"type": feature.geometry.get("type"), "coordinates": placed}
    return RawFeature(feature.number, feature.properties, geometry, feature.is_solid)


def _placed(value: object, there: Any, depth: int) -> object:
    if _is_position(value):
        return next(there)
    if isinstance(value, list) and depth < MAX_NESTING:
        return [_placed(item, there, depth + 1) for item in value]
    return value


def _is_position(value: object) -> bool:
    """Whether a value is a position of plain numbers; all else stays as it is and is found wrong
    by whoever checks it."""
    if not isinstance(value, list) or not 2 <= len(value) <= 3:
        return False
    return all(
        isinstance(number, int | float) and not isinstance(number, bool) and abs(number) < 1e12
        for number in value[:2]
    )
