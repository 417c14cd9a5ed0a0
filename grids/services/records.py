"""Who did what to which team or person: one line a change, in the running transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from citymgmt.models import User
from grids.models import PeopleRecord, Team


def record(
    verb: str,
    *,
    actor: User | None,
    at: datetime,
    person: User | None = None,
    team: Team | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Keep a change. `details` are facts without personal data, as JSON takes them."""
    PeopleRecord.objects.create(
        verb=verb, actor=actor, at=at, person=person, team=team, details=dict(details or {})
    )
