"""Working calendars from the tables, cached by revision."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from citymgmt.calendars import Override, WorkCalendar, WorkPeriods
from citymgmt.models import CalendarOverride, CalendarYear, Holiday, Revision, WorkSchedule
from citymgmt.services.revisions import CALENDAR, Kept


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendars of all work schedules, as they stood at one revision of the tables."""

    revision: int
    default: WorkCalendar
    default_id: int | None = None
    by_schedule: dict[int, WorkCalendar] = field(default_factory=dict)

    def of(self, schedule_id: int | None) -> WorkCalendar:
        """The calendar of a work schedule; the bureau's default for None or an unknown id."""
        return self.by_schedule.get(schedule_id or 0, self.default)


def current_revision() -> int:
    """The revision of the calendar's tables, from the database."""
    rows = Revision.objects.filter(name=CALENDAR).values_list("value", flat=True)
    return rows.first() or 0


def _build() -> Calendars:
    # First of all, so that a change in between makes these calendars old, never newer than said.
    revision = current_revision()
    days = {row.day: row.is_working for row in Holiday.objects.all()}
    years = frozenset(CalendarYear.objects.values_list("year", flat=True))
    rows = CalendarOverride.objects.filter(is_active=True).prefetch_related("schedules")
    overrides = [(_override(row), {each.pk for each in row.schedules.all()}) for row in rows]

    def made(periods: WorkPeriods, chosen: Iterable[Override]) -> WorkCalendar:
        return WorkCalendar.of(
            periods, days=days, known_years=years, overrides=chosen, revision=revision
        )

    by_schedule: dict[int, WorkCalendar] = {}
    default = made(WorkPeriods.parse(WorkSchedule().periods), (o for o, of in overrides if not of))
    default_id = None
    for schedule in WorkSchedule.objects.all():
        chosen = [one for one, of in overrides if not of or schedule.pk in of]
        by_schedule[schedule.pk] = made(WorkPeriods.parse(schedule.periods), chosen)
        if schedule.is_default:
            default, default_id = by_schedule[schedule.pk], schedule.pk
    return Calendars(revision, default, default_id, by_schedule)


def _override(row: CalendarOverride) -> Override:
    return Override(
        row.first_day,
        row.last_day,
        weekends=row.weekends,
        holidays=row.holidays,
        periods=WorkPeriods.parse(row.periods) if row.periods else None,
    )


_kept: Kept[Calendars] = Kept(CALENDAR, _build)


def calendar_for(schedule_id: int | None) -> WorkCalendar:
    """The calendar of a work schedule; the bureau's default for None or an unknown id."""
    return _kept.get().of(schedule_id)


def default_schedule_id() -> int | None:
    """The schedule that holds where nothing else is said; None where none is set up."""
    return _kept.get().default_id
