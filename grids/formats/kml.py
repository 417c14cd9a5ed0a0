"""KML in and out: placemarks with polygons, as map programs on the desk write them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import check_size
from citymgmt.texts import clean_text
from grids.formats.base import (
    KML,
    MAX_BYTES,
    MAX_FEATURES,
    MAX_FIELDS,
    MAX_POSITIONS,
    MAX_TEXT,
    OutCell,
    RawFeature,
    RawFile,
    refuse,
)
from grids.formats.geojson import too_many_positions
from grids.formats.systems import WGS84

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_GEOMETRIES = ("Polygon", "MultiGeometry", "Point", "LineString", "LinearRing")
_MAX_ELEMENTS = 600_000
_GBK = re.compile(rb"""\s*<\?xml[^>]{0,80}encoding=["'](?:gb|cp936)[^>]{0,40}\?>""", re.IGNORECASE)


def read_kml(data: bytes) -> RawFile:
    """The placemarks of a file. Raises TableError."""
    check_size(data, MAX_BYTES)
    if data.count(b",") > 3 * MAX_POSITIONS or data.count(b"<") > 2 * _MAX_ELEMENTS:
        raise too_many_positions()
    try:
        root = fromstring(_in_utf8(data), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise refuse(_("不是完整的 KML，请从地图软件重新导出。")) from error
    if _tag(root) != "kml":
        raise refuse(_("这是 XML，但不是 KML；请导出 KML 或 GeoJSON 再上传。"))
    marks = [element for element in root.iter() if _tag(element) == "Placemark"]
    if not marks:
        raise refuse(_("KML 里没有地标（Placemark），请把网格画成多边形再导出。"))
    if len(marks) > MAX_FEATURES:
        words = _("超过 %(limit)s 个网格，请分成几个文件再导入。")
        raise refuse(words % {"limit": MAX_FEATURES})
    features = [_feature(number, mark) for number, mark in enumerate(marks, 1)]
    names = tuple(dict.fromkeys(name for one in features for name in one.properties))
    return RawFile(KML, names[:MAX_FIELDS], features, WGS84)


def _in_utf8(data: bytes) -> bytes:
    """The parser knows no encoding of Chinese but UTF-8 and UTF-16."""
    declaration = _GBK.match(data)
    if declaration is None:
        return data
    return data[declaration.end() :].decode("gb18030").encode()


def _tag(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _feature(number: int, mark: Element) -> RawFeature:
    texts: dict[str, str] = {}
    geometry = None
    for child in mark:
        tag = _tag(child)
        if tag == "name":
            texts["name"] = _text(child)
        elif tag == "ExtendedData":
            texts |= dict(_extended(child))
        elif tag in _GEOMETRIES:
            geometry = child
    solids: list[bool] = []
    return RawFeature(number, texts, _geometry(geometry, solids), is_solid=any(solids))


def _text(element: Element | None) -> str:
    return (
        clean_text((element.text or "")[: 4 * MAX_TEXT])[:MAX_TEXT] if element is not None else ""
    )


def _extended(element: Element) -> Iterator[tuple[str, str]]:
    for child in element.iter():
        name = child.get("name", "")[:MAX_TEXT]
        if _tag(child) == "Data" and name:
            yield name, _text(next((one for one in child if _tag(one) == "value"), None))
        elif _tag(child) == "SimpleData" and name:
            yield name, _text(child)


def _geometry(element: Element | None, solids: list[bool]) -> object:
    if element is None:
        return None
    if _tag(element) == "Polygon":
        return {"type": "Polygon", "coordinates": _rings(element, solids)}
    if _tag(element) == "MultiGeometry":
        parts = [_rings(child, solids) for child in element if _tag(child) == "Polygon"]
        kind = "MultiPolygon" if len(parts) == len(element) else "GeometryCollection"
        return {"type": kind, "coordinates": parts}
    return {"type": _tag(element), "coordinates": []}


def _rings(polygon: Element, solids: list[bool]) -> list[Any]:
    shells = [child for child in polygon if _tag(child) == "outerBoundaryIs"]
    holes = [child for child in polygon if _tag(child) == "innerBoundaryIs"]
    lines = [
        element
        for border in (*shells, *holes)
        for element in border.iter()
        if _tag(element) == "coordinates"
    ]
    return [_positions(line.text or "", solids) for line in lines]


def _positions(text: str, solids: list[bool]) -> Any:
    """The positions of a line; None where one is not numbers."""
    found = []
    for word in text.split():
        numbers = word.split(",")
        try:
            found.append([float(number) for number in numbers[:2]])
        except ValueError:
            return None
        # Many programs write a height of nothing.
        solids.append(len(numbers) > 2 and numbers[2].strip("0.") != "")
    return found


def write_kml(cells: Sequence[OutCell], _system: str) -> bytes:
    """A document of placemarks; the code stands in the extended data."""
    root = Element("kml", xmlns=_NAMESPACE)
    document = SubElement(root, "Document")
    for cell in cells:
        mark = SubElement(document, "Placemark")
        SubElement(mark, "name").text = cell.name
        extended = SubElement(mark, "ExtendedData")
        for name, value in (("code", cell.code), ("area_code", cell.area_code)):
            SubElement(SubElement(extended, "Data", name=name), "value").text = value
        _add_geometry(mark, cell.polygon)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _add_geometry(mark: Element, polygon: Any) -> None:
    parts = polygon["coordinates"]
    if polygon["type"] == "Polygon":
        _add_polygon(mark, parts)
        return
    several = SubElement(mark, "MultiGeometry")
    for rings in parts:
        _add_polygon(several, rings)


def _add_polygon(parent: Element, rings: Sequence[Sequence[Sequence[float]]]) -> None:
    element = SubElement(parent, "Polygon")
    for place, ring in enumerate(rings):
        border = SubElement(element, "innerBoundaryIs" if place else "outerBoundaryIs")
        line = SubElement(SubElement(border, "LinearRing"), "coordinates")
        line.text = " ".join(f"{point[0]!r},{point[1]!r}" for point in ring)
