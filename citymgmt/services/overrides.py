"""Entries of the calendar on which work goes on although others rest, written by other rooms."""

from datetime import date

from citymgmt.models import CalendarOverride
from citymgmt.services.revisions import CALENDAR, raise_revision


def write_weekends(
    row: CalendarOverride | None, *, name: str, first_day: date, last_day: date, schedule_id: int
) -> CalendarOverride:
    """Work on weekends from day to day, both included, for one work schedule; changes `row` where
    there is one. Every process hears of it, and running clocks are reckoned anew, where anything
    changed. Must run in the transaction of what it belongs to.
    """
    row = row or CalendarOverride()
    values = {
        "name": name, "first_day": first_day, "last_day": last_day, "weekends": True,
        "is_active": True,
    }  # fmt: skip
    before = row.pk and ([getattr(row, each) for each in values], _schedules(row))
    for each, value in values.items():
        setattr(row, each, value)
    if before != (list(values.values()), [schedule_id]):
        row.save()
        row.schedules.set([schedule_id])
        raise_revision(CALENDAR)
    return row


def drop_override(row: CalendarOverride) -> None:
    """Take an entry away; every process hears of it."""
    row.delete()
    raise_revision(CALENDAR)


def _schedules(row: CalendarOverride) -> list[int]:
    return list(row.schedules.order_by("pk").values_list("pk", flat=True))
