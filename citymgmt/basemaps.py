"""Base maps from the settings: tiles of others under our own cells. Pure.

`BASE_MAPS` is a JSON list; docs/maps.md tells each member. What is wrong stops the start.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

KINDS = ("xyz", "wmts")
OFFSETS = ("wgs84", "gcj02", "bd09")
MOST = 8
MAX_ZOOM = 22
_MEMBERS = {
    "name",
    "kind",
    "url",
    "subdomains",
    "offset",
    "key",
    "attribution",
    "max_zoom",
    "referrer",
}
# A WMTS template may speak of its tile in the standard's own words.
_WMTS = {"{TileMatrix}": "{z}", "{TileRow}": "{y}", "{TileCol}": "{x}"}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN = {"s", "x", "y", "z", "-y", "key"}
_SUBDOMAIN = re.compile(r"[A-Za-z0-9-]{1,30}")
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")


class BaseMapError(ValueError):
    """A base map that cannot be used, in words for whoever keeps the server."""


@dataclass(frozen=True, slots=True)
class BaseMap:
    """One choice of base map; several `urls` lie on one another, the first lowest.

    Templates have {x}, {y} (or {-y}) and {z}, and {s} where there are subdomains; the key is in
    them already. `offset` is the system that the tiles are drawn in.
    """

    name: str
    urls: tuple[str, ...]
    subdomains: tuple[str, ...] = ()
    offset: str = "wgs84"
    attribution: str = ""
    max_zoom: int = 18
    referrer: bool = False

    @property
    def hosts(self) -> tuple[str, ...]:
        """The sources of its tiles as a content policy names them; none for tiles of our own."""
        found = []
        for url in self.urls:
            for name in self.subdomains or ("",):
                parts = urlsplit(url.replace("{s}", name))
                if parts.netloc:
                    found.append(f"{parts.scheme}://{parts.netloc}")
        return tuple(dict.fromkeys(found))


def hosts_of(maps: Iterable[BaseMap]) -> list[str]:
    """The sources of all tiles, each once."""
    return list(dict.fromkeys(host for one in maps for host in one.hosts))


def for_pages(maps: Sequence[BaseMap]) -> str:
    """What the map's script needs of them, as JSON; empty where there are none."""
    if not maps:
        return ""
    listed = [
        {
            "name": one.name,
            "urls": one.urls,
            "subdomains": one.subdomains,
            "offset": one.offset,
            "attribution": one.attribution,
            "max_zoom": one.max_zoom,
            "referrer": one.referrer,
        }
        for one in maps
    ]
    return json.dumps(listed, ensure_ascii=False)


def read_base_maps(text: str) -> tuple[BaseMap, ...]:
    """The base maps of a setting; none of an empty one. Raises BaseMapError."""
    if not text.strip():
        return ()
    try:
        listed = json.loads(text)
    except ValueError as error:
        raise BaseMapError(f"not JSON ({error})") from error
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise BaseMapError("a list of objects is needed")
    if len(listed) > MOST:
        raise BaseMapError(f"at most {MOST} base maps")
    maps = tuple(_read(each, place) for place, each in enumerate(listed, start=1))
    if len({one.name for one in maps}) < len(maps):
        raise BaseMapError("each name once")
    return maps


def _read(entry: Mapping[str, Any], place: int) -> BaseMap:
    try:
        return _base_map(entry)
    except BaseMapError as error:
        raise BaseMapError(f"number {place}: {error}") from None


def _base_map(entry: Mapping[str, Any]) -> BaseMap:
    unknown = sorted(set(entry) - _MEMBERS)
    if unknown:
        raise BaseMapError(f"unknown member {unknown[0]}")
    kind = _one_of(entry, "kind", KINDS)
    subdomains = _subdomains(entry.get("subdomains", []))
    zoom = entry.get("max_zoom", 18)
    if type(zoom) is not int or not 1 <= zoom <= MAX_ZOOM:
        raise BaseMapError(f"max_zoom is a whole number from 1 to {MAX_ZOOM}")
    urls = entry.get("url")
    templates = urls if isinstance(urls, list) else [urls]
    key = _text(entry, "key", 200)
    name = _text(entry, "name", 20)
    if not name or not templates:
        raise BaseMapError("name and url are needed")
    if type(entry.get("referrer", False)) is not bool:
        raise BaseMapError("referrer is true or false")
    return BaseMap(
        name=name,
        urls=tuple(_template(each, kind, subdomains, key) for each in templates),
        subdomains=subdomains,
        offset=_one_of(entry, "offset", OFFSETS),
        attribution=_text(entry, "attribution", 120),
        max_zoom=zoom,
        referrer=entry.get("referrer", False),
    )


def _one_of(entry: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    value = entry.get(name, choices[0])
    if value not in choices:
        raise BaseMapError(f"{name} is one of {', '.join(choices)}")
    return str(value)


def _text(entry: Mapping[str, Any], name: str, most: int) -> str:
    value = entry.get(name, "")
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise BaseMapError(f"{name} is a text of at most {most} characters")
    return value.strip()


def _subdomains(value: object) -> tuple[str, ...]:
    listed = list(value) if isinstance(value, str) else value
    if not isinstance(listed, list) or len(listed) > 16:
        raise BaseMapError('subdomains are a list like ["t0", "t1"], or letters like "abc"')
    if not all(isinstance(each, str) and _SUBDOMAIN.fullmatch(each) for each in listed):
        raise BaseMapError("a subdomain is made of letters, digits and hyphens")
    return tuple(listed)


def _template(url: object, kind: str, subdomains: tuple[str, ...], key: str) -> str:
    if not isinstance(url, str) or len(url) > 600 or re.search(r"\s", url):
        raise BaseMapError("url is an address without blanks, or a list of them")
    if kind == "wmts":
        for theirs, ours in _WMTS.items():
            url = url.replace(theirs, ours)
    named = set(_PLACEHOLDER.findall(url))
    if named - _KNOWN:
        raise BaseMapError(f"url has an unknown place {{{sorted(named - _KNOWN)[0]}}}")
    if not {"x", "z"} <= named or not named & {"y", "-y"}:
        raise BaseMapError("url needs {x}, {y} and {z}")
    if ("s" in named) != bool(subdomains):
        raise BaseMapError("{s} in the url and subdomains belong together")
    if ("key" in named) != bool(key):
        raise BaseMapError("{key} in the url and key belong together")
    _require_host(url, subdomains)
    return url.replace("{key}", quote(key, safe=""))


def _require_host(url: str, subdomains: tuple[str, ...]) -> None:
    """A path of this site, or http(s) with a plain host: nothing else may enter the policy."""
    parts = urlsplit(url.replace("{s}", subdomains[0] if subdomains else ""))
    if not parts.scheme and not parts.netloc and parts.path.startswith("/"):
        return
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(parts.netloc):
        raise BaseMapError("url begins with http:// or https:// and a host, or with /")
