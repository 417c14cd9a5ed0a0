"""Cases around a place, of whatever class: what else the person on the spot should know of."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from cases.choices import STANDING_CASE_STATES, CaseState
from cases.models import Case
from cases.querysets import among
from citymgmt.geometry import bbox_around, distance_m
from grids.policies import Access

METRES = 200
DAYS = 30
MOST = 12
# The newest rows in the box from which the nearest are taken: a bound, not a page.
_LOOKED_AT = 300


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A case near by, and how many whole metres away it is."""

    case: Case
    metres: int


def neighbours_of(case: Case, access: Access, at: datetime) -> list[Neighbour]:
    """At most `MOST` cases within `METRES` and the person's scope, the nearest first.

    Those not at their end, and those filed in the last `DAYS` days but for joined and void ones.
    One statement, none where the case has no place.
    """
    if case.lon is None or case.lat is None:
        return []
    near = (
        Case.objects.visible_to(access)
        .in_box(bbox_around(case.lon, case.lat, METRES))
        .filter(Q(state__in=STANDING_CASE_STATES) | Q(filed_at__gte=at - timedelta(days=DAYS)))
        .exclude(state__in=(CaseState.MERGED, CaseState.VOIDED))
        .exclude(pk=case.pk)
        .order_by("-filed_at", "-id")
    )
    # Found first, joined then: how many lie in a box cannot be foretold, and of few expected ones
    # the planner goes through all cells and classes for each that comes.
    rows = Case.objects.filter(among(near.values("pk")[:_LOOKED_AT])).for_list()
    found = []
    for row in rows:
        metres = distance_m(case.lon, case.lat, row.lon or 0, row.lat or 0)
        if metres <= METRES:
            found.append(Neighbour(row, round(metres)))
    found.sort(key=lambda each: (each.metres, -each.case.pk))
    return found[:MOST]
