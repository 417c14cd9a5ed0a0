"""When a look-back opens and until when it has to be done."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cases.choices import Stage
from cases.deadlines import due_at
from cases.services.rules import limit_of_stage
from citymgmt import clock
from citymgmt.services.calendars import calendar_for

OPENS = time(8, 0)


@dataclass(frozen=True, slots=True)
class Day:
    """When a look-back may begin and by when it must be done, by which calendar's revision."""

    after_days: int
    opens_at: datetime
    due_at: datetime
    revision: int


def day_after(number: int, closed_at: datetime | None, at: datetime) -> Day:
    """The day so many days after a case was closed."""
    closed = (closed_at or at).astimezone(clock.LOCAL).date()
    return day_on(closed + timedelta(days=number), number, at)


def day_on(day: date, after_days: int, at: datetime) -> Day:
    """That local day; a plan that comes late still leaves the whole time to look."""
    opens = datetime.combine(day, OPENS, tzinfo=clock.LOCAL)
    calendar = calendar_for(None)
    due = due_at(limit_of_stage(Stage.LOOKBACK), max(opens, at), calendar)
    return Day(after_days, opens, due.at, calendar.revision)
