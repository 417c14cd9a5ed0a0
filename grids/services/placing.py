"""Where a place stands: its cell and segment from its point, or from the codes that were given."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.zorder import morton
from grids.locate import locate
from grids.models import Cell, RoadSegment


@dataclass(frozen=True, slots=True)
class Spot:
    """A point (both or neither), and the cell and segment that are named for it.

    What is named wins; what is not follows from the point.
    """

    lon: float | None = None
    lat: float | None = None
    cell_id: int | None = None
    segment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The columns of a row that tell where it stands."""

    lon: float | None
    lat: float | None
    morton: int | None
    cell_id: int | None
    area_code: str
    segment_id: int | None

    def columns(self, *, segment: bool) -> dict[str, Any]:
        """The values by column; a site has no segment."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return values if segment else {k: v for k, v in values.items() if k != "segment_id"}


def stand(spot: Spot, *, at: datetime) -> Standing:
    """Where a spot lies at a moment; raises DomainError for half a point or one off the globe."""
    lon, lat = spot.lon, spot.lat
    if (lon is None) != (lat is None):
        raise DomainError("point", _("经度和纬度要一起填。"), field="lon")
    if lon is not None and lat is not None and not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise DomainError("point", _("坐标不对：经度 -180 至 180，纬度 -90 至 90。"), field="lon")
    here = locate(lon, lat, at=at)
    area_code, cell_id = here.area_code, here.cell_id
    if spot.cell_id is not None and spot.cell_id != cell_id:
        cell_id = spot.cell_id
        area_code = area_of_cell(cell_id)
    key = morton(lon, lat) if lon is not None and lat is not None else None
    segment_id = spot.segment_id if spot.segment_id is not None else here.segment_id
    return Standing(lon, lat, key, cell_id, area_code, segment_id)


def area_of_cell(cell_id: int) -> str:
    """The division in which a cell lies; raises DomainError for an unknown one."""
    code = Cell.objects.filter(pk=cell_id).values_list("area__code", flat=True).first()
    if code is None:
        raise DomainError("cell", _("没有这个网格，请重选。"), field="cell")
    return code


def cell_named(code: str) -> int | None:
    """The id of the cell of that code, None for an empty one; raises DomainError."""
    if not code:
        return None
    pk = Cell.objects.filter(code=code).values_list("pk", flat=True).first()
    if pk is None:
        raise DomainError("cell", _("没有编码为 %(code)s 的网格。") % {"code": code}, field="cell")
    return pk


def segment_named(code: str, at: datetime) -> int | None:
    """The id of the segment of that code in force, None for an empty one; raises DomainError."""
    if not code:
        return None
    rows = RoadSegment.objects.filter(code=code).exclude(valid_to__lte=at)
    pk = rows.values_list("pk", flat=True).first()
    if pk is None:
        words = _("没有编码为 %(code)s 的在用路段。") % {"code": code}
        raise DomainError("segment", words, field="segment")
    return pk
