"""Months, quarters and years as local days. Pure."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

MONTHS = {"month": 1, "quarter": 3, "year": 12}
_MONTHS_A_YEAR = 12


def period_of(kind: str, day: date) -> tuple[date, date]:
    """First and last day of the period in which a day lies."""
    months = MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, _later(first, months) - timedelta(days=1)


def before(kind: str, first: date) -> date:
    """The first day of the period before."""
    return period_of(kind, first - timedelta(days=1))[0]


def year_before(first: date) -> date:
    """The first day of the same period a year ago."""
    return date(first.year - 1, first.month, 1)


def _later(first: date, months: int) -> date:
    count = first.year * _MONTHS_A_YEAR + first.month - 1 + months
    return date(count // _MONTHS_A_YEAR, count % _MONTHS_A_YEAR + 1, 1)


def period_name(kind: str, first: date) -> str:
    """As one says it: 2026 年 11 月, 2026 年第 4 季度, 2026 年."""
    told = {"year": first.year, "month": first.month, "quarter": (first.month + 2) // 3}
    if kind == "month":
        return _("%(year)s 年 %(month)s 月") % told
    if kind == "quarter":
        return _("%(year)s 年第 %(quarter)s 季度") % told
    return _("%(year)s 年") % told


def period_code(kind: str, first: date) -> str:
    """As it stands in an address: 2026-11, 2026-q4, 2026."""
    if kind == "month":
        return f"{first.year}-{first.month:02d}"
    return f"{first.year}-q{(first.month + 2) // 3}" if kind == "quarter" else str(first.year)


def period_from(code: str) -> tuple[str, date] | None:
    """What an address says; None where it says no period."""
    year, _dash, rest = code.partition("-")
    if not (year.isascii() and year.isdecimal() and len(year) == 4 and "2000" <= year < "2100"):
        return None
    if not rest:
        return None if _dash else ("year", date(int(year), 1, 1))
    if rest[0] == "q" and rest[1:] in {"1", "2", "3", "4"}:
        return "quarter", date(int(year), int(rest[1:]) * 3 - 2, 1)
    if rest in {f"{month:02d}" for month in range(1, 13)}:
        return "month", date(int(year), int(rest), 1)
    return None
