"""What a patrol walked of its duty, reckoned from its points; anew when more points come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Prefetch, Q

from citymgmt import clock
from citymgmt.filters import midnight
from grids.choices import PatrolEnd
from grids.coverage import Fix, Mark, Rules, Track, Walk, Walked, read_track
from grids.models import CheckIn, Patrol, PatrolPlace, RosterShift, TrackPoint
from grids.patrol_duty import EARLY, shapes_of
from grids.services.patrols import rules_in_force, true_moment

WHILE_RUNNING = timedelta(minutes=10)
"""How often a patrol that still runs is reckoned anew."""
_MEASURED = ("first_at", "last_at", "seconds", "metres", "share", "is_walked")


def due_measures(*, at: datetime, limit: int) -> list[int]:
    """Patrols of which points came that are not reckoned in; running ones now and then."""
    rows = Patrol.objects.filter(measured__lt=F("arrivals"))
    rested = Q(measured_at__isnull=True) | Q(measured_at__lte=at - WHILE_RUNNING)
    due = rows.filter(~Q(ending=PatrolEnd.RUNNING) | rested)
    return list(due.order_by("points_at").values_list("pk", flat=True)[:limit])


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a patrol of the same duty has walked as far as it is reckoned: ids of cells and
    streets, by the id of a site when it was checked in at there, metres."""

    key: UUID
    cells: Sequence[int]
    segments: Sequence[int]
    sites: Mapping[int, datetime]
    metres: int


def earlier_of(person_id: int, shift: RosterShift | None, at: datetime) -> list[Earlier]:
    """The patrols of somebody since his shift, or without one since midnight, the oldest first.

    Whoever begins anew, also on another phone, has not to walk again what he walked. Three
    statements.
    """
    today = at.astimezone(clock.LOCAL).date()
    since = midnight(today) if shift is None else shift.starts_at - EARLY
    first_day = since.astimezone(clock.LOCAL).date() - timedelta(days=1)
    rows = Patrol.objects.filter(person=person_id, day__gte=first_day, erased_at__isnull=True)
    told = rows.prefetch_related(
        Prefetch("places", PatrolPlace.objects.filter(is_walked=True)),
        Prefetch("check_ins", CheckIn.objects.filter(site__isnull=False)),
    )
    return [
        Earlier(
            key=row.key,
            cells=[place.cell_id for place in row.places.all() if place.cell_id],
            segments=[place.segment_id for place in row.places.all() if place.segment_id],
            sites={
                check.site_id: true_moment(check.at, row.clock_ahead_s)
                for check in row.check_ins.all()
                if check.site_id
            },
            metres=row.metres,
        )
        for row in told.order_by("started_at")
        if true_moment(row.started_at, row.clock_ahead_s) >= since
    ]


def fixes_of(patrol: Patrol) -> list[Fix]:
    """The points of a patrol by their numbers, seconds of the phone's clock."""
    rows = TrackPoint.objects.filter(month=patrol.month, patrol=patrol).order_by("seq")
    values = rows.values_list("at", "lon", "lat", "accuracy_m")
    return [Fix(at.timestamp(), lon, lat, accuracy) for at, lon, lat, accuracy in values]


def track_of(patrol: Patrol) -> tuple[list[Fix], Track]:
    """The points of a patrol, and what they are worth by the rules in force."""
    fixes = fixes_of(patrol)
    return fixes, read_track(fixes, Rules(**rules_in_force()))


def measure_patrol(*, patrol_id: int, at: datetime) -> bool:
    """Reckon a patrol; False where more points came meanwhile (the next sweep finds it) or its
    track is erased, and what was reckoned last stays."""
    patrol = Patrol.objects.get(pk=patrol_id)
    seen = patrol.arrivals
    fixes, track = track_of(patrol)
    places = list(PatrolPlace.objects.filter(patrol=patrol).select_related("segment"))
    _reckon(patrol, track, places)
    with transaction.atomic():
        rows = Patrol.objects.filter(pk=patrol_id, arrivals=seen, erased_at__isnull=True)
        kept = rows.update(
            measured=seen,
            measured_at=at,
            point_count=len(fixes),
            coarse_count=track.marks.count(Mark.COARSE),
            jump_count=track.marks.count(Mark.JUMP),
            metres=round(track.metres),
            walked_s=round(track.seconds),
            gap_s=round(sum(gap.until - gap.since for gap in track.gaps)),
        )
        if not kept:
            return False
        if fixes:
            last = _moment(max(fix.at for fix in fixes))
            rows.filter(ending=PatrolEnd.LOST, ended_at__lt=last).update(ended_at=last)
        PatrolPlace.objects.bulk_update(places, _MEASURED)
    return True


def _reckon(patrol: Patrol, track: Track, places: Sequence[PatrolPlace]) -> None:
    """Set on each place how it was walked."""
    walked = Walked(track, Rules(**rules_in_force()))
    began = true_moment(patrol.started_at, patrol.clock_ahead_s)
    shapes = shapes_of([row.cell_id for row in places if row.cell_id], began)
    for row in places:
        if row.segment is not None:
            _set(row, walked.street(row.segment.line))
        elif row.cell_id in shapes:
            _set(row, walked.cell(shapes[row.cell_id]))


def _set(row: PatrolPlace, walk: Walk) -> None:
    row.first_at = _moment(walk.first_at) if walk.first_at is not None else None
    row.last_at = _moment(walk.last_at) if walk.last_at is not None else None
    row.seconds, row.metres = round(walk.seconds), round(walk.metres)
    # Rounded down: what says 70 % is walked.
    row.share, row.is_walked = min(100, int(walk.share * 100 + 1e-6)), walk.walked


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
