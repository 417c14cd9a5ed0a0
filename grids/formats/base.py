"""What every reader gives and every writer takes, and the bounds of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from citymgmt.spreadsheets import TableError, Words, whole

MAX_BYTES = 20 * 1024 * 1024
MAX_FEATURES = 60_000
# Corners of all borders together.
MAX_POSITIONS = 1_000_000
MAX_FIELDS = 255
MAX_TEXT = 500

GEOJSON, SHAPEFILE, KML, CSV = "geojson", "shapefile", "kml", "csv"


@dataclass(frozen=True, slots=True)
class RawFeature:
    """A feature as its file has it: its number from 1, its properties as text, and its geometry as
    a GeoJSON object in the file's own coordinates, unchecked; `is_solid` where it has heights."""

    number: int
    properties: Mapping[str, str] = field(default_factory=dict)
    geometry: object = None
    is_solid: bool = False


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file that was read: its kind, the names of its properties in order, its features, and in
    which system it says that its coordinates are (see `systems`), "" where it cannot say."""

    kind: str
    names: tuple[str, ...]
    features: Sequence[RawFeature]
    declared: str = ""


@dataclass(frozen=True, slots=True)
class OutCell:
    """A cell on its way out: sound GeoJSON polygon in WGS-84."""

    code: str
    name: str
    area_code: str
    polygon: Mapping[str, Any]


def refuse(message: Words) -> TableError:
    """What is wrong with the file as a whole, in words that say what to do."""
    return whole(message)


def number_text(text: str) -> str:
    """A number as people write a code: without an empty fraction."""
    head, dot, tail = text.partition(".")
    return head if dot and not tail.strip("0") else text
