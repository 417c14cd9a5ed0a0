"""Moments and days as they are said in the street, for the pages of the phone."""

from datetime import date, datetime

from django import template

from citymgmt import clock, spoken

register = template.Library()


@register.filter("spoken")
def spoken_at(at: datetime | None, now: datetime) -> str:
    """A moment: 今天 08:00, 11月30日 08:00; empty without one."""
    return spoken.spoken_moment(at, now) if at else ""


@register.filter("spoken_day")
def spoken_day_of(day: date | None, now: datetime) -> str:
    """A day, or that of a moment: 今天, 11月30日; empty without one."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = day.astimezone(clock.LOCAL).date()
    return spoken.spoken_day(day, now)
