"""The ledgers of the demonstration city: side streets, key places, vending sites, shops. Pure.

Names of schools, markets and squares are made up after those that such a city has. Everything is
the same at each call.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from inspections.demo.city_cells import (
    KM_PER_DEGREE,
    STREETS,
    DemoStreet,
    LonLat,
    build_cells,
)
from inspections.demo.picture_names import SHOP_NAMES

SIDE_STREETS = 26
SHOPS = 200
DOOR_METRES = 14.0
DEMANDS = {
    "严管街": ("07:00-22:00", 4, "每日"),
    "一类街": ("07:30-21:00", 2, "每日"),
    "二类街": ("", 3, "每周"),
}
"""What the streets of each grade ask for: hours, visits, in which span."""

_SIDES = (
    "友兰巷", "白塔桥巷", "望江门街", "龙须巷", "花街", "西门街", "北大街", "继光街", "腾龙巷",
    "府前街", "鼓楼巷", "东湖路", "学前街", "双桥路", "洛河路", "云水路", "灵湖路", "望洋路",
    "金泉路", "大洋路", "城隍巷", "朝天街", "广文路", "杜桥路", "江下街", "伏龙路",
)  # fmt: skip
_SITES = (
    ("哲商小学", "学校"), ("回浦中学", "学校"), ("临海小学", "学校"), ("大洋中学", "学校"),
    ("古城幼儿园", "学校"), ("灵湖小学", "学校"), ("客运中心", "车站"), ("公交首末站", "车站"),
    ("高铁站前", "车站"), ("东门菜场", "市场"), ("大洋菜场", "市场"), ("靖江农贸市场", "市场"),
    ("江南菜场", "市场"), ("大田集市", "市场"), ("崇和门广场", "广场"), ("市民广场", "广场"),
    ("灵湖广场", "广场"), ("市第一医院", "医院"), ("中医院", "医院"), ("紫阳古街入口", "景区"),
    ("长城揽胜门", "景区"), ("图书馆", "其他重点场所"),
    ("城东安置房工地", "建筑工地"),
)  # fmt: skip
_CORNERS = (
    ("鼓楼小学", "学校", "古城-01"), ("西门公交站", "车站", "古城-01"),
    ("望天台菜场", "市场", "古城-01"), ("古城卫生院", "医院", "古城-26"),
    ("继光广场", "广场", "古城-26"),
)  # fmt: skip
"""Where the officer of the demonstration checks in, in the cells that he answers for."""
_VENDING = (
    ("台州府路夜市", 36, "17:00-23:30", "小吃、水果"),
    ("崇和门早市", 24, "05:30-08:30", "蔬菜、早点"),
    ("大洋路便民点", 12, "06:00-19:00", "蔬菜、水果"),
    ("灵湖西摊点", 16, "16:00-22:00", "小吃、百货"),
    ("江滨路便民点", 10, "06:00-18:00", "水果"),
    ("修鞋配钥匙点", 4, "08:00-18:00", "修鞋、配钥匙"),
    ("回浦路夜宵点", 20, "20:00-02:00", "夜宵"),
    ("大田集市外摊", 30, "05:00-12:00", "农副产品"),
)
_TRADES = ("水果", "餐饮", "五金", "百货", "服装", "烟酒", "理发", "药房", "手机", "早点")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙"
_GIVEN = ["建国", "秀英", "伟", "丽", "军", "芳", "志强", "桂兰", "明", "小红", "永福", "雪梅"]


@dataclass(frozen=True)
class PlannedShop:
    """A row of the sheet of shops, and where it stands."""

    row: dict[str, Any]
    lon: float
    lat: float


def side_streets() -> list[dict[str, Any]]:
    """Rows of the sheet of streets: short ones across the main streets."""
    rows = []
    for number in range(SIDE_STREETS):
        main = STREETS[number % len(STREETS)]
        start, bearing = _along(main, 0.22 + 0.5 * ((number * 7) % 10) / 10)
        points = [_moved(start, bearing + math.pi / 2, metres) for metres in (20, 180, 340)]
        hours, visits, span = DEMANDS["二类街"]
        rows.append(
            {
                "code": f"LD-{len(STREETS) + 1 + number:02d}",
                "name": _SIDES[number],
                "grade": "二类街",
                "hours": hours,
                "visits": visits,
                "visits_per": span,
                "line": "，".join(f"{lon:.6f} {lat:.6f}" for lon, lat in points),
            }
        )
    return rows


def key_places() -> list[dict[str, Any]]:
    """Rows of the sheet of key places."""
    return [
        {"name": name, "kind": kind, "address": f"{street.name}旁", "lon": lon, "lat": lat}
        for (name, kind), (street, (lon, lat)) in zip(_SITES, _spots("sites"), strict=False)
    ] + list(_corners())


def _corners() -> Iterator[dict[str, Any]]:
    """Half way from the middle of their cells to some of its corners."""
    cells = {cell.code: cell for cell in build_cells()}
    for number, (name, kind, code) in enumerate(_CORNERS):
        ring = cells[code].ring
        middle = [sum(each) / len(ring) for each in zip(*ring, strict=True)]
        corner = ring[number * 7 % len(ring)]
        lon, lat = (round((one + other) / 2, 6) for one, other in zip(middle, corner, strict=True))
        address = f"{cells[code].name}{name}旁"
        yield {"name": name, "kind": kind, "address": address, "lon": lon, "lat": lat}


def vending_sites() -> list[dict[str, Any]]:
    """Rows of the sheet of vending sites."""
    return [
        {
            "name": name,
            "capacity": stalls,
            "hours": hours,
            "goods": goods,
            "address": f"{street.name}旁",
            "lon": lon,
            "lat": lat,
        }
        for (name, stalls, hours, goods), (street, (lon, lat)) in zip(
            _VENDING, _spots("vending"), strict=False
        )
    ]


def shops(today: date) -> list[PlannedShop]:
    """Shops along both sides of the main streets; three of four have signed."""
    rnd = random.Random("shops along the streets")
    names = sorted({name for group in SHOP_NAMES.values() for name in group})
    planned = []
    for number in range(SHOPS):
        street = STREETS[number % 8]
        door = number // 8
        spot, bearing = _along(street, (door + 1) / (SHOPS // 8 + 2))
        side = 1 if number % 2 else -1
        lon, lat = _moved(spot, bearing + side * math.pi / 2, DOOR_METRES)
        signed = today - timedelta(days=rnd.randrange(20, 420))
        row: dict[str, Any] = {
            "name": f"{names[(number * 7) % len(names)]}",
            "address": f"{street.name} {2 * door + 100 + (number % 2)} 号",
            "lon": round(lon, 6),
            "lat": round(lat, 6),
            "trade": _TRADES[number % len(_TRADES)],
            "frontage_m": rnd.randrange(30, 90) / 10,
            "person": rnd.choice(_SURNAMES) + rnd.choice(_GIVEN),
            "phone": f"1380576{number:04d}",
        }
        if number % 4:
            row |= {"pledge_kind": "门前三包", "signed_on": signed}
        planned.append(PlannedShop(row, lon, lat))
    return planned


def _spots(kind: str) -> Iterator[tuple[DemoStreet, LonLat]]:
    """Places a little off the streets, one after the other."""
    rnd = random.Random(f"{kind} by the streets")
    while True:
        for street in STREETS:
            spot, bearing = _along(street, rnd.uniform(0.15, 0.85))
            lon, lat = _moved(spot, bearing + math.pi / 2, rnd.uniform(40, 90))
            yield street, (round(lon, 6), round(lat, 6))


def _along(street: DemoStreet, share: float) -> tuple[LonLat, float]:
    """A point of a street by its share of the points, and in which direction it goes there."""
    last = len(street.line) - 1
    at = share * last
    index = min(int(at), last - 1)
    (west, south), (east, north) = street.line[index], street.line[index + 1]
    part = at - index
    spot = (west + (east - west) * part, south + (north - south) * part)
    x, y = (east - west) * KM_PER_DEGREE[0], (north - south) * KM_PER_DEGREE[1]
    return spot, math.atan2(y, x)


def _moved(spot: LonLat, bearing: float, metres: float) -> LonLat:
    """A point so many metres away; the angle counts from east, against the clock."""
    lon = spot[0] + metres / 1000 * math.cos(bearing) / KM_PER_DEGREE[0]
    lat = spot[1] + metres / 1000 * math.sin(bearing) / KM_PER_DEGREE[1]
    return lon, lat
