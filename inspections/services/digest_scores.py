"""The table of scores that a monthly document freezes with its figures."""

from contextlib import suppress
from datetime import date, datetime, timedelta

from citymgmt import clock
from citymgmt.errors import DomainError
from inspections.choices import ScoreGroup, ScorePeriod
from inspections.facts.period import Json
from inspections.facts.scores import ScoreTable, score_table
from inspections.models import ScoreScheme
from inspections.services.scores import compose_sheet


def scores_until(until: datetime, at: datetime) -> list[Json]:
    """The scores of the teams for the last whole month that ended by then, one table a scheme.

    They are composed or counted anew first: the document may come before their own sweep. Empty
    where no scheme holds for that month.
    """
    first = _month_before(until)
    rows = ScoreScheme.objects.filter(group=ScoreGroup.TEAM, is_active=True)
    for scheme in rows:
        if ScorePeriod.MONTH not in scheme.periods:
            continue
        with suppress(DomainError):
            compose_sheet(scheme_id=scheme.pk, period=ScorePeriod.MONTH, first_day=first, at=at)
    return [_said(table) for table in score_table(ScoreGroup.TEAM, ScorePeriod.MONTH, first)]


def _month_before(until: datetime) -> date:
    this = until.astimezone(clock.LOCAL).date().replace(day=1)
    return (this - timedelta(days=1)).replace(day=1)


def _said(table: ScoreTable) -> Json:
    return {
        "scheme": table.scheme,
        "period": table.period,
        "rows": [
            {
                "name": row.name,
                "rank": row.rank,
                "points": str(row.points) if row.points is not None else None,
                "grade": row.grade,
                "is_small": row.is_small,
                "before": str(row.before) if row.before is not None else None,
                "moved": row.moved,
            }
            for row in table.rows
        ],
    }
