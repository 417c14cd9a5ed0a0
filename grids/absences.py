"""Chiefs on leave in whose place nobody answers, as far as the health of the grid cares."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from citymgmt import clock
from grids.models import Leave
from grids.rostering import days_span


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from a moment to a moment, and no active person stands in for him."""

    since: datetime
    until: datetime

    def holds(self, at: datetime) -> bool:
        """Whether he is away then."""
        return self.since <= at < self.until


Absences = Mapping[int, Sequence[Absence]]


def read_absences(since: datetime, until: datetime) -> Absences:
    """Leave without a substitute between two moments, by person; one statement."""
    days = (moment.astimezone(clock.LOCAL).date() for moment in (since, until))
    rows = Leave.objects.touching(*days).filter(
        Q(substitute__isnull=True) | Q(substitute__is_active=False)
    )
    found: dict[int, list[Absence]] = defaultdict(list)
    for person_id, first, last in rows.values_list("person", "first_day", "last_day"):
        found[person_id].append(Absence(*days_span(first, last)))
    return found


def away_at(person_id: int | None, absences: Absences, at: datetime) -> bool:
    """Whether a person is away then with nobody in his place."""
    return any(one.holds(at) for one in absences.get(person_id or 0, ()))


def departures(
    person_ids: Iterable[int | None], absences: Absences, after: datetime, until: datetime
) -> list[datetime]:
    """When some of the people go away within a span of time, the earliest first."""
    begins = {one.since for pk in person_ids for one in absences.get(pk or 0, ())}
    return sorted(moment for moment in begins if after < moment <= until)
