"""Who of a team is on shift at a moment, and for how much longer.

Where somebody's team has a roster for the day, the roster says it. Else named hours (早、中、晚班)
come from 五定, and everybody else keeps the hours of the team's work schedule. Who is on leave, or
a leader whose desk is in other hands, is away.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext as _

from citymgmt import clock
from citymgmt.calendars import WorkCalendar
from citymgmt.models import User
from citymgmt.services.calendars import calendar_for
from grids.choices import Shift
from grids.models import Assignment, Deputy, Leave, Membership, RosterShift

_DAY = 1440
# First and last minute of the day and what the shift is called; on shift, how long yet, words.
_Hours = tuple[int, int, str]
_There = tuple[bool, timedelta, str]


@dataclass(frozen=True, slots=True)
class Charge:
    """A duty in a cell or in a street."""

    duty: str
    cell_id: int | None = None
    segment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether somebody is on shift; `left` of it (nothing where he is not), what the shift is
    called or why he is away (`words`). `places` are the names of the cells and streets that he
    answers for at some hour, `answers` what he answers for now."""

    on: bool
    left: timedelta
    words: str
    places: tuple[str, ...] = ()
    answers: frozenset[Charge] = frozenset()

    def answers_for(self, duty: str, cell_id: int | None, segment_id: int | None) -> bool:
        """Whether he answers for a duty in a cell or a street now."""
        wanted = {Charge(duty, cell_id=cell_id), Charge(duty, segment_id=segment_id)}
        return not self.answers.isdisjoint(wanted - {Charge(duty)})


@dataclass(slots=True)
class _Kept:
    hours: set[_Hours] = field(default_factory=set)
    places: dict[str, None] = field(default_factory=dict)
    answers: set[Charge] = field(default_factory=set)
    rostered: bool = False
    shifts: list[RosterShift] = field(default_factory=list)


def presences(
    user_ids: Collection[int], schedule_id: int | None, at: datetime
) -> dict[int, Presence]:
    """The presence of each of the people at a moment; two statements, three where one is rostered.

    `schedule_id` is the work schedule that those without named hours keep.
    """
    found = {pk: _Kept() for pk in user_ids}
    minute = _minute_of(at)
    for row in map(_Held._make, _assignments(user_ids, at)):
        _keep(found[row.person], row, minute)
    people = list(_people(user_ids, at))
    away = {person.pk: words for person in people if (words := _away_words(person))}
    for person in people:
        found[person.pk].rostered = person.is_rostered
    if any(person.has_shift for person in people):
        for shift in _shifts(user_ids, at):
            # Also a night that began on a day before the roster ended.
            found[shift.person_id].rostered |= shift.starts_at <= at
            found[shift.person_id].shifts.append(shift)
    calendar = calendar_for(schedule_id)
    return {pk: _presence(kept, away.get(pk, ""), calendar, at) for pk, kept in found.items()}


class _Held(NamedTuple):
    """What of an assignment is told here; a team has some hundred of them."""

    person: int
    duty: str
    shift: str
    starts: int
    ends: int
    cell: int | None
    segment: int | None
    cell_name: str | None
    segment_name: str | None


def _keep(kept: _Kept, row: _Held, minute: int) -> None:
    if row.shift != Shift.ALL_DAY and row.ends - row.starts != _DAY:
        kept.hours.add((row.starts, row.ends, str(Shift(row.shift).label)))
    kept.places[row.segment_name or row.cell_name or ""] = None
    if _left((row.starts, row.ends, ""), minute):
        kept.answers.add(Charge(row.duty, row.cell, row.segment))


def _assignments(user_ids: Collection[int], at: datetime) -> Iterable[tuple[Any, ...]]:
    rows = Assignment.objects.in_force(at).filter(person__in=user_ids)
    return rows.order_by("starts_minute", "pk").values_list(
        "person", "duty", "shift", "starts_minute", "ends_minute",
        "cell", "segment", "cell__name", "segment__name",
    )  # fmt: skip


def _shifts(user_ids: Collection[int], at: datetime) -> Iterable[RosterShift]:
    """What the people are rostered for, running or beginning before the day after is over."""
    until = at + timedelta(days=1)
    rows = RosterShift.objects.filter(person__in=user_ids, ends_at__gt=at, starts_at__lt=until)
    return rows.select_related("cell").order_by("starts_at", "pk")


def _people(user_ids: Collection[int], at: datetime) -> Iterable[Any]:
    """Each with whether he or a team of his has a roster for the day, his leave, and who holds
    his desk, whole."""
    day = at.astimezone(clock.LOCAL).date()
    teams = Membership.objects.in_force(at).filter(user=OuterRef(OuterRef("pk"))).values("team")
    mine = RosterShift.objects.filter(person=OuterRef("pk"), ends_at__gt=at)
    leave = Leave.objects.on(day).filter(person=OuterRef("pk"))
    desk = Deputy.objects.in_force(at).filter(principal=OuterRef("pk"), team__isnull=True)
    return User.objects.filter(pk__in=user_ids).annotate(
        is_rostered=Exists(RosterShift.objects.filter(day=day, team__in=teams)),
        has_shift=Exists(mine.filter(starts_at__lt=at + timedelta(days=1))),
        leave_id=Subquery(leave.values("pk")[:1]),
        substitute_name=Subquery(leave.values("substitute__name")[:1]),
        desk_reason=Subquery(desk.values("reason")[:1]),
        desk_name=Subquery(desk.values("deputy__name")[:1]),
    )


def _away_words(person: Any) -> str:
    """Why somebody is away; empty where he is not."""
    if person.desk_reason is not None:
        words = _("%(reason)s，%(name)s代班")
        return words % {"reason": person.desk_reason, "name": person.desk_name}
    if person.leave_id is None:
        return ""
    if not person.substitute_name:
        return _("请假")
    return _("请假，%(name)s顶岗") % {"name": person.substitute_name}


def _presence(kept: _Kept, away: str, calendar: WorkCalendar, at: datetime) -> Presence:
    if away:
        on, left, words = False, timedelta(), away
    elif kept.rostered:
        on, left, words = _by_roster(kept.shifts, at)
    elif kept.hours:
        on, left, words = _by_hours(kept.hours, _minute_of(at))
    else:
        on, left, words = _by_schedule(calendar, at)
    kept.places |= {row.cell.name: None for row in kept.shifts if row.cell}
    places = tuple(name for name in kept.places if name)
    return Presence(on, left, words, places, frozenset(kept.answers))


def _by_roster(shifts: Collection[RosterShift], at: datetime) -> _There:
    """On shift within the hours that the roster gives; the next one is told."""
    first = min(shifts, key=lambda row: row.starts_at, default=None)
    if first is None:
        return False, timedelta(), _("轮休")
    starts, ends = (moment.astimezone(clock.LOCAL) for moment in (first.starts_at, first.ends_at))
    said = {"shift": first.get_shift_display(), "from": f"{starts:%-H:%M}", "to": f"{ends:%-H:%M}"}
    if first.starts_at <= at:
        return True, first.ends_at - at, _("%(shift)s %(from)s–%(to)s") % said
    return False, timedelta(), _("%(shift)s %(from)s 上班") % said


def _by_hours(hours: Collection[_Hours], minute: int) -> _There:
    """On shift within the hours that are named for the person in 五定."""
    left, (starts, ends, label) = max((_left(each, minute), each) for each in hours)
    if left:
        words = _("%(shift)s %(from)s–%(to)s")
        said = {"shift": label, "from": _clock(starts), "to": _clock(ends)}
        return True, timedelta(minutes=left), words % said
    starts, ends, label = min(hours, key=lambda each: (each[0] - minute) % _DAY)
    words = _("%(shift)s %(from)s 上班") % {"shift": label, "from": _clock(starts)}
    return False, timedelta(), words


def _minute_of(at: datetime) -> int:
    local = at.astimezone(clock.LOCAL)
    return local.hour * 60 + local.minute


def _left(hours: _Hours, minute: int) -> int:
    """Minutes left of hours that hold the minute, also past midnight; 0 where they do not."""
    starts, ends, _label = hours
    into, length = (minute - starts) % _DAY, (ends - starts) % _DAY or _DAY
    return length - into if into < length else 0


def _by_schedule(calendar: WorkCalendar, at: datetime) -> _There:
    """On shift from the first working minute of the day to the last, the noon break included."""
    midnight = at.astimezone(clock.LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = midnight + timedelta(days=1)
    behind, left = calendar.work_between(midnight, at), calendar.work_between(at, tomorrow)
    if not behind + left:
        return False, timedelta(), _("休息")
    if not left:
        return False, timedelta(), _("已下班")
    if not behind and not calendar.is_work_time(at):
        return False, timedelta(), _("还没上班")
    return True, left, _("按作息")


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24}:{minute % 60:02d}"
