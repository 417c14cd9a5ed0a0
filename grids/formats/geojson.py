"""GeoJSON in and out. Strict in: no doubled names, no NaN, no nesting beyond measure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import CellError, TableError, Words, check_size
from citymgmt.texts import clean_text
from grids.formats.base import (
    GEOJSON,
    MAX_BYTES,
    MAX_FEATURES,
    MAX_FIELDS,
    MAX_POSITIONS,
    MAX_TEXT,
    OutCell,
    RawFeature,
    RawFile,
    number_text,
    refuse,
)
from grids.formats.systems import CGCS2000, CHOICES, MERCATOR, declared_by_name

# Seven levels are all that a MultiPolygon in a collection needs.
MAX_DEPTH = 60
SYSTEM = "coordinate_system"
_URN = "urn:ogc:def:crs:EPSG::"
_EPSG = {CGCS2000: "4490", MERCATOR: "3857"}


def read_geojson(data: bytes, noun: Words) -> RawFile:
    """The features of a FeatureCollection. Raises TableError; `noun` is the word for one."""
    content = _decoded(data)
    features = content.get("features") if isinstance(content, Mapping) else None
    if not isinstance(content, Mapping) or not isinstance(features, list):
        raise refuse(_("文件不是 GeoJSON 的 FeatureCollection，请重新导出后再导入。"))
    if not features:
        raise refuse(_("文件里一个%(noun)s也没有，请补上后再导入。") % {"noun": noun})
    if len(features) > MAX_FEATURES:
        message = _("超过 %(limit)s 个%(noun)s，请分成几个文件再导入。")
        raise refuse(message % {"limit": MAX_FEATURES, "noun": noun})
    found = [_feature(number, item) for number, item in enumerate(features, 1)]
    names = tuple(dict.fromkeys(name for feature in found for name in feature.properties))
    return RawFile(GEOJSON, names[:MAX_FIELDS], found, _declared(content))


def _decoded(data: bytes) -> object:
    check_size(data, MAX_BYTES)
    _check_brackets(data)
    try:
        text = data.decode("utf-8-sig")
        return json.loads(text, parse_constant=_not_a_number, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        message = _("第 %(column)s 个字符处不是完整的 JSON，请重新导出 GeoJSON。")
        place = CellError(error.lineno, "", str(message) % {"column": error.colno})
        raise TableError([place], 1) from error
    # Not UTF-8, or a number out of all bounds.
    except (ValueError, RecursionError) as error:
        message = _("文件不是 UTF-8 编码的 GeoJSON，请重新导出后再导入。")
        raise refuse(message) from error


def _check_brackets(data: bytes) -> None:
    """Refuse what would cost too much to read: too deep, or too many positions."""
    if data.count(b"[") > 3 * MAX_POSITIONS // 2:
        raise too_many_positions()
    signs = np.frombuffer(data, dtype=np.uint8)
    steps = np.zeros(len(signs), dtype=np.int8)
    steps[(signs == ord("[")) | (signs == ord("{"))] = 1
    steps[(signs == ord("]")) | (signs == ord("}"))] = -1
    if int(np.cumsum(steps, dtype=np.int32).max()) > MAX_DEPTH:
        raise refuse(_("括号套得太深，不是 GeoJSON，请重新导出后再导入。"))


def too_many_positions() -> TableError:
    """That a file has more corners than are taken at once."""
    message = _("边界的点一共超过 %(limit)s 万个，请先简化边界，或分成几个文件再导入。")
    return refuse(message % {"limit": MAX_POSITIONS // 10_000})


def _not_a_number(name: str) -> NoReturn:
    message = _("文件里有 %(name)s，不是数字，请改正坐标后重新导出。")
    raise refuse(message % {"name": name})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        name = next(one for one in names if names.count(one) > 1)
        message = _("“%(name)s”在同一个对象里写了两次，不知道该用哪个，请只留一个。")
        raise refuse(message % {"name": name[:40]})
    return found


def _feature(number: int, item: object) -> RawFeature:
    item = item if isinstance(item, Mapping) else {}
    raw = item.get("properties")
    raw = raw if isinstance(raw, Mapping) else {}
    texts = {name[:MAX_TEXT]: text_of(value) for name, value in raw.items()}
    geometry = item.get("geometry")
    return RawFeature(number, texts, geometry, is_solid=_is_solid(geometry))


def text_of(value: object) -> str:
    """A property as clean text; what is neither text nor number is nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = value if isinstance(value, str) else number_text(str(value))
    return clean_text(text[: 4 * MAX_TEXT])[:MAX_TEXT]


def _is_solid(geometry: object) -> bool:
    """Whether the first position has a height."""
    inner = geometry.get("coordinates") if isinstance(geometry, Mapping) else None
    for _level in range(MAX_DEPTH):
        if not isinstance(inner, list) or not inner:
            return False
        if not isinstance(inner[0], list):
            return len(inner) > 2
        inner = inner[0]
    return False


def _declared(content: Mapping[str, Any]) -> str:
    """What the collection says of its coordinates: our own word, or a `crs` as of old."""
    if content.get(SYSTEM) in CHOICES:
        return str(content[SYSTEM])
    crs = content.get("crs")
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    return declared_by_name(name) if isinstance(name, str) else ""


def write_geojson(cells: Sequence[OutCell], system: str) -> bytes:
    """A FeatureCollection that says in which system it is."""
    content: dict[str, Any] = {"type": "FeatureCollection", SYSTEM: system}
    if system in _EPSG:
        content["crs"] = {"type": "name", "properties": {"name": _URN + _EPSG[system]}}
    content["features"] = [
        {
            "type": "Feature",
            "properties": {"code": cell.code, "name": cell.name, "area_code": cell.area_code},
            "geometry": cell.polygon,
        }
        for cell in cells
    ]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
