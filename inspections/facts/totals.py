"""The totals of a period: of a digest by the cases behind them, for comparison only counted.

Both say the same; a test holds them together.
"""

from django.db.models import Count, Q, QuerySet

from cases.choices import CaseState
from cases.models import Case, Report
from inspections.choices import CAME_BACK
from inspections.facts.happened import COUNTED, Happened, counts_of
from inspections.facts.period import Json, Period
from inspections.facts.rows import done_in, missed_by


def filed_in(period: Period) -> QuerySet[Case]:
    """The cases that were filed in a period and count."""
    return period.of(Case.objects.counted().filter(period.within("filed_at")))


def waiting_at_end(period: Period) -> QuerySet[Case]:
    """The cases of before the end of a period that wait for a team."""
    rows = Case.objects.filter(state=CaseState.TO_DISPATCH, filed_at__lt=period.until)
    return period.of(rows)


def totals(period: Period) -> Json:
    """Only the totals of a period, for comparison: none of the cases is read."""
    came_back = Count("pk", filter=Q(result__in=CAME_BACK))
    looked = done_in(period).order_by().aggregate(done=Count("pk"), back=came_back)
    return {
        "reported": _reported(period),
        "filed": filed_in(period).count(),
        **counts_of(period),
        "waiting": waiting_at_end(period).count(),
        "lookbacks_due": looked["done"] + missed_by(period).count(),
        "lookbacks_done": looked["done"],
        "rebounds": looked["back"],
    }


def totals_of(period: Period, happened: Happened, behind: dict[str, list[int]]) -> Json:
    """The figures of the first lines; those that are counted by case say how many are behind."""
    by_case = (
        "filed", "dispatched", "closed", "closed_on_time", "open", "overdue", "waiting",
        "lookbacks_due", "lookbacks_done", "rebounds",
    )  # fmt: skip
    return {
        "reported": _reported(period),
        **{name: happened.count(name) for name in COUNTED.values()},
        **{name: len(behind[name]) for name in by_case},
    }


def _reported(period: Period) -> int:
    return period.of(Report.objects.filter(period.within("created_at"))).count()
