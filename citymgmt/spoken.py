"""Moments and days as one says them in the street: 今天 08:00, 明天, 11月30日."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from citymgmt import clock


def spoken_moment(at: datetime, now: datetime) -> str:
    """今天 08:00, 明天 08:00, 11月30日 08:00; of another year with its year."""
    here = at.astimezone(clock.LOCAL)
    return f"{spoken_day(here.date(), now)} {here:%H:%M}"


def spoken_day(day: date, now: datetime) -> str:
    """今天, 明天, 11月30日, 2025年11月30日."""
    today = now.astimezone(clock.LOCAL).date()
    if day == today:
        return _("今天")
    if day == today + timedelta(days=1):
        return _("明天")
    said = {"year": day.year, "month": day.month, "day": day.day}
    if day.year == today.year:
        return _("%(month)s月%(day)s日") % said
    return _("%(year)s年%(month)s月%(day)s日") % said
