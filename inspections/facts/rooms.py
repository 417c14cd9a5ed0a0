"""What look-backs, outings, campaigns, problem ledgers and accountability came to lately, for
the dashboard.

The counts are those that a digest freezes, of a period that ends now.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.core.cache import cache
from redis.exceptions import RedisError

from citymgmt import clock
from grids.models import Team
from inspections.facts.digest_rooms import accountability_of, campaigns_of, ledgers_of
from inspections.facts.lookbacks import tally
from inspections.facts.outings import outings_of
from inspections.facts.period import Json, Period
from inspections.models import LookBack

DAYS = 30
"""Look-backs, outings and accountability are told of so many days, as the rates are."""
KEPT_SECONDS = 60
"""Cases of a whole campaign are counted at most once a minute for everybody."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms' counts as of a moment; `since` is the first of the DAYS."""

    at: datetime
    since: datetime
    lookbacks: Json
    outings: Json
    campaigns: list[Json]
    ledgers: list[Json]
    accountability: Json


def rooms_of(team_id: int | None, at: datetime) -> Rooms:
    """The counts of the bureau or of a team, at most KEPT_SECONDS old."""
    key = f"rooms:{team_id or 'bureau'}"
    try:
        kept: Rooms | None = cache.get(key)
        if kept is None or not 0 <= (at - kept.at).total_seconds() < KEPT_SECONDS:
            kept = _counted(team_id, at)
            cache.set(key, kept, KEPT_SECONDS)
    # Without the cache they are counted each time.
    except RedisError:
        kept = _counted(team_id, at)
    return kept


def _counted(team_id: int | None, at: datetime) -> Rooms:
    team = Team.objects.get(pk=team_id) if team_id is not None else None
    today = at.astimezone(clock.LOCAL).date()
    midnight = datetime.combine(today, time(), tzinfo=clock.LOCAL)
    lately = Period(midnight - timedelta(days=DAYS - 1), at, team)
    day = Period(midnight, at, team)
    return Rooms(
        at=at,
        since=lately.since,
        lookbacks=tally(lately.of(LookBack.objects.all(), "team__path"), lately.since, at, at),
        outings=outings_of(lately),
        campaigns=campaigns_of(day),
        ledgers=ledgers_of(day),
        accountability=accountability_of(lately),
    )
