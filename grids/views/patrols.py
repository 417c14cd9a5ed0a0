"""Patrols for who leads: those of a day by team, and the trail of one on the map with its list."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from citymgmt import clock
from citymgmt.choices import Capability, Tone
from citymgmt.errors import Forbidden
from grids.access import access_of
from grids.choices import PatrolEnd
from grids.coverage import Fix, Gap, Mark
from grids.models import CheckIn, Patrol, PatrolPlace, Team
from grids.patrol_duty import shapes_of
from grids.policies import Access
from grids.services.patrols import may_patrol, true_moment
from grids.services.tracks import Seen, look_at_track

_DAY = timedelta(days=1)
_FIRST, _LAST = date(2000, 1, 2), date(2199, 12, 30)
LISTED = 400
LOOKS = 20
_TONES = {
    PatrolEnd.RUNNING: Tone.DOING,
    PatrolEnd.HAND: Tone.OK,
    PatrolEnd.SHIFT: Tone.OK,
    PatrolEnd.LOGOUT: Tone.OK,
    PatrolEnd.LOST: Tone.WARN,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A patrol in the list: by our clock, with how much of its duty was walked."""

    row: Patrol
    starts: datetime
    ends: datetime | None
    tone: str
    cells: str
    streets: str
    check_ins: int
    clock_note: str
    km: str
    gap_minutes: int


@dataclass(frozen=True, slots=True)
class Group:
    """A team's patrols of the day."""

    team: Team
    lines: list[Line]

    @property
    def running(self) -> int:
        """How many still go on."""
        return sum(line.row.ending == PatrolEnd.RUNNING for line in self.lines)


@require_safe
def patrols(request: HttpRequest) -> HttpResponse:
    """The patrols of a day by team: of the teams whose tracks one may see, and one's own."""
    access, at = _access(request), clock.now()
    day = _day(request.GET.get("day", ""), at)
    rows = Patrol.objects.visible_to(access).filter(day=day).select_related("person", "team")
    counted = _counted(rows).order_by("team__path", "started_at", "pk")[:LISTED]
    groups: dict[int, Group] = {}
    for row in counted:
        groups.setdefault(row.team_id, Group(row.team, [])).lines.append(line_of(row))
    context = {
        "day": day,
        "back": day - _DAY,
        "next": day + _DAY,
        "today": at.astimezone(clock.LOCAL).date(),
        "groups": list(groups.values()),
        "full": sum(len(group.lines) for group in groups.values()) >= LISTED,
    }
    return render(request, "grids/patrols.html", context)


@require_safe
def patrol(request: HttpRequest, pk: int) -> HttpResponse:
    """Where one patrol went. Whoever looks at another's is noted. 404 out of scope."""
    access, at = _access(request), clock.now()
    rows = _counted(Patrol.objects.visible_to(access)).select_related("person", "team")
    row = get_object_or_404(rows, pk=pk)
    seen = look_at_track(patrol=row, actor=request.user, at=at)  # type: ignore[arg-type]
    places = list(row.places.select_related("cell", "segment"))
    check_ins = list(row.check_ins.select_related("site", "cell"))
    context = {
        "row": row,
        "line": line_of(row),
        "own": row.person_id == access.user_id,
        "places": [_walked(place, row.clock_ahead_s) for place in places],
        "check_ins": [(true_moment(each.at, row.clock_ahead_s), each) for each in check_ins],
        "gaps": [_gap(gap, row.clock_ahead_s) for gap in seen.track.gaps],
        "looks": row.looks.select_related("user")[:LOOKS],
        "days": settings.TRACK_DAYS,
        "drawing": json.dumps(drawing_of(row, seen, places, check_ins), ensure_ascii=False),
    }
    return render(request, "grids/patrol.html", context)


def _access(request: HttpRequest) -> Access:
    """The person's access; raises Forbidden for who neither walks nor may see who does."""
    access = access_of(request.user)  # type: ignore[arg-type]
    if not access.can(Capability.TRACK_VIEW) and not may_patrol(access, clock.now()):
        raise Forbidden(_("您还没有看巡查的权限，请找本单位管理员开通。"))
    return access


def _day(text: str, at: datetime) -> date:
    """The day that is asked for, else today."""
    try:
        day = parse_date(text[:10])
    except ValueError:
        day = None
    today = at.astimezone(clock.LOCAL).date()
    return day if day is not None and _FIRST <= day <= _LAST else today


def _counted(rows: Any) -> Any:
    """With how many cells and streets of the duty there are and were walked, and check-ins."""
    cells, streets = Q(places__cell__isnull=False), Q(places__segment__isnull=False)
    walked = Q(places__is_walked=True)
    # Beside the places, not joined to them: the rows of both would be multiplied.
    noted = CheckIn.objects.filter(patrol=OuterRef("pk")).order_by().values("patrol")
    checks = Subquery(noted.annotate(count=Count("pk")).values("count"))
    return rows.annotate(
        cells=Count("places", filter=cells),
        cells_walked=Count("places", filter=cells & walked),
        streets=Count("places", filter=streets),
        streets_walked=Count("places", filter=streets & walked),
        checks=Coalesce(checks, 0),
    )


def line_of(row: Any) -> Line:
    """A patrol as the list shows it."""
    ahead = row.clock_ahead_s
    return Line(
        row=row,
        starts=true_moment(row.started_at, ahead),
        ends=true_moment(row.ended_at, ahead) if row.ended_at else None,
        tone=_TONES[PatrolEnd(row.ending)],
        cells=f"{row.cells_walked}/{row.cells}" if row.cells else "—",
        streets=f"{row.streets_walked}/{row.streets}" if row.streets else "—",
        check_ins=row.checks,
        clock_note=clock_words(ahead),
        km=f"{row.metres / 1000:.1f}",
        gap_minutes=round(row.gap_s / 60),
    )


def clock_words(ahead_s: int) -> str:
    """How wrong the clock of a phone was; empty where it was right enough."""
    minutes = round(abs(ahead_s) / 60)
    if minutes < settings.PHOTO_MARK_MINUTES:
        return ""
    hours, rest = divmod(minutes, 60)
    said = {"hours": hours, "minutes": rest}
    words = _("手机的钟快了 %(hours)s 小时 %(minutes)s 分")
    if ahead_s < 0:
        words = _("手机的钟慢了 %(hours)s 小时 %(minutes)s 分")
    return words % said


def drawing_of(
    row: Patrol, seen: Seen, places: Sequence[PatrolPlace], check_ins: Sequence[CheckIn]
) -> dict[str, Any]:
    """What the map draws: the way by legs with times, what does not count, the duty, check-ins."""
    ahead = row.clock_ahead_s
    shapes = shapes_of(
        [place.cell_id for place in places if place.cell_id], true_moment(row.started_at, ahead)
    )
    marked = zip(seen.track.order, seen.track.marks, strict=True)
    return {
        "legs": [[_drawn(fix, ahead) for fix in leg] for leg in seen.track.legs],
        "bad": [
            {"at": _drawn(seen.fixes[place], ahead), "mark": str(mark)}
            for place, mark in marked
            if mark in (Mark.JUMP, Mark.COARSE)
        ],
        "cells": [
            {"name": place.name, "walked": place.is_walked, "shape": shapes[place.cell_id]}
            for place in places
            if place.cell_id in shapes
        ],
        "streets": [
            {"name": place.name, "walked": place.is_walked, "shape": place.segment.line}
            for place in places
            if place.segment is not None
        ],
        "checks": [
            {
                "name": check.name,
                "at": _clock(true_moment(check.at, ahead)),
                "lon": check.lon,
                "lat": check.lat,
            }
            for check in check_ins
            if check.lon is not None
        ],
    }


def _drawn(fix: Fix, ahead_s: int) -> list[Any]:
    """Longitude, latitude, the time by our clock."""
    return [fix.lon, fix.lat, _clock(true_moment(_moment(fix.at), ahead_s))]


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(clock.LOCAL):%H:%M}"


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, clock.LOCAL)


def _walked(place: PatrolPlace, ahead_s: int) -> tuple[PatrolPlace, int, str]:
    """A place, minutes in it, from when to when by our clock."""
    if place.first_at is None or place.last_at is None:
        return place, 0, ""
    since, until = (true_moment(each, ahead_s) for each in (place.first_at, place.last_at))
    return place, round(place.seconds / 60), f"{_clock(since)}–{_clock(until)}"


def _gap(gap: Gap, ahead_s: int) -> tuple[str, int]:
    """From when to when nothing is known by our clock, and for how many minutes."""
    since, until = (true_moment(_moment(each), ahead_s) for each in (gap.since, gap.until))
    return f"{_clock(since)}–{_clock(until)}", round((gap.until - gap.since) / 60)
