"""When a look-back opens and until when it has to be done."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from cases.choices import Stage
from cases.deadlines import due_at
from cases.models import Case
from cases.services.rules import limit_of_stage
from cases.services.standing_rules import schedule_of_checks
from citymgmt import clock
from citymgmt.services.calendars import calendar_for
from grids.models import Team

OPENS = time(8, 0)


@dataclass(frozen=True, slots=True)
class Day:
    """When a look-back may begin and by when it must be done, by which schedule (None: the
    bureau's) and which calendar's revision."""

    after_days: int
    opens_at: datetime
    due_at: datetime
    schedule_id: int | None
    revision: int


def day_after(number: int, case: Case, team: Team, at: datetime) -> Day:
    """The day so many days after a case was closed by a team."""
    closed = (case.closed_at or at).astimezone(clock.LOCAL).date()
    return day_on(closed + timedelta(days=number), number, case, team, at)


def day_on(day: date, after_days: int, case: Case, team: Team, at: datetime) -> Day:
    """That local day; a plan that comes late still leaves the whole time to look.

    The clock is that of the day on which it begins: while a campaign works weekends its
    look-backs fall due on them too.
    """
    opens = datetime.combine(day, OPENS, tzinfo=clock.LOCAL)
    begins = max(opens, at)
    schedule_id = schedule_of_checks(
        category=case.category, area_code=case.area_code, team=team, at=begins
    )
    calendar = calendar_for(schedule_id)
    due = due_at(limit_of_stage(Stage.LOOKBACK), begins, calendar)
    return Day(after_days, opens, due.at, schedule_id, calendar.revision)
