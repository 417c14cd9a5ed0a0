"""The record of 五定: who answered for a place at a moment, what anybody ever answered for."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q, QuerySet

from grids.choices import Duty
from grids.locate import on_duty
from grids.models import Assignment


def answered(code: str, at: datetime, duty: str = "") -> Sequence[Assignment]:
    """Who answered at a moment for the cell or segment of a code, at most one a duty where both
    bear the code; in one statement, place, team and person along."""
    rows = (
        Assignment.objects.in_force(at)
        .filter(Q(cell__code=code) | Q(segment__code=code), on_duty(at))
        .select_related("cell", "segment", "team", "person")
        .order_by(F("segment_id").asc(nulls_last=True), "pk")
    )
    if duty:
        rows = rows.filter(duty=duty)
    chosen: dict[str, Assignment] = {}
    for row in rows:
        chosen.setdefault(row.duty, row)
    order = {value: position for position, value in enumerate(Duty.values)}
    return sorted(chosen.values(), key=lambda row: order[row.duty])


def held_by(person_id: int) -> QuerySet[Assignment]:
    """All that somebody ever answered for, the latest first."""
    rows = Assignment.objects.filter(person=person_id)
    return rows.select_related("cell", "segment", "team").order_by("-valid_from", "-pk")
