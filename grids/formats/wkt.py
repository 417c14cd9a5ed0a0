"""CSV with a column of WKT, in and out: what databases and spreadsheets exchange."""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import CellError, TableError, check_size, decoded
from citymgmt.texts import clean_text, neutralise
from grids.formats.base import (
    CSV,
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
from grids.formats.systems import MERCATOR, declared_by_name

_WKT = re.compile(
    r"\s*(?:SRID=(\d{4,6});)?\s*((?:MULTI)?POLYGON)\s*(Z|M|ZM)?\s*(\([\d\s.,eE+()-]*\)|EMPTY)\s*",
    re.IGNORECASE,
)
_ANY_WKT = re.compile(r"\s*(?:SRID=\d+;)?\s*[A-Z]{4,}\s*(?:ZM|Z|M)?\s*[(E]", re.IGNORECASE)
# Nothing here is tried twice: the texts are strangers', and long.
_POSITION = re.compile(r"(?<![-+\d.eE])([-+\d.eE]++)\s++([-+\d.eE]++)((?:\s++[-+\d.eE]++)*+)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_FIELD = re.compile(
    r'(?:"([^"]*+(?:""[^"]*+)*+)"|([^",\t;\r\n][^,\t;\r\n]*+)|)([,\t;]|\r\n|\n|\r|$)'
)
_TITLES = ("网格编码", "网格名称", "区划代码", "WKT")


def read_csv(data: bytes) -> RawFile:
    """The rows of a table one of whose columns is WKT. Raises TableError."""
    check_size(data, MAX_BYTES)
    text = decoded(data)
    if text.count(",") > 2 * MAX_POSITIONS:
        raise too_many_positions()
    lines = [
        line for line in _lines(text.lstrip("\ufeff")) if any(cell.strip() for cell in line[1])
    ]
    if len(lines) < 2:
        raise refuse(_("表格里没有网格：第一行是表头，下面每行一个网格，其中一列是 WKT 边界。"))
    titles, rows = lines[0][1][:MAX_FIELDS], lines[1:]
    if len(rows) > MAX_FEATURES:
        words = _("超过 %(limit)s 行，请分成几个文件再导入。")
        raise refuse(words % {"limit": MAX_FEATURES})
    shapes = next((i for i in range(len(titles)) if _ANY_WKT.match(_cell(rows[0][1], i))), None)
    if shapes is None:
        raise refuse(_("表格里没有一列是 WKT 边界（POLYGON((经度 纬度, …))），请补上这一列。"))
    names = _names(titles)
    features = [_feature(number, names, row, shapes) for number, (_line, row) in enumerate(rows, 1)]
    kept = tuple(name for place, name in enumerate(names) if place != shapes)
    return RawFile(CSV, kept, features, _declared([_cell(row, shapes) for _line, row in rows]))


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The cells line by line. The library's reader bounds cells for all who use it; a border may
    be longer."""
    cells: list[str] = []
    at, line = 0, 1
    while at < len(text):
        found = _FIELD.match(text, at)
        if found is None:
            message = _("引号不成对，请检查这一行的引号。")
            raise TableError([CellError(line, "", str(message))], 1)
        quoted, plain, end = found.groups()
        cells.append(quoted.replace('""', '"') if quoted is not None else plain or "")
        at = found.end()
        if end in (",", "\t", ";"):
            continue
        yield line, cells
        line += 1 + (quoted or "").count("\n")
        cells = []
    if cells:
        yield line, cells


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _names(titles: Sequence[str]) -> list[str]:
    names: list[str] = []
    for place, title in enumerate(titles):
        name = clean_text(title)[:MAX_TEXT] or f"field{place + 1}"
        again = names.count(name)
        names.append(f"{name}_{again + 1}" if again else name)
    return names


def _feature(number: int, names: list[str], row: Sequence[str], shapes: int) -> RawFeature:
    texts = {
        name: _unmarked(clean_text(_cell(row, place))[:MAX_TEXT])
        for place, name in enumerate(names)
        if place != shapes
    }
    found = _WKT.fullmatch(_cell(row, shapes))
    if found is None:
        return RawFeature(number, texts, {"type": "Polygon", "coordinates": None})
    return RawFeature(number, texts, _geometry(found[2], found[4]), is_solid=_is_solid(found[4]))


def _unmarked(text: str) -> str:
    """Without the apostrophe by which an export kept a spreadsheet from reckoning it."""
    return text[1:] if text[:1] == "'" and neutralise(text[1:]) != text[1:] else text


def _geometry(kind: str, body: str) -> dict[str, Any]:
    kind = "MultiPolygon" if kind.upper().startswith("MULTI") else "Polygon"
    listed = _POSITION.sub(lambda found: f"[{found[1]},{found[2]}]", body)
    listed = _NUMBER.sub(lambda found: repr(float(found[0])), listed)
    try:
        coordinates = json.loads(listed.replace("(", "[").replace(")", "]"))
    # Brackets that do not match, numbers with two points.
    except (ValueError, RecursionError):
        coordinates = None
    return {"type": kind, "coordinates": [] if body.upper() == "EMPTY" else coordinates}


def _is_solid(body: str) -> bool:
    first = _POSITION.search(body)
    return bool(first and first[3])


def _declared(shapes: Sequence[str]) -> str:
    """What the first border says in front of itself, as databases do."""
    found = _WKT.fullmatch(shapes[0])
    return declared_by_name(f"EPSG:{found[1]}") if found and found[1] else ""


def write_csv(cells: Sequence[OutCell], system: str) -> bytes:
    """A table in UTF-8 with mark, so that spreadsheets show Chinese."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_TITLES)
    srid = "SRID=3857;" if system == MERCATOR else ""
    for cell in cells:
        texts = (neutralise(text) for text in (cell.code, cell.name, cell.area_code))
        writer.writerow([*texts, srid + _wkt(cell.polygon)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _wkt(polygon: Any) -> str:
    if polygon["type"] == "Polygon":
        return f"POLYGON {_rings(polygon['coordinates'])}"
    return f"MULTIPOLYGON ({', '.join(_rings(rings) for rings in polygon['coordinates'])})"


def _rings(rings: Sequence[Sequence[Sequence[float]]]) -> str:
    return f"({', '.join(_ring(ring) for ring in rings)})"


def _ring(ring: Sequence[Sequence[float]]) -> str:
    return f"({', '.join(f'{point[0]!r} {point[1]!r}' for point in ring)})"
