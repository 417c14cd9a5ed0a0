"""The Excel sheets of streets, key places, vending sites and shops: their columns, and cells read.

The columns of the import are those of the template and of the export, so that what was taken
out can be changed and brought in again.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _

from citymgmt.spreadsheets import Column, Findings, Row
from grids.choices import (
    KEY_SITE_KINDS,
    PlaceKind,
    PledgeKind,
    SiteKind,
    StreetGrade,
    VisitsPer,
)
from grids.spans import Hours, parse_hours

T = TypeVar("T")


def _column(key: str, title: str, **more: Any) -> Column:
    more.setdefault("optional", not more.get("filled"))
    return Column(key, (title,), **more)


_CODE = _column("code", "编码", max_length=30)
_POINT = (
    _column("lon", "经度", max_length=20),
    _column("lat", "纬度", max_length=20),
    _column("cell", "网格", max_length=30),
)

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    PlaceKind.SEGMENTS: (
        _column("code", "编码", filled=True, max_length=30),
        _column("name", "名称", filled=True, max_length=60),
        _column("grade", "等级", filled=True, max_length=10),
        _column("hours", "管控时段", max_length=20),
        _column("visits", "巡查次数", max_length=4),
        _column("visits_per", "每日或每周", max_length=4),
        _column("line", "走向", max_length=4000),
    ),
    PlaceKind.SITES: (
        _CODE,
        _column("name", "名称", filled=True, max_length=60),
        _column("kind", "类别", filled=True, max_length=10),
        _column("address", "地址", max_length=120),
        *_POINT,
        _column("note", "备注", max_length=200),
    ),
    PlaceKind.VENDING: (
        _CODE,
        _column("name", "名称", filled=True, max_length=60),
        _column("address", "地址", max_length=120),
        *_POINT,
        _column("capacity", "摊位数", filled=True, max_length=4),
        _column("hours", "开放时段", max_length=20),
        _column("goods", "经营种类", max_length=60),
        _column("note", "备注", max_length=200),
    ),
    PlaceKind.SHOPS: (
        _CODE,
        _column("name", "店名", filled=True, max_length=60),
        _column("address", "地址", filled=True, max_length=120),
        *_POINT,
        _column("segment", "路段", max_length=30),
        _column("trade", "业态", max_length=20),
        _column("frontage_m", "门面宽度（米）", max_length=8),
        _column("person", "负责人", max_length=40),
        _column("phone", "电话", max_length=20),
        _column("pledge_kind", "责任书种类", max_length=10),
        _column("signed_on", "签订日期", max_length=20),
        _column("valid_until", "有效期至", max_length=20),
    ),
}
"""The columns of each sheet."""

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    PlaceKind.SEGMENTS: (
        "LD-01", "紫阳街（北段）", "严管街", "07:00-22:00", "3", "每日",
        "121.1201 28.8502，121.1215 28.8520",
    ),
    PlaceKind.SITES: ("", "哲商小学", "学校", "巾山中路 8 号", "121.1245", "28.8512", "", ""),
    PlaceKind.VENDING: (
        "", "台州府路夜市", "台州府路南侧", "121.1245", "28.8512", "", "24", "17:00-23:00",
        "小吃、水果", "",
    ),
    PlaceKind.SHOPS: (
        "", "老王水果店", "紫阳街 118 号", "121.1245", "28.8512", "", "", "水果", "4.5",
        "王建国", "13800000000", "门前三包", "2026-03-01", "2027-02-28",
    ),
}  # fmt: skip
"""A row of each template, to be written over."""

GRADES = {str(label): value for value, label in StreetGrade.choices}
SITE_KINDS = {str(SiteKind(kind).label): str(kind) for kind in KEY_SITE_KINDS}
PLEDGES = {str(label): value for value, label in PledgeKind.choices}
SPANS = {str(label): value for value, label in VisitsPer.choices} | {
    "日": "day", "天": "day", "周": "week",
}  # fmt: skip


class Reader:
    """Reads the cells of one row; what is wrong is noted at its column, and reads as nothing."""

    def __init__(self, kind: str, row: Row, findings: Findings) -> None:
        self.row = row
        self._titles = {column.key: column.title for column in COLUMNS[kind]}
        self._findings = findings

    def add(self, key: str, words: object) -> None:
        """Note what is wrong at a column (or with the row, where there is none of that key)."""
        self._findings.add(self.row.line, self._titles.get(key, ""), str(words))

    def text(self, key: str) -> str:
        """The text of a cell."""
        return self.row[key]

    def number(self, key: str) -> int | None:
        """A whole number, None where the cell is empty."""
        text = self.row[key]
        if not text:
            return None
        if not text.isascii() or not text.isdigit():
            self.add(key, _("应是一个整数。"))
            return None
        return int(text)

    def degrees(self, key: str) -> float | None:
        """A longitude or latitude, None where the cell is empty."""
        value = self._parsed(key, float, _("应是度数，如 121.1245。"))
        limit = 180 if key == "lon" else 90
        if value is not None and not -limit <= value <= limit:
            self.add(key, _("超出范围，应是 WGS-84 的度数，如 121.1245。"))
            return None
        return value

    def metres(self, key: str) -> Decimal | None:
        """A width, None where the cell is empty."""
        value = self._parsed(key, Decimal, _("应是米数，如 4.5。"))
        if value is not None and not (value.is_finite() and 0 < value < 1000):
            self.add(key, _("应在 0 到 1000 米之间。"))
            return None
        return None if value is None else round(value, 1)

    def day(self, key: str) -> date | None:
        """A day, None where the cell is empty."""
        said = _("应是日期，如 2026-03-01。")
        return self._parsed(key, lambda text: _day(text), said)

    def hours(self, key: str) -> Hours | None:
        """A span of the day, None where the cell is empty."""
        return self._parsed(key, parse_hours, _("应是起止时刻，如 07:00-22:00。"))

    def word(self, key: str, words: Mapping[str, str], default: str = "") -> str:
        """The value behind a word; the default where the cell is empty."""
        text = self.row[key]
        if text and text not in words:
            known = "、".join(words)
            self.add(key, _("不认识“%(text)s”，应为：%(known)s。") % {"text": text, "known": known})
        return words.get(text, default)

    def code(self, key: str, known: Mapping[str, int], words: object) -> int | None:
        """The id behind a code, None where the cell is empty; `words` where there is none."""
        text = self.row[key]
        if text and text not in known:
            self.add(key, str(words) % {"code": text})
        return known.get(text)

    def line(self, key: str) -> list[list[float]] | None:
        """The points of a line, "lon lat，lon lat", None where the cell is empty."""
        said = _("应是用逗号隔开的几个“经度 纬度”，如 121.1201 28.8502，121.1215 28.8520。")
        return self._parsed(key, _points, said)

    def _parsed(self, key: str, parse: Callable[[str], T], words: object) -> T | None:
        text = self.row[key]
        if not text:
            return None
        try:
            return parse(text)
        except (ValueError, InvalidOperation):
            self.add(key, words)
            return None


def _day(text: str) -> date:
    parts = text.split(" ")[0].replace("/", "-").replace(".", "-").rstrip("日")
    year, month, day = parts.replace("年", "-").replace("月", "-").split("-")
    found = date(int(year), int(month), int(day))
    if not 2000 <= found.year <= 2100:
        raise ValueError(text)
    return found


def _points(text: str) -> list[list[float]]:
    points = [
        [float(number) for number in point.split()]
        for point in text.replace("，", ",").replace("；", ",").replace(";", ",").split(",")
        if point.strip()
    ]
    if len(points) < 2 or any(len(point) != 2 for point in points):
        raise ValueError(text)
    return points
