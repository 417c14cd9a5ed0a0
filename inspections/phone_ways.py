"""How a phone's map app is asked for the way to a place; each app in the coordinates it reads."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from citymgmt.offsets import gcj_to_bd, wgs_to_gcj

_SOURCE = "citymgmt"
_PLACES = 6


@dataclass(frozen=True, slots=True)
class Way:
    """A map app by its name, and the address that opens it with the place."""

    label: str
    url: str


def ways_to(lon: float, lat: float, name: str) -> list[Way]:
    """The way to a WGS-84 point called `name`: in the map that the phone prefers, and in the two
    that most people have. Nothing is asked of any of them before somebody taps."""
    here = f"{lat:.{_PLACES}f},{lon:.{_PLACES}f}"
    gcj = wgs_to_gcj(lon, lat)
    bd = gcj_to_bd(*gcj)
    amap = {
        "to": f"{gcj[0]:.{_PLACES}f},{gcj[1]:.{_PLACES}f},{name}",
        "mode": "walk",
        "coordinate": "gaode",
        "callnative": 1,
        "src": _SOURCE,
    }
    baidu = {
        "destination": f"latlng:{bd[1]:.{_PLACES}f},{bd[0]:.{_PLACES}f}|name:{name}",
        "coord_type": "bd09ll",
        "mode": "walking",
        "src": _SOURCE,
    }
    return [
        Way(_("手机地图"), f"geo:{here}?q={here}({quote(name)})"),
        Way(_("高德"), f"https://uri.amap.com/navigation?{urlencode(amap)}"),
        Way(_("百度"), f"baidumap://map/direction?{urlencode(baidu)}"),
    ]
