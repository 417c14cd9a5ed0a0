"""Shapes as people upload them: every error of a GeoJSON file in words, by feature and place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext_lazy as _
from shapely.geometry import mapping, shape

from citymgmt.geometry import GeometryError, Position, area_m2, parse_line, parse_polygon
from citymgmt.spreadsheets import MAX_ERRORS, CellError, TableError, Words
from grids.formats.geojson import read_geojson

# Neighbours that were drawn apart share a border only to the last decimal: slivers are no overlap.
OVERLAP_M2 = 100.0
# At the equator, and a little more.
_SQUARE_DEGREE_M2 = 1.3e10

_CODE = re.compile(r"[\w-]{1,30}")
_NAME_LENGTH = 60

_GEOMETRY_WORDS: dict[str, Words] = {
    "malformed": _("坐标的写法不对，应是一层层的 [经度, 纬度]。"),
    "wrong_type": _("应是面（Polygon 或 MultiPolygon），请改画成面。"),
    "not_a_line": _("应是线（LineString），请改画成一条线。"),
    "empty": _("没有坐标，请补画边界。"),
    "not_a_number": _("坐标里有不是数字的内容，请改正。"),
    "out_of_range": _("坐标超出经纬度范围，请核对坐标系是否为 CGCS2000 或 WGS-84 经纬度。"),
    "swapped": _("经度和纬度写反了，应先写经度。"),
    "not_closed": _("边界没有闭合，最后一点应与第一点相同。"),
    "too_few_points": _("边界的点太少，至少要三个不同的点。"),
    "line_too_short": _("线的点太少，至少要两个不同的点。"),
    "too_many_points": _("点太多，请先简化再导入。"),
    "self_intersection": _("边界自己与自己相交，请改画。"),
    "hole_outside": _("内部的空洞超出了外边界，请改画。"),
}


@dataclass(frozen=True, slots=True)
class FileOf:
    """What the features of a file are: the word for one, and what makes its geometry sound."""

    noun: Words
    parse: Callable[[object], dict[str, Any]]


CELLS = FileOf(_("网格"), parse_polygon)
SEGMENTS = FileOf(_("路段"), parse_line)


@dataclass(frozen=True, slots=True)
class FeatureError(CellError):
    """An error of one feature: `line` is its number in the file, from 1."""

    noun: Words = ""

    def __str__(self) -> str:
        words = {"number": self.line, "column": self.column, "message": self.message}
        said = _("第 %(number)s 个%(noun)s「%(column)s」：%(message)s")
        return str(said) % (words | {"noun": self.noun})


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong with a feature: its property, what to do, and a place where one shows it."""

    column: str
    message: str
    at: Position | None


class FeatureFindings:
    """Collects what is wrong with a file of features, and raises it all at once."""

    def __init__(self, kind: FileOf) -> None:
        self.kind = kind
        self._errors: list[CellError] = []
        self._total = 0
        self.by_number: dict[int, list[Wrong]] = {}

    def add(self, number: int, column: str, message: Words, at: Position | None = None) -> None:
        """Note one error of a feature, and the place that shows it where one does."""
        self._total += 1
        self.by_number.setdefault(number, []).append(Wrong(column, str(message), at))
        if len(self._errors) < MAX_ERRORS:
            self._errors.append(FeatureError(number, column, str(message), self.kind.noun))

    def raise_if_any(self) -> None:
        """Raise TableError if anything was noted."""
        if self._total:
            raise TableError(sorted(self._errors, key=lambda one: one.line), self._total)


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature as the file has it: its number in the file, clean text, a sound shape or None."""

    number: int
    texts: dict[str, str] = field(default_factory=dict)
    geometry: dict[str, Any] | None = None


def read_features(
    data: bytes, properties: Sequence[str], findings: FeatureFindings
) -> list[Feature]:
    """The features of a GeoJSON FeatureCollection, with the named properties as clean text.

    Raises TableError where the file as a whole is not one; errors of features go to `findings`.
    """
    found = []
    for raw in read_geojson(data, findings.kind.noun).features:
        texts = {name: raw.properties.get(name, "") for name in properties}
        found.append(Feature(raw.number, texts, _geometry(raw.geometry, raw.number, findings)))
    return found


def _geometry(geometry: object, number: int, findings: FeatureFindings) -> dict[str, Any] | None:
    try:
        return findings.kind.parse(geometry)
    except GeometryError as error:
        findings.add(number, "geometry", geometry_words(error), error.at)
        return None


def geometry_words(error: GeometryError) -> str:
    """What is wrong with a border or a line, and where."""
    message = str(_GEOMETRY_WORDS[error.code])
    if error.at:
        message += str(_("（%(place)s 处）")) % {"place": place_words(*error.at)}
    return message


def check_code(
    number: int,
    code: str,
    numbers: dict[str, int],
    findings: FeatureFindings,
    column: str = "code",
) -> None:
    """Note a code that cannot be, or that another feature has; `numbers` grows by this one."""
    if not _CODE.fullmatch(code):
        findings.add(number, column, _("应是 1 到 30 个汉字、字母、数字或短横，请改正。"))
    elif code in numbers:
        words = {"code": code, "number": numbers[code], "noun": findings.kind.noun}
        message = _("%(code)s 与第 %(number)s 个%(noun)s重复，请删去一个。") % words
        findings.add(number, column, message)
    numbers.setdefault(code, number)


def check_name(number: int, name: str, findings: FeatureFindings, column: str = "name") -> None:
    """Note a name that is missing or too long."""
    if not 0 < len(name) <= _NAME_LENGTH:
        message = _("应有 1 到 %(limit)s 个字，请填写。") % {"limit": _NAME_LENGTH}
        findings.add(number, column, message)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two shapes by their position in the list, how much they share, and a point within it."""

    first: int
    second: int
    square_metres: float
    lon: float
    lat: float


def overlaps(polygons: Sequence[Mapping[str, Any]], among: int) -> list[Overlap]:
    """Pairs that overlap by more than a sliver, of which at least one is of the first `among`.

    Takes valid GeoJSON polygons; sorted by position.
    """
    if not among:
        return []
    shapes = np.array([shape(polygon) for polygon in polygons], dtype=object)
    pairs = shapely.STRtree(shapes).query(shapes[:among], predicate="intersects")
    # Each pair once, and none with itself.
    lefts, rights = pairs[:, pairs[0] < pairs[1]]
    shared = shapely.intersection(shapes[lefts], shapes[rights])
    degrees = shapely.area(shared)
    found = []
    # By a measure that is generous everywhere; only what may be too much is measured truly.
    for place in np.flatnonzero(degrees * _SQUARE_DEGREE_M2 > OVERLAP_M2).tolist():
        areal = _areal(shared[place])
        size = area_m2(mapping(areal))
        if size > OVERLAP_M2:
            inside = areal.representative_point()
            pair = int(lefts[place]), int(rights[place])
            found.append(Overlap(*pair, size, inside.x, inside.y))
    return sorted(found, key=lambda one: (one.first, one.second))


def _areal(geometry: shapely.Geometry) -> shapely.Geometry:
    """Only what has an area: two cells that touch also share lines and points."""
    parts = getattr(geometry, "geoms", [geometry])
    return shapely.union_all([part for part in parts if part.geom_type.endswith("Polygon")])


def place_words(lon: float, lat: float) -> str:
    """A point for people: longitude, latitude."""
    return f"{lon:.6f}, {lat:.6f}"
