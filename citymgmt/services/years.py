"""Fills the calendar table with the State Council's notices, as `chinesecalendar` has them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays, workdays
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from citymgmt.errors import DomainError
from citymgmt.models import CalendarYear, Holiday
from citymgmt.services.revisions import CALENDAR, raise_revision

SOURCE = "chinesecalendar"
# The State Council publishes next year's notice in late October or in November.
ANNOUNCED_FROM = 11


def known_years() -> list[int]:
    """The years whose notice the library holds, oldest first."""
    return sorted({day.year for day in holidays})


def load_years(*, at: datetime, years: Iterable[int] | None = None) -> list[int]:
    """Load years that are not in the table yet (all known ones from last year on if not given).

    Returns the years loaded. A year that stands in the table is left as it is: it may have been
    edited. Raises DomainError for a year that the library does not know.
    """
    wanted = sorted(set(years)) if years else [y for y in known_years() if y >= at.year - 1]
    missing = [year for year in wanted if year not in known_years()]
    if missing:
        raise DomainError(
            "year_unknown",
            _("还没有 %(years)s 年的放假通知，请等国务院公布后升级，或在“节假日与调休”里手工录入。")
            % {"years": "、".join(map(str, missing))},
            field="year",
        )
    with transaction.atomic():
        there = set(CalendarYear.objects.values_list("year", flat=True))
        loaded = [year for year in wanted if year not in there]
        for year in loaded:
            Holiday.objects.bulk_create(_days(year), ignore_conflicts=True)
            CalendarYear.objects.create(year=year, source=SOURCE, loaded_at=at)
        if loaded:
            raise_revision(CALENDAR)
    return loaded


def missing_year(today: date) -> int | None:
    """The year whose notice is missing and should be there: this one, or from 1 November next."""
    wanted = [today.year] + ([today.year + 1] if today.month >= ANNOUNCED_FROM else [])
    there = set(CalendarYear.objects.filter(year__in=wanted).values_list("year", flat=True))
    return next((year for year in wanted if year not in there), None)


def _days(year: int) -> Iterable[Holiday]:
    """The days of a year that differ from the plain week, and holidays that fall on a weekend."""
    day = date(year, 1, 1)
    while day.year == year:
        works = chinese_calendar.is_workday(day)
        if works != (day.weekday() < 5) or (not works and day in holidays):
            names = workdays if works else holidays
            yield Holiday(day=day, is_working=works, name=_name(names.get(day, ""), works))
        day += timedelta(days=1)


def _name(english: str, works: bool) -> str:
    name = chinese_calendar.Holiday(english).chinese if english else ""
    return f"{name}调休上班" if works else name
