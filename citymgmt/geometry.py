"""Points and polygons on the WGS-84 ellipsoid. Pure: shapely and pyproj, no framework.

Longitudes and latitudes are degrees in WGS-84, always in the order lon, lat; lengths are
metres. Polygons come and go as GeoJSON geometries (dicts). What a person draws or uploads goes
through `parse_polygon` before anything else here touches it.
"""

import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import numpy as np
import shapely
from shapely.geometry import LinearRing, MultiPolygon, Polygon, mapping, shape
from shapely.geometry.polygon import orient

if TYPE_CHECKING:
    from pyproj import Geod

Geometry = Mapping[str, Any]
Position = tuple[float, float]
Id = TypeVar("Id", int, str)

EARTH_RADIUS_M = 6_371_008.8
MAX_VERTICES = 20_000
# About a millimetre: a point in the hair's breadth that rounding leaves between two cells.
SEAM_DEGREES = 1e-8
# Distances between two borders that are reckoned at most, corner by corner.
_MOST_EFFORT = 4_000_000

_METRES_PER_DEGREE = math.radians(1) * EARTH_RADIUS_M


class GeometryError(ValueError):
    """A geometry that cannot be used.

    `code` is one of `malformed`, `wrong_type`, `empty`, `not_a_number`, `out_of_range`,
    `swapped` (latitude first), `not_closed`, `too_few_points`, `too_many_points`,
    `self_intersection`, `hole_outside`, and of lines `not_a_line`, `line_too_short`; `at` is the
    (lon, lat) that shows it, where one does. The caller that speaks to people has the words.
    """

    def __init__(self, code: str, message: str, at: Position | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at


# --- Validation -----------------------------------------------------------------------------


def parse_polygon(geojson: object, *, max_vertices: int = MAX_VERTICES) -> dict[str, Any]:
    """A clean GeoJSON Polygon or MultiPolygon from anything at all.

    Promises closed, simple rings of at least 4 positions within the globe, holes inside their
    shell, parts that do not overlap, shells counter-clockwise (RFC 7946), 2 dimensions, floats,
    no further members. Raises GeometryError.
    """
    if not isinstance(geojson, Mapping):
        raise GeometryError("malformed", "a geometry is a JSON object")
    kind, coordinates = geojson.get("type"), geojson.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise GeometryError("wrong_type", "a Polygon or MultiPolygon is needed")
    parts = [coordinates] if kind == "Polygon" else coordinates
    polygons = [_parse_rings(part, max_vertices) for part in _listed(parts)]
    if not polygons:
        raise GeometryError("empty", "the geometry has no part")
    if sum(shapely.get_num_coordinates(polygons)) > max_vertices:
        raise GeometryError("too_many_points", f"more than {max_vertices} positions")
    whole = polygons[0] if kind == "Polygon" else MultiPolygon(polygons)
    _require_valid(whole)
    return _as_geojson(whole)


def mend_polygon(geojson: object, *, max_vertices: int = MAX_VERTICES) -> dict[str, Any]:
    """A clean GeoJSON Polygon or MultiPolygon of what a border that crosses itself encloses.

    For what `parse_polygon` refuses with `self_intersection` or `hole_outside`; promises the same.
    Raises GeometryError where nothing with an area is left, or something else is wrong.
    """
    kind = geojson.get("type") if isinstance(geojson, Mapping) else None
    coordinates = geojson.get("coordinates") if isinstance(geojson, Mapping) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise GeometryError("wrong_type", "a Polygon or MultiPolygon is needed")
    listed = [coordinates] if kind == "Polygon" else _listed(coordinates)
    crude = []
    for part in listed:
        rings = [_parse_positions(ring, max_vertices) for ring in _listed(part)]
        if rings:
            crude.append(Polygon(rings[0], rings[1:]))
    if not crude:
        raise GeometryError("empty", "the geometry has no part")
    pieces = shapely.get_parts(shapely.get_parts(shapely.make_valid(np.array(crude))))
    sound = shapely.union_all([piece for piece in pieces if piece.geom_type == "Polygon"])
    parts = [orient(part) for part in shapely.get_parts(sound) if part.geom_type == "Polygon"]
    if not parts:
        raise GeometryError("empty", "nothing with an area is left")
    return parse_polygon(_as_geojson(parts[0] if len(parts) == 1 else MultiPolygon(parts)))


def parse_line(geojson: object, *, max_vertices: int = MAX_VERTICES) -> dict[str, Any]:
    """A clean GeoJSON LineString from anything at all.

    Promises at least 2 different positions within the globe, 2 dimensions, floats, no further
    members. Raises GeometryError.
    """
    if not isinstance(geojson, Mapping):
        raise GeometryError("malformed", "a geometry is a JSON object")
    if geojson.get("type") != "LineString":
        raise GeometryError("not_a_line", "a LineString is needed")
    listed = _listed(geojson.get("coordinates"))
    if len(listed) > max_vertices:
        raise GeometryError("too_many_points", f"more than {max_vertices} positions")
    positions = [_parse_position(item) for item in listed]
    if len(set(positions)) < 2:
        raise GeometryError("line_too_short", "a line has at least 2 different positions")
    return {"type": "LineString", "coordinates": [list(position) for position in positions]}


def _parse_rings(rings: object, max_vertices: int) -> Polygon:
    parsed = [_parse_ring(ring, max_vertices) for ring in _listed(rings)]
    if not parsed:
        raise GeometryError("empty", "a polygon has no ring")
    return orient(Polygon(parsed[0], parsed[1:]))


def _parse_ring(ring: object, max_vertices: int) -> list[Position]:
    positions = _parse_positions(ring, max_vertices)
    _require_valid(Polygon(LinearRing(positions)))
    return positions


def _parse_positions(ring: object, max_vertices: int) -> list[Position]:
    """The positions of a closed ring that may cross itself."""
    listed = _listed(ring)
    if len(listed) > max_vertices:
        raise GeometryError("too_many_points", f"more than {max_vertices} positions")
    positions = [_parse_position(item) for item in listed]
    if len(positions) < 4:
        raise GeometryError("too_few_points", "a ring has at least 4 positions")
    if positions[0] != positions[-1]:
        raise GeometryError("not_closed", "a ring ends where it begins", positions[-1])
    if len(set(positions)) < 3:
        raise GeometryError("too_few_points", "a ring has at least 3 different positions")
    return positions


def _parse_position(item: object) -> Position:
    listed = _listed(item)
    if not 2 <= len(listed) <= 3:
        raise GeometryError("malformed", "a position is [longitude, latitude]")
    lon, lat = (_parse_number(number) for number in listed[:2])
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        swapped = -90 <= lon <= 90 and -180 <= lat <= 180
        code = "swapped" if swapped else "out_of_range"
        raise GeometryError(code, f"({lon}, {lat}) is not on the globe", (lon, lat))
    return lon, lat


def _parse_number(number: object) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise GeometryError("not_a_number", "a coordinate is a number")
    # An integer too large for a float is out of range all the same.
    value = float(number) if abs(number) < 1e9 else math.inf
    if not math.isfinite(value):
        raise GeometryError("not_a_number", "a coordinate is a finite number")
    return value


def _listed(value: object) -> list[object]:
    if not isinstance(value, list | tuple):
        raise GeometryError("malformed", "coordinates are nested lists")
    return list(value)


def _require_valid(geometry: Polygon | MultiPolygon) -> None:
    if geometry.is_valid:
        return
    # GEOS says e.g. "Self-intersection[121.1 28.8]".
    reason, _bracket, place = shapely.is_valid_reason(geometry).partition("[")
    lon, _space, lat = place.rstrip("]").partition(" ")
    at = (float(lon), float(lat)) if lat else None
    code = "hole_outside" if "hole" in reason.lower() else "self_intersection"
    raise GeometryError(code, reason, at)


def _as_geojson(geometry: Polygon | MultiPolygon) -> dict[str, Any]:
    raw = mapping(geometry)
    return {"type": raw["type"], "coordinates": _as_lists(raw["coordinates"])}


def _as_lists(value: Any) -> Any:
    return [_as_lists(item) for item in value] if isinstance(value, tuple | list) else value


# --- Measures -------------------------------------------------------------------------------


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Great-circle distance in metres on the mean sphere; within 0.6 % of the ellipsoid's."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_phi = (phi2 - phi1) / 2
    half_lambda = math.radians(lon2 - lon1) / 2
    chord = math.sin(half_phi) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


def bbox_around(lon: float, lat: float, metres: float) -> tuple[float, float, float, float]:
    """The smallest (west, south, east, north) that holds every point within `metres`.

    For places away from the poles and the date line; clamped to the globe there.
    """
    angle = metres / EARTH_RADIUS_M
    south, north = lat - math.degrees(angle), lat + math.degrees(angle)
    if south <= -90 or north >= 90:
        return -180.0, max(south, -90.0), 180.0, min(north, 90.0)
    wide = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(lat))))
    return max(lon - wide, -180.0), south, min(lon + wide, 180.0), north


@cache
def _geod() -> "Geod":
    """The ellipsoid; its library is large, and few processes measure."""
    from pyproj import Geod

    return Geod(ellps="WGS84")


def area_m2(geojson: Geometry) -> float:
    """Geodesic area in square metres of a valid GeoJSON Polygon or MultiPolygon, holes out."""
    geometry = shape(geojson)
    parts = geometry.geoms if isinstance(geometry, MultiPolygon) else [geometry]
    return sum(abs(_geod().geometry_area_perimeter(orient(part))[0]) for part in parts)


def same_polygon(first: Geometry, second: Geometry) -> bool:
    """Whether two valid GeoJSON polygons are the same to about a millimetre, wherever their rings
    begin and in whatever order their parts stand."""
    if first == second:
        return True
    one, other = _single(shape(first)), _single(shape(second))
    if one.geom_type != other.geom_type or _ring_count(one) != _ring_count(other):
        return False
    if np.abs(np.subtract(one.bounds, other.bounds)).max() > SEAM_DEGREES:
        return False
    if one.normalize().equals_exact(other.normalize(), SEAM_DEGREES):
        return True
    # Normalising may take nearly equal corners in another order.
    effort = int(shapely.get_num_coordinates(one)) * int(shapely.get_num_coordinates(other))
    return effort <= _MOST_EFFORT and one.hausdorff_distance(other) <= SEAM_DEGREES


def _single(geometry: Any) -> Any:
    """The one part of a MultiPolygon that has no more."""
    parts = getattr(geometry, "geoms", [geometry])
    return parts[0] if len(parts) == 1 else geometry


def _ring_count(geometry: Any) -> int:
    return sum(1 + len(part.interiors) for part in getattr(geometry, "geoms", [geometry]))


def line_metres(geometry: shapely.Geometry) -> float:
    """Geodesic length in metres of the lines of a shape in WGS-84 degrees; what is no line has
    none."""
    parts = getattr(geometry, "geoms", [geometry])
    return sum(_geod().geometry_length(part) for part in parts if part.geom_type == "LineString")


# --- Point to segment --------------------------------------------------------


class Nearest(NamedTuple, Generic[Id]):
    """A segment and how far from it the point lies, in metres."""

    id: Id
    metres: float


class SegmentIndex(Generic[Id]):
    """Point → nearest line (road segment). Built once, then read-only."""

    def __init__(self, items: Iterable[tuple[Id, Geometry]]) -> None:
        """`items` are (id, GeoJSON LineString or MultiLineString); ids are of one type."""
        pairs = sorted(((key, shape(geojson)) for key, geojson in items), key=lambda p: p[0])
        self._ids: list[Id] = [key for key, _line in pairs]
        self._lines = np.array([line for _key, line in pairs], dtype=object)
        self._tree = shapely.STRtree(self._lines)

    def __len__(self) -> int:
        return len(self._ids)

    def nearest(self, lon: float, lat: float, within_m: float) -> Nearest[Id] | None:
        """The nearest line within `within_m` metres, the smallest id where two are as near.

        Distances are taken on a plane at the point: good to 0.1 % within a few kilometres.
        """
        if not (math.isfinite(lon) and math.isfinite(lat)) or not self._ids:
            return None
        # A metre spans more degrees of longitude than of latitude.
        reach = within_m * 1.01 / _METRES_PER_DEGREE / max(math.cos(math.radians(lat)), 1e-6)
        point = shapely.points(lon, lat)
        near = np.sort(self._tree.query(point, predicate="dwithin", distance=reach))
        metres = [(_plane_distance(self._lines[i], lon, lat), int(i)) for i in near]
        # Rounded to the millimetre, so that a shared node is a tie and the id decides.
        best = min(((round(far, 3), i) for far, i in metres if far <= within_m), default=None)
        return None if best is None else Nearest(self._ids[best[1]], best[0])


def _plane_distance(line: shapely.Geometry, lon: float, lat: float) -> float:
    scale = np.array([math.cos(math.radians(lat)), 1.0]) * _METRES_PER_DEGREE
    flat = shapely.transform(line, lambda degrees: (degrees - (lon, lat)) * scale)
    return float(shapely.distance(flat, shapely.Point(0, 0)))
