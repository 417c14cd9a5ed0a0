"""Whether a problem is known already: cases of the same class near by (相似案件).

Domain facts, section 6: radius and window are settings of the class. A case that is not at its
end counts however old it is; one that has ended counts while its filing lies in the window.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from cases.choices import STANDING_CASE_STATES, CaseState
from cases.models import Case, Category
from citymgmt.geometry import bbox_around, distance_m
from grids.policies import Access

MOST = 6
# The newest rows in the box from which the nearest are taken: a bound, not a page.
_LOOKED_AT = 200
_JOINED_OR_VOID = (CaseState.MERGED, CaseState.VOIDED)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A problem as it was told: its class, where, and when."""

    category: Category
    lon: float
    lat: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Similar:
    """A case of the same class, and how many whole metres away it is."""

    case: Case
    metres: int

    @property
    def may_lead(self) -> bool:
        """Whether something can still be joined to it."""
        return self.case.state in STANDING_CASE_STATES


def sighting(
    category: Category | None, lon: float | None, lat: float | None, at: datetime
) -> Sighting | None:
    """The sighting, or None where class or place is not known."""
    if category is None or lon is None or lat is None:
        return None
    return Sighting(category, lon, lat, at)


def similar_cases(
    seen: Sighting | None, access: Access, *, besides: int | None = None, most: int = MOST
) -> list[Similar]:
    """Cases within the person's scope that may be the same problem, the nearest first.

    One statement, none where nothing is known or the class's radius is 0. `besides` leaves out
    the case with that id. Joined and void cases are not named: their leading case is, if near.
    """
    if seen is None or not seen.category.similar_within_m:
        return []
    category = seen.category
    since = seen.at - timedelta(hours=category.similar_within_hours)
    rows = (
        Case.objects.visible_to(access)
        .in_box(bbox_around(seen.lon, seen.lat, category.similar_within_m))
        .filter(category=category)
        .filter(Q(state__in=STANDING_CASE_STATES) | Q(filed_at__gte=since))
        .exclude(state__in=_JOINED_OR_VOID)
        .for_list()
        .order_by("-filed_at", "-id")
    )
    if besides is not None:
        rows = rows.exclude(pk=besides)
    return _nearest(rows[:_LOOKED_AT], seen)[:most]


def _nearest(rows: Iterable[Case], seen: Sighting) -> list[Similar]:
    found = []
    for case in rows:
        if case.lon is None or case.lat is None:
            continue
        metres = distance_m(seen.lon, seen.lat, case.lon, case.lat)
        if metres <= seen.category.similar_within_m:
            found.append(Similar(case, round(metres)))
    return sorted(found, key=lambda each: (each.metres, -each.case.pk))
