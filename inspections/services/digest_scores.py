"""The table of scores that a monthly or yearly document freezes with its figures."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime

from citymgmt import clock
from citymgmt.errors import DomainError
from inspections.choices import DigestKind, ScoreGroup, ScorePeriod
from inspections.facts.period import Json
from inspections.facts.scores import ScoreTable, score_table
from inspections.models import ScoreScheme
from inspections.score_periods import before, period_of
from inspections.services.scores import compose_sheet

SCORED: Mapping[str, str] = {
    DigestKind.MONTHLY: ScorePeriod.MONTH,
    DigestKind.YEARLY: ScorePeriod.YEAR,
}
"""Which scores a kind of document shows."""


def scores_until(kind: str, until: datetime, at: datetime) -> list[Json]:
    """The scores of the teams for the last whole month or year that ended by then, one table a
    scheme.

    They are composed or counted anew first: the document may come before their own sweep. Empty
    for kinds without scores, and where no scheme holds for that time.
    """
    period = SCORED.get(kind)
    if period is None:
        return []
    first = _last_before(period, until)
    rows = ScoreScheme.objects.filter(group=ScoreGroup.TEAM, is_active=True)
    for scheme in rows:
        if period not in scheme.periods:
            continue
        with suppress(DomainError):
            compose_sheet(scheme_id=scheme.pk, period=period, first_day=first, at=at)
    return [_said(table) for table in score_table(ScoreGroup.TEAM, period, first)]


def _last_before(period: str, until: datetime) -> date:
    """The first day of the last period that was over by a moment."""
    return before(period, period_of(period, until.astimezone(clock.LOCAL).date())[0])


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
                "sample": row.sample,
                "before": str(row.before) if row.before is not None else None,
                "moved": row.moved,
            }
            for row in table.rows
        ],
    }
