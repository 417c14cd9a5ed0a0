"""Coordinate systems of files: what a file says, what a person chooses, and the way to WGS-84.

A system is told by its short name: one of `CHOICES`, or "epsg:CODE" or "wkt:…" for what a file
declares itself. CGCS2000 and WGS-84 are taken for the same: they differ by centimetres.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from citymgmt.offsets import bd_to_gcj_many, gcj_to_bd_many, gcj_to_wgs_many, wgs_to_gcj_many
from citymgmt.spreadsheets import Words
from grids.formats.base import refuse

if TYPE_CHECKING:
    # Loaded with the first file that needs it: the web server starts without.
    from pyproj import CRS, Transformer
    from pyproj.crs import Ellipsoid

Positions = NDArray[np.float64]

WGS84, CGCS2000, MERCATOR, GCJ02, BD09 = "wgs84", "cgcs2000", "mercator", "gcj02", "bd09"
CHOICES: dict[str, Words] = {
    WGS84: _("WGS-84 经纬度"),
    CGCS2000: _("CGCS2000 经纬度"),
    MERCATOR: _("Web 墨卡托（米）"),
    GCJ02: _("GCJ-02（高德、腾讯）"),
    BD09: _("BD-09（百度）"),
}
DEGREES = (WGS84, CGCS2000)
SHIFTED = (GCJ02, BD09)

# Ten times finer than what is kept of a converted coordinate would be noise of the arithmetic.
DECIMALS = 9
_MAX_PRJ = 8_000
_EPSG = re.compile(r"(?:.*[:/ ])?(?:EPSG)?[:/]*(\d{4,6})$", re.IGNORECASE)
_AXIS, _FLATTENINGS = 6378137.0, (298.257223563, 298.257222101)
_OLD_DATUMS: dict[float, Words] = {6378140.0: _("西安 80"), 6378245.0: _("北京 54")}
_METHODS = ("transverse mercator", "gauss", "popular visualisation pseudo mercator")


def declared_by_prj(text: str) -> str:
    """The system that a .prj file declares. Raises TableError for one that cannot be converted."""
    if len(text) > _MAX_PRJ or "[" not in text:
        raise refuse(_("看不懂 .prj 里的坐标系，请从测绘软件重新导出，或去掉 .prj 再选坐标系。"))
    return _known("wkt:" + " ".join(text.split()))


def declared_by_name(name: str) -> str:
    """The system behind a name such as "urn:ogc:def:crs:EPSG::4490" or "EPSG:4528".

    Raises TableError.
    """
    if re.search(r"CRS:?84$", name.strip(), re.IGNORECASE):
        return WGS84
    found = _EPSG.fullmatch(name.strip()[:100])
    if found is None:
        raise refuse(_("不认识文件里写的坐标系，请转换成 CGCS2000 或 WGS-84 经纬度再导入。"))
    return _known(f"epsg:{int(found[1])}")


def _known(system: str) -> str:
    """The system, by its short name where it has one. Raises TableError."""
    from pyproj.exceptions import CRSError

    try:
        crs = _crs(system)
        ellipsoid = crs.ellipsoid
        operation = crs.coordinate_operation
        method = operation.method_name.lower() if operation is not None else ""
    # A broken text gets nearly any exception out of the library; the file is at fault.
    except (CRSError, AttributeError, ValueError, TypeError) as error:
        raise refuse(_("看不懂文件里写的坐标系，请从测绘软件重新导出。")) from error
    if ellipsoid is not None and (old := _OLD_DATUMS.get(ellipsoid.semi_major_metre)):
        words = _(
            "这是%(datum)s坐标系，和 WGS-84 之间没有公开的转换参数，会差几十米；"
            "请用测绘部门的软件转换成 CGCS2000 再导入。"
        )
        raise refuse(words % {"datum": old})
    if ellipsoid is None or ellipsoid.semi_major_metre != _AXIS or not _is_ours(ellipsoid):
        raise refuse(_("不认识文件里的坐标系，请转换成 CGCS2000 或 WGS-84 再导入。"))
    if crs.is_geographic:
        name = crs.datum.name.lower() if crs.datum else ""
        return CGCS2000 if "china" in name or "2000" in name else WGS84
    if not any(one in method for one in _METHODS):
        raise refuse(_("不认识文件里的投影，请转换成经纬度、高斯-克吕格或 Web 墨卡托再导入。"))
    return MERCATOR if "pseudo" in method else system


def _is_ours(ellipsoid: "Ellipsoid") -> bool:
    """Whether an ellipsoid is that of WGS-84 or of CGCS2000, a tenth of a millimetre apart."""
    return any(abs(ellipsoid.inverse_flattening - one) < 1e-6 for one in _FLATTENINGS)


@lru_cache(maxsize=32)
def _crs(system: str) -> "CRS":
    from pyproj import CRS

    if system == MERCATOR:
        return CRS.from_epsg(3857)
    kind, _colon, text = system.partition(":")
    return CRS.from_epsg(int(text)) if kind == "epsg" else CRS.from_wkt(text)


@lru_cache(maxsize=32)
def _transformer(system: str) -> "Transformer":
    """From a projection to the longitudes and latitudes of its own datum."""
    from pyproj import Transformer

    crs = _crs(system)
    return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def name_of(system: str) -> Words:
    """A system for people."""
    if system in CHOICES:
        return CHOICES[system]
    return _crs(system).name


def agreed(declared: str, chosen: str) -> str:
    """The system to read a file by: what a person chose, else what it says, else WGS-84.

    A shift of base maps is nothing that a file can say: chosen, it comes on top of what the file
    says. Raises TableError where the two contradict each other.
    """
    if not chosen or not declared or chosen == declared:
        return chosen or declared or WGS84
    if declared in DEGREES and chosen in (*DEGREES, *SHIFTED):
        return chosen
    if chosen in SHIFTED:
        return f"{chosen}+{declared}"
    words = _("文件写明是“%(declared)s”，和选的“%(chosen)s”不一样，请选“按文件里写的”。")
    raise refuse(words % {"declared": name_of(declared), "chosen": name_of(chosen)})


def to_wgs84(system: str) -> Callable[[Positions], Positions] | None:
    """What turns positions (rows of x, y) of a system into WGS-84; None where nothing is to do.

    Rounded to a tenth of a millimetre. What has no place on the globe stays as it is.
    """
    if system in DEGREES:
        return None
    shift, plus, projected = system.partition("+")
    shift = shift if shift in SHIFTED else ""
    projected = projected if plus else ("" if shift else system)

    def convert(positions: Positions) -> Positions:
        x, y = positions[:, 0], positions[:, 1]
        # What is no position at all is left to whoever checks it.
        with np.errstate(all="ignore"):
            if projected and projected not in DEGREES:
                x, y = _transformer(projected).transform(x, y)
            if shift == BD09:
                x, y = bd_to_gcj_many(x, y)
            if shift:
                x, y = gcj_to_wgs_many(x, y)
        there = np.round(np.column_stack([x, y]), DECIMALS)
        return np.where(np.isfinite(there).all(axis=1, keepdims=True), there, positions)

    return convert


def from_wgs84(system: str) -> Callable[[Positions], Positions] | None:
    """The way back, for one of `CHOICES`; None where nothing is to do. Not rounded."""
    if system in DEGREES:
        return None

    def convert(positions: Positions) -> Positions:
        x, y = positions[:, 0], positions[:, 1]
        if system == MERCATOR:
            x, y = _transformer(MERCATOR).transform(x, y, direction="INVERSE")
        else:
            x, y = wgs_to_gcj_many(x, y)
        if system == BD09:
            x, y = gcj_to_bd_many(x, y)
        return np.column_stack([x, y])

    return convert
