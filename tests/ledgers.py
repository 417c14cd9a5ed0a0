"""Old ledgers for tests: a sheet of rows, and an import brought to a state by the real services."""

from datetime import datetime
from typing import Any

from cases.models import LedgerImport
from cases.services.ledger_books import Options
from cases.services.ledgers import Told, map_ledger, start_import, upload_ledger
from citymgmt.models import User
from tests.city import NOW, City
from tests.citymgmt.test_spreadsheets import xlsx

TITLES = ["编号", "检查日期", "地点", "存在问题", "问题类别", "责任单位", "整改时间", "整改情况"]
CLOSED_ROW = [
    "2023-001", "2023.5.6", "古城街道紫阳街 118 號", "水果店佔道經營(fā)", "出店经营", "古城中队",
    "2023.5.8", "已清理",
]  # fmt: skip
OPEN_ROW = [
    "2023-002", "２０２６年１０月６日上午", "赤城路 2 号", "门口堆了垃圾", "暴露垃圾",
    "环卫处", "", "",
]  # fmt: skip
LONE_ROW = ["2023-003", "2026/11/1 14:30", "崇和路 96 号", "店外经营，货占了半条路", "", "", "", ""]
ROWS = [CLOSED_ROW, OPEN_ROW, LONE_ROW]


def sheet(rows: list[list[Any]], titles: list[str] = TITLES, **more: Any) -> bytes:
    """An .xlsx file with these titles and rows."""
    return xlsx([titles, *rows], **more)


def uploaded(
    city: City, data: bytes, *, by: str = "supervisor", at: datetime = NOW
) -> LedgerImport:
    """A ledger that was just sent."""
    return upload_ledger(actor=city.people[by], at=at, name="2023年台帐.xlsx", data=data)


def checked(
    city: City,
    data: bytes,
    *,
    by: str = "supervisor",
    at: datetime = NOW,
    words: dict[str, dict[str, str]] | None = None,
    **options: Any,
) -> LedgerImport:
    """A ledger whose columns are as they were guessed, checked."""
    ledger = uploaded(city, data, by=by, at=at)
    told = Told(ledger.columns, words or {}, Options(**{"dispatch": True} | options))
    actor: User = city.people[by]
    return map_ledger(ledger_id=ledger.pk, actor=actor, at=at, version=ledger.version, told=told)


def imported(city: City, data: bytes, *, by: str = "supervisor", **more: Any) -> LedgerImport:
    """A ledger that was imported as it was guessed."""
    ledger = checked(city, data, by=by, **more)
    at = more.get("at", NOW)
    return start_import(ledger_id=ledger.pk, actor=city.people[by], at=at, version=ledger.version)
