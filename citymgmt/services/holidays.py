"""Holidays and make-up days from a table, or as typed: a year counts as loaded when whole."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.models import CalendarYear, Holiday
from citymgmt.services.importing import Outcome
from citymgmt.services.revisions import CALENDAR, raise_revision
from citymgmt.services.years import known_years, load_years
from citymgmt.spreadsheets import Column, Findings, Row, read_delimited, read_xlsx

DAY = Column("day", ("日期",), filled=True, max_length=30)
KIND = Column("kind", ("安排",), filled=True, max_length=10)
NAME = Column("name", ("名称",), filled=True, max_length=30)

WORDS = {"上班": True, "班": True, "调休上班": True, "休息": False, "休": False, "放假": False}
FIRST_YEAR, LAST_YEAR = 2000, 2100
# The months in which a festival gives days off, and how many there are at least; New Year's
# stand in January too.
_FESTIVALS = {"春节": ((1, 2), 5), "清明节": ((4,), 1), "劳动节": ((5,), 1), "国庆节": ((10,), 3)}
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?"
)


@dataclass(frozen=True, slots=True)
class Imported(Outcome):
    """What an import of days did, and which years (oldest first) it was about."""

    years: tuple[int, ...] = ()


def import_holidays(data: bytes, *, at: datetime, source: str = "") -> Imported:
    """Take the days of a table (.xlsx or CSV: 日期, 安排, 名称); its years are loaded then.

    Days that are not in the file stay. A year that was not loaded before must be whole: days off
    at each of the big festivals. Raises TableError with every error by line and column, or
    DomainError; then nothing was imported. Run again it changes nothing.
    """
    findings = Findings()
    read = read_xlsx if data.startswith(b"PK\x03\x04") else read_delimited
    rows = read(data, [DAY, KIND, NAME], findings=findings)
    wanted = _checked(rows, findings)
    findings.raise_if_any()
    if not wanted:
        raise DomainError("empty", _("表格里没有一天，请按 日期、安排、名称 填写后再导入。"))
    with transaction.atomic():
        outcome = _store(wanted)
        years = set(outcome.years)
        if _declare(years, source=source or str(_("导入")), at=at) or outcome.touched:
            raise_revision(CALENDAR)
    return outcome


def load_year(*, year: int, at: datetime) -> CalendarYear:
    """Make a year loaded: from the library where it knows the notice, else from the days typed.

    Raises DomainError where the days of the year are not whole.
    """
    with transaction.atomic():
        if year in known_years():
            load_years(at=at, years=[year])
        elif _declare({year}, source=str(_("手工录入")), at=at):
            raise_revision(CALENDAR)
    return CalendarYear.objects.get(pk=year)


def _checked(rows: Iterable[Row], findings: Findings) -> dict[date, tuple[bool, str]]:
    wanted: dict[date, tuple[bool, str]] = {}
    lines: dict[date, int] = {}
    for row in rows:
        day, works = _day(row["day"]), WORDS.get(row["kind"])
        if row["day"] and day is None:
            findings.add(row.line, DAY.title, _("不是日期，请写成 2027-01-01，2000 至 2100 年。"))
        if row["kind"] and works is None:
            findings.add(row.line, KIND.title, _("请填“上班”或“休息”。"))
        if day is None or works is None:
            continue
        if works and day.weekday() < 5:
            findings.add(row.line, KIND.title, _("这天是周一到周五，本来就上班，请核对日期。"))
        if day in lines:
            words = _("与第 %(line)s 行重复，请删去一行。") % {"line": lines[day]}
            findings.add(row.line, DAY.title, words)
        lines.setdefault(day, row.line)
        wanted[day] = (works, row["name"])
    return wanted


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        day = date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _store(wanted: Mapping[date, tuple[bool, str]]) -> Imported:
    there = {row.day: row for row in Holiday.objects.select_for_update().filter(day__in=wanted)}
    created = changed = 0
    for day, (works, name) in wanted.items():
        row = there.get(day)
        if row is None:
            Holiday.objects.create(day=day, is_working=works, name=name)
            created += 1
        elif (row.is_working, row.name) != (works, name):
            Holiday.objects.filter(pk=day).update(is_working=works, name=name)
            changed += 1
    years = tuple(sorted({day.year for day in wanted}))
    return Imported(created, changed, len(wanted) - created - changed, years=years)


def _declare(years: set[int], *, source: str, at: datetime) -> list[int]:
    """Write down that the years are loaded; those that were not before, after a check."""
    there = set(CalendarYear.objects.filter(pk__in=years).values_list("year", flat=True))
    fresh = sorted(years - there)
    for year in fresh:
        _check_whole(year)
        CalendarYear.objects.create(year=year, source=source[:60], loaded_at=at)
    return fresh


def _check_whole(year: int) -> None:
    off = Holiday.objects.filter(day__year=year, is_working=False)
    months = [day.month for day in off.values_list("day", flat=True)]
    lacking = [
        name
        for name, (its, least) in _FESTIVALS.items()
        if sum(month in its for month in months) < least
    ]
    if lacking:
        raise DomainError(
            "not_whole",
            _("%(year)s 年的通知不全，没有%(names)s的放假日。请补全后再载入。")
            % {"year": year, "names": "、".join(lacking)},
            field="year",
        )
