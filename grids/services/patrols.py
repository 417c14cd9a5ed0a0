"""What a phone sends of a patrol: that it began, points, check-ins, that it ended.

All of it may come twice, late, in any order of batches: what is here already is not taken again,
and the receipt says so, so that the phone may forget it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from citymgmt import clock
from citymgmt.choices import Capability
from citymgmt.errors import Conflict, DomainError, Forbidden
from citymgmt.jobs import kick
from citymgmt.models import User
from grids.access import access_of
from grids.choices import PatrolEnd
from grids.models import Patrol, PatrolPlace, Team, TrackPoint
from grids.patrol_duty import Duty, duty_of
from grids.policies import Access
from grids.services.check_ins import SLACK, Seen, keep_check_ins

LONGEST = timedelta(hours=12)
"""Of a patrol without a shift."""
GRACE = timedelta(minutes=30)
"""So long after the shift points are still taken: the phone stops at its end."""
OLDEST = timedelta(days=30)
# The clock of a phone that is so much off is right.
TOLERATED_S = 120
MOST_SEQ = 1_000_000
MOST_AHEAD_S = 2**31 - 1
BY_HAND = (PatrolEnd.HAND, PatrolEnd.SHIFT, PatrolEnd.LOGOUT)


@dataclass(frozen=True, slots=True)
class Point:
    """A point under the phone's own number."""

    seq: int
    at: datetime
    lon: float
    lat: float
    accuracy_m: float


@dataclass(frozen=True, slots=True)
class Sent:
    """A batch of what a phone has of a patrol; moments are by its clock, ahead of ours."""

    key: UUID
    started_at: datetime
    ahead_s: int = 0
    points: Sequence[Point] = field(default=())
    check_ins: Sequence[Seen] = field(default=())
    ended_at: datetime | None = None
    ending: str = PatrolEnd.RUNNING


def may_patrol(access: Access, at: datetime) -> bool:
    """Whether somebody goes on patrol: he reports, and is of a team."""
    return access.can(Capability.REPORT_CREATE) and bool(access.team_ids_at(at))


def take_patrol(*, actor: User, at: datetime, told: Sent) -> dict[str, Any]:
    """Keep a batch and give the receipt: the numbers of points and the keys of check-ins that are
    here now, and of those that can never be taken.

    Raises Forbidden for who does not go on patrol, Conflict for another's patrol, DomainError for
    one that began too long ago or in the future; then nothing is kept.
    """
    with transaction.atomic():
        # 1. One batch of a person at a time: two phones, a repeat.
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.pk)
        # 2. The patrol, made by the first batch that comes.
        patrol = Patrol.objects.filter(key=told.key).first()
        if patrol is not None and patrol.person_id != actor.pk:
            raise Conflict(_("这次巡查是别人的，请本人登录后再发。"))
        if patrol is None:
            patrol = _begin(actor, at, told)
        # 3. Points and check-ins, each once.
        good, bad = _sorted(patrol, told)
        _keep_points(patrol, good, at)
        kept, refused = keep_check_ins(patrol=patrol, seen=told.check_ins, at=at)
        # 4. The end, once; what was given up for lost may still end rightly.
        if told.ended_at is not None:
            _end(patrol, told, at)
    return {
        "patrol": str(told.key),
        "points": [point.seq for point in good],
        "refused": [point.seq for point in bad],
        "check_ins": [str(key) for key in kept],
        "refused_check_ins": [str(key) for key in refused],
        "ended": patrol.ending in BY_HAND,
        "until": patrol.until.astimezone(UTC).isoformat(),
    }


def true_moment(moment: datetime, ahead_s: int) -> datetime:
    """A moment of a phone's clock by ours."""
    return moment - timedelta(seconds=ahead_s) if abs(ahead_s) > TOLERATED_S else moment


def _begin(actor: User, at: datetime, told: Sent) -> Patrol:
    access = access_of(actor, at)
    if not may_patrol(access, at):
        raise Forbidden(_("您还不能记巡查：要有上报的权限，并且在一个单位里。"))
    began = true_moment(told.started_at, told.ahead_s)
    if began > at + GRACE:
        raise DomainError("started_at", _("上岗时间在将来，请看看手机的时间对不对。"))
    if began < at - OLDEST:
        raise DomainError("started_at", _("这次巡查是很久以前的，已不能补传。"))
    duty = duty_of(actor.pk, began)
    team = duty.shift.team if duty.shift else _team_of(access, at)
    ends = duty.shift.ends_at + GRACE if duty.shift else began + LONGEST
    local = at.astimezone(clock.LOCAL).date()
    patrol = Patrol(
        key=told.key,
        person=actor,
        team=team,
        team_path=team.path,
        shift=duty.shift,
        shift_words=duty.words,
        month=local.replace(day=1),
        day=duty.shift.day if duty.shift else began.astimezone(clock.LOCAL).date(),
        started_at=told.started_at,
        started_received_at=at,
        until=ends + (told.started_at - began),
        clock_ahead_s=max(-MOST_AHEAD_S, min(MOST_AHEAD_S, told.ahead_s)),
    )
    _make_room(patrol, at)
    patrol.save()
    _note_duty(patrol, duty)
    return patrol


def _team_of(access: Access, at: datetime) -> Team:
    """The team that somebody has been of longest, of those he is of himself."""
    held = [row for row in access.services if row.holds_at(at) and not row.standing_in]
    first = min(held, key=lambda row: row.since)
    return Team.objects.get(pk=first.path[-1])


def _make_room(patrol: Patrol, at: datetime) -> None:
    """One patrol of a person runs: the one that began earlier is over."""
    other = Patrol.objects.running().filter(person_id=patrol.person_id).first()
    if other is None:
        return
    earlier = min(other, patrol, key=lambda row: row.started_at)
    earlier.ending, earlier.ended_received_at = PatrolEnd.LOST, at
    earlier.ended_at = earlier.started_at
    if earlier is other:
        give_up(other, at)


def give_up(patrol: Patrol, at: datetime) -> None:
    """End a patrol of which nothing is heard, at its last point."""
    points = TrackPoint.objects.filter(month=patrol.month, patrol=patrol)
    last = points.order_by("-at").values_list("at", flat=True).first()
    Patrol.objects.running().filter(pk=patrol.pk).update(
        ending=PatrolEnd.LOST,
        ended_at=max(patrol.started_at, last or patrol.started_at),
        ended_received_at=at,
    )


def _note_duty(patrol: Patrol, duty: Duty) -> None:
    PatrolPlace.objects.bulk_create(
        [
            *(PatrolPlace(patrol=patrol, cell=cell) for cell in duty.cells),
            *(PatrolPlace(patrol=patrol, segment=segment) for segment in duty.segments),
        ]
    )


def _sorted(patrol: Patrol, told: Sent) -> tuple[list[Point], list[Point]]:
    """The points that are taken, and those that never can be."""
    since, until = patrol.started_at - SLACK, patrol.until + SLACK
    if patrol.ended_at is not None and patrol.ending in BY_HAND:
        until = min(until, patrol.ended_at + SLACK)
    good: list[Point] = []
    bad: list[Point] = []
    for point in told.points:
        stands = (
            patrol.erased_at is None
            and 0 <= point.seq < MOST_SEQ
            and -180 <= point.lon <= 180
            and -90 <= point.lat <= 90
            and 0 <= point.accuracy_m < MOST_AHEAD_S
            and since <= point.at <= until
        )
        (good if stands else bad).append(point)
    return good, bad


def _keep_points(patrol: Patrol, points: Sequence[Point], at: datetime) -> None:
    if not points:
        return
    rows = [
        TrackPoint(
            month=patrol.month,
            patrol=patrol,
            seq=point.seq,
            at=point.at,
            lon=point.lon,
            lat=point.lat,
            accuracy_m=round(point.accuracy_m),
            received_at=at,
        )
        for point in points
    ]
    TrackPoint.objects.bulk_create(rows, ignore_conflicts=True)
    Patrol.objects.filter(pk=patrol.pk).update(arrivals=F("arrivals") + 1, points_at=at)


def _end(patrol: Patrol, told: Sent, at: datetime) -> None:
    ending = told.ending if told.ending in BY_HAND else PatrolEnd.HAND
    ended_at = told.ended_at or patrol.started_at
    ended_at = max(patrol.started_at, min(ended_at, patrol.until))
    open_rows = Patrol.objects.filter(pk=patrol.pk).exclude(ending__in=BY_HAND)
    ended = open_rows.update(
        ending=ending,
        ended_at=ended_at,
        ended_received_at=at,
        arrivals=F("arrivals") + 1,
        points_at=at,
    )
    if ended:
        kick("grids.tasks.measure_patrol", patrol.pk)
    patrol.refresh_from_db(fields=["ending", "ended_at"])


def lost_patrols(*, at: datetime, limit: int) -> list[Patrol]:
    """Patrols that should have ended by themselves and did not."""
    rows = Patrol.objects.running().order_by("until")[: limit * 5]
    over = [row for row in rows if true_moment(row.until, row.clock_ahead_s) + GRACE < at]
    return over[:limit]


def rules_in_force() -> dict[str, float]:
    """What counts of a track, by the settings, as `coverage.Rules` names it."""
    return {
        "gap_s": settings.TRACK_GAP_MINUTES * 60.0,
        "speed_kmh": float(settings.TRACK_SPEED_KMH),
        "accuracy_m": float(settings.TRACK_ACCURACY_METRES),
        "reach_m": float(settings.TRACK_REACH_METRES),
    }
