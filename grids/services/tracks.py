"""Tracks are personal data: each look is noted, and after so many days they are gone.

Their table stands in parts by month: made ahead, dropped when the last track of a month is gone.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Forbidden
from citymgmt.models import User
from grids.access import access_of
from grids.coverage import Fix, Track
from grids.models import CheckIn, Patrol, TrackLook, TrackPoint
from grids.policies import Access
from grids.services.patrol_measuring import track_of

_PARTS = """
SELECT child.relname FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = 'grids_trackpoint'::regclass AND child.relname ~ '^grids_trackpoint_[0-9]{6}$'
"""
_AHEAD = (timedelta(), timedelta(days=31))


@dataclass(frozen=True, slots=True)
class Seen:
    """A track as it is shown."""

    fixes: list[Fix]
    track: Track


def may_see_track(access: Access, patrol: Patrol) -> bool:
    """Whether the person may see where somebody walked: his own, or with the right over his team.

    An area does not narrow it: who walks belongs to a team.
    """
    own = patrol.person_id == access.user_id
    return own or access.can_at(Capability.TRACK_VIEW, patrol.place)


def look_at_track(*, patrol: Patrol, actor: User, at: datetime) -> Seen:
    """The track of a patrol, and a row that says who looked when; both or neither.

    One's own is not noted. Raises Forbidden without the right.
    """
    if not may_see_track(access_of(actor, at), patrol):
        raise Forbidden
    with transaction.atomic():
        if patrol.person_id != actor.pk:
            TrackLook.objects.create(patrol=patrol, user=actor, at=at)
        return Seen(*track_of(patrol))


def make_parts(*, at: datetime) -> int:
    """Make the parts of this month and the next; returns how many were not there."""
    today = at.astimezone(clock.LOCAL).date()
    made = 0
    for ahead in _AHEAD:
        with connection.cursor() as cursor:
            cursor.execute("SELECT grids_track_part(%s)", [today.replace(day=1) + ahead])
            made += int(cursor.fetchone()[0])
    return made


def erase_tracks(*, at: datetime, limit: int) -> int:
    """Erase the points, and where people checked in, of patrols of longer ago than is kept;
    returns of how many. What was walked of the duty stays."""
    last = at.astimezone(clock.LOCAL).date() - timedelta(days=settings.TRACK_DAYS)
    old = Patrol.objects.filter(erased_at__isnull=True, day__lt=last).order_by("day")
    ids = list(old.values_list("pk", flat=True)[:limit])
    with transaction.atomic():
        rows = Patrol.objects.filter(pk__in=ids, erased_at__isnull=True)
        erased = rows.update(erased_at=at)
        months = set(Patrol.objects.filter(pk__in=ids).values_list("month", flat=True))
        TrackPoint.objects.filter(month__in=months, patrol__in=ids).delete()
        CheckIn.objects.filter(patrol__in=ids).update(lon=None, lat=None)
    return erased


def drop_parts(*, at: datetime) -> list[str]:
    """Drop the parts of past months in which no track is left; their names."""
    today = at.astimezone(clock.LOCAL).date()
    dropped = []
    with connection.cursor() as cursor:
        cursor.execute(_PARTS)
        names = sorted(name for (name,) in cursor.fetchall())
    for name in names:
        digits = name[-6:]
        month = date(int(digits[:4]), int(digits[4:]), 1)
        over = month + timedelta(days=settings.TRACK_DAYS + 62) < today
        if over and not Patrol.objects.filter(month=month, erased_at__isnull=True).exists():
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE {name}")
            dropped.append(name)
    return dropped
