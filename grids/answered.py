"""The record of 五定: who answered for a place at a moment, what anybody ever answered for."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet

from grids.choices import Duty
from grids.locate import on_duty_rows, through_substitute
from grids.models import Assignment


def answered(code: str, at: datetime, duty: str = "") -> Sequence[Assignment]:
    """Who answered at a moment for the cell or segment of a code, at most one a duty where both
    bear the code; through his substitute who was on leave then, as `locate.answering`. In one
    statement, place, team and person along."""
    places = Q(cell__code=code) | Q(segment__code=code)
    rows = on_duty_rows(places, at).select_related(
        "cell", "segment", "team", "person", "absence__substitute"
    )
    if duty:
        rows = rows.filter(duty=duty)
    chosen: dict[str, Assignment] = {}
    for row in rows:
        chosen.setdefault(row.duty, through_substitute(row))
    order = {value: position for position, value in enumerate(Duty.values)}
    return sorted(chosen.values(), key=lambda row: order[row.duty])


def held_by(person_id: int) -> QuerySet[Assignment]:
    """All that somebody ever answered for, the latest first."""
    rows = Assignment.objects.filter(person=person_id)
    return rows.select_related("cell", "segment", "team").order_by("-valid_from", "-pk")
