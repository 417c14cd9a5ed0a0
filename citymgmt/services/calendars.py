"""Working calendars from the tables, cached by revision."""

from citymgmt.calendars import WorkCalendar, WorkPeriods
from citymgmt.models import CalendarYear, Holiday, WorkSchedule
from citymgmt.services.revisions import CALENDAR, Kept


def _build() -> dict[int | None, WorkCalendar]:
    """Calendars by schedule id; the default one also under None."""
    days = {row.day: row.is_working for row in Holiday.objects.all()}
    years = frozenset(CalendarYear.objects.values_list("year", flat=True))
    calendars: dict[int | None, WorkCalendar] = {}
    for schedule in WorkSchedule.objects.all():
        periods = WorkPeriods.parse(schedule.periods)
        calendar = WorkCalendar.of(periods, days=days, known_years=years)
        calendars[schedule.pk] = calendar
        if schedule.is_default:
            calendars[None] = calendar
    calendars.setdefault(None, WorkCalendar.of(days=days, known_years=years))
    return calendars


_kept: Kept[dict[int | None, WorkCalendar]] = Kept(CALENDAR, _build)


def calendar_for(schedule_id: int | None) -> WorkCalendar:
    """The calendar of a work schedule; the bureau's default for None or an unknown id."""
    calendars = _kept.get()
    return calendars.get(schedule_id) or calendars[None]
