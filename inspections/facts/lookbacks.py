"""What look-backs came to in a span of time, counted alike for desk, dashboard and digest."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.db.models.fields.json import KeyTransform

from cases.choices import LookBackResult, LookBackState
from cases.models import CaseEvent
from inspections.facts.period import Json
from inspections.querysets import PUT_RIGHT

SECOND = 2
"""From this rebound on a case is raised to supervision; of an overdue look-back, from this rung
of the ladder on more hear of it than who was to look."""


def escalated_in(since: datetime, until: datetime) -> list[int]:
    """Ids of look-backs that were told up the ladder for the first time in [since, until).

    At most two statements; what is told again on a later rung is not counted again.
    """
    # Named so and not as `payload__step`: of a name that it takes apart Django keeps an error whose
    # frames hold the whole page until the collector comes.
    said = CaseEvent.objects.annotate(
        step=KeyTransform("step", "payload"), lookback=KeyTransform("lookback", "payload")
    ).filter(name="lookback.overdue", step__gte=SECOND)
    fresh = said.filter(at__gte=since, at__lt=until)
    cases = dict(fresh.values_list("lookback", "case_id"))
    if not cases:
        return []
    before = said.filter(at__lt=since, case_id__in=set(cases.values()))
    return sorted(set(cases) - set(before.values_list("lookback", flat=True)))


def tally(rows: QuerySet, since: datetime, until: datetime, due_by: datetime) -> Json:
    """Counts of look-backs in [since, until): `done` and by result, `raised` (a second rebound
    that put the case under supervision), `escalated` (told up the ladder), and `missed`: planned
    ones that fall due before `due_by`. `due` is what should be done: done and missed.

    Three statements at most.
    """
    done = Q(recorded_at__gte=since, recorded_at__lt=until)
    missed = Q(PUT_RIGHT, state=LookBackState.PLANNED, due_at__lt=due_by)
    told = Q(pk__in=escalated_in(since, until))
    named = {
        "done": done,
        **{str(result): done & Q(result=result) for result in LookBackResult.values},
        "raised": done & Q(rebound_nth__gte=SECOND),
        "missed": missed,
        "escalated": told,
    }
    counts = {name: Count("pk", filter=condition) for name, condition in named.items()}
    found = rows.order_by().filter(done | missed | told).aggregate(**counts)
    return found | {"due": found["done"] + found["missed"]}


def came_back(counted: Json) -> int:
    """Rebounds and false rectifications of a tally."""
    return counted[LookBackResult.REBOUND] + counted[LookBackResult.FALSE]
