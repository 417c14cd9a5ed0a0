"""Figures of the running day, for the home page."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Count, Q

from cases.choices import CaseState, Closing
from cases.models import Case, CaseEvent, Report
from cases.tabs import running
from citymgmt import clock
from citymgmt.counting import count_capped
from grids.policies import Access

# More than a bureau ever has of a day, or open.
_ALL = 10_000_000


class Pair(NamedTuple):
    """A figure now and a day before; None where the day before cannot be told."""

    now: int
    before: int | None


def today(at: datetime, access: Access) -> dict[str, Pair]:
    """Figures of the local day within the person's reach, beside those of yesterday.

    Keys: reported, filed, closed, overdue, to_check; the last two say how things stand now.
    A closing is counted as a digest counts it, by the event: also of a case that rebounded
    since, and once for what was joined. Three statements.
    """
    start = datetime.combine(at.astimezone(clock.LOCAL).date(), time(), tzinfo=clock.LOCAL)
    before = start - timedelta(days=1)
    reports = (
        Report.objects.visible_to(access)
        .filter(created_at__gte=before)
        .aggregate(**_beside("created_at", "reported", start, at))
    )
    visible = Case.objects.visible_to(access)
    counted = visible.counted()
    asked = {
        "filed_now": Q(filed_at__gte=start, filed_at__lte=at),
        "filed_before": Q(filed_at__gte=before, filed_at__lt=start),
        "overdue": running(access) & Q(due_at__lt=at),
        "to_check": Q(state=CaseState.TO_CHECK),
    }
    # Each by itself, along an index of its own: together they go through all that is overdue in
    # the city to find what is one's own.
    cases = count_capped({name: (counted.filter(each), _ALL) for name, each in asked.items()})
    closings = CaseEvent.objects.filter(name="case.closed", at__gte=before, case__in=visible)
    closed = (
        closings.exclude(payload__closing=Closing.JOINED)
        .exclude(case__state=CaseState.VOIDED)
        .aggregate(**_beside("at", "closed", start, at))
    )
    dated = reports | cases | closed
    pairs = {
        name: Pair(dated[f"{name}_now"], dated[f"{name}_before"])
        for name in ("reported", "filed", "closed")
    }
    return pairs | {name: Pair(cases[name], None) for name in ("overdue", "to_check")}


def _beside(column: str, name: str, start: datetime, at: datetime) -> dict[str, Count]:
    """Counts of a moment column within today and within yesterday."""
    now = Q(**{f"{column}__gte": start, f"{column}__lte": at})
    past = Q(**{f"{column}__gte": start - timedelta(days=1), f"{column}__lt": start})
    return {
        f"{name}_now": Count("pk", filter=now),
        f"{name}_before": Count("pk", filter=past),
    }
